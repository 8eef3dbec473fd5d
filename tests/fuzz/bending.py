"""Bytes to a bent document: a good one, with members taken out, doubled, moved about, renamed and overwritten.

A fuzzer that changes bytes of JSON text mostly makes text that is no JSON. Here its bytes are choices instead.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from tests.simulator import OPEN_BADGES, VCDM, Issuer, World

V1 = "https://www.w3.org/2018/credentials/v1"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
CLR = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
OLDER = "https://w3id.org/openbadges/v2"

WORLD = World()
SCHOOL = WORLD.issuer("did:web:school.example")
KEY = WORLD.issuer("did:key")
STATUS_LIST = WORLD.pages[SCHOOL.publish_list([7])]
_ENTRY = SCHOOL.status_entry(5)


def endorsement(issuer: Issuer, of: str) -> dict[str, Any]:
    """Unsigned."""
    return {
        "@context": [VCDM, OPEN_BADGES],
        "id": "urn:uuid:00000000-0000-4000-8000-00000000000e",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Endorsed",
        "issuer": {"id": issuer.id, "type": ["Profile"], "name": "Example"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": of, "type": ["EndorsementSubject"], "endorsementComment": "Good."},
    }


def plain(**changes: Any) -> dict[str, Any]:
    """A credential that is no Open Badge, unsigned, with words of its own."""
    return {
        "@context": [VCDM, {"degree": "https://example.org/degree", "Degree": "https://example.org/Degree"}],
        "id": "urn:uuid:00000000-0000-4000-8000-00000000000a",
        "type": ["VerifiableCredential", "Degree"],
        "issuer": SCHOOL.id,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:1", "degree": {"@value": "Mathematik", "@language": "de"}},
        **changes,
    }


def older(**changes: Any) -> dict[str, Any]:
    """An Open Badges 2.0 assertion, hosted."""
    return {
        "@context": OLDER,
        "type": "Assertion",
        "id": "https://school.example/assertions/1",
        "recipient": {"type": "email", "hashed": False, "identity": "teacher@school.example"},
        "badge": "https://school.example/classes/1",
        "verification": {"type": "HostedBadge"},
        "issuedOn": "2026-01-01T00:00:00Z",
        **changes,
    }


def _documents() -> list[dict[str, Any]]:
    badge = SCHOOL.badge(credentialStatus=_ENTRY)
    endorsed = SCHOOL.badge(endorsement=[json.loads(SCHOOL.sign(endorsement(SCHOOL, badge["id"])))])
    first = {
        name: value for name, value in SCHOOL.badge().items() if name not in ("validFrom", "validUntil", "evidence")
    }
    record = {
        **{name: badge[name] for name in ("issuer", "validFrom", "id")},
        "@context": [VCDM, CLR, OPEN_BADGES],
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "Record",
        "credentialSubject": {
            "type": ["ClrSubject"],
            "id": "did:example:1",
            "verifiableCredential": [json.loads(SCHOOL.sign(SCHOOL.badge(id="urn:uuid:1")))],
        },
    }
    presentation = {
        "@context": [VCDM],
        "type": ["VerifiablePresentation"],
        "holder": KEY.id,
        "verifiableCredential": [json.loads(KEY.sign(KEY.badge()))],
    }
    return [
        badge,
        endorsed,
        plain(),
        {**first, "@context": [V1, OPEN_BADGES], "issuanceDate": "2026-01-01T00:00:00Z"},
        record,
        presentation,
        SCHOOL.status_list(),
        KEY.badge(),
        older(),
    ]


DOCUMENTS = _documents()
_HOSTS = "https://school.example"
WORLD.publish(f"{_HOSTS}/assertions/1", older())
WORLD.publish(
    f"{_HOSTS}/classes/1", {"type": "BadgeClass", "id": f"{_HOSTS}/classes/1", "name": "x", "issuer": f"{_HOSTS}/i"}
)
WORLD.publish(f"{_HOSTS}/i", {"type": "Profile", "id": f"{_HOSTS}/i", "name": "School"})

WORDS = (
    *("@context", "id", "type", "@id", "@type", "@value", "@list", "@set", "@graph", "@included", "@nest", "@reverse"),
    *("@json", "@language", "@vocab", "@base", "@none", "@index", "issuer", "credentialSubject", "credentialStatus"),
    *("validFrom", "validUntil", "issuanceDate", "expirationDate", "proof", "previousProof", "proofValue", "created"),
    *("verificationMethod", "cryptosuite", "proofPurpose", "evidence", "endorsement", "endorsementJwt", "name"),
    *("credentialSchema", "refreshService", "relatedResource", "digestSRI", "digestMultibase", "achievement"),
    *("identifier", "alignment", "result", "statusSize", "statusMessage", "statusPurpose", "statusListIndex"),
    *("holder", "verifiableCredential", "termsOfUse", "vc", "vp", "iss", "nbf", "exp", "publicKeyJwk", "hidden"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 5, 2**53 - 1, 1.5, -0.0, 1e300, "", " ", "x", "-", "_:b0", "#", "did:", "did:key:z"),
    *("did:web:", "did:web:school.example", "did:jwk:e30", "https://[", "https://school.example", "urn:x", "data:,x"),
    *(VCDM, V1, OPEN_BADGES, EXTENSIONS, CLR, OLDER, "VerifiableCredential", "OpenBadgeCredential", "Profile"),
    *("EndorsementCredential", "ClrCredential", "VerifiablePresentation", "EnvelopedVerifiableCredential"),
    *("BitstringStatusListCredential", "BitstringStatusListEntry", "StatusList2021Entry", "1EdTechRevocationList"),
    *("1EdTechJsonSchemaValidator2019", "JsonSchema", "1EdTechCredentialRefresh", "DataIntegrityProof"),
    *("eddsa-jcs-2022", "ecdsa-sd-2023", "ecdsa-rdfc-2019", "Ed25519Signature2020", "2026-01-01T00:00:00Z"),
    *("0000-00-00T00:00:00Z", "9999-12-31T24:00:00-14:00", "z", "u", "z1", "uAAAA", "u2V0BhVhA", "e30.e30.e30", "\0"),
    *("data:application/vc+jwt,e30.e30.e30", "𝓍", "\u202e", [], {}, [[]], [{}], {"id": "urn:x"}, {"@value": "x"}),
)


class Choices:
    """Numbers out of bytes; 0 for ever once they are used up."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def more(self) -> bool:
        return self._at < len(self._data)

    def below(self, bound: int) -> int:
        """At least 0 and below `bound`, which is at least 1."""
        found = self._data[self._at] if self.more else 0
        self._at += 1
        return found % bound

    def of(self, values: Any) -> Any:
        return copy.deepcopy(values[self.below(len(values))])


