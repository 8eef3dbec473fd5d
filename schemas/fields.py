"""Building blocks of the request and response shapes: fields that are bounded and answer in sentences with codes.

In JSON, names are written in camelCase, as in Open Badges and in our definition files; in Python in snake_case.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from marshmallow import RAISE, Schema, ValidationError, fields

from schemas.formats import is_date_time, is_iri

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,190}")
# Word processors end lines in many ways.
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Every other control but tab and line feed, and halves of surrogate pairs.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# What turns the direction of the text around it: proper in a paragraph of Arabic, a disguise in a name.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")


class Sentence(str):
    """What is wrong, for a person; `code` says it for a program."""

    __slots__ = ("code",)
    code: str

    def __new__(cls, text: str, code: str) -> Sentence:
        made = super().__new__(cls, text)
        made.code = code
        return made

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, str]]:
        # Shapes are copied by who documents them; without this a copy would have no code.
        return Sentence, (str(self), self.code)


def refuse(code: str, message: str, field_name: str = "_schema") -> ValidationError:
    """A `ValidationError` to raise, with a code of its own."""
    return ValidationError([cast("str", Sentence(message, code))], field_name=field_name)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Shape(Schema):
    """The base of every shape: unknown fields are errors, names are camelCase."""

    class Meta:
        unknown = RAISE

    error_messages = {  # noqa: RUF012 - marshmallow reads it as a class attribute and never changes it
        "unknown": Sentence("There is no field of this name.", code="field_unknown"),
        "type": Sentence("An object is needed here.", code="field_invalid"),
    }

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        if field_obj.data_key is None:
            field_obj.data_key = _camel(field_name)


class _Spoken(fields.Field[Any]):
    """Adds codes to what marshmallow says."""

    default_error_messages = {  # noqa: RUF012 - as above
        "required": "This is needed.",
        "null": "This must not be null; leave it out instead.",
    }

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        message = str(self.error_messages[key]).format(**kwargs)
        if key in ("required", "null"):
            return refuse("field_missing", message)
        return refuse("field_invalid", message)


class Text(_Spoken, fields.String):
    """Text of at most `maximum` characters, normalised (NFC), with line feeds as line ends.

    `required`: it must not be blank either. Without `lines` it is put on one line, and what cannot be shown is
    refused; with `lines` it is left out, because words that somebody pasted must not be lost for a stray character.
    `trimmed`: white space at both ends is taken off.
    """

    default_error_messages = {"invalid": "Text is needed here."}  # noqa: RUF012 - as above

    def __init__(
        self, *, maximum: int, minimum: int = 0, lines: bool = False, trimmed: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.maximum, self.lines, self.trimmed = maximum, lines, trimmed
        self.minimum = max(minimum, 1) if self.required else minimum
        self.metadata = {"maxLength": maximum, **({"minLength": self.minimum} if self.minimum else {}), **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > 4 * self.maximum + 1000:
            raise refuse("field_too_long", f"At most {self.maximum:,} characters fit here.")
        text = unicodedata.normalize("NFC", _LINE_END.sub("\n", text))
        if self.lines:
            text = _CONTROLS.sub("", text)
        elif _CONTROLS.search(text) or _TURNS.search(text):
            raise refuse("field_unreadable", "This holds characters that cannot be shown.")
        else:
            text = " ".join(text.split())
        text = text.strip() if self.trimmed else text
        if len(text) > self.maximum:
            raise refuse("field_too_long", f"At most {self.maximum:,} characters fit here; these are {len(text):,}.")
        if self.minimum and not text.strip():
            raise refuse("field_missing", "Please fill this in.")
        if len(text) < self.minimum:
            raise refuse("field_too_short", f"At least {self.minimum} characters are needed.")
        return self._judge(text)

    def _judge(self, text: str) -> str:
        return text


class Slug(Text):
    """A short name in an address: small letters, digits and hyphens, 2 to 63."""

    _form = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(maximum=63, **kwargs)

    def _judge(self, text: str) -> str:
        if not self._form.fullmatch(text):
            raise refuse(
                "slug_invalid", "Use 2 to 63 small letters, digits and hyphens, beginning and ending without one."
            )
        return text


class Email(Text):
    """An address as typed; the service brings it into the one form in which it is kept."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(maximum=254, **kwargs)
        self.metadata = {"format": "email", **self.metadata}

    def _judge(self, text: str) -> str:
        if text and not _EMAIL.fullmatch(text):
            raise refuse("email_invalid", "This is not an e-mail address.")
        return text


