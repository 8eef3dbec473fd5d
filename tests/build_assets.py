"""Makes `tests/assets`: credentials named after what is wrong with them, and what the verifier must say of each.

    python -m tests.build_assets

`expected.json` names for each file the verdict, and the check and code that decide it; `pages.json` is the web around
them. A test makes everything again and compares, so that the files cannot drift from the code.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.attacks import contexts, keys, numbers, older, pictures, status, tokens, wrapping
from tests.attacks.asset import (
    Asset,
    as_json,
    chunk,
    picture_png,
    with_achievement,
    with_proof_of_another,
    with_subject,
)
from tests.simulator import Issuer, TestSigner, World
from verifier.formats import png, svg

FOLDER = Path(__file__).parent / "assets"
PICTURE_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle cx="4" cy="4" r="4"/></svg>\n'


def build() -> tuple[World, list[Asset]]:
    """The world that the assets live in, and the assets."""
    world = World()
    school = world.issuer("did:web:school.example")
    assets = [
        *_good(world, school),
        *_unreadable(school),
        *_structure(school),
        *_meaning(school),
        *_proofs(world, school),
        *_validity(school),
        *status.assets(world, school),
        *contexts.assets(school),
        *wrapping.assets(school),
        *numbers.assets(school),
        *pictures.assets(school),
        *tokens.assets(world, school),
        *keys.assets(world, school),
        *older.assets(world),
    ]
    names = [asset.name for asset in assets]
    assert len(set(names)) == len(names), "two assets of one name"
    return world, assets


def _good(world: World, school: Issuer) -> Iterator[Asset]:
    badge = school.sign(school.badge())
    yield Asset("good.json", badge)
    yield Asset("good.png", png.bake(picture_png(), badge))
    yield Asset("good.svg", svg.bake(PICTURE_SVG, badge))
    packed = b"openbadgecredential\0\1\0\0\0" + zlib.compress(badge, 0)
    yield Asset(
        "good_png_compressed.png",
        picture_png().replace(chunk(b"IEND", b""), chunk(b"iTXt", packed) + chunk(b"IEND", b"")),
    )
    yield Asset("good_byte_order_mark.json", b"\xef\xbb\xbf" + badge)
    yield Asset("good_pretty_printed.json", json.dumps(json.loads(badge), indent=4, sort_keys=True).encode())
    https = world.issuer("https://college.example/issuer")
    yield Asset("good_https_issuer.json", https.sign(https.badge()))
    key = world.issuer("did:key")
    yield Asset("good_did_key_issuer.json", key.sign(key.badge()))
    yield Asset("good_no_end.json", school.sign(school.badge(validUntil=None)))
    yield Asset("good_recipient_did.json", school.sign(with_subject(school, id="did:example:teacher", identifier=None)))
    stranger = world.issuer("https://stranger.example/issuer")
    yield Asset("stranger.json", stranger.sign(stranger.badge()), "unrecognised", "policy", "issuer_not_recognised")
    both = json.loads(badge)
    both["proof"] = [*json.loads(school.sign(school.badge(), by=TestSigner("somebody")))["proof"], *both["proof"]]
    yield Asset("good_second_proof_is_the_issuers.json", as_json(both))


def _unreadable(school: Issuer) -> Iterator[Asset]:
    badge = school.sign(school.badge())
    text = badge.decode()

    def bad(name: str, data: bytes, code: str) -> Asset:
        return Asset(name, data, "failed", "structure", code)

    yield bad("not_json.json", badge[:-1], "not_json")
    yield bad("empty.json", b"", "empty")
    yield bad("not_an_object.json", b"[" + badge + b"]", "not_an_object")
    yield bad("not_utf8.json", badge.replace(b"Example", b"Ex\xe4mple"), "not_utf8")
    yield bad("utf16.json", text.encode("utf-16"), "not_utf8")
    yield bad("duplicate_key.json", b'{"issuer":"did:web:school.example",' + badge[1:], "duplicate_key")
    yield bad("too_deep.json", b'{"type":"VerifiableCredential","x":' + b"[" * 2_000 + b"]" * 2_000 + b"}", "too_deep")
    yield bad(
        "too_many_values.json", b'{"type":"VerifiableCredential","x":[' + b"0," * 60_000 + b"0]}", "too_many_values"
    )
    yield bad("nan.json", badge.replace(b"{", b'{"x": NaN, ', 1), "not_json")
    yield bad("huge_number.json", badge.replace(b"{", b'{"x": 1' + b"0" * 5_000 + b", ", 1), "number_out_of_range")
    yield bad("lone_surrogate.json", badge.replace(b"Example", b"\\ud800"), "lone_surrogate")
    yield bad("only_a_picture.png", picture_png(), "no_badge")
    yield bad("only_a_picture.svg", PICTURE_SVG, "no_badge")
    baked = png.bake(picture_png(), badge)
    yield bad("cut_off.png", baked[: len(baked) // 2], "png_invalid")
    yield bad("damaged.png", baked.replace(b"Example", b"exAMPLE"), "png_invalid")
    text_chunk = chunk(b"iTXt", b"openbadgecredential\0\0\0\0\0" + badge)
    yield bad(
        "two_credentials.png",
        picture_png().replace(chunk(b"IEND", b""), text_chunk * 2 + chunk(b"IEND", b"")),
        "image_with_two_credentials",
    )
    bomb = chunk(b"iTXt", b"openbadgecredential\0\1\0\0\0" + zlib.compress(bytes(30_000_000), 9))
    yield bad("text_bomb.png", picture_png().replace(chunk(b"IEND", b""), bomb + chunk(b"IEND", b"")), "too_large")
    entity = b'<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>'
    yield bad("entities.svg", entity, "xml_entities")
    older = chunk(b"iTXt", b"openbadges\0\0\0\0\0https://badges.example.org/assertions/1")
    away = picture_png().replace(chunk(b"IEND", b""), older + chunk(b"IEND", b""))
    yield Asset("open_badges_2_away.png", away, "undetermined", "structure", "fetch_failed")
    yield bad(
        "token_with_critical_header.jws", b"eyJhbGciOiJFZERTQSIsImNyaXQiOlsieCJdfQ.e30.c2ln", "jws_critical_header"
    )


def _structure(school: Issuer) -> Iterator[Asset]:
    def bad(name: str, document: dict[str, Any], code: str) -> Asset:
        # The proof holds an answer of its own where the document cannot be canonicalized; structure comes first.
        unsigned = {**document, "proof": json.loads(school.sign(school.badge()))["proof"]}
        return Asset(f"{name}.json", as_json(unsigned), "failed", "structure", code)

    contexts = school.badge()["@context"]
    yield bad("no_context", school.badge(**{"@context": None}), "context_missing")
    yield bad("contexts_swapped", school.badge(**{"@context": contexts[::-1]}), "context_order")
    yield bad(
        "context_of_nobody",
        school.badge(**{"@context": [contexts[0], "https://evil.example/context"]}),
        "context_order",
    )
    yield bad(
        "inline_context", school.badge(**{"@context": [*contexts, {"x": "https://x.example/x"}]}), "inline_context"
    )
    yield bad("no_type", school.badge(type=["OpenBadgeCredential"]), "type_missing")
    yield bad("relative_id", school.badge(id="credentials/1"), "id_malformed")
    yield bad("id_is_null", {**school.badge(), "id": None}, "id_malformed")
    yield bad("no_id", school.badge(id=None), "id_missing")
    yield bad("no_issuer", school.badge(issuer=None), "issuer_missing")
    yield bad("issuer_without_id", school.badge(issuer={"type": ["Profile"], "name": "x"}), "issuer_malformed")
    yield bad("issuer_not_a_profile", school.badge(issuer={"id": school.id, "type": ["Issuer"]}), "issuer_not_profile")
    yield bad("no_subject", school.badge(credentialSubject=None), "subject_missing")
    yield bad(
        "two_subjects", school.badge(credentialSubject=[school.badge()["credentialSubject"]] * 2), "subject_malformed"
    )
    yield bad("subject_of_wrong_type", with_subject(school, type=["Person"]), "subject_type")
    yield bad("about_nobody", with_subject(school, identifier=None), "subject_not_identified")
    yield bad("identity_of_wrong_type", with_subject(school, identifier=[{"type": "Identity"}]), "identity_type")
    yield bad("no_achievement", with_subject(school, achievement=None), "achievement_missing")
    yield bad("result_of_wrong_type", with_subject(school, result=[{"type": ["Score"]}]), "result_type")
    yield bad("source_of_wrong_type", with_subject(school, source={"id": "urn:x", "type": ["Org"]}), "source_type")
    yield bad("achievement_without_name", with_achievement(school, name=None), "achievement_incomplete")
    yield bad("achievement_without_description", with_achievement(school, description=None), "achievement_incomplete")
    yield bad("achievement_of_wrong_type", with_achievement(school, type=["Badge"]), "achievement_type")
    yield bad("criteria_empty", with_achievement(school, criteria={}), "criteria_missing")
    yield bad(
        "result_description_of_wrong_type",
        with_achievement(school, resultDescription=[{"type": "X"}]),
        "result_description_type",
    )
    yield bad("evidence_of_wrong_type", school.badge(evidence=[{"type": ["File"]}]), "evidence_type")
    yield bad("no_valid_from", school.badge(validFrom=None), "valid_from_missing")
    yield bad("name_is_a_number", school.badge(name=5), "text_malformed")
    yield bad("status_without_type", school.badge(credentialStatus={"id": "urn:x"}), "type_missing")


def _meaning(school: Issuer) -> Iterator[Asset]:
    """Words that JSON shows and the signature does not cover."""

    def bad(name: str, document: dict[str, Any], code: str, check: str = "proof") -> Asset:
        return Asset(f"{name}.json", with_proof_of_another(school, document), "failed", check, code)

    contexts = [*school.badge()["@context"], "https://evil.example/context"]
    yield bad("context_unknown", school.badge(**{"@context": contexts}), "context_not_bundled")
    yield bad("undefined_term", school.badge(verifiedBy="the ministry"), "undefined_term")
    yield bad("undefined_type", school.badge(type=[*school.badge()["type"], "Approved"]), "relative_type")
    yield bad("undefined_term_deep_inside", with_achievement(school, approved=True), "undefined_term")
    yield bad(
        "schema_unknown_achievement_type", with_achievement(school, achievementType="Medal"), "schema_invalid", "schema"
    )


def _proofs(world: World, school: Issuer) -> Iterator[Asset]:
    good = json.loads(school.sign(school.badge()))

    def bad(name: str, proof: Any, check: str, code: str, verdict: str = "failed") -> Asset:
        document = {**good, "proof": proof}
        return Asset(
            f"{name}.json", as_json({k: v for k, v in document.items() if v is not None}), verdict, check, code
        )

    (proof,) = good["proof"]
    changed = json.loads(json.dumps(good))
    changed["credentialSubject"]["achievement"]["name"] = "Doctor of Everything"
    yield Asset("changed_after_signing.json", as_json(changed), "failed", "proof", "proof_invalid")
    added = {**good, "evidence": [*good["evidence"], {"type": ["Evidence"], "name": "added later"}]}
    yield Asset("evidence_added_after_signing.json", as_json(added), "failed", "proof", "proof_invalid")
    yield bad("no_proof", None, "issuer", "proof_missing")
    yield bad("proofs_empty", [], "issuer", "proof_missing")
    yield bad("proof_is_a_string", "signed", "issuer", "proof_malformed")
    yield bad(
        "proof_without_key",
        [{k: v for k, v in proof.items() if k != "verificationMethod"}],
        "issuer",
        "proof_malformed",
    )
    yield bad(
        "proof_without_value", [{k: v for k, v in proof.items() if k != "proofValue"}], "proof", "proof_malformed"
    )
    yield bad("proof_value_cut_off", [{**proof, "proofValue": proof["proofValue"][:-4]}], "proof", "proof_malformed")
    yield bad("proof_value_base64", [{**proof, "proofValue": "uAAAA"}], "proof", "proof_malformed")
    yield bad("proof_for_authentication", [{**proof, "proofPurpose": "authentication"}], "issuer", "proof_purpose")
    yield bad(
        "proof_of_unknown_kind",
        [{**proof, "cryptosuite": "quantum-2030"}],
        "proof",
        "cryptosuite_unsupported",
        "undetermined",
    )
    yield bad("proof_date_changed", [{**proof, "created": "2025-01-01T00:00:00Z"}], "proof", "proof_invalid")
    yield bad("proof_date_without_zone", [{**proof, "created": "2025-01-01T00:00:00"}], "proof", "proof_malformed")
    yield bad("too_many_proofs", [proof] * 17, "issuer", "too_many_proofs")
    expired = json.loads(school.sign(school.badge(), expires="2026-02-01T00:00:00Z"))
    yield Asset("proof_expired.json", as_json(expired), "failed", "proof", "proof_expired")

    thief = TestSigner("thief", school.id)
    yield Asset("key_in_fragment.json", school.sign(school.badge(), by=thief), "failed", "issuer", "key_not_listed")
    own = TestSigner("thief")
    yield Asset("key_of_somebody_else.json", school.sign(school.badge(), by=own), "failed", "issuer", "key_not_listed")
    away = Issuer(world, "https://away.example/issuer")
    yield Asset(
        "key_in_fragment_issuer_away.json", away.sign(away.badge()), "undetermined", "issuer", "key_self_asserted"
    )
    tampered = json.loads(away.sign(away.badge()))
    tampered["name"] = "Something else"
    yield Asset("changed_issuer_away.json", as_json(tampered), "failed", "proof", "proof_invalid")

    for name, changes, code in (
        ("document_of_another", {"id": "https://else.example"}, "controller_document_id_mismatch"),
        ("key_revoked", {"revoked": "2026-02-01T00:00:00Z"}, "key_revoked"),
        ("key_expired", {"expires": "2026-02-01T00:00:00Z"}, "key_expired"),
        ("key_not_for_assertions", {}, "key_not_listed"),
        ("key_controlled_by_another", {"controller": "did:web:else.example"}, "key_controller_mismatch"),
    ):
        issuer = world.issuer(f"https://{name.replace('_', '-')}.example/issuer")
        document = issuer.document()
        if name == "document_of_another":
            document |= changes
        elif changes:
            document["verificationMethod"][0] |= changes
        else:
            document["authentication"] = document.pop("assertionMethod")
        world.publish(issuer.url, document)
        yield Asset(f"{name}.json", issuer.sign(issuer.badge()), "failed", "issuer", code)


def _validity(school: Issuer) -> Iterator[Asset]:
    def bad(name: str, code: str, **changes: Any) -> Asset:
        return Asset(f"{name}.json", school.sign(school.badge(**changes)), "failed", "validity", code)

    yield bad("expired", "expired", validUntil="2026-05-01T00:00:00Z")
    yield bad("not_yet_valid", "not_yet_valid", validFrom="2027-01-01T00:00:00+02:00")
    yield bad("ends_before_it_begins", "validity_reversed", validUntil="2025-01-01T00:00:00Z")
    document = school.badge(validFrom="2026-01-01T00:00:00")
    yield Asset("date_without_zone.json", with_proof_of_another(school, document), "failed", "schema", "schema_invalid")


def files() -> dict[str, bytes]:
    """Every file of the folder."""
    world, assets = build()
    made = {asset.name: asset.data for asset in assets}
    expected = {a.name: {"verdict": a.verdict, "check": a.check, "code": a.code} for a in assets}
    pages = {url: body.decode() for url, body in sorted(world.pages.items())}
    made["expected.json"] = json.dumps(expected, indent=1, sort_keys=True).encode() + b"\n"
    made["pages.json"] = json.dumps(pages, indent=1).encode() + b"\n"
    return made


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    wanted = files()
    for old in FOLDER.iterdir():
        if old.name not in wanted:
            old.unlink()
    for name, data in wanted.items():
        (FOLDER / name).write_bytes(data)
