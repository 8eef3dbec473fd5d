"""A holder may add contexts to a signed document; none that is bundled changes what the checks read."""

from __future__ import annotations

from typing import Any

import pytest

from schemas import bundle
from tests.fuzz.bending import CLR, V1
from tests.simulator import OPEN_BADGES, VCDM
from verifier.canonical import contexts
from verifier.errors import VerifierError

_TYPES = (
    *("", "VerifiableCredential", "VerifiablePresentation", "OpenBadgeCredential", "AchievementCredential"),
    *("EndorsementCredential", "ClrCredential", "AchievementSubject", "Achievement", "EndorsementSubject", "Profile"),
    *("IdentityObject", "Evidence", "Result", "ResultDescription", "DataIntegrityProof", "Ed25519Signature2020"),
    *("BitstringStatusListEntry", "BitstringStatusList", "BitstringStatusListCredential", "JsonSchema"),
)
#: What checks and policies read by name.
_WORDS = frozenset(
    {
        *("id", "type", "issuer", "credentialSubject", "credentialStatus", "credentialSchema", "refreshService"),
        *("validFrom", "validUntil", "issuanceDate", "expirationDate", "evidence", "relatedResource", "termsOfUse"),
        *("statusPurpose", "statusListIndex", "statusListCredential", "statusSize", "statusMessage", "encodedList"),
        *(
            "proof",
            "verificationMethod",
            "proofPurpose",
            "cryptosuite",
            "created",
            "expires",
            "proofValue",
            "challenge",
        ),
        *("domain", "previousProof", "holder", "verifiableCredential", "endorsement", "endorsementJwt", "name"),
        *(
            "achievement",
            "identifier",
            "identityHash",
            "identityType",
            "hashed",
            "salt",
            "digestSRI",
            "digestMultibase",
        ),
    }
)


def meanings(scope: contexts.Scope) -> dict[tuple[str, str], tuple[Any, ...]]:
    """IRI and coercion of every word in every type."""
    found: dict[tuple[str, str], tuple[Any, ...]] = {}
    for name in _TYPES:
        context = scope.term(name).context if name else None
        inner = scope.enter(context, propagate=False, override_protected=False) if context else scope
        for word in _WORDS.intersection(inner._active["mappings"]):
            term = inner.term(word)
            found[name, word] = (term.iri, term.coercion, term.is_list, term.is_graph, term.refused)
    return found


@pytest.mark.parametrize("added", bundle.urls())
@pytest.mark.parametrize("base", [[VCDM], [VCDM, OPEN_BADGES], [VCDM, CLR, OPEN_BADGES], [V1, OPEN_BADGES]], ids=len)
def test_no_word_gets_another_meaning(base: list[str], added: str) -> None:
    scope = contexts.root().with_context(base, inline_allowed=False)
    before = meanings(scope)
    assert len(before) > 50
    try:
        after = meanings(scope.with_context(added, inline_allowed=False))
    except VerifierError:
        return  # refused as a whole, which is as good
    assert {key: after.get(key) for key in before} == before
