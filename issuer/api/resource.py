"""What every resource of the API has in common: how it is read, who asks, how it answers, how it is documented."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, jsonify, request
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema
from sqlalchemy.orm import Session
from webargs.flaskparser import FlaskParser, abort
from werkzeug.exceptions import HTTPException

from issuer.api import once, problems
from issuer.api.authentication import Caller, authenticate
from issuer.db import reading
from issuer.errors import Fault, Invalid, ServiceError
from issuer.runtime import Runtime
from schemas.fields import Count, Listing, Shape

View = TypeVar("View", bound=Callable[..., Any])

MAX_PAGE_SIZE = 100
#: Bounds `page`, so that no offset leaves the range of a database's integer.
MAX_PAGE = 1_000_000


class Reader(FlaskParser):
    """Reads bodies and parameters strictly: the right Content-Type, no unknown names, text a database can keep."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {  # noqa: RUF012 - as webargs declares it
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": RAISE,
        "form": RAISE,
    }

    def load_json(self, req: Any, schema: Schema) -> Any:
        if not req.is_json:
            abort(415)
        try:
            document = json.loads(
                req.get_data(cache=True), object_pairs_hook=_no_duplicates, parse_constant=_no_constant
            )
            unkept = _unkept(document)
        except (ValueError, RecursionError):
            abort(400, code="invalid_json", message="The body is not JSON (RFC 8259, UTF-8, no name twice).")
        if unkept:
            raise _unreadable("The body")
        return document

    def load_querystring(self, req: Any, schema: Schema) -> Any:
        if any(_unkept(value) for _, value in req.args.items(multi=True)):
            raise _unreadable("A parameter")
        return super().load_querystring(req, schema)

    def load_form(self, req: Any, schema: Schema) -> Any:
        if any(_unkept(value) for _, value in req.form.items(multi=True)):
            raise _unreadable("A field")
        return super().load_form(req, schema)


class Resource(Blueprint):
    """A blueprint whose views need a key, read strictly and answer problems."""

    ARGUMENTS_PARSER = Reader()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(f"api_{name}", __name__, url_prefix="/api/v1", description=description)
        self.before_request(_admit)
        self.teardown_request(once.close)
        self.register_error_handler(ServiceError, problems.from_service_error)
        self.register_error_handler(HTTPException, problems.from_http_error)
        self.register_error_handler(Exception, problems.from_fault)

    def route(self, rule: str, *, methods: Sequence[str], **options: Any) -> Callable[[View], View]:
        """As flask-smorest has it; an address that writes documents the header Idempotency-Key too."""
        add = super().route(rule, methods=list(methods), **options)
        if not once.WRITING & set(methods):
            return add  # type: ignore[no-any-return]  # flask-smorest is untyped

        def document(view: View) -> View:
            _, member = _needed(view)
            parameters = [*([dict(MEMBER_HEADER)] if member else []), dict(once.PARAMETER)]
            return add(Resource.doc(parameters=parameters)(view))  # type: ignore[no-any-return]  # the same

        return document


