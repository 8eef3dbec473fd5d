"""Awards are signed again while pages are read, keys are stolen one after the other, and mailboxes are gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from issuer import jobs
from issuer.config import Config
from issuer.credentials.addresses import Addresses
from issuer.mail import Delivery, Mailer
from issuer.models import AuditEvent, Credential, Reissue
from issuer.queries import credentials as queries
from issuer.queries import reissues, retiring
from issuer.runtime import Runtime, build_runtime
from issuer.services import key_revocation, member_records, reissuing
from tests import factories
from tests.integration.issuing.conftest import LATER, World

STOLEN = LATER + timedelta(days=30)


def revoke(world: World, key: str = "") -> key_revocation.Revocation:
    return key_revocation.revoke(
        world.session,
        world.keyring,
        world.own_output,
        world.addresses,
        world.organisation.id,
        key,
        "compromised",
        factories.actor(world.admin),
        STOLEN,
    )


def start(world: World) -> Reissue:
    job = reissuing.start_for_keys(
        world.session, organisation_id=world.organisation.id, actor=factories.actor(world.admin), now=STOLEN
    )
    assert job is not None
    return job


def work(world: World, job: Reissue) -> str:
    return reissuing.work(world.session, world.keyring, world.own_output, world.addresses, job.number, STOLEN)


def sign_all(world: World) -> Reissue:
    """Everything but the mails."""
    job = start(world)
    while work(world, job) not in ("mails", "done"):
        pass
    return job


def test_a_teachers_page_links_the_badge_that_verifies(world: World) -> None:
    """It linked whichever row the database gave last: now and then the one whose key is distrusted."""
    old = world.issue(world.approved())
    revoke(world)
    sign_all(world)
    new = queries.of_submission(world.session, old.submission_id)
    assert new is not None
    assert new.id != old.id
    # The database is free in its order: here the older row comes last.
    world.session.execute(update(Credential).where(Credential.id == new.id).values(replaces_id=None))
    world.session.execute(update(Credential).where(Credential.id == old.id).values(id=new.id + 1000))
    assert queries.numbers_of(world.session, [old.submission_id]) == {old.submission_id: new.number}


def test_a_badge_signed_twice_is_counted_once_when_a_microcredential_is_retired(world: World) -> None:
    old = world.issue(world.approved())
    revoke(world)
    sign_all(world)
    assert retiring.work_on(world.session, old.submission.version_id).credentials == 1


@pytest.fixture
def runtime(world: World, config: Config) -> Iterator[Runtime]:
    world.addresses = Addresses(config.base_url)
    made = replace(build_runtime(config), clock=lambda: STOLEN)
    yield made
    made.close()


def _answers(monkeypatch: pytest.MonkeyPatch, outcomes: dict[str, Delivery]) -> list[str]:
    """A mail server that answers so for these addresses; whom it was asked to write to."""
    asked: list[str] = []

    def deliver(_mailer: Mailer, recipient: str, _subject: str, _text: str) -> Delivery:
        asked.append(recipient)
        return outcomes.get(recipient, Delivery.SENT)

    monkeypatch.setattr(Mailer, "deliver", deliver)
    return asked


def _two_holders(world: World) -> str:
    """Their awards, the key revoked, and the number of the job that signs them again; committed."""
    second = factories.person(world.session, world.organisation, "tomas@lakeside.example", "teacher")
    world.issue(world.approved("one"))
    world.issue(world.approved("two", second))
    revoke(world)
    number = start(world).number
    world.session.commit()
    return number


def _unannounced(world: World) -> set[str]:
    query = select(Credential).where(Credential.replaces_id.is_not(None), Credential.announced_at.is_(None))
    world.session.rollback()
    found = {each.teacher.email for each in world.session.scalars(query)}
    world.session.rollback()
    return found


def test_one_mailbox_that_refuses_holds_up_no_other_holder(
    world: World, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A permanent refusal was tried again every half minute for ever, and whoever came later got no mail."""
    number = _two_holders(world)
    asked = _answers(monkeypatch, {"teacher@lakeside.example": Delivery.REFUSED})
    assert jobs.run_reissue(runtime, number).stage == "done"
    assert asked == ["teacher@lakeside.example", "tomas@lakeside.example"]
    assert _unannounced(world) == set()
    event = world.session.scalars(select(AuditEvent).where(AuditEvent.action == "reissue.mail_refused")).one()
    assert event.details == {"user": world.teacher.id, "credentials": 1}


