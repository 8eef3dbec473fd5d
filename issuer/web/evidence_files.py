"""Evidence as bytes: whole or a part (RFC 9110, section 14), never as a page of ours."""

from __future__ import annotations

from flask import Response, g, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import parse_range_header
from werkzeug.wsgi import wrap_file

from issuer import media
from issuer.services.evidence import Opened
from issuer.web.headers import PDF, SANDBOX

#: Types a browser may show in its own window; everything else is offered for saving.
_SHOWN = (
    frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain"}) | media.PLAYED
)
#: The most that one request of a player gets. A player that is paused stops reading; a longer answer would hold a
#: thread of the server for as long as the lesson is paused. Players ask on from where the answer ended.
PLAYER_BYTES = 2 * 1024 * 1024
_PLAYERS = frozenset({"audio", "video"})


def answer(opened: Opened) -> Response:
    """The file, or the part of it that is asked for. It is read from the storage as it is sent."""
    item = opened.item
    made = Response(wrap_file(request.environ, opened.file), mimetype=item.media_type, direct_passthrough=True)
    made.call_on_close(opened.file.close)
    made.content_length = item.size
    made.set_etag(item.sha256)
    made.headers.set(
        "Content-Disposition", "inline" if item.media_type in _SHOWN else "attachment", filename=opened.name
    )
    sandboxed(made)
    environ = dict(request.environ)
    wanted = _single_range(item.size)
    if wanted is None:
        environ.pop("HTTP_RANGE", None)
    else:
        environ["HTTP_RANGE"] = wanted
    try:
        made.make_conditional(environ, accept_ranges=True, complete_length=item.size)
    except RequestedRangeNotSatisfiable:
        made.close()
        return sandboxed(Response(status=416, headers={"Content-Range": f"bytes */{item.size}"}))
    if made.status_code == 206 and "wsgi.file_wrapper" in request.environ:
        # The server sends a file by itself, from where it stands and as long as Content-Length says. Werkzeug's part of
        # a file would be read by a thread, which a slow reader could hold.
        opened.file.seek(made.content_range.start or 0)
        made.response = wrap_file(request.environ, opened.file)
    return made


def sandboxed(made: Response) -> Response:
    """Somebody's upload is never a page of ours."""
    g.content_policy = PDF if made.mimetype == "application/pdf" else SANDBOX
    made.headers["X-Content-Type-Options"] = "nosniff"
    made.headers["Cache-Control"] = "private, no-store"
    return made


def _single_range(size: int) -> str | None:
    """The header Range to go by; None where it is to be ignored, as the RFC allows: several ranges, other units, and
    what cannot be read. A player's is cut to `PLAYER_BYTES`."""
    wanted = parse_range_header(request.headers.get("Range"))
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    begin, end = wanted.ranges[0]
    if request.headers.get("Sec-Fetch-Dest") in _PLAYERS and 0 <= begin < size:
        end = min(end if end is not None else size, begin + PLAYER_BYTES, size)
        return f"bytes={begin}-{end - 1}"
    return wanted.to_header()
