"""`badgewright serve` as a process: it comes up, says where, keeps what it has, and stops whole."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

pytestmark = pytest.mark.network


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


TOKEN = "a-token-of-the-operator"


def environ(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BADGEWRIGHT_")}
    kept.pop("DATABASE_URL", None)
    return {**kept, "BADGEWRIGHT_VAR": str(tmp_path / "var"), "BADGEWRIGHT_METRICS_TOKEN": TOKEN}


@contextmanager
def serving(tmp_path: Path, port: int, *words: str) -> Iterator[str]:
    """What it printed once it was up; it is stopped by SIGTERM and must then end well."""
    log = tmp_path / f"serve-{port}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "verifier", "serve", "--port", str(port), *words],
            env=environ(tmp_path),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(900):  # a busy machine may take a minute
            if "is running at" in log.read_text() and "Data " in log.read_text():
                break
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        time.sleep(0.2)
        yield log.read_text()
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=40)
    assert code == 0, log.read_text()
    assert "Traceback" not in log.read_text()


def get(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        body: bytes = answer.read()
        return body


def test_the_demo_comes_up_twice_and_loses_nothing(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, port, "--demo") as first:
        assert f"http://127.0.0.1:{port}/verify" in first
        passwords = re.findall(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}", first)
        assert len(passwords) == len(set(passwords)) == 5
        assert b"Formative assessment with exit tickets" in get(port, "/")
        assert "name it for good" not in first
        with contextlib.closing(sqlite3.connect(tmp_path / "var" / "badgewright.sqlite3")) as database:
            (number,) = database.execute("SELECT number FROM credentials").fetchone()
        for host in ("localhost", "127.0.0.1"):
            # Copied from the address bar under either name; the QR code has the first.
            asked = urllib.parse.quote(f"http://{host}:{port}/credentials/{number}")
            assert b"<title>Verified" in get(port, f"/verify?url={asked}")
        taken = subprocess.run(
            [sys.executable, "-m", "verifier", "serve", "--port", str(port)],
            env=environ(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (taken.returncode, taken.stderr.startswith(f"Error: Port {port} on 127.0.0.1 cannot be used")) == (
            1,
            True,
        )
    signins = tmp_path / "var" / "demo-signins.txt"
    assert signins.stat().st_mode & 0o777 == 0o600
    with serving(tmp_path, port, "--demo") as second:
        assert re.findall(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}", second) == passwords
    with pytest.raises(OSError, match="refused"):
        get(port, "/")
    with serving(tmp_path, free_port(), "--demo") as moved:
        assert re.findall(r"(?:[a-z2-9]{4}-){3}[a-z2-9]{4}", moved) == passwords
        assert f"issued at http://localhost:{port} and name it for good" in moved
        assert f"--port {port}" in moved


def children(pid: int) -> dict[int, str]:
    """The processes that a process started, with their commands."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid:
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def servers(pid: int) -> set[int]:
    return {child for child, command in children(pid).items() if "issuer.server" in command}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_several_processes_share_the_port_and_one_that_dies_is_replaced(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, port, "--processes", "2", "--no-worker"):
        (tree,) = (pid for pid, command in children(os.getpid()).items() if f"--port {port}" in command)
        for _ in range(20):
            get(port, "/verify")
        counted = measured(port)
        assert counted.count('badgewright_requests_total{endpoint="verify.page"') == 1
        assert re.search(r'badgewright_requests_total\{endpoint="verify.page",.* 20\.0', counted), counted
        first = servers(tree)
        assert len(first) == 2
        time.sleep(5.5)  # one that ends sooner after its start ends everything
        os.kill(min(first), signal.SIGKILL)
        assert get(port, "/healthz")
        for _ in range(300):
            if len(servers(tree)) == 2 and servers(tree) != first:
                break
            time.sleep(0.1)
        assert len(servers(tree) - first) == 1
        assert get(port, "/healthz")


def measured(port: int) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def test_the_demo_is_not_made_beside_a_real_organisation(tmp_path: Path) -> None:
    for words, code in (
        (("init", "--organisation", "Real Schools", "--admin", "a@example.org"), 0),
        (("serve", "--demo", "--port", str(free_port())), 1),
    ):
        result = subprocess.run(
            [sys.executable, "-m", "verifier", *words],
            env=environ(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert result.returncode == code, result.stderr
    assert "The demo district is made in an empty one only" in result.stderr