def bent(choices: Choices) -> dict[str, Any]:
    """A document with some of its members bent."""
    document: dict[str, Any] = choices.of(DOCUMENTS)
    for _ in range(6):
        if not choices.more:
            break
        _bend(document, choices)
    return document


def _place(document: Any, choices: Choices) -> Any:
    """Some object or array in the document."""
    here = document
    for _ in range(choices.below(8)):
        inner = [item for item in (here.values() if isinstance(here, dict) else here) if isinstance(item, dict | list)]
        if not inner:
            break
        here = inner[choices.below(len(inner))]
    return here


def _bend(document: dict[str, Any], choices: Choices) -> None:
    here = _place(document, choices)
    keys = list(here) if isinstance(here, dict) else list(range(len(here)))
    if not keys:
        return
    key = keys[choices.below(len(keys))]
    match choices.below(8):
        case 0:
            here[key] = choices.of(VALUES)
        case 1:
            del here[key]
        case 2:
            here[key] = [here[key], copy.deepcopy(here[key])]
        case 3:
            here[key] = {choices.of(WORDS): here[key]}
        case 4 if isinstance(here, dict):
            here[choices.of(WORDS)] = here.pop(key)
        case 5 if isinstance(here, dict):
            here[choices.of(WORDS)] = choices.of(VALUES)
        case 6:
            here[key] = copy.deepcopy(_place(document, choices))
        case _ if isinstance(here, dict):
            here[choices.of(WORDS)] = copy.deepcopy(_place(document, choices))
        case _:
            here.append(choices.of(VALUES))
