"""Somebody's genuine badge, shown by a key that anybody could have made: nothing of it is ever called verified."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from tests.simulator import NOW, VCDM, Issuer, TestSigner, World
from tests.unit.verifier.test_presentations import (
    ANSWER,
    AT,
    HOLDER,
    SCHOOL,
    badge,
    enveloped,
    presentation,
    signed,
    token,
    unsigned_badge,
)
from verifier import Holder, PresentationRequest, Report, TrustedIssuers, UnsafeAnyIssuer, Verdict, Verifier, cli
from verifier.batch import Item, verify_many
from verifier.endpoint import create_blueprint
from verifier.formats import png, svg
from verifier.proofs.jwt import secure_jwt
from verifier.report import CheckId, Outcome, report_to_json

THIEF = TestSigner("thief")
DEMAND = PresentationRequest(holder_is_subject=True)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> Issuer:
    return world.issuer(SCHOOL)


def judge(world: World, data: Any, request: PresentationRequest | None = None, policy: Any = None) -> Report:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    return Verifier(world).verify(raw, policy or TrustedIssuers(SCHOOL), now=NOW, request=request)


def stolen(school: Issuer) -> dict[str, Any]:
    return signed(presentation(badge(school), holder=THIEF.did), THIEF)


def without_id(school: Issuer) -> dict[str, Any]:
    """A badge that names its person by a hashed e-mail address alone."""
    found: dict[str, Any] = json.loads(school.sign(school.badge()))
    return found


def two_subjects(school: Issuer) -> dict[str, Any]:
    document = {
        "@context": [VCDM],
        "type": ["VerifiableCredential"],
        "issuer": school.id,
        "credentialSubject": [{"id": THIEF.did}, {"id": HOLDER.did}],
    }
    found: dict[str, Any] = json.loads(school.sign(document))
    return found


def _bare(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "proof"}


FORMS: dict[str, Callable[[Issuer], Any]] = {
    "json": stolen,
    "no holder": lambda s: signed(presentation(badge(s)), THIEF),
    "holder object": lambda s: signed(presentation(badge(s), holder={"id": THIEF.did}), THIEF),
    "holder is the victim": lambda s: signed(presentation(badge(s), holder=HOLDER.did), THIEF),
    "unsigned": lambda s: _bare(stolen(s)),
    "unsigned, no holder": lambda s: presentation(badge(s)),
    "subject without an id": lambda s: signed(presentation(without_id(s), holder=THIEF.did), THIEF),
    "one of several": lambda s: signed(presentation(badge(s, THIEF), badge(s), holder=THIEF.did), THIEF),
    "one of several without an id": lambda s: signed(
        presentation(badge(s, THIEF), without_id(s), holder=THIEF.did), THIEF
    ),
    "two subjects": lambda s: signed(presentation(two_subjects(s), holder=THIEF.did), THIEF),
    "vp+jwt": lambda s: token(
        presentation(enveloped(secure_jwt(unsigned_badge(s), s.signer, form="vc+jwt")), holder=THIEF.did),
        "vp+jwt",
        THIEF,
    ),
    "vp claim": lambda s: token(
        {"iss": THIEF.did, "vp": presentation(secure_jwt(unsigned_badge(s), s.signer).decode())}, "JWT", THIEF
    ),
    "envelope": lambda s: enveloped(
        token(presentation(badge(s), holder=THIEF.did), "vp+jwt", THIEF), "Presentation", "vp+jwt"
    ),
    "png": lambda s: png.bake(picture(), json.dumps(stolen(s)).encode()),
    "svg": lambda s: svg.bake(b'<svg xmlns="http://www.w3.org/2000/svg"/>', json.dumps(stolen(s)).encode()),
}


def picture() -> bytes:
    return (Path(__file__).parents[2] / "assets" / "only_a_picture.png").read_bytes()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("request_", [None, PresentationRequest(), DEMAND])
def test_a_stolen_badge_under_a_throw_away_key_is_never_verified(
    world: World, school: Issuer, form: str, request_: PresentationRequest | None
) -> None:
    for policy in (TrustedIssuers(SCHOOL), TrustedIssuers(SCHOOL, THIEF.did), UnsafeAnyIssuer()):
        report = judge(world, FORMS[form](school), request_, policy)
        assert report.is_presentation
        assert report.verdict in (Verdict.UNDETERMINED, Verdict.FAILED)
        assert (report.verdict is Verdict.FAILED) or request_ != DEMAND
        found = report_to_json(report)
        own = json.dumps({name: value for name, value in found.items() if name != "contents"}).lower()
        assert '"verified": false' in own
        assert own.count("verified") == 1
        assert "issuer is on the list" not in own
        assert found["contents"][0]["verdict"] == "verified"  # the badge itself is as good as it was
        assert found["credentialId"] is found["issuer"] is None


def test_shown_by_the_person_it_is_about(world: World, school: Issuer) -> None:
    report = judge(world, signed(presentation(badge(school), badge(school), holder=HOLDER.did)), DEMAND)
    assert report.verdict is Verdict.VERIFIED
    assert report.holder == Holder(HOLDER.did, proven=True, is_subject=True)
    assert report_to_json(report)["holder"] == {"id": HOLDER.did, "proven": True, "isSubject": True}
    assert "issuer is on the list" not in report.summary
    any_issuer = judge(world, signed(presentation(badge(school))), policy=UnsafeAnyIssuer())
    assert any_issuer.verified
    assert "Any issuer was accepted" in any_issuer.summary


@pytest.mark.parametrize(
    ("form", "code", "is_subject"),
    [
        ("json", "holder_not_subject", False),
        ("two subjects", "holder_not_subject", False),
        ("one of several", "holder_not_subject", False),
        ("subject without an id", "holder_subject_unknown", False),
        ("unsigned", "holder_not_proven", None),
        ("holder is the victim", "holder_not_proven", None),
    ],
)
def test_why_the_holder_is_not_the_subject(
    world: World, school: Issuer, form: str, code: str, is_subject: bool | None
) -> None:
    for request, outcome in ((None, Outcome.UNDETERMINED), (DEMAND, Outcome.FAILED)):
        report = judge(world, FORMS[form](school), request)
        result = report.result(CheckId.HOLDER)
        assert result is not None
        assert (result.code, result.outcome) == (code, outcome)
        assert report.holder is not None
        assert report.holder.is_subject is is_subject


def test_demanding_a_holder_refuses_a_bare_badge(world: World, school: Issuer) -> None:
    assert judge(world, badge(school), DEMAND).problems[0].code == "presentation_expected"
    empty = judge(world, signed(presentation(holder=HOLDER.did)), DEMAND)
    assert (empty.verdict, empty.problems[0].code) == (Verdict.FAILED, "presentation_empty")


OWN_CLAIMS: dict[str, Any] = {
    "issuer": {"id": "did:web:state.example", "type": ["Profile"], "name": "State Board"},
    "name": "Superintendent Licence",
    "description": "Issued by the State Board",
    "image": {"id": "https://state.example/seal.png", "type": "Image"},
    "credentialSubject": {"id": "did:example:1"},
    "achievement": {"name": "Superintendent Licence"},
    "validFrom": "2026-01-01T00:00:00Z",
    "evidence": [{"type": "Evidence"}],
    "https://www.w3.org/2018/credentials#issuer": "did:web:state.example",
}


@pytest.mark.parametrize("name", OWN_CLAIMS)
@pytest.mark.parametrize("holder", [THIEF, HOLDER])
def test_the_presenters_own_words_are_refused(world: World, school: Issuer, name: str, holder: TestSigner) -> None:
    """Whether or not a context defines them, and even by the person the badge is about."""
    context = {name: f"https://words.example/#{len(name)}"}
    document = presentation(badge(school), holder=holder.did, **{name: OWN_CLAIMS[name]})
    document["@context"] = [VCDM, context]
    shown = document | {"proof": stolen(school)["proof"]}
    report = judge(world, shown)
    assert report.verdict is Verdict.FAILED
    structure = report.result(CheckId.STRUCTURE)
    assert structure is not None
    assert {"presentation_claims", "presentation_context"} <= {finding.code for finding in structure.findings}
    lenient = judge(world, shown, PresentationRequest(extensions=True)).result(CheckId.STRUCTURE)
    assert lenient is not None
    assert (lenient.outcome is Outcome.FAILED) == (not name.startswith("https:") and name != "evidence")
    text = json.dumps({k: v for k, v in report_to_json(report).items() if k != "contents"})
    assert "State Board" not in text
    assert "Superintendent" not in text


@pytest.mark.parametrize("extra", ["OpenBadgeCredential", "AchievementCredential", "ClrCredential", "Achievement"])
def test_a_presentation_that_calls_itself_a_badge(world: World, school: Issuer, extra: str) -> None:
    shown = stolen(school)
    shown["type"].append(extra)
    structure = judge(world, shown).result(CheckId.STRUCTURE)
    assert structure is not None
    assert structure.code == "presentation_type"
    lenient = judge(world, shown, PresentationRequest(extensions=True)).result(CheckId.STRUCTURE)
    assert lenient is not None
    assert (lenient.outcome is Outcome.FAILED) == (extra != "Achievement")


def test_a_context_hidden_below_the_presentation(world: World, school: Issuer) -> None:
    term = {"type": "Policy", "@context": {"name": "https://words.example/#name"}, "name": "State Board"}
    shown = signed(presentation(badge(school), holder=HOLDER.did)) | {"termsOfUse": [[term]]}
    structure = judge(world, shown).result(CheckId.STRUCTURE)
    assert structure is not None
    assert "presentation_context" in {finding.code for finding in structure.findings}


@pytest.mark.parametrize("bad", [4, "text", ["x"], {"type": ["VerifiablePresentation"]}, {}, {"proof": {}}, {"a": 1}])
def test_every_issuer_inside_is_never_said_over_one_that_could_not_be_read(
    world: World, school: Issuer, bad: Any
) -> None:
    shown = presentation(badge(school), bad, holder=HOLDER.did)
    report = judge(world, shown | {"proof": signed(presentation(badge(school)))["proof"]})
    policy = report.result(CheckId.POLICY)
    assert policy is not None
    assert (policy.outcome, policy.code) != (Outcome.PASSED, "inner_issuers_accepted")
    assert policy.outcome in (Outcome.UNDETERMINED, Outcome.FAILED)
    assert report.verdict is Verdict.FAILED


def test_a_newer_badge_is_never_a_presentation(world: World, school: Issuer) -> None:
    """The address of the newer badge answers with a presentation by anybody, under the issuer's name."""
    address = "https://school.example/newer"
    extensions = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
    old = unsigned_badge(
        school,
        **{
            "@context": [*school.badge()["@context"], extensions],
            "refreshService": {"id": address, "type": "1EdTechCredentialRefresh"},
        },
    )
    world.publish(address, stolen(school) | {"issuer": SCHOOL, "id": old["id"]})
    report = judge(world, json.loads(school.sign(old)))
    assert not report.is_presentation
    assert report.refreshed_from == ""


