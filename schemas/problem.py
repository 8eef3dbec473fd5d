"""Problem details for HTTP APIs (RFC 9457): how the service says that a request cannot be carried out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.fields import Count, Listing, Sentence, Shape, Text, WebAddress

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:badgewright:problem:"
"""Followed by the `code`. A URN, because the same problem has the same type on every installation."""

_TITLES = {
    400: "The request could not be understood",
    401: "Please sign in first",
    403: "This is not allowed",
    404: "There is nothing here",
    405: "This cannot be done here",
    406: "There is no answer in the wanted form",
    408: "The request took too long to arrive",
    409: "This cannot be done now",
    410: "This is gone",
    412: "This has changed meanwhile",
    413: "This is too large",
    415: "This kind of data is not taken here",
    422: "Something in the data is not right",
    429: "Too many requests",
    500: "Something went wrong on our side",
    502: "Another server did not answer as it should",
    503: "The service cannot answer now",
    507: "There is no room left to save this",
}


@dataclass(frozen=True, slots=True)
class ProblemFault:
    """One thing wrong at one place. `pointer`: a JSON Pointer into the body, or the name of a parameter."""

    code: str
    message: str
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem document.

    `status` is the HTTP status, `code` stable and documented, `detail` one sentence for a person. `further` are
    extension members (RFC 9457, section 3.2); they cannot replace a member defined here.
    """

    status: int
    code: str
    detail: str
    faults: Sequence[ProblemFault] = ()
    instance: str = ""
    further: Mapping[str, Any] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return TYPE_PREFIX + self.code

    @property
    def title(self) -> str:
        return _TITLES.get(self.status, "The request could not be carried out")

    def as_dict(self) -> dict[str, Any]:
        """The members in the order of the RFC, ready for JSON. `instance` only if there is one."""
        document: dict[str, Any] = {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "faults": [
                {"code": fault.code, "message": fault.message, "pointer": fault.pointer} for fault in self.faults
            ],
        }
        if self.instance:
            document["instance"] = self.instance
        return {**self.further, **document}


def faults_from(messages: object, pointer: str = "") -> Iterator[ProblemFault]:
    """The messages of a marshmallow `ValidationError`, flattened: one fault for each sentence, with a JSON Pointer."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            # What marshmallow says of a whole object stands under "_schema".
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            yield from faults_from(inner, pointer + step)
    elif isinstance(messages, list | tuple):
        for inner in messages:
            yield from faults_from(inner, pointer)
    else:
        code = messages.code if isinstance(messages, Sentence) else "field_invalid"
        yield ProblemFault(code, str(messages), pointer)


class FaultShape(Shape):
    code = Text(required=True, maximum=100)
    message = Text(required=True, maximum=2000)
    pointer = Text(maximum=2000)


class ProblemShape(Shape):
    """For the OpenAPI page."""

    type = WebAddress(required=True, any_scheme=True)
    title = Text(required=True, maximum=200)
    status = Count(required=True, minimum=400, maximum=599)
    detail = Text(required=True, maximum=2000)
    code = Text(required=True, maximum=100)
    faults = Listing(FaultShape, required=True, maximum=500)
    instance = Text(maximum=2000)
