"""The loop of one web process: accepts, reads, sends, looks after connections, and ends in order."""

from __future__ import annotations

import resource
import socket
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from issuer.ceilings import Ceilings
from issuer.server.connections import Channel
from issuer.server.lanes import Lanes
from issuer.server.spool import SMALL_BODY, Spooled

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

#: After the signal to stop, answers under way may take this long, and requests still arriving that long.
STOP_SECONDS = 20.0
ARRIVING_SECONDS = 5.0
_MOST_CONNECTIONS = 4_000


class Server(TcpWSGIServer):  # type: ignore[misc]  # waitress ships no types
    """Answers on a socket that listens already, until `stop`.

    Args:
        application: its ceilings are `ceilings`.
        proxies: of ours in front, which say in X-Forwarded-For whose a request is.
        beat: is called about once a second as long as the loop runs.
    """

    channel_class = Channel

    def __init__(
        self,
        application: WSGIApplication,
        listening: socket.socket,
        *,
        ceilings: Ceilings,
        threads: int,
        proxies: int = 0,
        beat: Any = lambda: None,
    ) -> None:
        self.ceilings = ceilings
        self.proxies = proxies
        self.spooled = Spooled(largest=ceilings.largest)
        self.lanes = Lanes(threads)
        self._beat = beat
        self._stopping = False
        self._looked = 0.0
        self._most = _connections()
        #: Connections for which there is always room, and how many are accepted in one turn.
        self._room = max(1, self._most // 10)
        listening.setblocking(False)
        super().__init__(
            application,
            map={},
            _sock=listening,
            dispatcher=self.lanes,
            adj=Adjustments(
                threads=threads,
                # X-Forwarded-* is read by the application alone, as BADGEWRIGHT_PROXIES says.
                clear_untrusted_proxy_headers=False,
                ident=None,
                max_request_header_size=64 * 1024,
                # By route, see `issuer.ceilings`.
                max_request_body_size=1 << 62,
                # Larger bodies wait on disk.
                inbuf_overflow=SMALL_BODY,
                outbuf_overflow=1024 * 1024,
                connection_limit=self._most,
                backlog=self._most,
                asyncore_use_poll=True,
                sockets=[],
            ),
            bind_socket=False,
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
        )

    def stop(self) -> None:
        """Accept nothing more, finish what is being answered. May be called by a signal handler or another thread."""
        self._stopping = True
        self.pull_trigger()

    def run(self) -> None:
        while not self._stopping:
            self._turn(1.0)
        # Others may listen on the same socket; this process no longer does.
        self.accepting = False
        self.del_channel()
        self.socket.close()
        began = time.monotonic()
        while self.active_channels and time.monotonic() < began + STOP_SECONDS:
            for channel in list(self.active_channels.values()):
                if channel.idle or (not channel.answering and time.monotonic() > began + ARRIVING_SECONDS):
                    channel.handle_close()
            self._turn(0.2)
        for channel in list(self.active_channels.values()):
            channel.handle_close()
        self.lanes.shutdown(timeout=1)
        self.trigger.close()

    def _turn(self, seconds: float) -> None:
        # Not while it turns: what is to happen to a connection that ends would happen to the next of its number.
        self._make_room()
        wasyncore.loop(timeout=seconds, map=self._map, use_poll=True, count=1)
        now = time.monotonic()
        if now - self._looked >= 1.0:
            self._looked = now
            self._beat()
            self.look_after(now)

    def handle_accept(self) -> None:
        """Many may wait, and one turn of the loop takes longer the more connections there are."""
        for _ in range(self._room):
            before = len(self._map)
            super().handle_accept()
            if len(self._map) == before or len(self._map) >= self.adj.connection_limit:
                return

    def maintenance(self, now: float) -> None:
        """Waitress looks for silence alone, every half minute; see `look_after`."""

    def look_after(self, now: float) -> None:
        """End what is too slow."""
        self.lanes.look_after(now)
        for channel in list(self.active_channels.values()):
            channel.look_after(now)

    def _make_room(self) -> None:
        """Where connections run short, end those that have not sent a whole request: first of who has most of them,
        and the oldest first."""
        excess = len(self.active_channels) + self._room - self._most
        if excess > 0:
            unanswered = [each for each in self.active_channels.values() if not each.answering]
            count = Counter(each.peer for each in unanswered)
            unanswered.sort(key=lambda each: (-count[each.peer], each.creation_time))
            for channel in unanswered[:excess]:
                channel.handle_close()


def _connections() -> int:
    """How many connections this process may hold: some files are needed for other things."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_CONNECTIONS * 3 if hard == resource.RLIM_INFINITY else min(hard, _MOST_CONNECTIONS * 3)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return min(_MOST_CONNECTIONS, max(16, soft // 3))
