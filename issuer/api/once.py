"""A writing request and its Idempotency-Key: what makes two requests the same, and one transaction for both halves.

* `idempotency_key_invalid`: the header Idempotency-Key is not 1 to 255 printable ASCII characters, quoted or not.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from flask import Response, current_app, g, request
from werkzeug.wsgi import get_input_stream

from issuer.api.authentication import MEMBER_HEADER, Caller
from issuer.db import unit_of_work
from issuer.errors import ServiceError
from issuer.runtime import Runtime
from issuer.services import idempotency

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
PARAMETER = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "Any text of your own, a new one for each request. Sent again with the same request within 24 hours,"
    " the answer is replayed and nothing is done twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[A-Za-z0-9._:-]+$"},
}
#: Of an answer, what is stored beside its body.
_HEADERS = ("Content-Type", "Location")
#: A body up to this size stays in memory while it is hashed, a larger one goes to a file.
_SPOOL = 1024 * 1024
_PIECE = 64 * 1024


class KeyInvalid(ServiceError):
    status = 400
    code = "idempotency_key_invalid"


def prepare() -> None:
    """Take in the body of a writing request that has an Idempotency-Key, hashing it on the way.

    Call it once the caller is known and before anything reads the body.

    Raises:
        KeyInvalid. RequestEntityTooLarge.
    """
    g.idempotency = None
    given = request.headers.get(HEADER)
    if given is None or request.method not in WRITING:
        return
    key = given.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        # The draft has a structured string; most clients send it bare.
        key = key[1:-1]
    if not 1 <= len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise KeyInvalid(f"{HEADER} takes 1 to 255 printable ASCII characters.")
    g.idempotency = (key, _fingerprint(_take_in()))


def close(_error: BaseException | None = None) -> None:
    """Let go of the body at the end of the request."""
    spooled = g.pop("idempotency_body", None)
    if spooled is not None:
        spooled.close()


def carry_out(view: Callable[[], Response]) -> Response:
    """Do a writing request in one transaction. With an Idempotency-Key its answer is part of that transaction.

    What `afterwards` was given is called after the commit.
    """
    tools, caller = _runtime(), _caller()
    claimed = None
    if g.get("idempotency") is not None:
        key, fingerprint = g.idempotency
        with unit_of_work(tools.sessions) as session:
            found = idempotency.claim(
                session, api_key_id=caller.key_id, key=key, fingerprint=fingerprint, now=tools.clock()
            )
        if isinstance(found, idempotency.Answer):
            return _replay(found)
        claimed = found
    g.api_afterwards = []
    try:
        with unit_of_work(tools.sessions) as session:
            g.api_session = session
            answer = view()
            if claimed is not None:
                idempotency.store(
                    session,
                    claimed,
                    status=answer.status_code,
                    headers={name: answer.headers[name] for name in _HEADERS if name in answer.headers},
                    body=answer.get_data(),
                    now=tools.clock(),
                )
    except Exception:
        if claimed is not None:
            with unit_of_work(tools.sessions) as session:
                idempotency.release(session, claimed)
        raise
    for each in g.api_afterwards:
        each()
    return answer


def afterwards(work: Callable[[], Any]) -> None:
    """Have `work` done after the commit: what is handed over too early would not be found."""
    g.api_afterwards.append(work)


def _replay(found: idempotency.Answer) -> Response:
    response = Response(found.body, status=found.status, headers=dict(found.headers))
    response.headers["Cache-Control"] = "no-store"
    response.headers[REPLAYED] = "true"
    return response


def _take_in() -> str:
    """The body's SHA-256; the body stands ready to be read again, on disk if it is large."""
    config = _runtime().config
    # What an address takes is for its view to say; nothing takes more than this.
    bound = max(config.max_upload_bytes, config.max_import_bytes, config.max_bulk_bytes) + 1024 * 1024
    stream = get_input_stream(request.environ, max_content_length=bound)
    spooled = g.idempotency_body = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - closed by `close`
    while piece := stream.read(_PIECE):
        spooled.write(piece)
    size = spooled.tell()
    spooled.seek(0)
    digest = hashlib.sha256()
    for piece in _without(request.mimetype_params.get("boundary", "").encode(), spooled):  # type: ignore[arg-type]  # a file in all but its type
        digest.update(piece)
    spooled.seek(0)
    request.environ["wsgi.input"] = spooled
    request.environ["wsgi.input_terminated"] = True
    request.environ["CONTENT_LENGTH"] = str(size)
    return digest.hexdigest()


def _without(boundary: bytes, file: BinaryIO) -> Iterator[bytes]:
    """The file in pieces, without the boundary of a form: a client that sends the form again makes up a new one."""
    held = b""
    while piece := file.read(_PIECE):
        held += piece
        if not boundary:
            yield held
            held = b""
            continue
        *whole, held = held.split(boundary)
        yield from whole
        # Its beginning may stand at the end of this piece.
        cut = max(len(held) - len(boundary) + 1, 0)
        yield held[:cut]
        held = held[cut:]
    yield held


def _fingerprint(body_sha256: str) -> str:
    member = request.headers.get(MEMBER_HEADER, "").strip().lower()
    same = [request.method, request.path, request.query_string.decode("latin-1"), member, request.mimetype, body_sha256]
    return hashlib.sha256(json.dumps(same).encode()).hexdigest()


def _runtime() -> Runtime:
    found: Runtime = current_app.extensions["badgewright"]
    return found


def _caller() -> Caller:
    found: Caller = g.api_caller
    return found