def test_the_exit_code_and_what_the_terminal_says(tmp_path: Path, world: World, school: Issuer) -> None:
    path, own, document = (tmp_path / name for name in ("stolen.json", "own.json", "did.json"))
    path.write_text(json.dumps(stolen(school)))
    own.write_text(json.dumps(signed(presentation(badge(school)))))
    document.write_bytes(world.pages[school.url])

    def run(*args: str) -> Any:
        common = ["--offline", "--issuer", SCHOOL, "--did-document", str(document), "--at", AT]
        return CliRunner().invoke(cli.badgewright, ["verify", *args, *common])

    answer = run(str(path))
    assert answer.exit_code == 3
    top = answer.output.split("https://badges.example.org", 1)[0]
    assert "VERIFIED" not in top
    assert THIEF.did in top.replace("\n", "")
    assert "Shown by an unknown person" in top
    assert run(str(path), "--holder-is-subject").exit_code == 1
    assert run(str(own)).exit_code == run(str(own), "--holder-is-subject").exit_code == 0
    assert run(str(path), str(own)).exit_code == 3
    rows_file = tmp_path / "rows.csv"
    assert run(str(path), "--csv", str(rows_file)).exit_code == 3
    rows = list(csv.DictReader(rows_file.read_text().splitlines()))
    assert [(row["verdict"], row["code"], row["issuer"], row["registry"]) for row in rows] == [
        ("undetermined", "holder_not_subject", "", "")
    ]
    assert run(str(path), "--csv", str(rows_file), "--holder-is-subject").exit_code == 2


