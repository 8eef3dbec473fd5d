"""A web process that is told to stop sends the mails that wait, and does not wait for ever for one that hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PATIENCE = 180.0
#: A mail is queued and its delivery waits for the file `gate`; then the process serves until it is told to stop.
SERVE = """
import pathlib, socket, sys, time
from issuer.server import __main__ as program
from issuer.wsgi import app
from issuer.config import Config
from issuer.mail import Mailer

gate, deliver = pathlib.Path(sys.argv[1]), Mailer._deliver

def when_open(self, message):
    while not gate.exists():
        time.sleep(0.05)
    return deliver(self, message)

Mailer._deliver = when_open
program.GRACE_SECONDS = float(sys.argv[2])
mailer = Mailer(Config.from_environ(), app.extensions["badgewright_background"].start)
for number in range(5):
    mailer.send(f"teacher{number}@lakeside.example", "Your badge", "It is here.")
run = program.Server.run

def say_and_run(server):
    print("ready", flush=True)
    run(server)
    print("stopped", flush=True)

program.Server.run = say_and_run
listening = socket.create_server(("127.0.0.1", 0))
program.main(listening.detach(), 2)
"""


@contextmanager
def serving(folder: Path, grace: float) -> Iterator[subprocess.Popen[str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BADGEWRIGHT_")}
    kept.pop("DATABASE_URL", None)
    environ = {**kept, "BADGEWRIGHT_VAR": str(folder), "BADGEWRIGHT_SECRET_KEY": "s" * 40}
    command = [sys.executable, "-c", SERVE, str(folder / "gate"), str(grace)]
    process = subprocess.Popen(
        command,
        env={**environ, "BADGEWRIGHT_KEY_SECRET": "k" * 40},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _tell_to_stop(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for expected in ("ready", "stopped"):
        while (line := process.stdout.readline().strip()) != expected:
            assert process.poll() is None, line
        if expected == "ready":
            process.send_signal(signal.SIGTERM)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "var"
    made.mkdir()
    return made


def test_mails_that_wait_when_the_server_is_stopped_are_sent(folder: Path) -> None:
    with serving(folder, grace=PATIENCE) as process:
        _tell_to_stop(process)
        assert not list(folder.glob("mail/*.eml"))
        (folder / "gate").touch()
        assert process.wait(PATIENCE) == 0
    assert len(list(folder.glob("mail/*.eml"))) == 5


def test_a_mail_server_that_hangs_does_not_keep_a_server_that_is_stopped(folder: Path) -> None:
    with serving(folder, grace=3.0) as process:
        _tell_to_stop(process)
        output, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
    assert "5 pieces of work in the background were given up" in output
