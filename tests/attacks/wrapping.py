"""A real signature next to content that it does not cover."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.attacks.asset import Asset, as_json
from tests.simulator import NOW, OPEN_BADGES, VCDM, Issuer, TestSigner
from verifier.formats import datetimes


def assets(school: Issuer) -> Iterator[Asset]:
    real = json.loads(school.sign(school.badge()))
    forged = copy.deepcopy(real)
    forged["credentialSubject"]["achievement"]["name"] = "Doctor of Everything"

    def bad(name: str, document: Any, code: str, check: str = "proof") -> Asset:
        return Asset(f"wrapped_{name}.json", as_json(document), "failed", check, code)

    yield bad("as_endorsement", {**forged, "endorsement": [real]}, "credential_split")
    yield bad("inside_the_proof", {**forged, "proof": [{**real["proof"][0], "credential": real}]}, "undefined_term")
    yield bad(
        "under_its_proof",
        {**forged, "proof": {"type": "DataIntegrityProof", "proof": real["proof"]}},
        "proof_purpose",
        "issuer",
    )
    yield bad("as_value", {**forged, "termsOfUse": [{"type": "VerifiableCredential", **real}]}, "credential_split")
    two = {
        **forged,
        "proof": [*real["proof"], *json.loads(school.sign(forged_unsigned(forged), by=TestSigner("x")))["proof"]],
    }
    yield bad("two_proofs_none_fits", two, "proof_invalid")
    bare = {key: value for key, value in forged.items() if key != "proof"}
    presentation = {"@context": [VCDM], "type": ["VerifiablePresentation"], "verifiableCredential": [bare]}
    yield Asset("presentation_of_unsigned.json", as_json(presentation), "failed", "contents", "inner_not_signed")
    presentation["verifiableCredential"] = [forged]
    yield Asset("presentation_of_forged.json", as_json(presentation), "failed", "contents", "inner_invalid")
    envelope = {
        "@context": [VCDM, OPEN_BADGES],
        "type": ["EnvelopedVerifiableCredential"],
        "id": "data:application/json,%7B%7D",
    }
    yield Asset("envelope_of_another_kind.json", as_json(envelope), "failed", "structure", "envelope_malformed")
    looks = "did:web:school.example"
    for name, issuer in (
        ("upper_case", looks.upper().replace("DID:WEB", "did:web")),
        ("with_port", f"{looks}%3A443"),
        ("with_dot", f"{looks}."),
        ("with_path", f"{looks}:staff"),
        ("confusable", "did:web:sch\u043eol.example"),
    ):
        document = school.badge(issuer={"id": issuer, "type": ["Profile"], "name": "Example District"})
        data = school.sign(document) if issuer.isascii() else as_json({**document, "proof": real["proof"]})
        verdict, code = (
            ("failed", "did_malformed") if name in ("with_dot", "confusable") else ("undetermined", "key_self_asserted")
        )
        yield Asset(f"issuer_lookalike_{name}.json", data, verdict, "issuer", code)
    for name, changes, verdict, code in (
        ("good_clock_a_little_behind", {"validFrom": 30}, "verified", ""),
        ("good_clock_a_little_ahead", {"validUntil": -30}, "verified", ""),
        ("clock_skew_too_early", {"validFrom": 90}, "failed", "not_yet_valid"),
        ("clock_skew_too_late", {"validUntil": -90}, "failed", "expired"),
    ):
        dates = {key: datetimes.render(NOW + timedelta(seconds=seconds)) for key, seconds in changes.items()}
        yield Asset(f"{name}.json", school.sign(school.badge(**dates)), verdict, "validity" if code else "", code)


def forged_unsigned(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "proof"}
