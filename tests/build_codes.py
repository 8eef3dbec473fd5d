"""Makes `docs/codes.md`: every stable code in the source, with the sentence that goes with it.

    python -m tests.build_codes

A code is a `snake_case` literal handed over as `code=`, as a class attribute `code`, or as an argument right before a
sentence. Rooms that pass a code on in another way name it in their module's docstring, as "`code`, `code`: sentence".
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "codes.md"
PACKAGES = ("verifier", "achievements", "schemas", "issuer")
_CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_CONSTRUCTORS = frozenset({"VerifierError", "CouldNotCheck", "FetchRefused", "FetchFailed", "NotVerified"}) | frozenset(
    {"Finding", "Fault", "ProblemFault", "SchemaProblem"}
)
_LISTED = re.compile(r"^\* ((?:`[a-z][a-z0-9_]*`(?:,\s+)?)+):\s+(.*?)$", re.MULTILINE | re.DOTALL)
#: For codes whose sentence is put together at several places.
_ELSEWHERE = {
    "multibase_malformed": "A value that should be multibase text is not.",
    "criterion_without_passing_level": "A criterion of the rubric has no level that passes.",
    "one_at_a_time": "Somebody else is doing the same thing at this moment.",
    "file_too_large": "“…” takes files of at most …; this one is larger.",
    "file_type_not_accepted": "“…” takes …. This file is of another kind: ….",
    "file_type_forbidden": "Files of this kind are not accepted.",
    "finding_unknown_subject": "A score is about a criterion that the rubric does not have.",
    "schema_context_wrong": "The contexts are not those that the standard asks for, in its order.",
    "schema_date_invalid": "A value should be a date and time with a time zone.",
    "schema_form_wrong": "A value does not have the form that the standard asks for.",
    "schema_type_wrong": "A value is of another type than the standard asks for.",
    "schema_uri_invalid": "A value should be a URL.",
    "schema_value_not_allowed": "A value is not one of those that the standard allows.",
    "too_large": "What was sent is larger than what is taken.",
    "unsupported_type": "Files of this type are not taken.",
}
_HEADING = """# Codes

Every answer of the verifier, the importers and the service carries a stable code beside its sentence. Sentences may be
reworded or translated; codes stay. This page is made from the source by `python -m tests.build_codes`, and a test keeps
it complete. Where a sentence has a gap, it is shown as “…”.
"""


@dataclass(frozen=True, slots=True)
class Found:
    code: str
    sentence: str
    module: str
    listed: bool = False


def _sentence(node: ast.expr) -> str | None:
    """The text of a literal that is a sentence, with "…" for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
        text = "".join(str(part) for part in parts)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _sentence(node.left)
    else:
        return None
    return text.strip() if " " in text.strip() and text[:1].strip() and text.strip()[-1] in ".:!?…" else None


def _code(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CODE.fullmatch(node.value):
        return node.value
    return None


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _in_call(call: ast.Call) -> Iterator[tuple[str, str]]:
    sentences = [text for text in map(_sentence, call.args) if text]
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    message = _sentence(keywords["message"]) if "message" in keywords else None
    named = _code(keywords["code"]) if "code" in keywords else None
    if named:
        yield named, (sentences[0] if sentences else message or "")
    for first, second in zip(call.args, call.args[1:], strict=False):
        code, sentence = _code(first), _sentence(second)
        if code and sentence:
            yield code, sentence
    if _name(call.func) in _CONSTRUCTORS and call.args and (code := _code(call.args[0])):
        yield code, next(iter(sentences), message or "")


def _in_class(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and any(_name(target) == "code" for target in statement.targets):
            code = _code(statement.value)
            if code:
                yield code, (ast.get_docstring(node) or "").partition("\n")[0]


def collect() -> list[Found]:
    """Every code in the source, one entry for each module and code; the first sentence counts."""
    found: dict[tuple[str, str], Found] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            tree = ast.parse(path.read_text("utf-8"))
            pairs: list[tuple[str, str]] = []
            listed: set[str] = set()
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    pairs.extend(_in_call(node))
                elif isinstance(node, ast.ClassDef):
                    pairs.extend(_in_class(node))
            for names, sentence in _LISTED.findall(ast.get_docstring(tree) or ""):
                text = " ".join(sentence.split())
                for code in re.findall(r"`([a-z0-9_]+)`", names):
                    pairs.append((code, text[:1].upper() + text[1:]))
                    listed.add(code)
            for code, sentence in pairs:
                known = found.get((module, code))
                if known is None or not known.sentence:
                    found[module, code] = Found(code, _ELSEWHERE.get(code) or sentence, module, code in listed)
    return sorted(found.values(), key=lambda f: (f.module, f.code))


def page() -> str:
    """The whole page: a table for each package, codes in order, where each may come from."""
    lines = [_HEADING]
    for package in PACKAGES:
        by_code: dict[str, list[Found]] = defaultdict(list)
        for item in collect():
            if item.module.partition(".")[0] == package:
                by_code[item.code].append(item)
        if not by_code:
            continue
        lines.append(f"\n## {package}\n\n| code | what it says | from |\n| --- | --- | --- |\n")
        for code, items in sorted(by_code.items()):
            best = sorted(items, key=lambda item: (not item.sentence, item.listed))[0]
            sentence = best.sentence.replace("|", "\\|")
            modules = ", ".join(f"`{item.module}`" for item in items)
            lines.append(f"| `{code}` | {' '.join(sentence.split())} | {modules} |\n")
    return "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
