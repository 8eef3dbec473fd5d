"""A server with one process's worth of threads, whose verifier never gets an answer."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest

from issuer import app as application
from issuer.api import limits as api_limits
from issuer.app import create_app
from issuer.config import Config
from issuer.runtime import build_runtime
from issuer.server.serving import Server
from issuer.web import limits as web_limits
from tests.integration.conftest import District
from verifier.fetch import Fetched, FetchFailed

THREADS = 8


class Held:
    """The outside world: it does not answer until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.inside = threading.Semaphore(0)
        self._lock = threading.Lock()
        self.now = self.most = 0

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.inside.release()
        try:
            assert self.let_go.wait(120)
        finally:
            with self._lock:
                self.now -= 1
        raise FetchFailed("fetch_failed", "Nobody is there.")


@dataclass
class Running:
    server: Server
    port: int
    world: Held

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def get(self, path: str) -> int:
        return self.ask("GET", path)[0]

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, {"Host": "localhost", **(headers or {})})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def others_are_answered(self) -> None:
        for path in ("/healthz", "/", "/catalogue", "/sign-in", "/verify"):
            assert self.get(path) == 200, path
        assert not self.world.let_go.is_set()


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def running(config: Config, district: District, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    world = Held()
    monkeypatch.setattr(application, "HttpsFetcher", lambda: world)
    runtime = build_runtime(replace(config, max_upload_bytes=2 * 1024 * 1024, vc_api="verify"))
    app = create_app(runtime=runtime)
    for each in (web_limits.limiter, api_limits.limiter):
        monkeypatch.setattr(each, "enabled", False)
    with serving(app, world) as made:
        yield made
    runtime.close()


@contextmanager
def serving(app: object, world: Held) -> Iterator[Running]:
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    port = listening.getsockname()[1]
    server = Server(app, listening, ceilings=app.extensions["badgewright_ceilings"], threads=THREADS)  # type: ignore[attr-defined]
    loop = threading.Thread(target=server.run)
    loop.start()
    try:
        yield Running(server, port, world)
    finally:
        world.let_go.set()
        server.stop()
        loop.join(60)
        assert not loop.is_alive()


def answered(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return False
    finally:
        connection.settimeout(60)


def read(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
