"""Requests that disagree about where they end, and chunks made to keep the loop busy."""

from __future__ import annotations

import random

import pytest
from waitress.buffers import OverflowableBuffer

from issuer.server import chunks
from issuer.server.chunks import Chunks
from tests.integration.server.conftest import Running, read

pytestmark = pytest.mark.network
CHUNKED = b"Transfer-Encoding: chunked\r\n"
SECOND = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def post(headers: bytes, version: bytes = b"1.1") -> bytes:
    return b"POST /api/v1/verify HTTP/%s\r\nHost: localhost\r\n%s\r\n" % (version, headers)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(post(b"Content-Length: 6\r\n" + CHUNKED) + b"0\r\n\r\n", id="length and encoding"),
        pytest.param(post(CHUNKED + b"content-length: 6\r\n") + b"0\r\n\r\n", id="encoding and length"),
        pytest.param(post(b"Content-Length: 6\r\nTransfer-Encoding:\r\n") + b"0\r\n\r\n", id="an empty encoding"),
        pytest.param(post(CHUNKED + CHUNKED) + b"0\r\n\r\n", id="encoding twice"),
        pytest.param(post(b"Content-Length: 0\r\nContent-Length: 0\r\n"), id="length twice"),
        pytest.param(post(CHUNKED, b"1.0") + b"0\r\n\r\n", id="chunks in HTTP/1.0"),
    ],
)
def test_two_answers_to_where_a_body_ends_smuggle_no_second_request(running: Running, request_: bytes) -> None:
    with running.connect() as connection:
        connection.sendall(request_ + SECOND)
        status, headers, _ = read(connection)
        assert (status, headers["connection"]) == (400, "close")
        assert connection.recv(1) == b"", "the second request was answered"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"a" * (chunks.MOST_LINE + 1), id="an endless size"),
        pytest.param(b"1;" + b"a" * chunks.MOST_LINE + b"\r\nx\r\n", id="a long extension"),
        pytest.param(b"0\r\n" + b"X: y\r\n" * (chunks.MOST_TRAILER // 6 + 1), id="an endless trailer"),
        pytest.param(b"1\r\nx\r\n" * (2 * chunks.ANY_SIZE), id="chunks of one byte"),
        pytest.param(b"\r\n" * 10, id="empty lines"),
        pytest.param(b"5;a=\nb\r\nhello\r\n", id="a bare LF"),
        pytest.param(b"-5\r\nhello\r\n", id="a sign"),
        pytest.param(b"0x5\r\nhello\r\n", id="a prefix"),
        pytest.param(b"f" * 17 + b"\r\nhello\r\n", id="a size beyond all numbers"),
        pytest.param(b"5\r\nhello!\r\n", id="more than the size says"),
    ],
)
def test_chunks_made_to_keep_the_loop_busy_are_refused(running: Running, body: bytes) -> None:
    with running.connect() as connection:
        connection.sendall(post(CHUNKED) + body)
        status, headers, _ = read(connection)
        assert (status, headers["connection"]) == (400, "close")
    running.others_are_answered()


def test_a_chunked_body_is_read_whole_however_it_is_cut() -> None:
    chance = random.Random(7)  # noqa: S311 - the same cuts every time
    for _ in range(300):
        parts = [bytes(chance.choices(b"\r\n0a;", k=chance.randrange(1, 40))) for _ in range(chance.randrange(6))]
        extension = chance.choice([b"", b";a", b';a="b c"'])
        trailer = chance.choice([b"", b"X: y\r\n"])
        sent = b"".join(b"%X%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
        sent += b"0\r\n" + trailer + b"\r\n"
        receiver, position = Chunks(OverflowableBuffer(1_000_000)), 0
        while not receiver.completed:
            position += receiver.received((sent + SECOND)[position : position + chance.randrange(1, 30)])
            assert receiver.error is None
        assert (position, receiver.getfile().read()) == (len(sent), b"".join(parts))
