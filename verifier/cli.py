"""The command line. `badgewright verify` needs nothing but this package; other packages add their own commands."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from verifier import policy as policies
from verifier.bulk_cli import BulkOptions, is_bulk, verify_bulk
from verifier.checks.recipient import ExpectedRecipient
from verifier.checks.requested import PresentationRequest
from verifier.errors import CouldNotCheck, VerifierError
from verifier.fetch import Documents, Fetcher, HttpsFetcher, Offline
from verifier.formats import datetimes, json_text
from verifier.limits import DEFAULT_LIMITS
from verifier.lint import lint, lint_to_json, print_lint
from verifier.parsing import parse
from verifier.report import CheckResult, Holder, Outcome, Report, Severity, Verdict, report_to_json
from verifier.resolvers import did_web_url
from verifier.trust import read_registry
from verifier.trust_commands import trust as trust_commands
from verifier.verifier import Verifier

#: What the process ends with; 2 is click's, for usage. Of several files the gravest counts.
EXIT_CODES = {Verdict.VERIFIED: 0, Verdict.FAILED: 1, Verdict.UNDETERMINED: 3, Verdict.UNRECOGNISED: 4}
_GRAVEST = (Verdict.FAILED, Verdict.UNDETERMINED, Verdict.UNRECOGNISED, Verdict.VERIFIED)
_MARKS = {
    Outcome.PASSED: ("✓", "green"),
    Outcome.FAILED: ("✗", "bold red"),
    Outcome.UNDETERMINED: ("?", "yellow"),
    Outcome.NOT_APPLICABLE: ("–", "dim"),
}
_COLOURS = {
    Verdict.VERIFIED: "bold green",
    Verdict.FAILED: "bold red",
    Verdict.UNDETERMINED: "bold yellow",
    Verdict.UNRECOGNISED: "bold yellow",
}
COMMANDS = "badgewright.commands"


class _Badgewright(click.Group):
    """`badgewright`, with the commands that installed packages add through the entry point group `COMMANDS`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._added: dict[str, click.Command] | None = None

    def _others(self, ctx: click.Context) -> dict[str, click.Command]:
        if self._added is None:
            self._added = {}
            for point in metadata.entry_points(group=COMMANDS):
                try:
                    group = point.load()
                except ModuleNotFoundError as error:
                    click.echo(
                        f"The commands of “{point.name}” are not available: {error.name} is not installed. "
                        "Install them with: pip install 'badgewright[server]'",
                        err=True,
                    )
                    continue
                if isinstance(group, click.Group):
                    self._added |= {name: group.commands[name] for name in group.list_commands(ctx)}
        return self._added

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self._others(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        # Our own commands come first, so that `verify` needs nothing of anybody else's.
        return super().get_command(ctx, cmd_name) or self._others(ctx).get(cmd_name)


@click.group(cls=_Badgewright)
@click.version_option(package_name="badgewright")
def badgewright() -> None:
    """Issue and verify educator microcredentials as Open Badges 3.0."""


badgewright.add_command(trust_commands)


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUTPUT = click.Path(dir_okay=False, writable=True, path_type=Path)


class _PinnedFile(click.ParamType[tuple[Path, str]]):
    """A file, or `FILE#sha256=HEX`: a file and the digest that it must have."""

    name = "file[#sha256=hex]"

    def convert(
        self, value: str | tuple[Path, str], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Path, str]:
        if isinstance(value, tuple):
            return value
        path, mark, digest = value.rpartition("#sha256=")
        if mark and not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
            self.fail("A SHA-256 digest has 64 hexadecimal digits.", param, ctx)
        return _FILE.convert(path if mark else value, param, ctx), digest if mark else ""


class _Held(click.ParamType[tuple[str, Path]]):
    """`URL=FILE`: a document that the caller has, and the address at which it would have been fetched."""

    name = "url=file"

    def convert(
        self, value: str | tuple[str, Path], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, Path]:
        if isinstance(value, tuple):
            return value
        # The last "=" parts the two: addresses have them too.
        url, _, path = value.rpartition("=")
        if not url.startswith("https://"):
            self.fail("Write it as https://address=file.", param, ctx)
        return url, _FILE.convert(path, param, ctx)


@badgewright.command()
@click.argument("source", nargs=-1, required=True, metavar="FILE|FOLDER|URL|-...")
@click.option(
    "--trust",
    multiple=True,
    type=_PinnedFile(),
    help="Trust registry: a file naming the issuers you recognise. FILE#sha256=HEX accepts that very file only.",
)
@click.option(
    "--trust-signer", "signers", multiple=True, metavar="DID", help="Every registry must be signed by one of these."
)
@click.option("--issuer", "issuers", multiple=True, metavar="ID", help="Recognise this issuer (a DID or https URL).")
@click.option("--any-issuer", is_flag=True, help="UNSAFE: accept any issuer that can prove to be who it says.")
@click.option("--recipient", metavar="WHO", help="E-mail, DID or identityType=value that the badge must be about.")
@click.option("--challenge", default="", metavar="TEXT", help="A presentation must answer this challenge of yours.")
@click.option("--domain", default="", metavar="NAME", help="A presentation must have been made for this domain.")
@click.option(
    "--holder-is-subject",
    is_flag=True,
    help="It must be a presentation, shown with the key of the person its credentials are about.",
)
@click.option("--evidence", multiple=True, type=_FILE, help="A file that must be among the evidence.")
@click.option(
    "--did-document", "documents", multiple=True, type=_FILE, help="The issuer's document, instead of fetching it."
)
@click.option("--status-list", "lists", multiple=True, type=_FILE, help="A status list, instead of fetching it.")
@click.option(
    "--document", "others", multiple=True, type=_Held(), help="Any other document that you have, such as a key set."
)
@click.option("--offline", is_flag=True, help="Fetch nothing.")
@click.option("--at", "moment", metavar="TIME", help="Judge for this moment, such as 2026-01-31T12:00:00Z.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON (a list of them for several inputs).")
@click.option("--explain", is_flag=True, help="Say what each check looked at, its code and where the rule stands.")
@click.option("--lint", "with_lint", is_flag=True, help="Say as well what the official 1EdTech validator would say.")
@click.option("--csv", "csv_file", type=_OUTPUT, help="Many inputs: write a line for each to this CSV file.")
@click.option("--jsonl", "jsonl_file", type=_OUTPUT, help="Many inputs: write each report to this JSON Lines file.")
@click.option("--jobs", type=click.IntRange(min=0), help="Many inputs: processes to run; one for each core by default.")
@click.pass_context
def verify(
    ctx: click.Context,
    source: tuple[str, ...],
    trust: tuple[tuple[Path, str], ...],
    signers: tuple[str, ...],
    issuers: tuple[str, ...],
    any_issuer: bool,
    recipient: str | None,
    challenge: str,
    domain: str,
    holder_is_subject: bool,
    evidence: tuple[Path, ...],
    documents: tuple[Path, ...],
    lists: tuple[Path, ...],
    others: tuple[tuple[str, Path], ...],
    offline: bool,
    moment: str | None,
    as_json: bool,
    explain: bool,
    with_lint: bool,
    csv_file: Path | None,
    jsonl_file: Path | None,
    jobs: int | None,
) -> None:
    """Verify credentials: JSON, a token, or a PNG or SVG image with a badge in it. "-" reads standard input.

    Folders, zip archives, JSON Lines and CSV files with a column of addresses ("url", "id" or "credential") hold many:
    they are verified on all cores, and a table sums up what was found.

    A presentation is verified only if its holder is the person that each credential in it is about.

    Exit code: 0 verified, 1 failed, 2 wrong usage, 3 could not be told, 4 authentic but from an issuer not named.
    """
    now = _moment(moment)
    policy = _policy(trust, signers, issuers, any_issuer, now or datetime.now(UTC))
    online: Fetcher = Offline() if offline else HttpsFetcher()
    fetcher = Documents(_documents(documents, lists) | {url: path.read_bytes() for url, path in others}, online)
    verifier = Verifier(fetcher)
    files = [path.read_bytes() for path in evidence]
    expected = ExpectedRecipient.parse(recipient) if recipient and recipient.strip() else None
    if recipient is not None and expected is None:
        raise click.BadParameter("It is empty.", param_hint="--recipient")
    asked = PresentationRequest(challenge, domain, holder_is_subject)
    request = asked if challenge or domain or holder_is_subject else None
    if any_issuer:
        click.echo("UNSAFE: any issuer is accepted. Who it is, nobody has checked.", err=True)
    bulk = BulkOptions(csv_file, jsonl_file, jobs, as_json)
    if is_bulk(source, bulk):
        if evidence or explain or with_lint or request:
            raise click.UsageError(
                "--evidence, --challenge, --domain, --holder-is-subject, --explain and --lint are for one credential "
                "at a time."
            )
        ctx.exit(EXIT_CODES[verify_bulk(source, policy, bulk, fetcher=fetcher, now=now, recipient=expected)])
    reports = []
    for name in source:
        data = _read(name, online)
        report = verifier.verify(data, policy, now=now, recipient=expected, evidence=files, request=request)
        reports.append((name, report, lint(data, now=now, fetcher=fetcher) if with_lint else None))
    if as_json:
        shapes = [
            {"source": name, **report_to_json(report), **({"lint": lint_to_json(linted)} if linted else {})}
            for name, report, linted in reports
        ]
        click.echo(json.dumps(shapes[0] if len(shapes) == 1 else shapes, indent=2, ensure_ascii=True))
    else:
        console = Console(soft_wrap=False, highlight=False)
        for name, report, linted in reports:
            _print(console, name, report, explain=explain)
            if linted is not None:
                print_lint(console, linted, plain=_plain)
    found = {report.verdict for _, report, _ in reports}
    ctx.exit(EXIT_CODES[next(verdict for verdict in _GRAVEST if verdict in found)])


def _policy(
    trust: Sequence[tuple[Path, str]],
    signers: Sequence[str],
    issuers: Sequence[str],
    any_issuer: bool,
    now: datetime,
) -> policies.Policy:
    """What the options say of whom to recognise; each registry with the digest it must have, or ""."""
    if signers and not trust:
        raise click.UsageError("--trust-signer says who must have signed a registry; name one with --trust.")
    if any_issuer:
        if trust or signers or issuers:
            raise click.UsageError("--any-issuer cannot be combined with --trust, --trust-signer or --issuer.")
        return policies.UnsafeAnyIssuer()
    members: list[policies.Policy] = []
    for path, digest in trust:
        try:
            members.append(read_registry(path.read_bytes(), now=now, sha256=digest, signers=signers).policy)
        except VerifierError as error:
            raise click.BadParameter(f"{path}: {error}", param_hint="--trust") from error
    if issuers:
        members.append(policies.TrustedIssuers(*issuers))
    return policies.AnyOf(*members)


def _documents(documents: Iterable[Path], lists: Iterable[Path]) -> dict[str, bytes]:
    """What was handed in, under the URL at which it would have been fetched."""
    found: dict[str, bytes] = {}
    for path in documents:
        data = path.read_bytes()
        try:
            identifier = json_text.load_object(data).get("id")
            if not isinstance(identifier, str):
                raise click.BadParameter(f"{path}: the document has no id.", param_hint="--did-document")
            found[did_web_url(identifier) if identifier.startswith("did:web:") else identifier] = data
        except VerifierError as error:
            raise click.BadParameter(f"{path}: {error}", param_hint="--did-document") from error
    for path in lists:
        data = path.read_bytes()
        try:
            identifier = parse(data).document.get("id")
        except VerifierError as error:
            raise click.BadParameter(f"{path}: {error}", param_hint="--status-list") from error
        if not isinstance(identifier, str):
            raise click.BadParameter(f"{path}: the status list has no id.", param_hint="--status-list")
        found[identifier] = data
    return found


def _moment(text: str | None) -> datetime | None:
    try:
        return datetimes.parse(text) if text is not None else None
    except VerifierError as error:
        raise click.BadParameter("Write it as 2026-01-31T12:00:00Z.", param_hint="--at") from error


def _read(name: str, fetcher: Fetcher) -> bytes:
    limit = DEFAULT_LIMITS.container_bytes
    if name == "-":
        return sys.stdin.buffer.read(limit + 1)
    if name.startswith(("https://", "http://")):
        try:
            return fetcher.get(name, max_bytes=limit).body
        except CouldNotCheck as error:
            click.echo(f"{name}: {error.message}", err=True)
            raise SystemExit(EXIT_CODES[Verdict.UNDETERMINED]) from error
    try:
        with Path(name).open("rb") as file:
            return file.read(limit + 1)
    except OSError as error:
        raise click.BadParameter(f"{name}: {error.strerror}.", param_hint="FILE") from error


def _plain(value: object) -> str:
    """Text from a stranger's document, made harmless for a terminal."""
    return "".join(c if c.isprintable() else "�" for c in str(value))


def _print(console: Console, name: str, report: Report, *, explain: bool, indent: int = 0) -> None:
    pad = "  " * indent
    title = Text(f"{pad}{_plain(name)}: ")
    title.append(str(report.verdict).upper(), style=_COLOURS[report.verdict])
    console.print(title)
    console.print(Text(f"{pad}{report.summary}"))
    if report.holder is not None:
        console.print(Text(f"{pad}Shown by: {_shown_by(report.holder)}", style="bold"))
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    for _ in range(4):
        table.add_column()
    for result in report.results:
        mark, style = _MARKS[result.outcome]
        table.add_row(
            Text(pad), Text(mark, style=style), Text(str(result.check)), Text(_plain(result.message), overflow="fold")
        )
        if explain:
            for line in _explanation(result):
                table.add_row(Text(""), Text(""), Text(""), Text(_plain(line), style="dim", overflow="fold"))
    console.print(table)
    for number, inner in enumerate(report.contents, 1):
        stated = (inner.credential or {}).get("id") or f"inner credential {number}"
        _print(console, str(stated), inner, explain=explain, indent=indent + 1)
    console.print()


def _shown_by(holder: Holder) -> str:
    if not holder.proven:
        return "nobody who could prove it"
    return f"{_plain(holder.id)} (a key that was proven, not a person who is known)"


def _explanation(result: CheckResult) -> Iterable[str]:
    yield f"code: {result.code}"
    if result.looked_at:
        yield f"looked at: {result.looked_at}"
    if result.specification:
        yield f"rule: {result.specification}"
    for finding in result.findings:
        kind = "warning" if finding.severity is Severity.WARNING else "error"
        yield f"{kind} {finding.code} at {finding.pointer or '/'}: {finding.message}"
