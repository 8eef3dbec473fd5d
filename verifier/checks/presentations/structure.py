"""Whether the document has the shape of a presentation (VCDM 2.0, section 4.13; VCDM 1.1, section 4.10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verifier.checks.presentations.presented import Presented, inner_credentials, stated_holder
from verifier.checks.reading import types
from verifier.checks.structure import context_findings, id_findings, typed_findings
from verifier.formats import uris
from verifier.report import CheckId, CheckResult, Finding, Outcome

SECTION = "VCDM 2.0, section 4.13: verifiable presentations"


def presentation_findings(document: Mapping[str, Any], *, texts_allowed: bool = False) -> Iterator[Finding]:
    """Everything that keeps `document` from being a presentation.

    Args:
        texts_allowed: whether a credential inside may be a compact JWS, as in the `vp` claim of VCDM 1.1.
    """
    yield from context_findings(document)
    if "VerifiablePresentation" not in types(document):
        yield Finding("type_missing", "The document does not call itself a verifiable presentation.", pointer="/type")
    yield from id_findings(document)
    if "holder" in document:
        holder = stated_holder(document)
        if holder is None or not uris.is_absolute(holder):
            yield Finding("holder_malformed", "The holder is not named by one absolute URL.", pointer="/holder")
    for place, inner in inner_credentials(document):
        if not isinstance(inner, Mapping) and not (texts_allowed and isinstance(inner, str)):
            yield Finding("inner_not_credential", "Something in the presentation is no credential.", pointer=place)
    yield from typed_findings(document, "termsOfUse")


def check(presented: Presented) -> CheckResult:
    run = presented.run
    texts_allowed = run.credential.jws is not None and "vp" in run.credential.jws.payload
    findings = list(presentation_findings(run.credential.document, texts_allowed=texts_allowed))
    looked_at = "contexts, types, id, holder, credentials inside"
    if findings:
        return CheckResult(
            CheckId.STRUCTURE,
            Outcome.FAILED,
            findings[0].code,
            findings[0].message,
            details={"pointer": findings[0].pointer},
            findings=tuple(findings),
            looked_at=looked_at,
            specification=SECTION,
        )
    return CheckResult(
        CheckId.STRUCTURE,
        Outcome.PASSED,
        "presentation_ok",
        "The document is a complete presentation.",
        details={"openBadge": False, "presentation": True},
        looked_at=looked_at,
        specification=SECTION,
    )
