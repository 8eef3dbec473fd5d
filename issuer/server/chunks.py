"""Bodies that come in chunks (RFC 9112, section 7.1), read in one pass and with ceilings.

The receiver of waitress copies what it has for every chunk and for every 8 KiB of an unfinished line, and puts no end
to either; the loop that all connections share would do nothing else.
"""

from __future__ import annotations

import re
from typing import Any

from waitress.receiver import ChunkedReceiver
from waitress.rfc7230 import CHUNK_EXT_RE
from waitress.utilities import BadRequest

MOST_LINE = 1024
MOST_TRAILER = 64 * 1024
#: So many chunks may be of any size; those beyond have this size on average.
ANY_SIZE = 4_096
USUAL_SIZE = 256
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}\Z")


class Chunks(ChunkedReceiver):  # type: ignore[misc]  # waitress ships no types
    """`buf` gets the body; `error` is set where what comes is no chunk, and nothing after that is read."""

    buf: Any
    completed: bool

    def __init__(self, buf: Any) -> None:
        super().__init__(buf)
        self.error: BadRequest | None = None
        self._left = 0
        self._line = b""
        self._next = self._size
        self._chunks = self._trailer_bytes = 0

    def received(self, data: bytes) -> int:
        """How many bytes of `data` belong to this body."""
        position = 0
        pieces: list[bytes] = []
        while position < len(data) and not self.completed and self.error is None:
            if self._left:
                piece = data[position : position + self._left]
                pieces.append(piece)
                position += len(piece)
                self._left -= len(piece)
            else:
                position = self._read_line(data, position)
        if pieces:
            self.buf.append(b"".join(pieces))
        return len(data) if self.error is not None else position

    def _read_line(self, data: bytes, position: int) -> int:
        end = data.find(b"\n", position, position + MOST_LINE + 1 - len(self._line)) + 1
        self._line += data[position : end or position + MOST_LINE + 1 - len(self._line)]
        if len(self._line) > MOST_LINE:
            self.error = BadRequest("A line between chunks is too long")
        elif end:
            line, self._line = self._line, b""
            if line.endswith(b"\r\n") and b"\r" not in line[:-2]:
                self._next(line[:-2])
            else:
                self.error = BadRequest("A line between chunks does not end with CR LF")
        return end or len(data)

    def _size(self, line: bytes) -> None:
        size, semicolon, extensions = line.partition(b";")
        if not _SIZE.match(size) or not CHUNK_EXT_RE.match(semicolon + extensions):
            self.error = BadRequest("Invalid chunk size")
            return
        self._left = int(size, 16)
        self._next = self._after_data if self._left else self._trailer
        self._chunks += 1
        if self._chunks > ANY_SIZE + len(self) // USUAL_SIZE:
            self.error = BadRequest("The chunks are too small")

    def _after_data(self, line: bytes) -> None:
        self._next = self._size
        if line:
            self.error = BadRequest("Chunk not properly terminated")

    def _trailer(self, line: bytes) -> None:
        """Fields after the body are read and dropped."""
        self._trailer_bytes += len(line) + 2
        if not line:
            self.completed = True
        elif self._trailer_bytes > MOST_TRAILER:
            self.error = BadRequest("The trailer is too long")
