"""Open Badges 2.0 through the same report: hosted, signed, baked; and the ways of faking each."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwcrypto.jwk import JWK

from tests.unit.verifier.open_badges_2.conftest import SITE, World, older_png
from verifier.report import CheckId, Outcome, Report, Verdict


def code(report: Report, check: CheckId) -> str:
    result = report.result(check)
    assert result is not None
    return result.code


def test_a_hosted_badge_is_verified_and_called_the_older_standard(world: World) -> None:
    report = world.verify(world.as_json(), recipient="a@example.com")
    assert report.verdict is Verdict.VERIFIED, report.problems
    assert code(report, CheckId.STRUCTURE) == "structure_open_badges_2"
    assert code(report, CheckId.RECIPIENT) == "recipient_matches"


def test_a_signed_badge_is_verified(world: World) -> None:
    report = world.verify(world.as_jws())
    assert report.verdict is Verdict.VERIFIED, report.problems
    assert code(report, CheckId.STATUS) == "status_not_offered"


def test_a_baked_image_with_the_address_alone_is_followed_to_the_host(world: World) -> None:
    image = older_png(world.assertion["id"])
    assert world.verify(image).verdict is Verdict.VERIFIED


def test_a_baked_image_with_the_signed_badge(world: World) -> None:
    image = older_png(world.as_jws().decode())
    assert world.verify(image).verdict is Verdict.VERIFIED


def test_an_issuer_nobody_named_is_unrecognised(world: World) -> None:
    report = world.verify(world.as_json(), trusted="https://other.example.org/issuer")
    assert report.verdict is Verdict.UNRECOGNISED


def test_an_issuer_written_into_the_badge_is_not_believed(world: World) -> None:
    world.assertion["issuer"] = "https://state.example.org/issuer"
    world.host()
    report = world.verify(world.as_json(), trusted="https://state.example.org/issuer")
    assert report.verdict is Verdict.UNRECOGNISED


def test_a_badge_that_differs_from_the_hosted_one_fails(world: World) -> None:
    world.assertion["narrative"] = "And a doctorate."
    report = world.verify(world.as_json())
    assert report.verdict is Verdict.FAILED
    assert code(report, CheckId.PROOF) == "differs_from_hosted"


def test_an_unreachable_host_leaves_it_open(world: World) -> None:
    del world.documents[world.assertion["id"]]
    report = world.verify(world.as_json())
    assert report.verdict is Verdict.UNDETERMINED


def test_gone_means_revoked(world: World) -> None:
    del world.documents[world.assertion["id"]]
    world.gone = True
    report = world.verify(world.as_json())
    assert report.verdict is Verdict.FAILED
    assert code(report, CheckId.STATUS) == "revoked"


@pytest.mark.parametrize("value", [True, "true", 1, None])
def test_revoked_in_the_hosted_copy(world: World, value: object) -> None:
    world.documents[world.assertion["id"]] |= {"revoked": value, "revocationReason": "Issued by mistake."}
    report = world.verify(world.as_json())
    assert report.verdict is Verdict.FAILED
    assert code(report, CheckId.STATUS) == "revoked"


def test_a_badge_hosted_on_a_strangers_site_is_not_the_issuers(world: World) -> None:
    world.assertion["id"] = "https://attacker.example/assertions/1"
    world.host()
    report = world.verify(world.as_json())
    assert report.verdict is Verdict.FAILED
    assert code(report, CheckId.ISSUER) == "hosted_elsewhere"


def test_a_prefix_without_a_path_does_not_match_a_longer_host(world: World) -> None:
    world.documents[f"{SITE}/issuer"]["verification"] = {"startsWith": SITE}
    world.assertion["id"] = f"{SITE}.attacker.example/assertions/1"
    world.host()
    assert code(world.verify(world.as_json()), CheckId.ISSUER) == "hosted_elsewhere"


def test_allowed_origins_let_another_host_in(world: World) -> None:
    world.documents[f"{SITE}/issuer"]["verification"] = {"allowedOrigins": ["host.example.org"]}
    world.assertion["id"] = "https://host.example.org/assertions/1"
    world.host()
    assert world.verify(world.as_json()).verdict is Verdict.VERIFIED


def test_a_signed_badge_on_the_revocation_list(world: World) -> None:
    token = world.as_jws()
    address = f"{SITE}/revoked"
    world.documents[f"{SITE}/issuer"]["revocationList"] = address
    world.documents[address] = {
        "@context": "https://w3id.org/openbadges/v2",
        "type": "RevocationList",
        "id": address,
        "issuer": f"{SITE}/issuer",
        "revokedAssertions": [{"id": world.assertion["id"], "revocationReason": "Issued by mistake."}],
    }
    report = world.verify(token)
    assert report.verdict is Verdict.FAILED
    assert "Issued by mistake." in next(r.message for r in report.results if r.check is CheckId.STATUS)
    world.documents[address]["revokedAssertions"] = []
    assert world.verify(token).verdict is Verdict.VERIFIED
    del world.documents[address]
    assert world.verify(token).verdict is Verdict.UNDETERMINED


def test_a_signature_by_another_key_fails(world: World) -> None:
    stranger = JWK.from_pyca(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    report = world.verify(world.as_jws(key=stranger))
    assert report.verdict is Verdict.FAILED
    assert code(report, CheckId.PROOF) == "proof_invalid"


def test_a_key_that_the_profile_does_not_list_proves_nothing(world: World) -> None:
    token = world.as_jws()
    world.documents[f"{SITE}/issuer"]["publicKey"] = f"{SITE}/other-key"
    report = world.verify(token)
    assert code(report, CheckId.PROOF) == "key_not_listed"


def test_a_key_owned_by_somebody_else_proves_nothing(world: World) -> None:
    token = world.as_jws()
    world.documents[f"{SITE}/key"]["owner"] = "https://attacker.example"
    assert code(world.verify(token), CheckId.PROOF) == "key_controller_mismatch"


def test_a_shared_secret_made_of_the_public_key_is_refused_before_any_key(world: World) -> None:
    pem = world.documents[f"{SITE}/key"]["publicKeyPem"]
    secret = JWK.from_password(pem)
    report = world.verify(world.as_jws(alg="HS256", key=secret))
    assert code(report, CheckId.PROOF) == "algorithm_not_allowed"


def test_a_hosted_badge_without_a_token_cannot_claim_to_be_signed(world: World) -> None:
    world.assertion["verification"] = {"type": "SignedBadge", "creator": f"{SITE}/key"}
    report = world.verify(json.dumps(world.assertion).encode())
    assert report.verdict is Verdict.FAILED
    assert code(report, CheckId.STRUCTURE) == "verification_type"


def test_an_expired_badge(world: World) -> None:
    world.assertion["expires"] = "2026-02-01T00:00:00Z"
    world.host()
    assert code(world.verify(world.as_json()), CheckId.VALIDITY) == "expired"


def test_wrong_recipient(world: World) -> None:
    report = world.verify(world.as_json(), recipient="b@example.com")
    recipient = report.result(CheckId.RECIPIENT)
    assert recipient is not None
    assert recipient.outcome is Outcome.FAILED


def test_a_linked_document_that_is_another_one_is_refused(world: World) -> None:
    world.documents[f"{SITE}/classes/1"]["id"] = f"{SITE}/classes/2"
    assert code(world.verify(world.as_json()), CheckId.ISSUER) == "linked_id_mismatch"
