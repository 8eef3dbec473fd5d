"""One connection: how much it may send, by route, and how slowly."""

from __future__ import annotations

import re
import socket
import time
from functools import partial
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import WSGITask

from issuer.ceilings import REFUSED, Ceiling, Ceilings
from issuer.server.chunks import Chunks
from issuer.server.spool import SMALL_BODY, Spooled, client

#: From the first byte of a request to the end of its headers.
HEADER_SECONDS = 15.0
#: Body and answer may fall this far behind this rate (bytes a second).
GRACE_SECONDS = 60.0
SLOWEST_RATE = 8 * 1024
#: A body of which nothing has come for so long does not come any more.
SILENCE_SECONDS = 20.0
#: How long a connection may stand open without a request: longer than a proxy usually keeps one.
IDLE_SECONDS = 75.0
#: What still comes from a client that was turned away is read and dropped for so long, so that it sees the answer.
LINGER_SECONDS = 3.0
#: The headers that say where a body ends, at the beginning of their lines.
_WHERE_IT_ENDS = re.compile(rb"^(?:Content-Length|Transfer-Encoding)[ \t]*:", re.IGNORECASE | re.MULTILINE)


class Patience:
    """How long one direction of a connection may go on: longer with every byte, and never longer than a while ahead.

    What came quickly does not buy hours of silence afterwards.
    """

    def __init__(self, now: float) -> None:
        self._until = now + GRACE_SECONDS
        self._moved = now

    def move(self, size: int, now: float) -> None:
        self._until = min(self._until + size / SLOWEST_RATE, now + GRACE_SECONDS)
        self._moved = now

    def over(self, now: float) -> bool:
        return now > self._until

    def silent(self, now: float) -> bool:
        return now > self._moved + SILENCE_SECONDS


