"""Published badges through the whole verifier: what their signatures are worth depends on the issuer's own document."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from verifier import Documents, Report, TrustedIssuers, UnsafeAnyIssuer, Verdict, Verifier

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ISSUER = "https://example.edu/issuers/565049"


def issuer_document(vector: dict[str, Any]) -> bytes:
    """What the issuer of the example would have to publish; the example's own key is in the fragment."""
    method = vector["proof"]["verificationMethod"]
    key = {"id": method, "type": "Multikey", "controller": ISSUER, "publicKeyMultibase": method.partition("#")[2]}
    return json.dumps({"id": ISSUER, "verificationMethod": [key], "assertionMethod": [method]}).encode()


def verify(document: dict[str, Any], pages: dict[str, bytes], *trusted: str) -> Report:
    return Verifier(Documents(pages)).verify(json.dumps(document).encode(), TrustedIssuers(*trusted), now=NOW)


def test_the_badge_of_the_implementation_guide(vector: Callable[[str], Any]) -> None:
    badge = vector("eddsa-rdfc-2022-ob.json")
    pages = {ISSUER: issuer_document(badge)}
    assert verify(badge, pages, ISSUER).verdict is Verdict.VERIFIED
    assert verify(badge, pages).verdict is Verdict.UNRECOGNISED
    changed = {**badge, "name": "Doctor of Everything"}
    assert verify(changed, pages, ISSUER).verdict is Verdict.FAILED


def test_the_key_in_its_fragment_is_not_enough(vector: Callable[[str], Any]) -> None:
    report = verify(vector("eddsa-rdfc-2022-ob.json"), {}, ISSUER)
    assert report.verdict is Verdict.UNDETERMINED
    assert report.problems[0].code == "key_self_asserted"
    changed = {**vector("eddsa-rdfc-2022-ob.json"), "name": "Doctor of Everything"}
    assert verify(changed, {}, ISSUER).verdict is Verdict.FAILED, "what does not even fit its own key was changed"


def test_an_issuers_document_without_that_key_refutes_it(vector: Callable[[str], Any]) -> None:
    report = verify(vector("eddsa-rdfc-2022-ob.json"), {ISSUER: json.dumps({"id": ISSUER}).encode()}, ISSUER)
    assert report.verdict is Verdict.FAILED
    assert "key_not_listed" in {problem.code for problem in report.problems}


def test_the_credential_of_the_w3c_is_by_another_than_it_says(vector: Callable[[str], Any]) -> None:
    """Its issuer is an https URL and its key a did:key that this issuer's document does not list anywhere."""
    data = json.dumps(vector("eddsa-rdfc-2022-w3c.json")).encode()
    assert Verifier().verify(data, UnsafeAnyIssuer(), now=NOW).verdict is Verdict.UNDETERMINED
