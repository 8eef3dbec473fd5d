"""`badgewright verify` with many inputs: a bar while it runs, a table at its end, CSV and JSON Lines for programs."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from verifier.batch import Row, items_of, kind_of, verify_many
from verifier.batch.output import csv_writer, json_line, values
from verifier.checks.recipient import ExpectedRecipient
from verifier.fetch import Fetcher
from verifier.policy import Policy
from verifier.report import SENTENCES, Verdict

#: So many plain files are shown one by one, each with all its checks.
FEW = 10
#: Rows that are not in order and are shown with the table; the files hold all.
_SHOWN = 20
_STYLES = {
    Verdict.VERIFIED: "green",
    Verdict.FAILED: "bold red",
    Verdict.UNDETERMINED: "yellow",
    Verdict.UNRECOGNISED: "yellow",
}


@dataclass(frozen=True, slots=True)
class BulkOptions:
    """What the command line says of a run over many inputs. `jobs`: processes, None for one a core."""

    csv_file: Path | None = None
    jsonl_file: Path | None = None
    jobs: int | None = None
    as_json: bool = False


def is_bulk(sources: Sequence[str], options: BulkOptions) -> bool:
    """Whether these inputs are many: a folder, an archive, a list, or more files than one would read about."""
    if options.csv_file or options.jsonl_file or options.jobs is not None or len(sources) > FEW:
        return True
    return any(_holds_many(name) for name in sources)


def _holds_many(name: str) -> bool:
    if name == "-" or name.startswith(("https://", "http://")):
        return False
    path = Path(name)
    if path.is_dir():
        return True
    try:
        with path.open("rb") as file:
            return kind_of(name, file.read(4)) is not None
    except OSError:
        return False  # the other way says that it is not there


def verify_bulk(
    sources: Sequence[str],
    policy: Policy,
    options: BulkOptions,
    *,
    fetcher: Fetcher,
    now: datetime | None,
    recipient: ExpectedRecipient | None,
) -> Verdict:
    """Verify all of them, print and write what was found, and return the gravest verdict.

    Raises:
        click.UsageError: an input is not there, or there is nothing in any of them.
    """
    for name in sources:
        if name == "-":
            raise click.UsageError("Standard input is read as one credential; several are read from files.")
        if not name.startswith(("https://", "http://")) and not Path(name).exists():
            raise click.BadParameter(f"{name}: there is no such file.", param_hint="FILE")
    tally = _Tally()
    rows = verify_many(
        (item for name in sources for item in items_of(name)),
        policy,
        fetcher=fetcher,
        now=now,
        recipient=recipient,
        reports=options.as_json or options.jsonl_file is not None,
        jobs=options.jobs,
    )
    with ExitStack() as stack:
        writers = list(_writers(options, stack))
        with _progress() as progress:
            task = progress.add_task("", total=None)
            for row in rows:
                tally.add(row)
                for write in writers:
                    write(row)
                progress.update(task, completed=tally.total, description=tally.line())
    if not tally.total:
        raise click.UsageError("There is nothing to verify in these inputs.")
    if not options.as_json:
        tally.print(Console(soft_wrap=False, highlight=False))
    return tally.gravest()


def _progress() -> Progress:
    """On standard error, and only where a person watches."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console, disable=not console.is_terminal, transient=True)


def _writers(options: BulkOptions, stack: ExitStack) -> Iterator[Callable[[Row], object]]:
    if options.csv_file is not None:
        write_values = csv_writer(stack.enter_context(options.csv_file.open("w", encoding="utf-8", newline="")))
        yield lambda row: write_values(values(row))
    if options.jsonl_file is not None:
        lines = stack.enter_context(options.jsonl_file.open("w", encoding="utf-8"))
        yield lambda row: lines.write(json_line(row) + "\n")
    if options.as_json:
        separators = iter(("[\n",))

        def write(row: Row) -> None:
            sys.stdout.write(next(separators, ",\n") + json_line(row))

        yield write
        stack.callback(lambda: sys.stdout.write(next(separators, "") + "\n]\n"))


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)


class _Tally:
    """What is known of a run at any moment, in constant memory."""

    def __init__(self) -> None:
        self.verdicts: Counter[Verdict] = Counter()
        self.codes: Counter[tuple[Verdict, str]] = Counter()
        self.first: list[Row] = []

    @property
    def total(self) -> int:
        return sum(self.verdicts.values())

    def add(self, row: Row) -> None:
        self.verdicts[row.verdict] += 1
        if row.verdict is not Verdict.VERIFIED:
            self.codes[row.verdict, row.code] += 1
            if len(self.first) < _SHOWN:
                self.first.append(row)

    def line(self) -> str:
        return ", ".join(f"{self.verdicts[verdict]} {verdict}" for verdict in Verdict if self.verdicts[verdict])

    def gravest(self) -> Verdict:
        order = (Verdict.FAILED, Verdict.UNDETERMINED, Verdict.UNRECOGNISED)
        return next((verdict for verdict in order if self.verdicts[verdict]), Verdict.VERIFIED)

    def print(self, console: Console) -> None:
        if self.first:
            table = Table(box=None, pad_edge=False)
            for heading in ("input", "verdict", "why"):
                table.add_column(heading, overflow="fold")
            for row in self.first:
                why = f"{_plain(row.message)} [{row.code}]"
                table.add_row(Text(_plain(row.name)), Text(str(row.verdict), style=_STYLES[row.verdict]), Text(why))
            console.print(table)
            others = self.total - self.verdicts[Verdict.VERIFIED] - len(self.first)
            if others > 0:
                console.print(Text(f"… and {others} more; --csv FILE writes all of them."))
            console.print()
        counts = Table(box=None, show_header=False, pad_edge=False)
        counts.add_column(justify="right")
        counts.add_column()
        counts.add_column(overflow="fold")
        for verdict in Verdict:
            style = _STYLES[verdict] if self.verdicts[verdict] else "dim"
            counts.add_row(
                f"{self.verdicts[verdict]:,}", Text(str(verdict), style=style), Text(SENTENCES[verdict], style="dim")
            )
        counts.add_row(f"{self.total:,}", Text("in all"), "")
        console.print(counts)
