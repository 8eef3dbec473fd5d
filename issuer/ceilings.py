"""What one request may bring and hold, by route: the size of its body, and whether it may keep a thread waiting.

The server asks before it reads a body (`issuer.server`); the application holds to the same numbers under any server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map

from issuer.config import Config
from issuer.errors import NoSpace, ServiceError, TooLarge
from verifier.allowance import allowance
from verifier.limits import DEFAULT_LIMITS

#: The largest integer of a column, in both databases.
MOST_NUMBER = 2**31 - 1
#: Set by the server in the WSGI environment: why it did not take the request in; a key of `_REFUSALS`.
REFUSED = "badgewright.refused"
#: Boundaries and the other fields of a form, beside the file that it carries.
_FORM = 1024 * 1024
#: Drafts and definitions typed into forms, and JSON of the API.
_ORDINARY = 4 * 1024 * 1024
#: Endpoints that ask other servers, or may work long on what a stranger sent. Half of the threads may do so at a time.
_SLOW = frozenset(
    {
        *("verify.check", "verifier.verify", "vc_api.verify_credential", "vc_api.verify_presentation"),
        *("vc_api.derive_credential", "vc_api.resolve", "embed.badge"),
    }
)
_SLOW_WITH_ADDRESS = "verify.page"
_UPLOADS = ("teacher.save", "api_submissions.add_file", "verify.check")
_IMPORTS = (
    *("definitions.plan_import", "definitions.plan_rubric"),
    *("api_catalogue.import_definitions", "api_catalogue.import_frameworks"),
)
_BULK = ("bulk.hand_in", "api_verifications.hand_in")
#: Of those that take more than `_ORDINARY`, what strangers may use. The others take more only from somebody who sends
#: a cookie or a key: whose, is seen when the body is there.
_OPEN_TO_ALL = frozenset({"verify.check", "verifier.verify"})
#: Parts that an operator can switch off (`BADGEWRIGHT_VC_API`): without them their endpoints are not there.
_OPTIONAL = ("vc_api.",)


class Number(IntegerConverter):
    """`<int:...>` in a path: what a database can hold. A longer one is an address where nothing is."""

    regex = r"\d{1,10}"

    def __init__(self, map: Map, fixed_digits: int = 0, min: int | None = None, max: int | None = None) -> None:  # noqa: A002
        super().__init__(map, fixed_digits, min, MOST_NUMBER if max is None else max)


class Busy(ServiceError):
    """As many verifications or large files are under way as this server takes at a time."""

    status = 503
    code = "busy"
    retry_after = 10


class SignInNeeded(ServiceError):
    """Nobody is signed in, and there is no API key: nothing is saved, and no large body is taken in."""

    status = 401
    code = "sign_in_needed"


class TooSlow(ServiceError):
    """The request did not arrive in time."""

    status = 408
    code = "timeout"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """`body`: bytes that may be sent, and `beyond` them why not (a key of `refusal`); `slow`: whether the request may
    keep a thread waiting."""

    body: int
    slow: bool
    beyond: str = "too_large"


class Ceilings:
    """The ceilings of an application's routes.

    Raises:
        LookupError: an endpoint named above is not there. Its ceiling would silently be another one.
    """

    def __init__(self, app: Flask, config: Config) -> None:
        self._routes = app.url_map.bind("localhost")
        self._cookies = {app.config["SESSION_COOKIE_NAME"], app.config["REMEMBER_COOKIE_NAME"]}
        upload, imports, bulk = (
            limit + _FORM for limit in (config.max_upload_bytes, config.max_import_bytes, config.max_bulk_bytes)
        )
        self._bodies = {
            **dict.fromkeys(_UPLOADS, upload),
            "verifier.verify": DEFAULT_LIMITS.container_bytes + _FORM,
            **dict.fromkeys(_IMPORTS, imports),
            **dict.fromkeys(_BULK, bulk),
        }
        named = {*self._bodies, *_SLOW, _SLOW_WITH_ADDRESS}
        missing = {each for each in named - app.view_functions.keys() if not each.startswith(_OPTIONAL)}
        if missing:
            raise LookupError(f"ceilings of endpoints that are not there: {', '.join(sorted(missing))}")

    def names_itself(self, cookie: str, authorization: str) -> bool:
        """Whether these headers could be somebody's. A forged cookie could, too: this only keeps out who sends none."""
        names = {each.partition("=")[0].strip() for each in cookie.split(";")}
        return bool(authorization) or not names.isdisjoint(self._cookies)

    def of(self, method: str, path: str, query: str = "", *, stranger: bool = False) -> Ceiling:
        """For a request of which only the headers are known.

        Args:
            stranger: it does not name itself.
        """
        try:
            endpoint, _ = self._routes.match(path, method)
        except (HTTPException, ValueError):
            return Ceiling(_ORDINARY, slow=False)
        body = self.body(endpoint, stranger=stranger)
        beyond = "sign_in_needed" if body < self.body(endpoint) else "too_large"
        return Ceiling(body, self.is_slow(endpoint, query), beyond)

    def body(self, endpoint: str | None, *, stranger: bool = False) -> int:
        """The largest body that an endpoint takes, in bytes."""
        body = self._bodies.get(endpoint or "", _ORDINARY)
        return min(body, _ORDINARY) if stranger and endpoint not in _OPEN_TO_ALL else body

    @property
    def largest(self) -> int:
        """The largest body that any endpoint takes, in bytes."""
        return max(self._bodies.values())

    def is_slow(self, endpoint: str, query: str) -> bool:
        return "url=" in query if endpoint == _SLOW_WITH_ADDRESS else endpoint in _SLOW


def install(app: Flask, config: Config) -> Ceilings:
    """Hold every request to the ceiling of its route. Call it when all routes are there."""
    ceilings = Ceilings(app, config)

    def hold() -> None:
        refused = request.environ.get(REFUSED)
        if refused is not None:
            raise refusal(refused)
        named = ceilings.names_itself(request.headers.get("Cookie", ""), request.headers.get("Authorization", ""))
        request.max_content_length = ceilings.body(request.endpoint, stranger=not named)

    app.before_request_funcs.setdefault(None, []).insert(0, hold)
    for endpoint in {*_SLOW, _SLOW_WITH_ADDRESS} & app.view_functions.keys():
        app.view_functions[endpoint] = _bounded(app.view_functions[endpoint])
    return ceilings


def _bounded(view: Callable[..., Any]) -> Callable[..., Any]:
    """Fetching, verifying and the lint of one request share the time of one verification."""

    @wraps(view)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        with allowance(DEFAULT_LIMITS):
            return view(*args, **kwargs)

    return bounded


def refusal(why: str) -> ServiceError:
    """The answer to a request that the server did not take in: `busy`, `full`, `slow`, `no_space`,
    `sign_in_needed` or `too_large`."""
    match why:
        case "busy":
            return Busy("Many verifications are under way at the moment. Please try again in a few seconds.")
        case "full":
            return Busy("Many large files are on their way at the moment. Please try again in a few seconds.")
        case "slow":
            return TooSlow("The request took too long to arrive. Please try again on a faster connection.")
        case "no_space":
            return NoSpace()
        case "sign_in_needed":
            return SignInNeeded("Please sign in before you send this much, or send an API key. Nothing was saved.")
        case _:
            return TooLarge("What you sent is larger than this service accepts here.")
