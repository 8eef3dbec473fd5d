"""A key acts for a member who agreed to it, and opens private work of a teacher who agreed to it. For nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from issuer.errors import Forbidden, NotFound
from issuer.models import ApiKey, AuditEvent, KeyConsent
from issuer.runtime import Runtime
from issuer.services import accounts, api_keys, consents, evidence
from issuer.services.access import Actor
from tests import factories
from tests.factories import COMMAND, NOW, PDF
from tests.integration.api.conftest import body
from tests.integration.conftest import District
from tests.integration.web.conftest import settle

NewKey = Callable[..., str]
Agree = Callable[..., None]


class Program:
    """A program with one key."""

    def __init__(self, client: FlaskClient, text: str) -> None:
        self.client, self.text, self.prefix = client, text, text.split("_")[1]

    def send(self, method: str, path: str, member: str = "", **kwargs: object) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.text}", **({"Badgewright-Member": member} if member else {})}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, buffered=True, **kwargs)  # type: ignore[arg-type]  # handed through


@pytest.fixture
def program(client: FlaskClient, new_key: NewKey) -> Program:
    return Program(client, new_key())


def refused(answer: TestResponse, code: str) -> bool:
    return (answer.status_code, body(answer)["code"]) == (403, code)


def test_the_address_of_a_member_is_not_enough(program: Program, district: District) -> None:
    """Seen: any key acted for any member whose e-mail address it knew."""
    assert refused(program.send("GET", "/submissions", district.teacher.email), "consent_needed")


def test_strangers_are_not_told_apart(program: Program, district: District) -> None:
    answers = [program.send("GET", "/submissions", email) for email in ("nobody@example.org", district.stranger.email)]
    asked = [
        program.send("POST", "/consents", json={"email": email})
        for email in ("nobody@example.org", district.stranger.email)
    ]
    for first, second in (answers, asked):
        assert refused(first, "member_unknown")
        assert first.data == second.data


def test_asked_given_used_and_taken_back(
    program: Program, session: Session, district: District, runtime: Runtime
) -> None:
    teacher, admin = factories.actor(district.teacher), district.teacher.email
    asked = program.send("POST", "/consents", json={"email": admin})
    assert (asked.status_code, body(asked)["state"]) == (202, "asked")
    settle(program.client.application)
    (mail,) = (runtime.config.var / "mail").iterdir()
    assert district.teacher.email in mail.read_text()
    assert program.send("POST", "/consents", json={"email": admin}).status_code == 202
    settle(program.client.application)
    assert len(list((runtime.config.var / "mail").iterdir())) == 1
    assert refused(program.send("GET", "/submissions", admin), "consent_needed")

    consents.give(session, prefix=program.prefix, days=30, actor=teacher, now=NOW)
    session.commit()
    assert program.send("GET", "/submissions", admin).status_code == 200
    listed = body(program.send("GET", "/consents"))["items"]
    assert [(each["email"], each["state"]) for each in listed] == [(admin, "given")]
    assert listed[0]["lastUsedAt"] == "2026-03-02T09:30:00Z"

    consents.take_back(session, prefix=program.prefix, actor=teacher, now=NOW)
    session.commit()
    assert refused(program.send("GET", "/submissions", admin), "consent_needed")
    again = program.send("POST", "/consents", json={"email": admin})
    assert (again.status_code, body(again)["code"]) == (409, "consent_refused")
    actions = session.scalars(select(AuditEvent.action).where(AuditEvent.action.like("consent.%"))).all()
    assert list(actions) == ["consent.ask", "consent.give", "consent.take_back"]


def test_consent_ends_on_its_date(session: Session, district: District, program: Program) -> None:
    ask(session, district, program)
    consents.give(session, prefix=program.prefix, days=30, actor=factories.actor(district.teacher), now=NOW)
    key = session.query(ApiKey).filter_by(prefix=program.prefix).one()
    consents.require(session, key, district.teacher.id, NOW + timedelta(days=29))
    with pytest.raises(Forbidden):
        consents.require(session, key, district.teacher.id, NOW + timedelta(days=30))


def test_consent_is_to_one_key_and_survives_its_rotation(
    client: FlaskClient, new_key: NewKey, agree: Agree, session: Session, district: District, program: Program
) -> None:
    agree(program.text, district.teacher)
    other = Program(client, new_key())
    assert refused(other.send("GET", "/submissions", district.teacher.email), "consent_needed")
    _, fresh = api_keys.rotate(
        session, organisation_id=district.organisation.id, prefix=program.prefix, actor=COMMAND, now=NOW
    )
    session.commit()
    assert Program(client, fresh).send("GET", "/submissions", district.teacher.email).status_code == 200


def test_only_the_member_agrees(session: Session, district: District, program: Program) -> None:
    ask(session, district, program)
    for other in (district.admin, district.coach, district.stranger):
        with pytest.raises(NotFound):
            consents.give(session, prefix=program.prefix, days=30, actor=factories.actor(other), now=NOW)
    through = Actor(
        "user",
        user_id=district.teacher.id,
        organisation_id=district.organisation.id,
        via=program.prefix,
        scopes=frozenset(api_keys.SCOPES),
    )
    with pytest.raises(Forbidden) as answer:
        consents.give(session, prefix=program.prefix, days=30, actor=through, now=NOW)
    assert answer.value.code == "not_by_key"


def test_a_key_asks_for_itself_alone(session: Session, district: District, new_key: NewKey, program: Program) -> None:
    other = session.query(ApiKey).filter_by(prefix=new_key().split("_")[1]).one()
    with pytest.raises(NotFound):
        consents.ask(
            session,
            organisation_id=district.organisation.id,
            prefix=program.prefix,
            user_id=district.teacher.id,
            actor=api_keys.actor_of(other),
            now=NOW,
        )


def test_whoever_leaves_and_comes_back_has_agreed_to_nothing(
    session: Session, district: District, program: Program, agree: Agree
) -> None:
    agree(program.text, district.teacher)
    here, who = district.organisation.id, district.teacher.id
    accounts.remove_member(session, user_id=who, organisation_id=here, role="teacher", actor=COMMAND, now=NOW)
    accounts.add_member(session, user_id=who, organisation_id=here, role="teacher", actor=COMMAND, now=NOW)
    session.commit()
    assert refused(program.send("GET", "/submissions", district.teacher.email), "consent_needed")


def test_the_consent_of_a_coach_opens_no_teachers_private_work(
    session: Session, district: District, runtime: Runtime, program: Program, agree: Agree
) -> None:
    """An admin who is a coach as well, with a key of their own, would read all that was handed in otherwise."""
    submission = factories.handed_in(session, runtime.storage, district.teacher, district.version)
    item = submission.evidence[0].number
    session.commit()
    agree(program.text, district.coach)
    coach = district.coach.email
    assert program.send("POST", f"/queue/{submission.number}/claim", coach).status_code == 200
    assert program.send("GET", f"/evidence/{item}/content", coach).status_code == 404
    assert refused(program.send("GET", f"/queue/{submission.number}", coach), "consent_needed")
    agree(program.text, district.teacher)
    assert program.send("GET", f"/evidence/{item}/content", coach).data == PDF
    assert program.send("GET", f"/queue/{submission.number}", coach).status_code == 200
    # The coach at the page needs no key and no consent to one.
    assert evidence.view(session, number=item, actor=factories.actor(district.coach)).number == item


def test_without_a_moment_no_key_opens_evidence(
    session: Session, district: District, runtime: Runtime, program: Program, agree: Agree
) -> None:
    submission = factories.handed_in(session, runtime.storage, district.teacher, district.version)
    agree(program.text, district.teacher)
    key = session.query(ApiKey).filter_by(prefix=program.prefix).one()
    actor = api_keys.actor_of(key, member_id=district.teacher.id)
    item = submission.evidence[0].number
    assert evidence.view(session, number=item, actor=actor, now=NOW).number == item
    with pytest.raises(NotFound):
        evidence.view(session, number=item, actor=actor)


def test_a_key_without_scopes_for_members_asks_nobody(client: FlaskClient, new_key: NewKey, district: District) -> None:
    answer = Program(client, new_key("audit:read")).send("POST", "/consents", json={"email": district.teacher.email})
    assert (answer.status_code, body(answer)["code"]) == (422, "key_acts_for_nobody")


def test_a_key_says_what_it_is_and_never_its_secret(program: Program) -> None:
    shown = body(program.send("GET", "/key"))
    assert (shown["prefix"], shown["expiresAt"]) == (program.prefix, "2027-03-02T09:30:00Z")
    assert program.text.split("_", 2)[2] not in str(shown)


def test_a_bound_key_is_no_key_elsewhere(client: FlaskClient, session: Session, district: District) -> None:
    _, text = api_keys.create(
        session,
        organisation_id=district.organisation.id,
        name="Bound",
        scopes=["members:read"],
        networks=["192.0.2.0/24"],
        actor=COMMAND,
        now=NOW,
    )
    session.commit()
    headers = {"Authorization": f"Bearer {text}"}
    for address, status in (("192.0.2.9", 200), ("198.51.100.1", 401)):
        answer = client.get("/api/v1/members", headers=headers, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status


def ask(session: Session, district: District, program: Program) -> KeyConsent:
    return consents.ask(
        session,
        organisation_id=district.organisation.id,
        prefix=program.prefix,
        user_id=district.teacher.id,
        actor=COMMAND,
        now=NOW,
    )[0]