def needs(scope: str, *, member: bool = False) -> Callable[[View], View]:
    """The view needs a key with this scope ("" for any key), and with `member` the header that says for whom it acts.

    A view that writes is one transaction, and does its work once for each Idempotency-Key (`issuer.api.once`).

    Put it right above the function: the other decorators then hold what it documents.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def carried_out(*args: Any, **kwargs: Any) -> Any:
            if request.method not in once.WRITING:
                return view(*args, **kwargs)
            return once.carry_out(lambda: view(*args, **kwargs))

        parameters = [dict(MEMBER_HEADER)] if member else []
        marked: Any = Resource.doc(
            security=[{"apiKey": [scope] if scope else []}],
            parameters=parameters,
            description=_needed_in_words(scope, member),
            responses={
                "401": "UNAUTHORIZED",
                "403": "FORBIDDEN",
                "429": "TOO_MANY_REQUESTS",
                "default": "DEFAULT_ERROR",
            },
        )(carried_out)
        marked.needs = (scope, member)
        return marked  # type: ignore[no-any-return]  # the wrapper that flask-smorest made of the same view

    return mark


MEMBER_HEADER: Mapping[str, Any] = {
    "in": "header",
    "name": "Badgewright-Member",
    "required": True,
    "description": "E-mail address of the member of the organisation for whom the key acts.",
    "schema": {"type": "string", "format": "email"},
}


def runtime() -> Runtime:
    """The tools of the running service."""
    found: Runtime = current_app.extensions["badgewright"]
    return found


@contextmanager
def working() -> Iterator[tuple[Session, Caller]]:
    """The transaction of this request, for the authenticated caller; committed when the view has answered."""
    yield g.api_session, g.api_caller


@contextmanager
def watching() -> Iterator[tuple[Session, Caller]]:
    """A session that only reads, for the authenticated caller."""
    with reading(runtime().sessions) as session:
        yield session, g.api_caller


def _admit() -> None:
    view: Any = current_app.view_functions.get(request.endpoint or "")
    if any(_unkept(value) for value in (request.view_args or {}).values()):
        abort(404)
    needed = _needed(view)
    g.api_caller = authenticate(runtime(), request.headers, request.remote_addr, needed[0], member=needed[1])
    once.prepare()


def _needed_in_words(scope: str, member: bool) -> str:
    needed = f"Needs the scope `{scope}`" if scope else "Any key may ask"
    return f"{needed}{' and the header `Badgewright-Member`' if member else ''}."


def _needed(view: Any) -> tuple[str, bool]:
    # A view that forgot `needs` is closed, not open.
    found = getattr(view, "needs", None)
    if found is None:
        raise RuntimeError(f"{request.endpoint} does not say which scope it needs")
    return found  # type: ignore[no-any-return]  # set by `needs` above


class PageQuery(Shape):
    """Which page of a list."""

    page = Count(minimum=1, maximum=MAX_PAGE, load_default=1)
    page_size = Count(minimum=1, maximum=MAX_PAGE_SIZE, load_default=50)


def page_of(item: type[Shape], name: str) -> type[Schema]:
    """The shape of a page of `item`s: `{items, page, pageSize, total}`."""
    return Shape.from_dict(
        {
            "items": Listing(item, maximum=MAX_PAGE_SIZE, required=True),
            "page": Count(required=True),
            "page_size": Count(required=True),
            "total": Count(required=True),
        },
        name=name,
    )


def page(shape: type[Schema], query: Mapping[str, Any], rows: Sequence[Any]) -> Response:
    """The page of `rows` that `query` (a loaded `PageQuery`) asks for, as `shape` (of `page_of`)."""
    number, size = query["page"], query["page_size"]
    items = rows[(number - 1) * size : number * size]
    return shaped(shape, {"items": items, "page": number, "page_size": size, "total": len(rows)})


def shaped(shape: type[Schema], value: Any, status: int = 200) -> Response:
    """`value` in its shape. To be called inside of `working`: a row may still read its relations."""
    response = jsonify(shape().dump(value))
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def refuse(message: str, code: str, pointer: str) -> Invalid:
    """A 422 for one place."""
    return Invalid(message, code=code, faults=[Fault(code, message, pointer)])


def answer_unknown_addresses(app: Flask) -> None:
    """404 and 405 below /api/v1 are problems too: they are met before any blueprint is."""

    def look() -> Any:
        error = request.routing_exception
        if request.path.startswith("/api/v1/") and isinstance(error, HTTPException) and (error.code or 0) >= 400:
            return problems.from_http_error(error)
        return None

    app.before_request(look)


def _unreadable(place: str) -> Invalid:
    return Invalid(
        f"{place} holds characters that cannot be kept (NUL, or half of a surrogate pair).", code="invalid_text"
    )


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _no_constant(_name: str) -> Any:
    raise ValueError("NaN and Infinity are not JSON")


def _unkept(value: Any) -> bool:
    """Holds text that PostgreSQL or UTF-8 cannot hold."""
    if isinstance(value, str):
        return "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, Mapping):
        return any(_unkept(name) or _unkept(each) for name, each in value.items())
    if isinstance(value, list):
        return any(map(_unkept, value))
    return False