def test_many_at_once(world: World, school: Issuer) -> None:
    items = [
        Item("stolen", json.dumps(stolen(school)).encode()),
        Item("own", json.dumps(signed(presentation(badge(school)))).encode()),
        Item("badge", json.dumps(badge(school)).encode()),
    ]
    policy = TrustedIssuers(SCHOOL, registry="The State")
    rows = list(verify_many(items, policy, fetcher=world, now=NOW, jobs=0))
    assert [(row.name, str(row.verdict), row.code, row.registry) for row in rows] == [
        ("stolen", "undetermined", "holder_not_subject", ""),
        ("own", "verified", "holder_is_subject", ""),
        ("badge", "verified", "", "The State"),
    ]


def test_at_the_endpoint(world: World, school: Issuer) -> None:
    app = Flask(__name__)
    app.register_blueprint(create_blueprint(lambda: Verifier(world), lambda: TrustedIssuers(SCHOOL)))

    def ask(document: Any, query: str = "") -> Any:
        answer = app.test_client().post(f"/api/v1/verify?at={AT}{query}", data=json.dumps(document))
        return json.loads(answer.get_data())

    found = ask(stolen(school))
    assert (found["verdict"], found["verified"], found["kind"]) == ("undetermined", False, "presentation")
    assert found["holder"] == {"id": THIEF.did, "proven": True, "isSubject": False}
    assert ask(stolen(school), "&holder_is_subject=true")["verdict"] == "failed"
    own = signed(presentation(badge(school)), **ANSWER)
    assert ask(own, "&holder_is_subject=true&challenge=u-random")["verdict"] == "verified"
    assert ask(badge(school), "&holder_is_subject=true")["verdict"] == "failed"
    assert ask(badge(school))["holder"] is None
    assert ask(own, "&holder_is_subject=maybe")["code"] == "holder_is_subject_malformed"


def test_the_input_is_not_changed(world: World, school: Issuer) -> None:
    shown = stolen(school)
    before = copy.deepcopy(shown)
    judge(world, shown)
    assert shown == before
