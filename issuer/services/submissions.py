"""A teacher's work on a microcredential: starting, saving, handing in, taking back. Evidence has a module of its own.

Every function takes the public number of a submission and finds it only among the actor's own.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from achievements.criteria import missing_evidence
from achievements.model import Achievement, EvidenceItem, EvidenceKind, Prompt
from achievements.serialise import load
from issuer.errors import Conflict, Fault, Forbidden, Invalid, NotFound
from issuer.models import AchievementVersion, Answer, Submission
from issuer.models import EvidenceItem as EvidenceRow
from issuer.services.access import Actor, note, require_person, roles_of
from issuer.services.words import kept
from issuer.workflow import EDITABLE, OPEN, Action, State, advance

#: Scopes of a key that works for a teacher.
READ, WRITE = "submissions:read", "submissions:write"


def start(session: Session, *, version_id: int, actor: Actor, now: datetime) -> Submission:
    """The teacher's open submission for this version: a new draft, or the one that is already there.

    Raises:
        NotFound: no such version, or of another organisation. Forbidden: not a teacher there, or `person_needed`.
        Conflict: `not_published`: a draft or retired version.
    """
    teacher_id = require_person(actor, scope=WRITE)
    version = session.get(AchievementVersion, version_id)
    roles = roles_of(session, actor, version.achievement.organisation_id) if version is not None else frozenset()
    if version is None or not roles:
        raise NotFound("There is no such microcredential.")
    if "teacher" not in roles:
        raise Forbidden("Only teachers of this organisation can work on its microcredentials.")
    existing = _open_one(session, teacher_id, version_id)
    if existing is not None:
        return existing
    if version.status != "published":
        raise Conflict("This version of the microcredential is not open for new submissions.", code="not_published")
    submission = Submission(
        number=new_number(),
        teacher_id=teacher_id,
        version_id=version_id,
        state=State.DRAFT.value,
        attempt=1,
        revision=0,
        started_at=now,
        saved_at=now,
    )
    try:
        with session.begin_nested():
            session.add(submission)
            session.flush()
    except IntegrityError:
        # The same teacher pressed the button twice; the database let one through, and that one is theirs.
        existing = _open_one(session, teacher_id, version_id)
        if existing is None:
            raise
        return existing
    _note(session, actor, submission, "submission.start", now)
    return submission


def save_draft(
    session: Session, *, number: str, answers: Mapping[str, str], revision: int, actor: Actor, now: datetime
) -> Submission:
    """Keep the words typed so far. Only the prompts named in `answers` change; `revision` is the one the page was made
    from, and the returned submission carries the next.

    Raises:
        NotFound. Conflict: `not_editable`. Invalid: `answer_unknown_prompt`, `text_too_long`.
        Conflict: `stale_draft`: the draft was changed elsewhere in between and an answer would be overwritten. Nothing
            is stored; `details` has the current `revision` and, for each answer that differs, `yours` and `theirs`.
    """
    submission = own(session, number, actor, lock=True)
    require_editable(submission)
    prompts = {prompt.key for prompt in _prompts(achievement_of(submission))}
    given: dict[str, str] = {}
    for key, text in answers.items():
        if key not in prompts:
            raise Invalid(
                f"There is no question “{key}” in this microcredential.",
                code="answer_unknown_prompt",
                faults=[Fault("answer_unknown_prompt", "There is no such question.", f"answers/{key}")],
            )
        given[key] = kept(text, f"answers/{key}")
    rows = {row.prompt_key: row for row in submission.answers}
    changed = {key: text for key, text in given.items() if text != (rows[key].text if key in rows else "")}
    if changed and revision != submission.revision:
        raise Conflict(
            "This draft was changed in another window after this page was opened. Nothing has been lost: both texts"
            " are shown, and you choose which to keep.",
            code="stale_draft",
            details={
                "revision": submission.revision,
                "answers": {
                    key: {"yours": text, "theirs": rows[key].text if key in rows else ""}
                    for key, text in changed.items()
                },
            },
        )
    for key, text in changed.items():
        if key in rows:
            rows[key].text = text
        else:
            submission.answers.append(Answer(prompt_key=key, text=text))
    if changed:
        # Drafts are saved every few seconds while somebody types: that is not an event of the trail.
        submission.revision += 1
        submission.saved_at = now
        session.flush()
    return submission


def submit(session: Session, *, number: str, actor: Actor, now: datetime, change_note: str = "") -> Submission:
    """Hand in what has been saved. Answers and evidence of an earlier attempt are still there; feedback on it stays.

    A version that was retired meanwhile is still judged: whoever has begun may finish.

    Args:
        change_note: what is different since the last attempt, for the reviewer.

    Raises:
        NotFound. Conflict: `wrong_state`, `already_decided`. Invalid: `incomplete`, with a fault for each missing part.
    """
    submission = own(session, number, actor, lock=True)
    following = advance(State(submission.state), Action.SUBMIT)
    missing = what_is_missing(submission)
    if missing:
        raise Invalid("This cannot be handed in yet: something is missing.", code="incomplete", faults=missing)
    if submission.state == State.RETURNED:
        submission.attempt += 1
    submission.state = following.value
    submission.change_note = kept(change_note, "change_note", max_chars=5_000)
    submission.submitted_at = now
    submission.reviewer_id = None
    submission.claimed_at = None
    _note(session, actor, submission, "submission.submit", now)
    return submission


def withdraw(session: Session, *, number: str, actor: Actor, now: datetime) -> Submission:
    """Take a submission back before a reviewer reads it. It is kept, and a new one can be started.

    Raises:
        NotFound. Conflict: `wrong_state`, `already_decided`.
    """
    submission = own(session, number, actor, lock=True)
    submission.state = advance(State(submission.state), Action.WITHDRAW).value
    submission.reviewer_id = None
    _note(session, actor, submission, "submission.withdraw", now)
    return submission


def what_is_missing(submission: Submission) -> list[Fault]:
    """What keeps this submission from being handed in, as faults whose pointers name prompts and artifacts."""
    answers = {row.prompt_key: row.text for row in submission.answers}
    items = [
        EvidenceItem(row.artifact_key, EvidenceKind(row.kind), row.media_type, row.size) for row in submission.evidence
    ]
    found = missing_evidence(achievement_of(submission), answers, items)
    return [Fault(each.code, each.message, each.pointer) for each in found]


def achievement_of(submission: Submission) -> Achievement:
    """The definition that this submission answers, as it was published."""
    return load(submission.version.body)


def own(session: Session, number: str, actor: Actor, *, lock: bool = False) -> Submission:
    """The actor's own submission with this number. `lock` keeps others from changing it until the transaction ends.

    Raises:
        NotFound: there is none, or it is somebody else's. Forbidden: `person_needed`.
    """
    teacher_id = require_person(actor, scope=WRITE if lock else READ)
    question = select(Submission).where(Submission.number == number, Submission.teacher_id == teacher_id)
    if lock:
        question = question.with_for_update(of=Submission, key_share=True).execution_options(populate_existing=True)
    submission = session.execute(question).unique().scalar_one_or_none()
    if submission is None or not actor.reaches(submission.version.achievement.organisation_id):
        raise NotFound("There is no such submission.")
    return submission


def require_editable(submission: Submission) -> None:
    """Raises: Conflict: `not_editable`: it has been handed in, decided or taken back."""
    if State(submission.state) not in EDITABLE:
        raise Conflict(
            "This submission has been handed in and cannot be changed now.",
            code="not_editable",
            details={"state": submission.state},
        )


def title_of(item: EvidenceRow) -> str:
    """What a piece of evidence is called before everybody: the teacher's own title for it, or the artifact's.

    Never the file's name, in which children are named.
    """
    asked = achievement_of(item.submission).evidence
    return item.title or next((each.title for each in asked if each.key == item.artifact_key), "Evidence")


def new_number() -> str:
    """A public number that tells nothing and cannot be guessed: 128 random bits."""
    return secrets.token_hex(16)


def _open_one(session: Session, teacher_id: int, version_id: int) -> Submission | None:
    return (
        session.execute(
            select(Submission).where(
                Submission.teacher_id == teacher_id,
                Submission.version_id == version_id,
                Submission.state.in_([state.value for state in OPEN]),
            )
        )
        .unique()
        .scalar_one_or_none()
    )


def _prompts(achievement: Achievement) -> tuple[Prompt, ...]:
    return (*achievement.overview, *achievement.reflection)


def _note(session: Session, actor: Actor, submission: Submission, action: str, now: datetime) -> None:
    organisation_id = submission.version.achievement.organisation_id
    session.flush()
    note(
        session, actor, organisation_id, action, f"submission:{submission.number}", now, {"attempt": submission.attempt}
    )
