"""Open Badges 2.0: a hosted badge is what its issuer's site says, so the attacks are about whose site that is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.attacks.asset import Asset, as_json
from tests.simulator import World
from verifier.formats import multibase

SITE = "https://older.example"
EVIL = "https://evil.example"
CONTEXT = "https://w3id.org/openbadges/v2"


def assertion(name: str, site: str = SITE, **changes: Any) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "type": "Assertion",
        "id": f"{site}/assertions/{name}",
        "recipient": {"type": "email", "hashed": False, "identity": "teacher@school.example"},
        "badge": f"{site}/classes/1",
        "verification": {"type": "HostedBadge"},
        "issuedOn": "2026-01-01T00:00:00Z",
        **changes,
    }


def assets(world: World) -> Iterator[Asset]:
    issuer = f"{SITE}/issuer"
    world.publish(
        issuer, {"@context": CONTEXT, "type": "Profile", "id": issuer, "name": "School", "publicKey": f"{SITE}/key"}
    )
    for site in (SITE, EVIL):
        achievement = {
            "@context": CONTEXT,
            "type": "BadgeClass",
            "id": f"{site}/classes/1",
            "name": "x",
            "issuer": issuer,
        }
        world.publish(achievement["id"], achievement)

    def hosted(document: dict[str, Any]) -> dict[str, Any]:
        world.publish(document["id"], document)
        return document

    def bad(name: str, document: Any, check: str, code: str, verdict: str = "failed") -> Asset:
        return Asset(f"older_{name}.json", as_json(document), verdict, check, code)

    yield Asset("good_older.json", as_json(hosted(assertion("good"))))
    changed = {**hosted(assertion("changed")), "issuedOn": "2025-01-01T00:00:00Z"}
    yield bad("changed", changed, "proof", "differs_from_hosted")
    yield bad("hosted_by_another", hosted(assertion("x", EVIL)), "issuer", "hosted_elsewhere")
    yield bad("not_hosted", assertion("nowhere"), "proof", "fetch_failed", "undetermined")
    yield bad("expired", hosted(assertion("expired", expires="2026-02-01T00:00:00Z")), "validity", "expired")
    revoked = hosted(assertion("revoked"))
    world.publish(revoked["id"], {**revoked, "revoked": "yes"})
    yield bad("revoked", revoked, "status", "revoked")
    inside = {"type": "BadgeClass", "id": f"{EVIL}/classes/2", "name": "x", "issuer": {"id": issuer, "type": "Profile"}}
    yield bad("class_embedded", hosted(assertion("embedded", badge=inside)), "issuer", "fetch_failed", "undetermined")
    other = f"{SITE}/classes/3"
    world.publish(other, {"type": "BadgeClass", "id": f"{SITE}/classes/1", "name": "x", "issuer": issuer})
    yield bad("class_of_another", hosted(assertion("other", badge=other)), "issuer", "linked_id_mismatch")
    yield bad(
        "calls_itself_signed",
        hosted(assertion("s", verification={"type": "SignedBadge"})),
        "structure",
        "verification_type",
    )
    both = hosted(assertion("both")) | {"@context": [CONTEXT, "https://www.w3.org/ns/credentials/v2"]}
    yield bad("and_a_credential", both, "structure", "context_order")
    parts = [{"alg": "none"}, assertion("token", verification={"type": "SignedBadge", "creator": f"{SITE}/key"})]
    token = ".".join(multibase.base64url_encode(json.dumps(part).encode()) for part in parts) + "."
    yield Asset("older_alg_none.jws", token.encode(), "failed", "proof", "algorithm_not_allowed")
    parts[0] = {"alg": "HS256"}
    token = ".".join(multibase.base64url_encode(json.dumps(part).encode()) for part in parts) + ".AAAA"
    yield Asset("older_hmac.jws", token.encode(), "failed", "proof", "algorithm_not_allowed")