class Request(HTTPRequestParser):  # type: ignore[misc]  # waitress ships no types
    """A request as it arrives.

    Attributes:
        refused: why it is not taken in (see `issuer.ceilings.refusal`), "" as long as it is.
        slow: whether it may keep a thread waiting.
    """

    body_rcv: Any
    error: Any
    headers_finished: bool
    empty: bool
    chunked: bool
    connection_close: bool

    def __init__(self, ceilings: Ceilings, spooled: Spooled, peer: str, proxies: int, adj: Any) -> None:
        super().__init__(adj)
        self._ceilings = ceilings
        self._spooled = spooled
        self._peer, self._proxies = peer, proxies
        self._address = peer
        self._held = 0
        self._ceiling: Ceiling | None = None
        self.began = time.monotonic()
        self._patience = Patience(self.began)
        self.refused = ""
        self.slow = False

    def parse_header(self, header_plus: bytes) -> None:
        """
        Raises:
            ParsingError: the headers say twice, or in a way that servers read differently, where the body ends.
        """
        if len(_WHERE_IT_ENDS.findall(header_plus)) > 1:
            raise ParsingError("Content-Length and Transfer-Encoding may come once, and not together")
        super().parse_header(header_plus)
        if "TRANSFER_ENCODING" in self.headers:  # waitress takes it off where it reads it
            raise ParsingError("Transfer-Encoding needs HTTP/1.1")
        if self.chunked:
            self.body_rcv = Chunks(self.body_rcv.getbuf())

    def received(self, data: bytes) -> int:
        try:
            consumed: int = super().received(data)
        except OSError:  # there is no room for the body
            return self._turn_away("no_space", data)
        if self._ceiling is None:
            return self._look_at_headers(data, consumed)
        if self.body_rcv is not None and not self.error:
            self._patience.move(consumed, time.monotonic())
            if self.body_bytes_received > self._ceiling.body:
                return self._turn_away(self._ceiling.beyond, data)
            more = self.body_bytes_received - SMALL_BODY - self._held
            if more > 0:
                if not self._spooled.add(self._address, more):
                    return self._turn_away("full", data)
                self._held += more
        return consumed

    def _look_at_headers(self, data: bytes, consumed: int) -> int:
        if not self.headers_finished or self.error or self.empty:
            return consumed
        named = self._ceilings.names_itself(self.headers.get("COOKIE", ""), self.headers.get("AUTHORIZATION", ""))
        ceiling = self._ceilings.of(self.command.upper(), self.path, self.query, stranger=not named)
        self._ceiling, self.slow = ceiling, ceiling.slow
        self._address = client(self._peer, self.headers.get("X_FORWARDED_FOR", ""), self._proxies)
        self._patience = Patience(time.monotonic())
        if self.content_length > ceiling.body:
            return self._turn_away(ceiling.beyond, data)
        return consumed

    def _turn_away(self, why: str, data: bytes) -> int:
        """What else comes on this connection is not read: it is closed after the answer."""
        self.refuse(why)
        return len(data)

    def refuse(self, why: str) -> None:
        """Answer without the body. The application says why."""
        self._let_go()
        self.refused, self.slow, self.error = why, False, None
        self.body_rcv, self.content_length, self.chunked = None, 0, False
        self.expect_continue, self.completed, self.connection_close = False, True, True
        self.headers["CONTENT_LENGTH"], self.headers["CONNECTION"] = "0", "close"

    def overdue(self, now: float) -> bool:
        if not self.headers_finished:
            return now > self.began + HEADER_SECONDS
        return self._patience.over(now) or self._patience.silent(now)

    def close(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        held, self._held = self._held, 0
        if held:
            self._spooled.drop(self._address, held)
        if self.body_rcv is not None:
            self.body_rcv.getbuf().close()


class Task(WSGITask):  # type: ignore[misc]  # waitress ships no types
    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        if self.request.refused:
            environ[REFUSED] = self.request.refused
        return environ


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress ships no types
    """A connection that ends when its client is too slow."""

    task_class = Task
    request: Any
    total_outbufs_len: int

    def __init__(self, server: Any, sock: socket.socket, addr: Any, adj: Any, map: Any = None) -> None:  # noqa: A002
        #: The address of the other end, as text; of a proxy, where one stands in front.
        self.peer = str(addr[0]) if addr else ""
        self.parser_class = partial(Request, server.ceilings, server.spooled, self.peer, server.proxies)
        self._active = time.monotonic()
        self._sending = Patience(self._active)
        self._turned_away = False
        self._lingers_until: float | None = None
        super().__init__(server, sock, addr, adj, map=map)

    @property
    def idle(self) -> bool:
        """Nothing is being received, answered or sent."""
        return not self.requests and self.request is None and not self.total_outbufs_len

    @property
    def answering(self) -> bool:
        """A whole request has come, and its answer is not out yet."""
        return bool(self.requests or self.total_outbufs_len)

    def received(self, data: bytes) -> bool:
        self._active = time.monotonic()
        found: bool = super().received(data)
        return found

    def write_soon(self, data: Any) -> int:
        if not self.total_outbufs_len:
            self._sending = Patience(time.monotonic())
        if self.requests and (self.requests[0].refused or self.requests[0].error):
            self._turned_away = True
        written: int = super().write_soon(data)
        return written

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close)
        self._active = time.monotonic()
        self._sending.move(sent, self._active)
        return sent

    def readable(self) -> bool:
        return self._lingers_until is not None or bool(super().readable())

    def writable(self) -> bool:
        return self._lingers_until is None and bool(super().writable())

    def handle_read(self) -> None:
        if self._lingers_until is None:
            super().handle_read()
        elif not self.recv(1 << 16):
            self.handle_close()

    def handle_write(self) -> None:
        turned_away = self.close_when_flushed and not self.total_outbufs_len and self._turned_away
        if turned_away and self._lingers_until is None:
            # Closing with unread bytes would make the system throw away the answer at the other end.
            self._lingers_until = time.monotonic() + LINGER_SECONDS
            self.socket.shutdown(socket.SHUT_WR)
            return
        super().handle_write()

    def look_after(self, now: float) -> None:
        """Called by the loop every second."""
        if self._lingers_until is not None:
            if now > self._lingers_until:
                self.handle_close()
        elif self.total_outbufs_len:
            if self._sending.over(now):
                self.handle_close()
        elif self.idle:
            if now > self._active + IDLE_SECONDS:
                self.handle_close()
        elif self.request is not None and self.request.overdue(now):
            if self.request.headers_finished and not self.requests:
                self._answer_late()
            elif not self.requests:
                self.handle_close()

    def _answer_late(self) -> None:
        with self.requests_lock:
            late, self.request = self.request, None
            late.refuse("slow")
            self.requests.append(late)
            self.server.add_task(self)

    def handle_close(self) -> None:
        late, self.request = self.request, None
        if late is not None:
            late.close()
        super().handle_close()
