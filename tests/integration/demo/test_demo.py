"""`badgewright demo` as a person runs it: a process, files of ours, and nothing left to chance at the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from achievements import definitions
from schemas import validation


def _run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("BADGEWRIGHT_", "DATABASE_"))}
    command = [str(Path(sys.executable).with_name("badgewright")), *(str(each) for each in arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environ, timeout=120, check=False)


def _package(rubric: bool) -> dict:
    """A small CASE 1.1 package of our own: two items under a document, and perhaps a rubric on one of them."""
    base, moment = "https://case.lakeside.example/ims/case/v1p1", "2026-01-05T10:00:00Z"

    def thing(kind: str, number: int, **more: object) -> dict:
        identifier = f"5c0d6a00-0000-4000-8000-0000000000{number:02d}"
        uri = f"{base}/{kind}/{identifier}"
        return {"identifier": identifier, "uri": uri, "lastChangeDateTime": moment, **more}

    document = thing("CFDocuments", 1, title="Lakeside teaching practices", creator="Lakeside", caseVersion="1.1")
    first = thing("CFItems", 2, fullStatement="Asks questions that everybody answers.", humanCodingScheme="LP.1")
    second = thing("CFItems", 3, fullStatement="Waits before taking an answer.", humanCodingScheme="LP.1.a")

    def link(uri: str) -> dict:
        return {"title": "x", "identifier": uri.rsplit("/", 1)[1], "uri": uri}

    made = {
        "CFDocument": document,
        "CFItems": [first, second],
        "CFAssociations": [
            thing(
                "CFAssociations",
                4 + place,
                associationType="isChildOf",
                sequenceNumber=1,
                originNodeURI=link(child["uri"]),
                destinationNodeURI=link(parent["uri"]),
            )
            for place, (child, parent) in enumerate([(first, document), (second, first)])
        ],
    }
    if rubric:
        levels = [
            thing(
                "CFRubricCriterionLevels", 20 + place, quality=name, score=place, position=place + 1, description=name
            )
            for place, name in enumerate(["Not yet", "Nearly", "Met"])
        ]
        criterion = thing(
            "CFRubricCriteria",
            10,
            description="Waits long enough",
            position=1,
            CFItemURI=link(second["uri"]),
            CFRubricCriterionLevels=levels,
        )
        made["CFRubrics"] = [thing("CFRubrics", 9, title="Wait time", CFRubricCriteria=[criterion])]
    return made


def test_without_options_it_earns_a_badge_of_our_own_that_verifies_offline(tmp_path: Path) -> None:
    done = _run("demo", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("VERIFIED") == 3
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"badge.json", "badge.png", "badge.svg", "did.json", "status-list.json", "trust.json"}
    badge = json.loads((tmp_path / "out" / "badge.json").read_bytes())
    assert badge["name"] == definitions.load().achievements[0].name
    assert validation.validate(badge, "AchievementCredential", strict=True) == []

    # The command that the demo prints at its end works as printed.
    last = done.stdout.strip().splitlines()[-1].split()
    assert last[:2] == ["badgewright", "verify"]
    assert _run(*last[1:]).returncode == 0
    # Without the list nobody can say that it was not revoked.
    at = last.index("--status-list")
    assert _run(*last[1:at], *last[at + 2 :]).returncode == 3
    # With another file in place of what was handed in, the evidence check says so.
    stranger = tmp_path / "stranger.txt"
    stranger.write_text("not what was reviewed")
    assert _run(*last[1:], "--evidence", stranger).returncode == 1


@pytest.mark.parametrize("rubric", [False, True])
def test_a_framework_alone_becomes_a_microcredential(tmp_path: Path, rubric: bool) -> None:
    file, plan = tmp_path / "framework.json", tmp_path / "plan.txt"
    file.write_text(json.dumps(_package(rubric)))
    plan.write_text("Monday: a question, three seconds, then answers.")
    done = _run("demo", "--framework", file, "--evidence", plan, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    badge = json.loads((tmp_path / "out" / "badge.json").read_bytes())
    achievement = badge["credentialSubject"]["achievement"]
    assert all(a["targetUrl"].startswith("https://case.lakeside.example/") for a in achievement["alignment"])
    if rubric:
        described = achievement["resultDescription"][0]
        assert described["id"].endswith("/CFRubricCriteria/5c0d6a00-0000-4000-8000-000000000010")
        assert badge["credentialSubject"]["result"][0]["achievedLevel"].endswith("-000000000022")
    assert {piece["name"] for piece in badge["evidence"]} == {"Evidence from the classroom", "Plan"}
    verify = ["--offline", "--did-document", tmp_path / "out/did.json", "--trust", tmp_path / "out/trust.json"]
    verify += ["--status-list", tmp_path / "out/status-list.json", "--evidence", plan]
    assert _run("verify", tmp_path / "out/badge.svg", *verify).returncode == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "framework.json"),
        (b'{"CFDocument": 1, "CFDocument": 2}', "twice"),
        (b"\xff\xfe", "UTF-8"),
        (b'{"hello": "world"}', "framework.json"),
    ],
)
def test_a_framework_that_cannot_be_read_is_a_sentence_and_exit_code_2(tmp_path: Path, content, words) -> None:
    file = tmp_path / "framework.json"
    file.write_bytes(content)
    done = _run("demo", "--framework", file, "--out", tmp_path / "out")
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "out").iterdir())


def test_other_things_that_cannot_be_used(tmp_path: Path) -> None:
    program = tmp_path / "lesson.exe"
    program.write_bytes(b"MZ\x90\x00" + b"\x00" * 200)
    for arguments, words in (
        (("--framework", tmp_path / "missing.json"), "does not exist"),
        (("--evidence", program), "lesson.exe"),
        (("--microcredential", "no-such-key"), "no-such-key"),
    ):
        done = _run("demo", *arguments, "--out", tmp_path / "out")
        assert done.returncode == 2, done.stdout + done.stderr
        assert words in done.stderr
        assert "Traceback" not in done.stderr
