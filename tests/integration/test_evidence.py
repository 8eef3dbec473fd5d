"""Handing evidence in, and who may open it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from achievements.model import EvidenceKind, EvidenceRequirement
from issuer.errors import Conflict, Invalid, NotFound, ServiceError
from issuer.models import EvidenceItem, Submission, User
from issuer.services import evidence, submissions
from issuer.services.access import Actor
from issuer.storage import Storage, StorageFailed
from tests import factories
from tests.factories import NOW, PDF, PNG, actor
from tests.integration.conftest import District


@pytest.fixture
def draft(session: Session, district: District) -> Submission:
    made = factories.draft(session, district.teacher, district.version)
    session.commit()
    return made


def _files(storage: Storage) -> list[Path]:
    root = Path(storage.url)
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


def test_a_file_is_kept_by_its_content(session: Session, storage: Storage, draft: Submission) -> None:
    item = factories.upload(session, storage, draft)
    assert (item.kind, item.media_type, item.size, item.name) == ("file", "application/pdf", len(PDF), "plan.pdf")
    assert [path.name for path in _files(storage)] == [item.sha256]
    picture = factories.upload(session, storage, draft, data=PNG, name="board.exe", declared_type="image/png")
    assert (picture.kind, picture.name) == ("image", "board.exe.png")


@pytest.mark.parametrize(
    ("data", "name", "declared", "code"),
    [
        (b"MZ\x90\x00 program", "plan.pdf", "application/pdf", "file_type_forbidden"),
        (b"<html><script>", "plan.pdf", "application/pdf", "file_type_forbidden"),
        (PDF, "plan.pdf", "image/png", "file_type_mismatch"),
        (PNG, "plan.pdf", "application/pdf", "file_type_mismatch"),
        (b"", "plan.pdf", "application/pdf", "file_empty"),
        (PDF + b"x" * 1_000_000, "plan.pdf", "application/pdf", "file_too_large"),
    ],
)
def test_a_refused_file_leaves_nothing(
    session: Session, storage: Storage, draft: Submission, data: bytes, name: str, declared: str, code: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        factories.upload(session, storage, draft, data=data, name=name, declared_type=declared)
    assert caught.value.code == code
    assert session.scalar(select(func.count()).select_from(EvidenceItem)) == 0
    assert _files(storage) == []


def test_the_installations_bound_holds_whatever_the_artifact_allows(
    session: Session, storage: Storage, draft: Submission
) -> None:
    with pytest.raises(ServiceError) as caught:
        factories.upload(session, storage, draft, max_bytes=10)
    assert caught.value.code == "file_too_large"
    assert _files(storage) == []


def test_an_artifact_takes_what_it_says_and_no_more(session: Session, storage: Storage, draft: Submission) -> None:
    with pytest.raises(Invalid) as caught:
        factories.upload(session, storage, draft, artifact_key="student-work")
    assert caught.value.code == "artifact_kind_not_accepted"
    with pytest.raises(Invalid) as caught:
        factories.upload(session, storage, draft, artifact_key="nothing")
    assert caught.value.code == "artifact_unknown"
    factories.upload(session, storage, draft)
    factories.upload(session, storage, draft)
    with pytest.raises(Invalid) as caught:
        factories.upload(session, storage, draft)
    assert caught.value.code == "artifact_too_many"


def test_a_program_was_said_to_meet_a_list_that_this_artifact_does_not_take() -> None:
    exit_tickets = EvidenceRequirement(
        key="exit-tickets",
        title="Two exit tickets",
        kinds=(EvidenceKind.FILE,),
        media_types=("application/pdf", "image/*", "text/markdown"),
    )
    assert evidence.forbidden(exit_tickets).message == (
        "Files of this kind are not accepted. “Two exit tickets” takes PDF, picture, Markdown text."
    )
    sound = evidence.forbidden(replace(exit_tickets, kinds=(EvidenceKind.AUDIO,), media_types=()))
    assert sound.message.endswith("takes sound recording (MP3, WAV, OGG, FLAC, MP4).")


def test_a_storage_that_fails_leaves_no_row(session: Session, tmp_path: Path, draft: Submission) -> None:
    (tmp_path / "blocked").write_text("a file where the folder should be")
    with pytest.raises(StorageFailed):
        factories.upload(session, Storage(str(tmp_path / "blocked" / "evidence")), draft)
    assert session.scalar(select(func.count()).select_from(EvidenceItem)) == 0


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org/x",
        "https://",
        "https://user:pass@example.org/",
        "https://exa mple.org/",
        "https://example.org/\nx",
        "https://[::1",
        "https://example.org:99999/",
        "https://example.org/" + "a" * 2_000,
    ],
)
def test_links_are_web_addresses(session: Session, draft: Submission, url: str) -> None:
    with pytest.raises(Invalid) as caught:
        evidence.add_link(
            session, number=draft.number, artifact_key="student-work", url=url, actor=actor(draft.teacher), now=NOW
        )
    assert caught.value.code == "link_invalid"


def test_links_and_texts(session: Session, draft: Submission) -> None:
    teacher = actor(draft.teacher)
    link = evidence.add_link(
        session, number=draft.number, artifact_key="student-work", url=" https://x.example/w ", actor=teacher, now=NOW
    )
    words = evidence.add_text(
        session, number=draft.number, artifact_key="student-work", text="What they said\r\n", actor=teacher, now=NOW
    )
    assert (link.kind, link.url, link.name) == ("link", "https://x.example/w", "https://x.example/w")
    assert (words.kind, words.text, words.name) == ("text", "What they said", "Student work")
    with pytest.raises(Invalid) as caught:
        evidence.add_text(
            session, number=draft.number, artifact_key="student-work", text=" \x00 ", actor=teacher, now=NOW
        )
    assert caught.value.code == "text_missing"
    evidence.remove_item(session, number=link.number, actor=teacher, now=NOW)
    assert [item.number for item in draft.evidence] == [words.number]


def test_the_database_wants_exactly_one_content(session: Session, draft: Submission) -> None:
    session.add(
        EvidenceItem(
            number="1" * 32,
            submission_id=draft.id,
            artifact_key="student-work",
            kind="link",
            name="two",
            url="https://x.example",
            text="and words",
            added_at=NOW,
        )
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_handed_in_evidence_stays(session: Session, storage: Storage, district: District) -> None:
    submission = factories.handed_in(session, storage, district.teacher, district.version)
    teacher = actor(district.teacher)
    with pytest.raises(Conflict) as caught:
        evidence.remove_item(session, number=submission.evidence[0].number, actor=teacher, now=NOW)
    assert caught.value.code == "not_editable"
    with pytest.raises(Conflict):
        factories.upload(session, storage, submission)
    assert evidence.set_shared(
        session, number=submission.evidence[0].number, shared=True, actor=teacher, now=NOW
    ).shared


def test_only_the_teacher_touches_it(session: Session, storage: Storage, district: District, draft: Submission) -> None:
    item = factories.upload(session, storage, draft)
    for other in (district.coach, district.admin, district.stranger):
        with pytest.raises(NotFound):
            evidence.remove_item(session, number=item.number, actor=actor(other), now=NOW)
        with pytest.raises(NotFound):
            evidence.set_shared(session, number=item.number, shared=True, actor=actor(other), now=NOW)


def _who_can(session: Session, storage: Storage, district: District, item: EvidenceItem) -> set[str]:
    """Everybody for whom the file opens."""
    session.flush()
    people: dict[str, Actor | None] = {
        "teacher": actor(district.teacher),
        "coach": actor(district.coach),
        "other_coach": actor(district.other_coach),
        "admin": actor(district.admin),
        "stranger": actor(district.stranger),
        "anybody": None,
        "key": Actor("api_key", organisation_id=district.organisation.id),
        "command": Actor.command(),
        "teacher through a key of another district": Actor(
            "user",
            user_id=district.teacher.id,
            organisation_id=district.stranger.memberships[0].organisation_id,
            via="bw_x",
        ),
    }
    able = set()
    for name, person in people.items():
        try:
            opened = evidence.open_for(session, storage, number=item.number, actor=person)
        except NotFound:
            continue
        with opened.file:
            assert opened.file.read() == PDF
        able.add(name)
    return able


def test_who_may_open_evidence_at_each_stage(session: Session, storage: Storage, district: District) -> None:
    coaches, everybody = {"teacher", "coach", "other_coach"}, 9
    submission = factories.draft(session, district.teacher, district.version)
    item = factories.upload(session, storage, submission)
    assert _who_can(session, storage, district, item) == {"teacher"}
    evidence.set_shared(session, number=item.number, shared=True, actor=actor(district.teacher), now=NOW)
    assert _who_can(session, storage, district, item) == {"teacher"}, "sharing opens nothing before the credential"
    submissions.save_draft(
        session,
        number=submission.number,
        answers={"context": "Grade four, twenty."},
        revision=0,
        actor=actor(district.teacher),
        now=NOW,
    )
    submissions.submit(session, number=submission.number, actor=actor(district.teacher), now=NOW)
    assert _who_can(session, storage, district, item) == coaches
    factories.returned(session, submission, district.coach)
    added = factories.upload(session, storage, submission, now=NOW + timedelta(days=1))
    assert _who_can(session, storage, district, item) == coaches
    assert _who_can(session, storage, district, added) == {"teacher"}, "not handed in yet"
    submissions.submit(session, number=submission.number, actor=actor(district.teacher), now=NOW + timedelta(days=2))
    assert _who_can(session, storage, district, added) == coaches
    factories.approved(session, submission, district.coach)
    assert _who_can(session, storage, district, item) == coaches
    submission.state = "issued"
    assert len(_who_can(session, storage, district, item)) == everybody
    assert _who_can(session, storage, district, added) == coaches, "not shared"
    evidence.set_shared(session, number=item.number, shared=False, actor=actor(district.teacher), now=NOW)
    assert _who_can(session, storage, district, item) == coaches, "taken back"


def test_withdrawn_evidence_is_the_teachers_alone(session: Session, storage: Storage, district: District) -> None:
    submission = factories.handed_in(session, storage, district.teacher, district.version)
    submissions.withdraw(session, number=submission.number, actor=actor(district.teacher), now=NOW)
    assert _who_can(session, storage, district, submission.evidence[0]) == {"teacher"}


def test_a_coach_is_not_a_coach_of_their_own_work(session: Session, storage: Storage, district: District) -> None:
    """The coach opens it as its teacher, which is the same right by another way; the other coach as coach."""
    submission = factories.handed_in(session, storage, district.coach, district.version)
    assert _who_can(session, storage, district, submission.evidence[0]) == {"coach", "other_coach"}


def test_who_left_the_district_sees_nothing(session: Session, storage: Storage, district: District) -> None:
    submission = factories.handed_in(session, storage, district.teacher, district.version)
    coach = session.get_one(User, district.coach.id)
    coach.active = False
    assert "coach" not in _who_can(session, storage, district, submission.evidence[0])


def test_a_damaged_file_is_not_given_out(session: Session, storage: Storage, draft: Submission) -> None:
    item = factories.upload(session, storage, draft)
    (path,) = _files(storage)
    path.write_bytes(b"%PDF-1.7\n%somebody changed it")
    with pytest.raises(StorageFailed) as caught:
        evidence.open_for(session, storage, number=item.number, actor=actor(draft.teacher))
    assert caught.value.code == "evidence_damaged"


def test_a_link_has_no_bytes(session: Session, storage: Storage, draft: Submission) -> None:
    teacher = actor(draft.teacher)
    link = evidence.add_link(
        session, number=draft.number, artifact_key="student-work", url="https://x.example", actor=teacher, now=NOW
    )
    assert evidence.view(session, number=link.number, actor=teacher) is link
    with pytest.raises(NotFound):
        evidence.open_for(session, storage, number=link.number, actor=teacher)