def test_a_mailbox_that_puts_us_off_holds_up_no_other_holder(
    world: World, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _two_holders(world)
    monkeypatch.setattr("issuer.jobs.reissuing._AT_ONCE", 1)
    _answers(monkeypatch, {"teacher@lakeside.example": Delivery.LATER})
    with pytest.raises(jobs.MailNotSent):
        jobs.run_reissue(runtime, number)
    assert _unannounced(world) == {"teacher@lakeside.example"}
    # It does not put us off for ever.
    later = replace(runtime, clock=lambda: STOLEN + timedelta(days=6))
    assert jobs.run_reissue(later, number).stage == "done"
    assert _unannounced(world) == set()


def test_a_second_stolen_key_is_dealt_with_while_the_mail_server_is_down(
    world: World, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first job stayed open for its mails; it was given back as it was, and nothing was signed."""
    number = _two_holders(world)
    _answers(monkeypatch, dict.fromkeys(("teacher@lakeside.example", "tomas@lakeside.example"), Delivery.AWAY))
    with pytest.raises(jobs.MailNotSent):
        jobs.run_reissue(runtime, number)
    revoke(world)
    assert start(world).number == number
    world.session.commit()
    with pytest.raises(jobs.MailNotSent):
        jobs.run_reissue(runtime, number)
    world.session.rollback()
    current = world.session.scalars(select(Credential).where(Credential.replaced_at.is_(None))).all()
    assert len(current) == 2
    assert all(each.key.revoked_at is None for each in current)
    world.session.rollback()
    _answers(monkeypatch, {})
    assert jobs.run_reissue(runtime, number).stage == "done"


def test_a_second_stolen_key_is_dealt_with_while_awards_are_signed_again(world: World) -> None:
    """What the job had passed already was skipped."""
    world.issue(world.approved("one"))
    revoke(world)
    job = start(world)
    while work(world, job) != "mails":
        pass
    revoke(world)
    assert sign_all(world).number == job.number
    current = world.session.scalars(select(Credential).where(Credential.replaced_at.is_(None))).all()
    assert [each.key.revoked_at for each in current] == [None]
    assert "reissue.restart" in set(world.session.scalars(select(AuditEvent.action)))


def test_a_name_corrected_twice_is_signed_while_the_first_job_is_open(world: World) -> None:
    admin = factories.actor(world.admin)
    named = {"organisation_id": world.organisation.id, "user_id": world.teacher.id, "actor": admin, "now": STOLEN}
    world.issue(world.approved())
    numbers = set()
    for name in ("Amara Okafor", "Amara Bell"):
        member_records.set_record(world.session, name=name, **named)
        job = reissuing.start_for_person(world.session, **named)
        assert job is not None
        numbers.add(job.number)
        while work(world, job) != "mails":
            pass
    assert len(numbers) == 1
    current = world.session.scalars(select(Credential).where(Credential.replaced_at.is_(None))).one()
    assert current.recipient_name == "Amara Bell"


def test_a_job_sent_back_while_mails_go_out_is_not_ended(
    world: World, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = _two_holders(world)
    restarted: list[str] = []

    def deliver(_mailer: Mailer, *_: str) -> Delivery:
        if not restarted:
            restarted.append(number)
            world.session.rollback()
            revoke(world)
            start(world)
            world.session.commit()
        return Delivery.SENT

    monkeypatch.setattr(Mailer, "deliver", deliver)
    assert jobs.run_reissue(runtime, number).stage == "done"
    world.session.rollback()
    current = world.session.scalars(select(Credential).where(Credential.replaced_at.is_(None))).all()
    assert all(each.key.revoked_at is None and each.announced_at for each in current)


def test_the_page_of_keys_reads_no_document_that_cannot_be_concerned(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It read every status list and every receipt each time it was shown."""
    read: list[bytes] = []
    monkeypatch.setattr("issuer.queries.reissues.signed_by", lambda document: read.append(document) or "")
    listed = world.issue(world.approved()).status_entry.list
    revoke(world)
    listed.published_at = STOLEN
    world.session.flush()
    later = STOLEN + timedelta(days=1)
    world.session.execute(update(Credential).values(valid_until=STOLEN))
    assert not reissues.has_work_for_keys(world.session, world.organisation.id, later)
    # It may have been signed just before.
    assert read == [listed.document]
    listed.published_at = later
    world.session.flush()
    assert not reissues.has_work_for_keys(world.session, world.organisation.id, later)
    assert len(read) == 1
