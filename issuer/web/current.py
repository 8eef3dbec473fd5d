"""What a view needs to know of this request: the tools, the person, the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import current_app, g, request
from flask_security import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from issuer.ceilings import MOST_NUMBER
from issuer.db import reading, unit_of_work
from issuer.errors import Forbidden
from issuer.models import Organisation, User
from issuer.queries.credentials import has_earned
from issuer.runtime import Runtime
from issuer.services.access import Actor
from issuer.web.accepting import wants_json
from issuer.web.confirming import fresh_sign_in
from verifier.fetch import Fetcher

__all__ = [
    "actor",
    "asked_number",
    "asked_page",
    "changing",
    "fetcher",
    "form_values",
    "fresh_sign_in",
    "holds_badges",
    "looking",
    "organisation",
    "organisations",
    "person",
    "roles",
    "runtime",
    "sent_number",
    "signed_in",
    "viewer",
    "wants_json",
]

#: Bounds a page, so that no offset leaves the range of a database's integer.
MOST_PAGE = 1_000_000
P = ParamSpec("P")
R = TypeVar("R")
N = TypeVar("N", int, None)


def runtime() -> Runtime:
    return cast(Runtime, current_app.extensions["badgewright"])


def fetcher() -> Fetcher:
    """Gets what stands at an address, our own included, with the guards against strangers' addresses."""
    return cast(Fetcher, current_app.extensions["badgewright_fetcher"])


def person() -> User:
    """Whoever is signed in. Only for views behind `signed_in`."""
    return cast(User, current_user._get_current_object())


def actor() -> Actor:
    return Actor.of(person())


def viewer() -> Actor | None:
    """Whoever is signed in, or `None` for a stranger."""
    return actor() if current_user.is_authenticated else None


@contextmanager
def looking() -> Iterator[Session]:
    """A session for a page that only shows."""
    with reading(runtime().sessions) as session:
        yield session


@contextmanager
def changing() -> Iterator[Session]:
    """A session for one use case; committed when the block ends well."""
    with unit_of_work(runtime().sessions) as session:
        yield session


def signed_in(view: Callable[P, R]) -> Callable[P, R | Response]:
    """The view needs an account; a stranger is sent to sign in and comes back afterwards."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if not current_user.is_authenticated:
            return cast(Response, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]  # set by Flask-Login
        return view(*args, **kwargs)

    return guarded


def roles() -> frozenset[str]:
    """The roles of whoever is signed in, in any organisation; for what the page offers, never for what it allows."""
    if not current_user.is_authenticated:
        return frozenset()
    return frozenset(each.role for each in person().memberships)


def holds_badges() -> bool:
    """Whoever is signed in has badges to look at: as a teacher, or from when they were one."""
    if not current_user.is_authenticated:
        return False
    if "teacher" in roles():
        return True
    if "holds_badges" not in g:
        with looking() as session:
            g.holds_badges = has_earned(session, person().id)
    return bool(g.holds_badges)


def organisations(*wanted: str) -> list[Organisation]:
    """The organisations in which the person has one of these roles, by name."""
    found = {each.organisation.id: each.organisation for each in person().memberships if each.role in wanted}
    return sorted(found.values(), key=lambda each: each.name)


def organisation(slug: str, *wanted: str) -> Organisation:
    """The person's organisation with this short name.

    Raises:
        Forbidden: the person has none of the roles there, or it does not exist: the two are not told apart.
    """
    for each in organisations(*wanted):
        if each.slug == slug:
            return each
    raise Forbidden("This page is for people with another role in this organisation.")


def form_values(prefix: str) -> dict[str, str]:
    """The form's fields whose names start with `prefix`, by the rest of the name."""
    form: Any = request.form
    return {name.removeprefix(prefix): str(value) for name, value in form.items() if name.startswith(prefix)}


def asked_number(name: str) -> int | None:
    """A number of 1 or more in the query that a database can hold; None if there is none."""
    found = request.args.get(name, type=int)
    return found if found is not None and 1 <= found <= MOST_NUMBER else None


def sent_number(name: str, otherwise: N) -> int | N:
    """A number in the form; `otherwise` if there is none. One that no database can hold is the nearest that it can, so
    that it is nothing's number, and not as if nothing had been sent."""
    found = request.form.get(name, type=int)
    return otherwise if found is None else max(-1, min(found, MOST_NUMBER))


def asked_page() -> int:
    """Which page of a list is asked for; beyond any list it is the last that can be counted to."""
    return min(asked_number("page") or 1, MOST_PAGE)