class WebAddress(Text):
    """An absolute http or https address of at most 2,000 characters; any URI with `any_scheme`."""

    def __init__(self, *, any_scheme: bool = False, **kwargs: Any) -> None:
        super().__init__(maximum=2000, **kwargs)
        self.any_scheme = any_scheme
        self.metadata = {"format": "uri", **self.metadata}

    def _judge(self, text: str) -> str:
        if not text:
            return text
        if not is_iri(text) or not (self.any_scheme or text.lower().startswith(("https://", "http://"))):
            wanted = "a URI" if self.any_scheme else "an address that starts with https:// or http://"
            raise refuse("address_invalid", f"This is not {wanted}.")
        return text


class Choice(Text):
    """One word out of a few."""

    def __init__(self, choices: Sequence[str], **kwargs: Any) -> None:
        super().__init__(maximum=100, **kwargs)
        self.choices = tuple(choices)
        self.metadata = {"enum": list(self.choices), **self.metadata}

    def _judge(self, text: str) -> str:
        if text not in self.choices:
            raise refuse("choice_unknown", f"This must be one of: {', '.join(self.choices)}.")
        return text


class Count(_Spoken, fields.Integer):
    """A whole number between `minimum` and `maximum`; digits as text are taken too, as forms send them."""

    default_error_messages = {"invalid": "A whole number is needed here.", "too_large": "This number is too large."}  # noqa: RUF012 - as above

    def __init__(self, *, minimum: int = 0, maximum: int = 2**53 - 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum, self.maximum = minimum, maximum
        self.metadata = {"minimum": minimum, "maximum": maximum, **self.metadata}

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool | float) or (isinstance(value, str) and len(value) > 20):
            raise self.make_error("invalid", input=value)
        number = super()._validated(value)
        if not self.minimum <= number <= self.maximum:
            raise refuse("number_out_of_range", f"This must be between {self.minimum:,} and {self.maximum:,}.")
        return number


class Flag(_Spoken, fields.Boolean):
    """Yes or no, as JSON or as a form sends it."""

    default_error_messages = {"invalid": "This must be true or false."}  # noqa: RUF012 - as above


class Number(_Spoken, fields.Float):
    """A number that is neither infinite nor NaN. For answers only, so it has no bounds."""


class Moment(_Spoken, fields.Field[datetime]):
    """A moment with a time zone. In Python aware and in UTC; in JSON as `2026-01-31T09:30:00Z`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        # Not needed means: null in answers as long as it has not happened.
        kind = "string" if self.required else ["string", "null"]
        self.metadata = {"type": kind, "format": "date-time", **self.metadata}

    def _serialize(self, value: datetime | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or len(value) > 40 or not is_date_time(value):
            raise refuse("date_invalid", "This must be a date and time with a time zone, such as 2026-01-31T09:30:00Z.")
        try:
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise refuse("date_invalid", "This moment cannot be represented.") from error


class Inner(_Spoken, fields.Nested):
    """A shape inside a shape."""

    default_error_messages = {"type": "An object is needed here."}  # noqa: RUF012 - as above


class Listing(_Spoken, fields.List[Any]):
    """At most `maximum` values of one kind: fields, or shapes."""

    default_error_messages = {"invalid": "A list is needed here."}  # noqa: RUF012 - as above

    def __init__(self, of: fields.Field[Any] | type[Schema], *, maximum: int, minimum: int = 0, **kwargs: Any) -> None:
        super().__init__(Inner(of) if isinstance(of, type) else of, **kwargs)
        self.maximum, self.minimum = maximum, minimum
        self.metadata = {"maxItems": maximum, **({"minItems": minimum} if minimum else {}), **self.metadata}

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > self.maximum:
            raise refuse("list_too_long", f"At most {self.maximum:,} entries fit here; these are {len(value):,}.")
        if isinstance(value, list) and len(value) < self.minimum:
            raise refuse(
                "list_too_short", f"At least {self.minimum} {'entry' if self.minimum == 1 else 'entries'} needed."
            )
        return cast("list[Any]", super()._deserialize(value, attr, data, **kwargs))


class Keyed(_Spoken, fields.Dict):
    """At most `maximum` values under names of the sender's choosing."""

    default_error_messages = {"invalid": "An object is needed here."}  # noqa: RUF012 - as above

    def __init__(self, values: fields.Field[Any] | type[Schema], *, maximum: int, **kwargs: Any) -> None:
        inner = Inner(values) if isinstance(values, type) else values
        super().__init__(keys=Text(maximum=1000, required=True), values=inner, **kwargs)
        self.maximum = maximum

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, Mapping) and len(value) > self.maximum:
            raise refuse("list_too_long", f"At most {self.maximum:,} entries fit here; these are {len(value):,}.")
        return super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]  # so in marshmallow


class Anything(_Spoken, fields.Raw):
    """JSON that is somebody else's business, such as a credential."""
