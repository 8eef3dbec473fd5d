"""On a full disk everything that reads goes on; what writes says why it cannot, and can again when there is room."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import ON_CI
from tests.integration.cli.test_serving import free_port

pytestmark = pytest.mark.network
MEGABYTE = 1024 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if shutil.which("mount")
        else None
    )
    if mounted is None or mounted.returncode != 0:
        why = f"a small file system cannot be mounted: {mounted.stderr.strip() if mounted else 'no mount'}"
        if ON_CI:
            pytest.fail(why)
        pytest.skip(why)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@dataclass
class Browser:
    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, str, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, {"Cookie": cookie, **named})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for each in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = each.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer.status, text, answer.headers

    def form(self, path: str, **values: str) -> tuple[int, str, http.client.HTTPMessage]:
        _, page, _ = self.ask("GET", "/verify")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        lines = [
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in {**values, "csrf_token": token[1]}.items()
        ]
        body = ("".join(lines) + "--b--\r\n").encode()
        return self.ask("POST", path, body, Content_Type="multipart/form-data; boundary=b")


@contextmanager
def serving(var: Path, log: Path) -> Iterator[int]:
    """With two web processes and the worker, all on the small disk."""
    port = free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("BADGEWRIGHT_")}
    environ.pop("TMPDIR", None)
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "verifier", "serve", "--demo", "--processes", "2", "--port", str(port)],
            env={**environ, "BADGEWRIGHT_VAR": str(var)},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        while "is kept in" not in log.read_text():
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=60)
    assert code == 0, log.read_text()


def fill(folder: Path) -> Path:
    """Take every byte that is left."""
    path = folder / "somebody-elses-file"
    with path.open("wb", buffering=0) as file:
        for size in (MEGABYTE, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return path


def signin(printed: str) -> tuple[str, str]:
    """The first of the demo's sign-ins."""
    found = re.search(r"(\S+@\S+example\.org) *│ *((?:[a-z2-9]{4}-){3}[a-z2-9]{4})", printed)
    assert found is not None
    return found[1], found[2]


def test_a_full_disk_stops_only_what_writes(small_disk: Path, tmp_path: Path) -> None:
    log = tmp_path / "serve.log"
    with serving(small_disk / "var", log) as port:
        name, password = signin(log.read_text())
        teacher, stranger = Browser(port), Browser(port)
        status, _, _ = teacher.form("/sign-in", email=name, password=password)
        assert status == 302
        filler = fill(small_disk)
        badge = (Path(__file__).parents[2] / "assets" / "good.json").read_bytes()
        for _ in range(3):  # whichever process answers
            for path in ("/", "/catalogue", "/verify", "/sign-in", "/privacy", "/healthz", "/.well-known/did.json"):
                assert stranger.ask("GET", path)[0] == 200, path
            assert teacher.ask("GET", "/account")[0] == 200
            assert stranger.ask("POST", "/api/v1/verify", badge, Content_Type="application/json")[0] == 200
        for text in ("Somebody " * 3, "Somebody else " * 3):
            status, page, _ = teacher.form("/account", name=text.strip())
            assert status in (503, 507), page
            assert "check before you try again" in page
        # A body too large for memory has no room either; the answer says so.
        status, text, headers = stranger.ask(
            "POST", "/api/v1/verify", bytes(5 * MEGABYTE), Content_Type="application/json"
        )
        assert (status, headers["Content-Type"]) == (507, "application/problem+json")
        assert json.loads(text)["code"] == "no_space"
        filler.unlink()
        assert teacher.form("/account", name="Somebody")[0] == 302
        assert stranger.ask("POST", "/api/v1/verify", bytes(MEGABYTE), Content_Type="application/json")[0] == 200
    said = log.read_text()
    assert "ended unexpectedly" not in said, said
