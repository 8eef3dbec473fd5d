"""Bodies that are begun and never finished: they hold a share of the disk, for a short time, and nobody's sign-in."""

from __future__ import annotations

import json
import re
import socket
from contextlib import ExitStack

import pytest

from issuer.server import connections
from issuer.server.connections import Patience
from issuer.server.spool import SMALL_BODY, Spooled, client
from tests.integration.server.conftest import Running, answered, read

pytestmark = pytest.mark.network
#: The whole allowance of the small servers here, beside the first 64 KiB of every body.
MOST = 1_000_000
#: Leaves room for the byte that ends a body.
EACH = MOST // 8 - 1


@pytest.fixture
def small(running: Running) -> Running:
    running.server.spooled = Spooled(MOST)
    return running


def begin(running: Running, size: int, *, path: str = "/api/v1/verify", address: str = "") -> socket.socket:
    """A body that holds `size` bytes of the allowance and lacks one byte to its end."""
    connection = running.connect()
    sent = SMALL_BODY + size
    forwarded = f"X-Forwarded-For: {address}\r\n" if address else ""
    lines = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{forwarded}Content-Length: {sent + 1}\r\n\r\n"
    connection.sendall(lines.encode() + bytes(sent))
    return connection


def arrived(running: Running, size: int) -> None:
    """Return when the bodies of the server hold so much."""
    while running.server.spooled._bytes < size:
        running.get("/healthz")


def refused(connection: socket.socket) -> None:
    status, headers, body = read(connection)
    assert (status, headers["connection"], headers["retry-after"]) == (503, "close", "10")
    assert json.loads(body)["code"] == "busy"


def test_unfinished_uploads_stop_no_sign_in_form_or_verification(small: Running) -> None:
    small.server.proxies = 1
    with ExitStack() as stack:
        for number in range(8):
            stack.enter_context(begin(small, MOST // 8, address=f"203.0.113.{number}"))
        arrived(small, MOST)
        refused(stack.enter_context(begin(small, 1, address="203.0.113.9")))
        small.others_are_answered()
        status, headers, page = small.ask("GET", "/sign-in")
        token = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
        assert status == 200
        assert token is not None
        form = b"csrf_token=%s&email=nobody@example.org&password=wrong-wrong-wrong" % token[1]
        sent = {
            "Cookie": headers["set-cookie"].partition(";")[0],
            "Content-Type": "application/x-www-form-urlencoded",
        }
        assert small.ask("POST", "/sign-in", form, sent)[0] == 200
        assert small.ask("POST", "/api/v1/verify", bytes(SMALL_BODY))[0] == 200


def test_one_address_holds_half_of_the_allowance_and_others_have_their_share(small: Running) -> None:
    small.server.proxies = 1
    with ExitStack() as stack:
        greedy = [stack.enter_context(begin(small, EACH, address="203.0.113.1")) for _ in range(4)]
        arrived(small, 4 * EACH)
        refused(stack.enter_context(begin(small, EACH, address="203.0.113.1")))
        other = stack.enter_context(begin(small, EACH, address="203.0.113.2"))
        arrived(small, 5 * EACH)
        assert not any(answered(each) for each in greedy)
        other.sendall(b" ")
        assert read(other)[0] == 200
        while small.server.spooled._bytes > 4 * EACH:  # a body is dropped after its answer has been sent
            small.get("/healthz")
        for each in greedy:
            each.sendall(b" ")
            assert read(each)[0] == 200
    while small.server.spooled._bytes:
        small.get("/healthz")
    assert not small.server.spooled._held


def test_a_closed_connection_gives_back_what_it_held(small: Running) -> None:
    begin(small, MOST // 2).close()
    while small.server.spooled._bytes:
        small.get("/healthz")
    assert not small.server.spooled._held


def test_what_came_quickly_buys_no_hours_of_silence() -> None:
    patience = Patience(0.0)
    patience.move(204_472_320, 5.0)
    assert not patience.silent(5.0 + connections.SILENCE_SECONDS)
    assert patience.silent(5.1 + connections.SILENCE_SECONDS)
    # A byte now and then is no body either.
    now = 5.0
    while not patience.over(now):
        now += connections.SILENCE_SECONDS
        patience.move(1, now)
    assert now <= 5.0 + connections.GRACE_SECONDS + connections.SILENCE_SECONDS


def test_a_slow_and_steady_body_arrives() -> None:
    patience = Patience(0.0)
    for now in range(1, 10_000):
        patience.move(connections.SLOWEST_RATE, float(now))
        assert not patience.over(now)
        assert not patience.silent(now)


def test_a_silent_upload_is_ended(small: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    with begin(small, MOST // 4) as upload:
        arrived(small, MOST // 4)
        monkeypatch.setattr(connections, "SILENCE_SECONDS", -1.0)
        status, _, body = read(upload)
        assert (status, json.loads(body)["code"]) == (408, "timeout")
        assert small.server.spooled._bytes == 0


LARGE = 5 * 1024 * 1024
SENTENCE = b"Please sign in before you send this much"


@pytest.mark.parametrize("path", ["/verifications", "/api/v1/verifications"])
def test_a_stranger_sends_no_large_body_to_what_needs_an_account_or_a_key(running: Running, path: str) -> None:
    def start(headers: str) -> socket.socket:
        connection = running.connect()
        lines = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {LARGE}\r\n\r\n"
        connection.sendall(lines.encode())
        return connection

    for headers in ("", "Cookie: other=badgewright\r\n"):
        with start(headers) as connection:
            status, answer, body = read(connection)
            assert (status, answer["connection"]) == (401, "close")
            assert SENTENCE in body
    for headers in ("Cookie: a=b; badgewright=x\r\n", "Authorization: Bearer bw_x\r\n"):
        with start(headers) as connection:
            connection.sendall(bytes(LARGE))
            assert SENTENCE not in read(connection)[2]


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("203.0.113.1", "198.51.100.1", 0, "203.0.113.1"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.1", 1, "203.0.113.1"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.1, 10.0.0.2", 2, "203.0.113.1"),
        ("10.0.0.1", "203.0.113.1", 2, "10.0.0.1"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("2001:db8::1:2:3:4", "", 0, "2001:db8::/64"),
        ("2001:db8:0:0:ffff::1", "", 0, "2001:db8::/64"),
        ("::ffff:203.0.113.1", "", 0, "203.0.113.1"),
        ("10.0.0.1", "unknown", 1, "unknown"),
    ],
)
def test_the_share_is_that_of_the_address_our_proxies_saw(
    peer: str, forwarded: str, proxies: int, expected: str
) -> None:
    assert client(peer, forwarded, proxies) == expected


def test_the_largest_body_of_a_route_fits_into_a_share() -> None:
    spooled = Spooled(800, largest=200)
    assert all(spooled.add("a", 100) for _ in range(4))
    assert spooled.add("b", 200)
    assert not spooled.add("b", 1)
    assert not spooled.add("a", 1)
    assert spooled.add("c", 200)
    assert not spooled.add("d", 1)
