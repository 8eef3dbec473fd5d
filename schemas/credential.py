"""Issued credentials as the service speaks of them. The signed bytes themselves never pass through a shape."""

from __future__ import annotations

from schemas.achievement import VersionShape
from schemas.fields import Choice, Flag, Inner, Moment, Shape, Text, WebAddress


class CredentialAddresses(Shape):
    """Where the credential can be had: its page, its signed bytes, and the bytes inside pictures."""

    page = WebAddress()
    json = WebAddress()
    png = WebAddress()
    svg = WebAddress()
    qr = WebAddress()


class CredentialShape(Shape):
    """`status` is computed when asked, never stored: a credential may be `valid`, `revoked`, `expired` or `replaced`.

    `teacher` is the name that the credential states, "" if it states none. `awarded_at` is when it was earned,
    `issued_at` when it was signed: later, if it took the place of an older one.
    """

    number = Text(maximum=36)
    version = Inner(VersionShape, attribute="submission.version")
    teacher = Text(maximum=200, attribute="recipient_name")
    organisation = Text(maximum=63, attribute="organisation.slug")
    issued_at = Moment()
    awarded_at = Moment()
    valid_until = Moment()
    shared_at = Moment()
    sha256 = Text(maximum=64)
    status = Choice(("valid", "revoked", "expired", "replaced"))
    replaced_by = Text(maximum=36)
    urls = Inner(CredentialAddresses)


class Sharing(Shape):
    """Whether the public page may be seen by anyone who has its address."""

    shared = Flag(required=True)


class Revocation(Shape):
    """The reason is kept in the audit trail and told to the teacher; it is not published."""

    reason = Text(required=True, minimum=3, maximum=2000, lines=True)


class HolderQuestion(Shape):
    """What is compared with the issuer's record: case and spaces do not count, accents do. At least one of the two."""

    name = Text(maximum=200, load_default="")
    educator_id = Text(maximum=100, load_default="")


class HolderAnswer(Shape):
    """Yes or no for each; null for what was not asked or is not on record. Never the record itself."""

    name = Flag(allow_none=True, dump_only=True)
    educator_id = Flag(allow_none=True, dump_only=True)
