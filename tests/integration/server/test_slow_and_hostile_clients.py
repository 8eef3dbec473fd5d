"""Whatever strangers send, and however slowly: everybody else is answered meanwhile.

Nothing here measures time. The slow ones are held open until the others have their answers.
"""

from __future__ import annotations

import http.client
import json
import socket
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from issuer.server import connections, lanes
from tests.integration.server.conftest import THREADS, Running, answered, read

pytestmark = pytest.mark.network
ADDRESS = "https://slow.example/badge"
FORMS = {
    "the page": f"GET /verify?url={quote(ADDRESS)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode(),
    "the API": (
        lambda body: (
            b"POST /api/v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )
    )(json.dumps({"url": ADDRESS}).encode()),
}


@pytest.mark.parametrize("form", FORMS)
def test_two_hundred_slow_verifications_hold_half_of_the_threads(running: Running, form: str) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(running.connect()) for _ in range(200)]
        for each in slow:
            each.sendall(FORMS[form])
        for _ in range(THREADS // 2):
            assert running.world.inside.acquire(timeout=60)
        running.others_are_answered()
        assert running.world.most == THREADS // 2
        # Some wait for their turn, the others were turned away at once: with a time to come back, and a reason.
        waiting = THREADS // 2 * (1 + lanes.WAITING_EACH)
        while len(turned_away := [each for each in slow if answered(each)]) < 200 - waiting:
            running.others_are_answered()
        status, headers, body = read(turned_away[0])
        assert status == 503
        assert headers["retry-after"] == "10"
        if form == "the API":
            assert headers["content-type"] == "application/problem+json"
            assert json.loads(body)["code"] == "busy"
        else:
            assert "Many verifications are under way" in body.decode()
        running.world.let_go.set()
        assert read(slow[0])[0] in (200, 502, 503)


def test_slow_headers_and_slow_bodies_hold_no_thread(running: Running) -> None:
    with ExitStack() as stack:
        for number in range(60):
            slow = stack.enter_context(running.connect())
            if number % 2:
                slow.sendall(b"GET /verify HTTP/1.1\r\nHost: loc")
            else:
                slow.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nemail=")
        running.others_are_answered()


def test_slow_headers_and_slow_bodies_end(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with running.connect() as headers, running.connect() as body:
        headers.sendall(b"GET /verify HTTP/1.1\r\nHost: loc")
        body.sendall(b"POST /api/v1/verify HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n{")
        running.others_are_answered()
        monkeypatch.setattr(connections, "HEADER_SECONDS", -1.0)
        monkeypatch.setattr(connections, "SILENCE_SECONDS", -1.0)
        assert headers.recv(10) == b""
        status, answer_headers, text = read(body)
        assert (status, json.loads(text)["code"]) == (408, "timeout")
        assert answer_headers["connection"] == "close"


def test_who_reads_slowly_holds_no_thread_and_ends(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as stack:
        for _ in range(30):
            slow = stack.enter_context(running.connect())
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            slow.sendall(b"GET /verify/codes HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20)
        running.others_are_answered()


@pytest.mark.parametrize(
    ("path", "most"), [("/sign-in", 4 << 20), ("/api/v1/verify", 21 << 20), ("/verify", 3 << 20), ("/nowhere", 4 << 20)]
)
@pytest.mark.parametrize("how", ["stated", "chunked"])
def test_a_body_beyond_the_ceiling_of_its_route_is_not_read(running: Running, path: str, most: int, how: str) -> None:
    with running.connect() as connection:
        if how == "stated":
            lines = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {most + 1}\r\n\r\n".encode()
            connection.sendall(lines)
        else:
            connection.sendall(
                f"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
            )
            piece = b"10000\r\n" + bytes(0x10000) + b"\r\n"
            for _ in range(most // 0x10000 + 1):
                connection.sendall(piece)
        status, headers, _ = read(connection)
        assert (status, headers["connection"]) == (413, "close")
    running.others_are_answered()


def test_large_bodies_wait_on_disk(running: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    whole = tempfile.TemporaryFile

    def temporary(*arguments: object, **named: object) -> object:
        made.append(arguments)
        return whole(*arguments, **named)  # type: ignore[call-overload]

    monkeypatch.setattr("waitress.buffers.TemporaryFile", temporary, raising=False)
    monkeypatch.setattr(tempfile, "TemporaryFile", temporary)
    status, _, _ = running.ask("POST", "/api/v1/verify", bytes(2 * 1024 * 1024))
    assert status == 200
    assert made, "a body of 2 MB was held in memory"


def test_what_is_being_answered_is_finished_at_the_end(running: Running) -> None:
    with running.connect() as slow, running.connect() as idle:
        slow.sendall(FORMS["the page"])
        assert running.world.inside.acquire(timeout=60)
        running.server.stop()
        assert idle.recv(1) == b"", "a connection without a request is closed"
        with pytest.raises(OSError, match="refused"):
            running.connect()
        running.world.let_go.set()
        assert read(slow)[0] == 200


def test_a_connection_serves_several_requests(running: Running) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=60)
    for _ in range(3):
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (200, b'{"status":"ok"}\n')
    connection.close()


def test_forwarded_headers_count_only_behind_our_own_proxies(running: Running) -> None:
    status, _, body = running.ask("GET", "/verify", headers={"X-Forwarded-Host": "evil.example"})
    assert status == 200
    assert b"evil.example" not in body


def ended(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def test_half_open_connections_make_room_for_others(running: Running) -> None:
    """The limit of connections ends those of who has most of them, the oldest first, and never stops the accepting."""
    server = running.server
    server._most, server._room, server.adj.connection_limit = 40, 4, 40
    with ExitStack() as stack:
        elsewhere = stack.enter_context(
            socket.create_connection(("127.0.0.1", running.port), 60, source_address=("127.0.0.2", 0))
        )
        running.others_are_answered()
        held = [stack.enter_context(running.connect()) for _ in range(120)]
        for each in held[:60]:
            with suppress(OSError):
                each.sendall(b"GET /verify HTTP/1.1\r\nHost: loc")
        running.others_are_answered()
        assert [ended(each) for each in held].count(True) >= 80
        assert ended(held[0])
        assert not ended(held[-1])
        elsewhere.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert read(elsewhere)[0] == 200
