"""`@context` games: the JSON that people and checks read says something else than the statements that are signed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.attacks.asset import Asset, as_json, with_achievement, with_proof_of_another
from tests.fuzz.bending import EXTENSIONS, OLDER, V1, endorsement, plain
from tests.simulator import ISSUED, VCDM, Issuer
from verifier import proofs

CREDENTIALS = "https://www.w3.org/2018/credentials#"


def assets(school: Issuer) -> Iterator[Asset]:
    yield from _keywords(school)
    yield from _appended(school)
    yield from _inline(school)
    yield from _moved(school)
    yield from _graphs(school)


def _keywords(school: Issuer) -> Iterator[Asset]:
    """Parts of JSON-LD that say the same by other means."""
    good = json.loads(school.sign(school.badge()))

    def bad(name: str, code: str, check: str = "proof", /, **changes: Any) -> Asset:
        return Asset(f"context_{name}.json", as_json({**good, **changes}), "failed", check, code)

    yield bad("included", "keyword_not_allowed", **{"@included": [{"id": "urn:x", "name": "x"}]})
    yield bad("reverse", "keyword_not_allowed", **{"@reverse": {"evidence": [{"id": "urn:x"}]}})
    yield bad("graph", "keyword_not_allowed", **{"@graph": [{"id": "urn:x"}]})
    yield bad("nest", "keyword_not_allowed", **{"@nest": {"validUntil": "2099-01-01T00:00:00Z"}})
    yield bad("keyword_id", "keyword_not_allowed", **{"@id": "urn:x"})
    yield bad("keyword_index", "keyword_not_allowed", **{"@index": "x"})
    yield bad("keyword_like", "undefined_term", **{"@status": "good"})
    yield bad("absolute_key", "iri_key", **{f"{CREDENTIALS}validUntil": "2099-01-01T00:00:00Z"})
    yield bad("absolute_type", "term_alias", type=[*good["type"], f"{CREDENTIALS}VerifiableCredential"])
    yield bad("compact_key", "iri_key", **{"cred:validUntil": "2099-01-01T00:00:00Z"})
    yield bad("typed_date", "schema_invalid", "schema", validUntil={"@value": "2099", "@type": "xsd:dateTime"})
    yield bad("json_value", "invalid_value", name={"@value": {"x": 1}, "@type": "@json"})
    yield bad("list_object", "keyword_not_allowed", evidence={"@list": good["evidence"]})
    yield bad("set_object", "keyword_not_allowed", evidence={"@set": good["evidence"]})
    yield bad("nested_array", "nested_array", evidence=[good["evidence"]])
    yield bad("blank_node_id", "blank_node_id", evidence=[{**good["evidence"][0], "id": "_:b0"}])
    yield bad("in_an_ordinary_object", "inline_context", issuer={**good["issuer"], "@context": VCDM})
    yield bad("null", "context_malformed", "structure", **{"@context": [*good["@context"], None]})


def _appended(school: Issuer) -> Iterator[Asset]:
    """Contexts added after signing: they are under no RDFC signature, so they must not change what anything means."""
    good = json.loads(school.sign(school.badge()))

    def appended(name: str, *urls: Any, verdict: str = "failed", check: str = "proof", code: str = "") -> Asset:
        return Asset(name, as_json({**good, "@context": [*good["@context"], *urls]}), verdict, check, code)

    yield appended("good_harmless_context_appended.json", EXTENSIONS, verdict="verified", check="")
    yield appended("context_of_older_badges_appended.json", OLDER, code="context_redefines_term")
    yield appended("context_of_vcdm_1_appended.json", V1, code="context_redefines_term")
    yield appended("context_not_bundled.json", "https://evil.example/context", code="context_not_bundled")
    yield appended("context_as_data_url.json", "data:application/json,%7B%7D", code="context_not_bundled")
    yield appended("contexts_without_end.json", *[EXTENSIONS] * 40, code="too_many_contexts")
    inline = {"validUntil": f"{CREDENTIALS}validFrom"}
    yield appended("context_inline_redefines.json", inline, check="structure", code="inline_context")
    jcs = proofs.secure(school.badge(), school.signer, ISSUED, cryptosuite="eddsa-jcs-2022")
    jcs["@context"] = [jcs["@context"][1], jcs["@context"][0]]
    yield Asset("jcs_contexts_swapped.json", as_json(jcs), "failed", "structure", "context_order")
    anything = "https://www.w3.org/ns/credentials/undefined-terms/v2"
    undefined = {**good, "@context": [*good["@context"], anything], "approvedBy": "the ministry"}
    yield Asset("context_defines_everything.json", as_json(undefined), "failed", "proof", "proof_invalid")


def _inline(school: Issuer) -> Iterator[Asset]:
    """A credential that is no Open Badge may bring words of its own, but none for what the checks read."""
    entry = school.status_entry(94_567)
    signed = proofs.secure(plain(credentialStatus=entry), school.signer, ISSUED, inline_contexts_allowed=True)
    yield Asset("plain_revoked.json", as_json(signed), "failed", "status", "revoked")

    def hidden(name: str, definition: Any, code: str, term: str = "hidden", **changes: Any) -> Asset:
        document = {**json.loads(as_json(signed)), **changes}
        document[term] = document.pop("credentialStatus")
        document["@context"].append(definition)
        return Asset(f"status_hidden_{name}.json", as_json(document), "failed", "proof", code)

    status = f"{CREDENTIALS}credentialStatus"
    yield hidden("by_alias", {"hidden": {"@id": status, "@type": "@id"}}, "term_alias")
    yield hidden("by_prefix", {"cred": {"@id": CREDENTIALS, "@prefix": True}}, "iri_key", "cred:credentialStatus")
    yield hidden("by_iri", {"x": "https://example.org/x"}, "iri_key", status)
    yield hidden("by_nesting", {"hidden": "@nest"}, "context_feature_unsupported")
    yield hidden("by_included", {"hidden": "@included"}, "context_feature_unsupported")
    yield hidden("by_reverse", {"hidden": {"@reverse": status}}, "context_feature_unsupported")
    yield hidden("by_scoped_context", {"hidden": {"@id": status, "@context": {}}}, "context_feature_unsupported")
    yield hidden("by_null", {"hidden": None}, "undefined_term")
    yield hidden("by_vocabulary", {"@vocab": f"{CREDENTIALS}credential"}, "term_alias", "Status")
    yield hidden("by_base", {"@base": "https://example.org/"}, "context_feature_unsupported")
    yield hidden("by_import", {"@import": VCDM}, "context_feature_unsupported")
    yield hidden("by_json", {"hidden": {"@id": "https://example.org/x", "@type": "@json"}}, "proof_invalid")
    for name, definition in (
        ("redefined", {"name": "https://example.org/x"}),
        ("cleared", {"name": None}),
    ):
        document = json.loads(as_json(signed))
        document["@context"].append(definition)
        yield Asset(f"protected_term_{name}.json", as_json(document), "failed", "proof", "context_redefines_term")


def _moved(school: Issuer) -> Iterator[Asset]:
    """Statements about one id, moved to another object of that id: the same signature, another place."""
    badge = school.badge(credentialStatus=school.status_entry(94_567), validUntil="2026-02-01T00:00:00Z")
    badge["endorsement"] = [json.loads(school.sign(endorsement(school, badge["id"])))]
    signed = json.loads(school.sign(badge))
    about = signed["endorsement"][0]["credentialSubject"]
    about["type"] = ["EndorsementSubject", "VerifiableCredential"]
    about["credentialStatus"] = signed.pop("credentialStatus")
    yield Asset("status_moved_into_endorsement.json", as_json(signed), "failed", "proof", "credential_split")
    end = json.loads(school.sign(badge))
    about = end["endorsement"][0]["credentialSubject"]
    about["type"] = ["EndorsementSubject", "VerifiableCredential"]
    about["validUntil"] = end.pop("validUntil")
    yield Asset("end_moved_into_endorsement.json", as_json(end), "failed", "proof", "credential_split")
    one, two = school.status_entry(94_567), school.status_entry(5, purpose="suspension")
    two["id"] = one["id"]
    one["statusListIndex"], two["statusListIndex"] = two["statusListIndex"], one["statusListIndex"]
    crossed = school.badge(credentialStatus=[one, two])
    yield Asset(
        "statuses_of_one_id_crossed.json", with_proof_of_another(school, crossed), "failed", "proof", "credential_split"
    )


def _graphs(school: Issuer) -> Iterator[Asset]:
    """Documents whose blank nodes look alike, so that naming them would take for ever."""
    alike = [{"type": ["Alignment"], "targetName": "x", "targetUrl": "https://x.example/"}] * 9
    descriptions = [{"type": ["ResultDescription"], "name": "x", "resultType": "Percent", "alignment": alike}] * 5
    poison = with_achievement(school, resultDescription=[{"id": f"urn:x:{0}", **d} for d in descriptions])
    for description in poison["credentialSubject"]["achievement"]["resultDescription"]:
        del description["id"]
    yield Asset("poison_graph.json", with_proof_of_another(school, poison), "failed", "proof", "too_ambiguous")
