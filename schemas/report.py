"""What a verification is asked, and the report it answers with (`verifier.report.Report`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import validates_schema

from schemas.fields import Anything, Choice, Count, Flag, Inner, Listing, Moment, Shape, Text, WebAddress, refuse

OUTCOMES = ("passed", "failed", "undetermined", "not_applicable")
VERDICTS = ("verified", "failed", "undetermined", "unrecognised")


class VerificationRequest(Shape):
    """Exactly one of `credential` (an object, or text such as a JWT) and `url`."""

    credential = Anything()
    url = WebAddress()
    recipient = Text(maximum=500, load_default="")
    lint = Flag(load_default=False)

    @validates_schema
    def _exactly_one(self, data: Mapping[str, Any], **_: Any) -> None:
        if bool(data.get("credential")) == bool(data.get("url")):
            raise refuse("credential_missing", "Give either a credential or an address, one of the two.", "credential")


class CheckFindingShape(Shape):
    code = Text(maximum=100)
    message = Text(maximum=2000)
    severity = Choice(("error", "warning"))
    pointer = Text(maximum=2000)


class CheckResultShape(Shape):
    check = Text(maximum=50)
    outcome = Choice(OUTCOMES)
    code = Text(maximum=100)
    message = Text(maximum=2000)
    details = Anything()
    findings = Listing(CheckFindingShape, maximum=10_000)
    looked_at = Text(maximum=2000)
    specification = Text(maximum=500)


class LintMessageShape(Shape):
    severity = Choice(("warning", "error", "fatal", "exception"))
    code = Text(maximum=100)
    message = Text(maximum=2000)
    pointer = Text(maximum=2000)


class ProbeShape(Shape):
    number = Count()
    name = Text(maximum=100)
    outcome = Choice(("valid", "not_run", "not_checked", "warning", "error", "fatal", "exception"))
    not_run = Text(maximum=2000)
    messages = Listing(LintMessageShape, maximum=10_000)


class EndorsementLintShape(Shape):
    pointer = Text(maximum=2000)
    lint = Inner(lambda: LintShape())


class LintShape(Shape):
    """What the official validator would say (`verifier.lint`)."""

    outcome = Choice(("valid", "warning", "error", "fatal", "exception"))
    passes = Flag()
    complete = Flag()
    probes = Listing(ProbeShape, maximum=50)
    endorsements = Listing(EndorsementLintShape, maximum=1000)
    refreshed = Inner(lambda: LintShape())


class HolderShape(Shape):
    """Whoever shows a presentation: a key, never a known person. `isSubject` is null where there is nothing to say."""

    id = Text(maximum=3000, allow_none=True)
    proven = Flag()
    is_subject = Flag(allow_none=True)


class ReportShape(Shape):
    """`credentialId` and `issuer` as the document states them, if it could be read and says so; null, as is everything
    a presentation says of itself. `holder` is null for a credential."""

    verdict = Choice(VERDICTS)
    verified = Flag()
    summary = Text(maximum=500)
    kind = Choice(("credential", "presentation"))
    holder = Inner(HolderShape, allow_none=True)
    checked_at = Moment()
    media_type = Text(maximum=100)
    sha256 = Text(maximum=64)
    credential_id = Anything(allow_none=True)
    issuer = Anything(allow_none=True)
    refreshed_from = Text(maximum=3000)
    results = Listing(CheckResultShape, maximum=50)
    contents = Listing(Inner(lambda: ReportShape()), maximum=1000)
    lint = Inner(LintShape)
