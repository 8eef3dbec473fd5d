"""Frameworks and definitions: the dry run tells the truth, a second import changes nothing, what is published stays."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from achievements import definitions as own
from achievements.model import Alignment, Rubric
from issuer.errors import Conflict, Forbidden, Invalid, NotFound
from issuer.models import AchievementVersion, AuditEvent, CompetencyRow, FrameworkRow
from issuer.queries import catalogue
from issuer.services import definitions, frameworks
from issuer.services.changes import Change, Plan
from tests import factories
from tests.factories import NOW, actor
from tests.integration.conftest import District

FRAMEWORK = own.raw(own.FRAMEWORK_FILE)
MICROCREDENTIALS = own.raw(own.MICROCREDENTIALS_FILE)


def _framework(session: Session, district: District, data: bytes = FRAMEWORK) -> Plan:
    return frameworks.apply(
        session, organisation_id=district.organisation.id, data=data, actor=actor(district.admin), now=NOW
    )


def _definitions(session: Session, district: District, data: bytes = MICROCREDENTIALS) -> Plan:
    return definitions.apply(
        session, organisation_id=district.organisation.id, data=data, actor=actor(district.admin), now=NOW
    )


def _versions(session: Session, key: str) -> list[AchievementVersion]:
    rows = session.execute(select(AchievementVersion).order_by(AchievementVersion.number)).unique().scalars()
    return [row for row in rows if row.achievement.key == key]


def test_the_dry_run_says_what_the_import_then_does(session: Session, district: District) -> None:
    admin, here = actor(district.admin), district.organisation.id
    before = frameworks.plan(session, organisation_id=here, data=FRAMEWORK, actor=admin)
    assert session.scalar(select(func.count()).select_from(FrameworkRow)) == 0
    assert before.ok
    assert [item.change for item in before.items] == [Change.NEW]
    assert _framework(session, district) == before
    assert (session.scalar(select(func.count()).select_from(CompetencyRow)) or 0) > 3


def test_a_second_import_changes_nothing_at_all(session: Session, district: District) -> None:
    _framework(session, district)
    _definitions(session, district)
    session.commit()
    rows = session.scalar(select(func.count()).select_from(AuditEvent))
    assert _framework(session, district).changes == ()
    assert _definitions(session, district).changes == ()
    assert not session.dirty
    assert session.scalar(select(func.count()).select_from(AuditEvent)) == rows


def test_a_changed_framework_says_how_many_competencies_differ(session: Session, district: District) -> None:
    _framework(session, district)
    session.commit()
    document = json.loads(FRAMEWORK)
    removed = document["CFItems"].pop()
    document["CFItems"][0]["fullStatement"] += " Always."
    document["CFAssociations"] = [
        each
        for each in document["CFAssociations"]
        if removed["uri"] not in (each["originNodeURI"]["uri"], each["destinationNodeURI"]["uri"])
    ]
    made = _framework(session, district, json.dumps(document).encode())
    assert made.items[0].change is Change.REVISED
    assert made.items[0].notes == ("1 competencies removed", "1 competencies changed")
    session.commit()
    session.expire_all()
    uris = set(session.execute(select(CompetencyRow.uri)).scalars())
    assert removed["uri"] not in uris
    assert len(uris) == len(document["CFItems"])


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b"\xff\xfe", ""),
        (b"{}", "format_unknown"),
        (b'{"a": 1, "a": 2}', ""),
        (b"[" * 5000, ""),
        (MICROCREDENTIALS, "framework_missing"),
    ],
)
def test_an_unreadable_framework_leaves_nothing(session: Session, district: District, data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        _framework(session, district, data)
    assert caught.value.code == "import_refused"
    assert caught.value.faults
    assert not code or code in {fault.code for fault in caught.value.faults}
    assert session.scalar(select(func.count()).select_from(FrameworkRow)) == 0


def test_text_that_a_database_refuses_is_kept_out_of_it(session: Session, district: District) -> None:
    document = json.loads(FRAMEWORK)
    document["CFItems"][0]["fullStatement"] = "before\u0000after"
    document["CFItems"][0]["humanCodingScheme"] = "x" * 500
    document["CFDocument"]["title"] = "t" * 900
    _framework(session, district, json.dumps(document).encode())
    session.commit()
    row = session.execute(select(CompetencyRow).where(CompetencyRow.uri == document["CFItems"][0]["uri"])).scalar_one()
    assert row.statement == "beforeafter"


def test_endless_identifiers_are_refused(session: Session, district: District) -> None:
    document = json.loads(FRAMEWORK)
    document["CFItems"][0]["uri"] = "https://case.example/" + "a" * 1_000
    found = frameworks.plan(
        session,
        organisation_id=district.organisation.id,
        data=json.dumps(document).encode(),
        actor=actor(district.admin),
    )
    assert "uri_too_long" in {problem.code for problem in found.errors}


def test_definitions_are_resolved_against_the_organisations_frameworks(session: Session, district: District) -> None:
    with pytest.raises(Invalid) as caught:
        _definitions(session, district)
    assert "alignment_unresolved" in {fault.code for fault in caught.value.faults}
    assert session.scalar(select(func.count()).select_from(AchievementVersion)) == 1
    _framework(session, district)
    made = _definitions(session, district)
    assert {item.change for item in made.items} == {Change.NEW}
    assert {item.key for item in made.items} == {each.key for each in own.load().achievements}


def test_a_changed_draft_is_replaced_and_a_changed_published_version_is_succeeded(
    session: Session, district: District
) -> None:
    admin, here = actor(district.admin), district.organisation.id
    first = factories.achievement("new-one")

    def take(definition: object) -> Change:
        made = definitions.apply_items(
            session,
            organisation_id=here,
            achievements=[definition],  # type: ignore[list-item]
            actor=admin,
            now=NOW,
        )
        return made.items[0].change

    assert take(first) is Change.NEW
    assert take(replace(first, hours=12)) is Change.REVISED
    (draft,) = _versions(session, "new-one")
    definitions.publish(session, version_id=draft.id, actor=admin, now=NOW)
    kept = (dict(draft.body), draft.content_hash)
    assert take(replace(first, hours=20)) is Change.NEW_VERSION
    assert take(replace(first, hours=21)) is Change.REVISED
    old, new = _versions(session, "new-one")
    assert (old.body, old.content_hash) == kept
    assert (old.status, new.status, new.number) == ("published", "draft", 2)
    definitions.publish(session, version_id=new.id, actor=admin, now=NOW)
    assert (old.status, new.status) == ("retired", "published")
    assert take(replace(first, hours=21)) is Change.UNCHANGED


def test_publishing_twice_and_retiring_a_draft_are_refused(session: Session, district: District) -> None:
    admin = actor(district.admin)
    with pytest.raises(Conflict) as caught:
        definitions.publish(session, version_id=district.version.id, actor=admin, now=NOW)
    assert caught.value.code == "already_published"
    definitions.retire(session, version_id=district.version.id, actor=admin, now=NOW)
    with pytest.raises(Conflict) as caught:
        definitions.retire(session, version_id=district.version.id, actor=admin, now=NOW)
    assert caught.value.code == "not_published"


def test_a_definition_that_nobody_could_meet_is_not_published(session: Session, district: District) -> None:
    admin = actor(district.admin)
    plain = factories.achievement("hopeless")
    criterion = plain.rubric.criteria[0]
    never = replace(criterion, levels=tuple(replace(level, passing=False) for level in criterion.levels))
    for rubric, code in (
        (Rubric(criteria=()), "rubric_without_criteria"),
        (Rubric((never,)), "criterion_without_passing_level"),
    ):
        version = factories.published(
            session, district.organisation, replace(plain, key=code.replace("_", "-"), rubric=rubric), status="draft"
        )
        with pytest.raises(Invalid) as caught:
            definitions.publish(session, version_id=version.id, actor=admin, now=NOW)
        assert caught.value.code == "not_publishable"
        assert [fault.code for fault in caught.value.faults] == [code]
        assert version.status == "draft"


def test_a_definition_without_evidence_was_published_by_the_laxer_of_two_rules(
    session: Session, district: District
) -> None:
    empty = replace(
        factories.achievement("nothing-asked"),
        achievement_type="Sticker",
        evidence=(),
        alignment=(Alignment("", "https://case.example/uri/unknown"),),
    )
    version = factories.published(session, district.organisation, empty, status="draft")
    with pytest.raises(Invalid) as caught:
        definitions.publish(session, version_id=version.id, actor=actor(district.admin), now=NOW)
    assert [(fault.code, fault.pointer) for fault in caught.value.faults] == [
        ("achievement_type_unknown", "/achievementType"),
        ("definition_without_artifacts", "/artifacts"),
        ("alignment_unresolved", "/alignment/0"),
    ]
    assert empty.name in caught.value.message
    assert version.status == "draft"


def test_what_the_laxer_rule_let_through_stays_published(session: Session, district: District) -> None:
    lax = replace(factories.achievement("let-through"), evidence=())
    version = factories.published(session, district.organisation, lax)
    assert catalogue.one(session, district.organisation.slug, "let-through").version.id == version.id
    definitions.retire(session, version_id=version.id, actor=actor(district.admin), now=NOW)
    assert version.status == "retired"


def test_only_admins_of_the_organisation(session: Session, district: District) -> None:
    here = district.organisation.id
    for person in (district.teacher, district.coach, district.stranger):
        with pytest.raises(Forbidden):
            frameworks.plan(session, organisation_id=here, data=FRAMEWORK, actor=actor(person))
        with pytest.raises(Forbidden):
            definitions.plan(session, organisation_id=here, data=MICROCREDENTIALS, actor=actor(person))
    with pytest.raises(Forbidden):
        definitions.retire(session, version_id=district.version.id, actor=actor(district.coach), now=NOW)
    with pytest.raises(NotFound):
        definitions.retire(session, version_id=district.version.id, actor=actor(district.stranger), now=NOW)


def test_the_same_key_twice_is_refused(session: Session, district: District) -> None:
    twice = [factories.achievement("same"), factories.achievement("same", "Another name")]
    with pytest.raises(Invalid) as caught:
        definitions.apply_items(
            session,
            organisation_id=district.organisation.id,
            achievements=twice,
            actor=actor(district.admin),
            now=NOW,
        )
    assert [fault.code for fault in caught.value.faults] == ["key_repeated"]
