"""The lint on a terminal."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from verifier.lint.result import LintReport

_STYLES = {
    "valid": "green",
    "not_run": "dim",
    "not_checked": "yellow",
    "warning": "yellow",
    "error": "red",
    "fatal": "bold red",
    "exception": "bold red",
}


def print_lint(console: Console, report: LintReport, *, plain: Callable[[object], str], title: str = "lint") -> None:
    """One line for each probe and, below it, what it says. `plain` makes a stranger's text harmless for a terminal."""
    heading = Text(f"{plain(title)}: the official validator ")
    if report.passes and report.complete:
        heading.append("would pass this", style="green")
    elif report.passes:
        heading.append("may pass this; what it would look at elsewhere was not looked at", style="yellow")
    else:
        heading.append(f"would not pass this ({report.outcome})", style="bold red")
    console.print(heading)
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    for _ in range(4):
        table.add_column()
    for probe in report.probes:
        style = _STYLES[probe.outcome]
        reason = Text(plain(probe.not_run), style="dim", overflow="fold")
        table.add_row(Text(f"{probe.number:>2}"), Text(probe.outcome, style=style), Text(probe.name), reason)
        for message in probe.messages:
            where = f" at {message.pointer}" if message.pointer else ""
            said = Text(plain(f"{message.message}{where} [{message.code}]"), overflow="fold")
            table.add_row(Text(""), Text(str(message.severity), style=_STYLES[str(message.severity)]), Text(""), said)
    console.print(table)
    for pointer, inner in report.endorsements:
        print_lint(console, inner, plain=plain, title=f"{title}, endorsement {pointer}")
    if report.refreshed is not None:
        print_lint(console, report.refreshed, plain=plain, title=f"{title}, the newer credential")
