"""A real worker process for tests that stop, kill and restart one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from issuer.config import Config

ROOT = Path(__file__).parents[2]
#: Seconds after which something that has not happened counts as never happening, on however busy a machine.
PATIENCE = 180.0


def until(true: Callable[[], bool]) -> None:
    """Wait for it. `true` must leave no transaction open: on SQLite that would lock the worker out."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)


@contextmanager
def worker(
    module: str, config: Config, crash: str = "never", executor_id: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m module` for as long as the block lasts; `crash` says where it kills itself, or `never`."""
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BADGEWRIGHT_")},
        "BADGEWRIGHT_VAR": str(config.var),
        "BADGEWRIGHT_SECRET_KEY": config.secret_key,
        "BADGEWRIGHT_KEY_SECRET": config.key_secret,
        "DATABASE_URL": config.database_url,
    }
    command = [sys.executable, "-m", module, executor_id, crash]
    process = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise
