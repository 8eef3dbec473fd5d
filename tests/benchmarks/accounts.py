"""Print how long the sign-in and the reset page take for addresses with an account and without one.

    python -m tests.benchmarks.accounts [ROUNDS]

By the clock, as a stranger would measure it, known and unknown taken in turns. The tests assert what the request does
(`test_resetting.py`), not how long it takes.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
import time
from concurrent.futures import wait
from pathlib import Path

from flask import Flask
from rich.console import Console
from rich.table import Table

from issuer import migrations
from issuer.app import create_app
from issuer.config import Config
from issuer.db import unit_of_work
from issuer.runtime import build_runtime
from issuer.services.passwords import hash_password
from issuer.web import guessing
from tests import factories

KNOWN, UNKNOWN = "tara@lakeside.example", "nora@lakeside.example"


def prepare(folder: Path) -> Flask:
    runtime = build_runtime(Config(var=folder, secret_key="s" * 40, key_secret="k" * 40))
    migrations.upgrade(runtime.engine)
    with unit_of_work(runtime.sessions) as session:
        user = factories.person(session, factories.organisation(session), KNOWN, "teacher", "coach")
        user.password = hash_password("seven-quiet-herons")
    return create_app(runtime=runtime)


def measure(app: Flask, path: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of each answer, by address."""
    client = app.test_client()
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', client.get(path).get_data(as_text=True))
    assert token is not None
    taken: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for index in range(2 * rounds + 4):
        email = (KNOWN, UNKNOWN)[index % 2]
        form = {"email": email, "password": "not-the-password", "csrf_token": token[1]}
        start = time.perf_counter()
        answer = client.post(path, data=form)
        answer.get_data()
        if index >= 4:
            taken[email].append(time.perf_counter() - start)
        answer.close()
        # What goes on in the background must not slow down the next one, which is of the other kind.
        wait(app.extensions["badgewright_background"]._under_way.copy())
    return taken


def main(rounds: int) -> None:
    many = "1000000 per hour"
    guessing.FOR_ACCOUNT = guessing.FROM_ADDRESS = guessing.MAILS_FOR_ACCOUNT = guessing.MAILS_FROM_ADDRESS = many
    table = Table(title=f"Answers in ms, median of {rounds}")
    for column in ("Page", "With an account", "Without", "Difference"):
        table.add_column(column, justify="left" if column == "Page" else "right")
    with tempfile.TemporaryDirectory() as folder:
        app = prepare(Path(folder))
        for path in ("/reset-password", "/sign-in"):
            taken = measure(app, path, rounds)
            known, unknown = (statistics.median(taken[email]) * 1000 for email in (KNOWN, UNKNOWN))
            table.add_row(path, f"{known:.1f}", f"{unknown:.1f}", f"{known - unknown:+.1f}")
    Console().print(table)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
