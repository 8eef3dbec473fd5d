"""Programs under one roof: stopped together, restarted when they fall, orphaned never."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

RUN = """
import sys
from issuer.cli import processes
processes.HEALTHY_AFTER_SECONDS = processes.SILENT_SECONDS = float(sys.argv[3])
said = lambda text: print(text, flush=True)
programs = {
    name: processes.Program([sys.executable, "-c", code], beats=code.startswith("# beats"))
    for name, code in (("one", sys.argv[1]), ("two", sys.argv[2]))
}
import os
sys.exit(processes.ProcessTree(programs, dict(os.environ), said).run())
"""
LIVES = """
import os, sys, time, pathlib
from issuer.processes import stop_with_parent
stop_with_parent()
pathlib.Path(os.environ["OUT"]).open("a").write(str(os.getpid()) + "\\n")
time.sleep(60)
"""


def start(tmp_path: Path, one: str, two: str, *, healthy_after: float = 60) -> subprocess.Popen[str]:
    environ = {**os.environ, "OUT": str(tmp_path / "pids")}
    return subprocess.Popen(
        [sys.executable, "-c", RUN, one, two, str(healthy_after)], env=environ, stdout=subprocess.PIPE, text=True
    )


def pids(tmp_path: Path, count: int) -> list[int]:
    found: list[int] = []
    for _ in range(1200):
        if (tmp_path / "pids").exists():
            found = [int(line) for line in (tmp_path / "pids").read_text().splitlines()]
            if len(found) >= count:
                return found
        time.sleep(0.05)
    raise AssertionError(f"only {found} started")


def gone(pid: int) -> bool:
    for _ in range(600):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all(tmp_path: Path, number: signal.Signals) -> None:
    tree = start(tmp_path, LIVES, LIVES)
    children = pids(tmp_path, 2)
    tree.send_signal(number)
    tree.communicate(timeout=60)
    assert tree.returncode == 0
    assert all(gone(pid) for pid in children)


def test_one_that_cannot_start_stops_the_rest(tmp_path: Path) -> None:
    tree = start(tmp_path, LIVES, "raise SystemExit(7)")
    said, _ = tree.communicate(timeout=60)
    assert tree.returncode == 7
    assert "The two could not start (exit code 7)" in said


def test_one_that_falls_later_is_started_again(tmp_path: Path) -> None:
    tree = start(tmp_path, LIVES, LIVES, healthy_after=0.3)
    first = pids(tmp_path, 2)
    time.sleep(0.4)
    os.kill(first[0], signal.SIGKILL)
    third = pids(tmp_path, 3)[2]
    assert third not in first
    tree.terminate()
    said, _ = tree.communicate(timeout=60)
    assert "started again" in said
    assert gone(third)


def test_one_that_has_run_and_cannot_start_for_a_while_takes_nothing_with_it(tmp_path: Path) -> None:
    """A worker that falls on a full disk: the pages go on, and it comes back when there is room."""
    falls = f"import os, pathlib, sys\nif pathlib.Path({str(tmp_path / 'full')!r}).exists(): sys.exit(3)\n" + LIVES
    tree = start(tmp_path, LIVES, falls, healthy_after=0.3)
    first = pids(tmp_path, 2)
    time.sleep(0.4)
    (tmp_path / "full").touch()
    # Whichever of the two it is, the other one starts again at once.
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    pids(tmp_path, 3)
    assert tree.poll() is None
    (tmp_path / "full").unlink()
    pids(tmp_path, 4)
    tree.terminate()
    said, _ = tree.communicate(timeout=60)
    assert "could not start" not in said


HANGS = "# beats\n" + LIVES


def test_one_that_hangs_is_started_again(tmp_path: Path) -> None:
    tree = start(tmp_path, LIVES, HANGS, healthy_after=5)
    children = pids(tmp_path, 3)
    tree.terminate()
    said, _ = tree.communicate(timeout=60)
    assert "The two has not answered" in said
    assert "The one" not in said
    assert all(gone(pid) for pid in children)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks the Linux kernel")
def test_children_do_not_outlive_a_killed_parent(tmp_path: Path) -> None:
    tree = start(tmp_path, LIVES, LIVES)
    children = pids(tmp_path, 2)
    tree.kill()
    tree.communicate(timeout=60)
    assert all(gone(pid) for pid in children)
