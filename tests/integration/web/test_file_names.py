"""`Maria Gomez IEP.pdf` stood in a signed, public badge. The names of files are for their teacher and the reviewers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from issuer.db import unit_of_work
from issuer.errors import Conflict
from issuer.models import Credential, Submission
from issuer.runtime import Runtime
from issuer.services import api_keys, evidence, issuance, keys, sharing, submissions
from issuer.services.access import Actor
from tests import factories
from tests.integration.conftest import District
from tests.integration.web.conftest import Browser, upload

NAME = "Maria Gomez IEP.pdf"


@pytest.fixture
def badge(runtime: Runtime, district: District, draft: Submission) -> Credential:
    """Two files of that name, one with a title of the teacher's own and shared; the badge is shared, too."""
    actor, now = Actor.of(district.teacher), factories.NOW
    with unit_of_work(runtime.sessions) as session:
        keys.create_key(session, runtime.keyring, district.organisation.id, Actor.command("tests"), now)
        work = session.merge(draft)
        factories.upload(session, runtime.storage, work, name=NAME)
        second = factories.upload(session, runtime.storage, work, name=NAME, data=factories.PDF + b"2")
        evidence.set_title(session, number=second.number, title="Three lessons", actor=actor, now=now)
        evidence.set_shared(session, number=second.number, shared=True, actor=actor, now=now)
        submissions.save_draft(
            session,
            number=work.number,
            answers={"context": "Grade four."},
            revision=work.revision,
            actor=actor,
            now=now,
        )
        submissions.submit(session, number=work.number, actor=actor, now=now + timedelta(hours=1))
        with pytest.raises(Conflict):
            evidence.set_title(session, number=second.number, title="Later", actor=actor, now=now)
        factories.approved(session, work, session.merge(district.coach))
        made = issuance.issue(
            session,
            runtime.keyring,
            runtime.verifier_for_own_output,
            runtime.addresses,
            runtime.storage,
            work.id,
            now + timedelta(hours=3),
        )
        sharing.share(session, made.number, actor, now)
        assert made.submission.evidence
    return made


def test_a_file_name_is_in_no_byte_that_others_get(
    stranger: Browser, admin: Browser, app: Flask, runtime: Runtime, district: District, badge: Credential
) -> None:
    with unit_of_work(runtime.sessions) as session:
        _, key = api_keys.create(
            session,
            organisation_id=district.organisation.id,
            name="a program",
            scopes=["credentials:read", "audit:read"],
            actor=Actor.of(district.admin),
            now=runtime.clock(),
        )
    page, program = f"/credentials/{badge.number}", app.test_client()
    headers = {"Authorization": f"Bearer {key}"}
    answers = [stranger.get(f"{page}{rest}") for rest in ("", ".json", ".png", ".svg", "/card.png", "/qr.svg")]
    answers += [
        stranger.get(f"/embed/{badge.number}"),
        stranger.get(f"/verify?url={runtime.addresses.credential(badge.number)}"),
        admin.get(page),
        admin.get("/admin/lakeside/issued"),
        admin.get("/admin/lakeside/trail"),
    ]
    answers += [
        program.get(f"/api/v1/{path}", headers=headers)
        for path in ("credentials", f"credentials/{badge.number}", f"credentials/{badge.number}/document", "events")
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert b"Gomez" not in answer.data
    assert b"Three lessons" in answers[0].data
    assert b"Lesson plan" in answers[0].data


def test_a_shared_file_is_called_by_its_title_for_strangers(
    stranger: Browser, teacher: Browser, coach: Browser, badge: Credential
) -> None:
    shared = next(item for item in badge.submission.evidence if item.shared)
    for browser, name in ((stranger, "Three lessons.pdf"), (teacher, NAME), (coach, NAME)):
        with browser.get(f"/evidence/{shared.number}") as answer:
            assert name in answer.headers["Content-Disposition"]


def test_a_teacher_gives_a_file_a_title_as_it_is_added(teacher: Browser, draft: Submission) -> None:
    page = f"/submissions/{draft.number}"
    assert "Title of the file in your badge" in teacher.get(page).text
    form = {
        "do": "add:lesson-plan",
        "revision": str(draft.revision),
        "title-lesson-plan": "Three lessons",
        "file-lesson-plan": upload(factories.PDF, NAME),
    }
    assert teacher.post(page, form, content_type="multipart/form-data").status_code == 302
    assert 'value="Three lessons" maxlength="300">' in teacher.get(page).text
