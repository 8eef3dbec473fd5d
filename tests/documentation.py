"""Writes the pages of docs/ that say what the code says: `make docs`. Tests compare them (tests/architecture)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from issuer.config import settings

DOCS = Path(__file__).parent.parent / "docs"

_CLI_HEAD = """\
# The command line

Written by `make docs` from what `--help` prints; a test compares the two.
"""
_CONFIGURATION_HEAD = """\
# Settings

Written by `make docs` from `issuer/config.py`; a test compares the two. Settings come from the environment. A wrong or
unknown one (every variable that starts with `BADGEWRIGHT_` is checked) stops the start with a sentence; nothing is
guessed.

The two secrets may also stand in `secrets.json` in the data folder, where `badgewright init`, and `badgewright serve`
with SQLite, make them once, readable by the owner alone. Whoever holds `BADGEWRIGHT_KEY_SECRET` and the database can
sign in the name of every organisation: keep a copy of it where you keep your backups' keys, not with the backups.

| Variable | Default | Meaning |
| --- | --- | --- |
"""


def _commands(command: click.Command, context: click.Context, path: str) -> Iterator[tuple[str, str]]:
    yield path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _commands(inner, click.Context(inner, info_name=name, parent=context), f"{path} {name}")


def cli_page() -> str:
    """docs/cli.md as it should be."""
    from verifier.cli import badgewright

    # Help is wrapped to the terminal it is printed on; the page has one width.
    context = click.Context(badgewright, info_name="badgewright", terminal_width=100, max_content_width=100)
    parts = [_CLI_HEAD]
    for path, text in _commands(badgewright, context, "badgewright"):
        parts.append(f"## `{path}`\n\n```text\n{text.rstrip()}\n```\n")
    return "\n".join(parts)


def configuration_page() -> str:
    """docs/configuration.md as it should be."""
    here = str(Path.cwd())
    rows = (
        f"| `{variable}` | {f'`{default}`' if default else ''} | {meaning.replace('|', chr(92) + '|')} |\n"
        for variable, meaning, default in settings()
    )
    return (_CONFIGURATION_HEAD + "".join(rows)).replace(here + os.sep, "")


PAGES = {"cli.md": cli_page, "configuration.md": configuration_page}

if __name__ == "__main__":
    for name, make in PAGES.items():
        (DOCS / name).write_text(make(), encoding="utf-8")
