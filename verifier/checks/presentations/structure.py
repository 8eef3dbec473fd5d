"""Whether the document has the shape of a presentation (VCDM 2.0, section 4.13; VCDM 1.1, section 4.10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from verifier.checks.jwt import REGISTERED_CLAIMS
from verifier.checks.presentations.presented import Presented, inner_credentials, stated_holder, without_credentials
from verifier.checks.reading import OPEN_BADGES_TYPES, many, objects, types
from verifier.checks.structure import context_findings, id_findings, typed_findings
from verifier.formats import uris
from verifier.report import CheckId, CheckResult, Finding, Outcome

SECTION = "VCDM 2.0, section 4.13: verifiable presentations"
_MEMBERS = frozenset({"@context", "id", "type", "holder", "verifiableCredential", "proof", "termsOfUse"})
#: What only a credential says: an issuer, a person and what they achieved.
_CLAIMS = frozenset(
    {
        *("issuer", "credentialSubject", "achievement", "name", "description", "image", "criteria", "result"),
        *("validFrom", "validUntil", "issuanceDate", "expirationDate", "awardedDate", "credentialStatus"),
        *("credentialSchema", "endorsement", "endorsementJwt"),
    }
)


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


def own_claims_findings(
    document: Mapping[str, Any], *, is_token: bool = False, extensions: bool = False
) -> Iterator[Finding]:
    """Whatever `document` says beside who shows which credentials.

    It is signed by the presenter, so that anything else would be a stranger's word next to a genuine badge.

    Args:
        is_token: registered claims stand beside the members, as in VC-JOSE-COSE.
        extensions: only what is taken for a badge is refused.
    """
    for place, name in objects(document.get("type"), "/type"):
        is_badge = not isinstance(name, str) or name in OPEN_BADGES_TYPES
        if is_badge or not (extensions or name == "VerifiablePresentation"):
            yield Finding("presentation_type", "A presentation must not call itself anything else.", pointer=place)
    allowed = _MEMBERS | (REGISTERED_CLAIMS if is_token else frozenset())
    for name in document:
        if name in _CLAIMS or not (extensions or name in allowed):
            yield Finding(
                "presentation_claims",
                "A presentation makes no statements of its own; they belong in a credential, signed by its issuer.",
                pointer="/" + name[:200].replace("~", "~0").replace("/", "~1"),
            )
    if not extensions and _defines_words(without_credentials(document)):
        yield Finding("presentation_context", "A presentation must not define words of its own.", pointer="/@context")


def _defines_words(value: Any) -> bool:
    """Whether a context is written out anywhere in `value`."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Mapping):
            if any(not isinstance(context, str) for context in many(each.get("@context"))):
                return True
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)
    return False


def check(presented: Presented) -> CheckResult:
    run = presented.run
    texts_allowed = run.credential.jws is not None and "vp" in run.credential.jws.payload
    document, request = run.credential.document, run.request
    findings = [
        *presentation_findings(document, texts_allowed=texts_allowed),
        *own_claims_findings(
            document,
            is_token=run.credential.jws is not None,
            extensions=request is not None and request.extensions,
        ),
    ]
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
