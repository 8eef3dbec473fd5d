"""Evidence: handing it in, and who may open it.

Who may open a piece of evidence (docs/security.md says the same for people):
- its teacher, always;
- a coach of the microcredential's organisation, other than that teacher, once it has been handed in. What is added to a
  returned or withdrawn submission stays the teacher's until it is handed in again;
- anybody, once the teacher shared it and the credential has been issued.
An admin, an API key, an operator as such: nobody else. A key that acts for one of these needs the teacher’s consent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import IO, BinaryIO
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from achievements import file_kinds
from achievements.criteria import accepts_media_type
from achievements.model import EvidenceKind, EvidenceRequirement
from issuer import media
from issuer.errors import NotFound, TooLarge, UnsupportedType
from issuer.models import EvidenceItem, Submission
from issuer.services.access import Actor, note, roles_of
from issuer.services.consents import may_read_work_of
from issuer.services.submissions import READ, achievement_of, new_number, own, require_editable, title_of
from issuer.services.words import invalid, kept, line
from issuer.storage import Storage, readable
from issuer.workflow import State

EMPTY = "The file is empty."
_READ_BY_COACHES = frozenset({State.SUBMITTED, State.IN_REVIEW, State.APPROVED, State.ISSUED})


@dataclass(frozen=True, slots=True)
class Opened:
    """A file to give out: `file` stands at its start and is closed by the caller. Give it out as an attachment."""

    file: BinaryIO
    item: EvidenceItem
    #: What the file is called for whoever opens it, see `name_for`.
    name: str


def add_file(
    session: Session,
    storage: Storage,
    *,
    number: str,
    artifact_key: str,
    stream: IO[bytes],
    name: str,
    declared_type: str,
    max_bytes: int,
    actor: Actor,
    now: datetime,
    description: str = "",
    title: str = "",
) -> EvidenceItem:
    """Hand in a file. Its type is detected from its content; a refused file leaves neither a row nor a stored file.

    Args:
        declared_type: what the browser says it is; "" where it says nothing.
        max_bytes: the installation's bound (`Config.max_upload_bytes`); the artifact's own may be lower.

    Raises:
        NotFound. Conflict: `not_editable`. TooLarge: `file_too_large`.
        Invalid: `artifact_unknown`, `artifact_too_many`, `artifact_kind_not_accepted`, `file_empty`.
        UnsupportedType: `file_type_forbidden`, `file_type_mismatch`, `file_type_not_accepted`.
        StorageFailed: the storage is not available.
    """
    # Read before the first statement: a slow or large file must not hold the database's write lock.
    received = storage.receive(stream, max_bytes)
    with received.file:
        submission = own(session, number, actor, lock=True)
        requirement = _room_for(submission, artifact_key)
        if received.size == 0:
            raise invalid("file_empty", EMPTY, "file")
        if received.size > requirement.max_bytes:
            raise too_large(requirement, requirement.max_bytes)
        sniffed = media.sniff(received.file, name=name, declared=declared_type)
        kind = _kind_of_file(requirement, sniffed, declared_type)
        stored = storage.keep(received)
    return _add(
        session,
        submission,
        EvidenceItem(
            kind=kind.value,
            name=media.safe_name(name, sniffed.media_type),
            title=line(title, "title", max_chars=300),
            description=kept(description, "description", max_chars=2_000),
            sha256=stored.sha256,
            size=stored.size,
            media_type=sniffed.media_type,
        ),
        artifact_key,
        actor,
        now,
    )


def add_link(
    session: Session,
    *,
    number: str,
    artifact_key: str,
    url: str,
    actor: Actor,
    now: datetime,
    name: str = "",
    description: str = "",
    title: str = "",
) -> EvidenceItem:
    """Hand in an address. It is never fetched by us.

    Raises:
        NotFound. Conflict: `not_editable`.
        Invalid: `artifact_unknown`, `artifact_too_many`, `artifact_kind_not_accepted`, `link_invalid`.
    """
    submission = own(session, number, actor, lock=True)
    _require_kind(_room_for(submission, artifact_key), EvidenceKind.LINK)
    url = _link(url)
    item = EvidenceItem(
        kind=EvidenceKind.LINK.value,
        name=line(name, "name", max_chars=300) or url[:300],
        title=line(title or name, "title", max_chars=300),
        description=kept(description, "description", max_chars=2_000),
        url=url,
    )
    return _add(session, submission, item, artifact_key, actor, now)


def add_text(
    session: Session,
    *,
    number: str,
    artifact_key: str,
    text: str,
    actor: Actor,
    now: datetime,
    name: str = "",
    description: str = "",
    title: str = "",
) -> EvidenceItem:
    """Hand in words as an artifact.

    Raises:
        NotFound. Conflict: `not_editable`.
        Invalid: `artifact_unknown`, `artifact_too_many`, `artifact_kind_not_accepted`, `text_missing`, `text_too_long`.
    """
    submission = own(session, number, actor, lock=True)
    requirement = _room_for(submission, artifact_key)
    _require_kind(requirement, EvidenceKind.TEXT)
    text = kept(text, "text").strip()
    if not text:
        raise invalid("text_missing", "Please write something.", "text")
    item = EvidenceItem(
        kind=EvidenceKind.TEXT.value,
        name=line(name, "name", max_chars=300) or requirement.title[:300],
        title=line(title or name, "title", max_chars=300),
        description=kept(description, "description", max_chars=2_000),
        text=text,
    )
    return _add(session, submission, item, artifact_key, actor, now)


def remove_item(session: Session, *, number: str, actor: Actor, now: datetime) -> Submission:
    """Take a piece of evidence (by its own number) out of a draft. Returns the submission.

    Raises:
        NotFound. Conflict: `not_editable`.
    """
    item = _own_item(session, number, actor)
    submission = item.submission
    require_editable(submission)
    submission.evidence.remove(item)
    submission.saved_at = now
    _note(session, actor, submission, "evidence.remove", now, item)
    return submission


def set_title(session: Session, *, number: str, title: str, actor: Actor, now: datetime) -> EvidenceItem:
    """The teacher's own title for a piece of evidence, which stands in the badge; "" for the artifact's title.

    Raises:
        NotFound. Conflict: `not_editable`: it has been handed in. Invalid: `text_too_long`.
    """
    item = _own_item(session, number, actor)
    require_editable(item.submission)
    title = line(title, "title", max_chars=300)
    if item.title != title:
        item.title, item.submission.saved_at = title, now
        _note(session, actor, item.submission, "evidence.title", now, item)
    return item


def set_shared(session: Session, *, number: str, shared: bool, actor: Actor, now: datetime) -> EvidenceItem:
    """Whether this piece of evidence may be opened by anybody. Its address stands in the credential only if it was
    shared when the credential was issued; taking it back later closes the address.

    Raises:
        NotFound.
    """
    item = _own_item(session, number, actor)
    if item.shared != shared:
        item.shared = shared
        _note(session, actor, item.submission, "evidence.share" if shared else "evidence.unshare", now, item)
    return item


def view(session: Session, *, number: str, actor: Actor | None, now: datetime | None = None) -> EvidenceItem:
    """A piece of evidence for somebody who may see it; `actor` None is a stranger. Without `now` no key gets past.

    Raises:
        NotFound: there is none, or not for this person.
    """
    item = session.execute(select(EvidenceItem).where(EvidenceItem.number == number)).scalar_one_or_none()
    if item is None or not may_open(session, item, actor, now):
        raise NotFound("There is no such evidence.")
    return item


def open_for(
    session: Session, storage: Storage, *, number: str, actor: Actor | None, now: datetime | None = None
) -> Opened:
    """The same with its bytes, checked against their hash.

    Raises:
        NotFound: there is none, not for this person, or it is no file. StorageFailed.
    """
    item = view(session, number=number, actor=actor, now=now)
    if not item.sha256:
        raise NotFound("There is no such evidence.")
    return Opened(storage.open(item.sha256), item, name_for(session, item, actor, now))


def name_for(session: Session, item: EvidenceItem, actor: Actor | None, now: datetime | None = None) -> str:
    """What the file is called for this person: its own name for its teacher and those who review it, else by title."""
    if _may_read_private(session, item, actor, now):
        return item.name
    return media.safe_name(title_of(item), item.media_type)


def may_open(session: Session, item: EvidenceItem, actor: Actor | None, now: datetime | None = None) -> bool:
    """The rule at the top of this module."""
    submission = item.submission
    if item.shared and State(submission.state) is State.ISSUED:
        return True
    return _may_read_private(session, item, actor, now)


def _may_read_private(session: Session, item: EvidenceItem, actor: Actor | None, now: datetime | None) -> bool:
    submission = item.submission
    state = State(submission.state)
    if actor is None or actor.kind != "user" or actor.user_id is None:
        return False
    if not actor.reaches(submission.version.achievement.organisation_id):
        return False
    if (actor.by_key and READ not in actor.scopes) or not may_read_work_of(session, actor, submission.teacher_id, now):
        return False
    if submission.teacher_id == actor.user_id:
        return True
    if "coach" not in roles_of(session, actor, submission.version.achievement.organisation_id):
        return False
    return state in _READ_BY_COACHES or (state is State.RETURNED and was_handed_in(item))


def was_handed_in(item: EvidenceItem) -> bool:
    """The item was part of the attempt that was last handed in."""
    submitted_at = item.submission.submitted_at
    return submitted_at is not None and item.added_at <= submitted_at


def _room_for(submission: Submission, artifact_key: str) -> EvidenceRequirement:
    require_editable(submission)
    requirement = next((each for each in achievement_of(submission).evidence if each.key == artifact_key), None)
    if requirement is None:
        raise invalid("artifact_unknown", f"There is no artifact “{artifact_key}” in this microcredential.", "artifact")
    if sum(item.artifact_key == artifact_key for item in submission.evidence) >= requirement.max_items:
        raise invalid(
            "artifact_too_many",
            f"“{requirement.title}” takes at most {requirement.max_items} items. Remove one first.",
            f"evidence/{artifact_key}",
        )
    return requirement


def takes(requirement: EvidenceRequirement, media_type: str) -> bool:
    """A file of this type can be evidence for this artifact."""
    if not accepts_media_type(requirement, media_type):
        return False
    family = media_type.split("/", 1)[0]
    return EvidenceKind.FILE in requirement.kinds or family in {each.value for each in requirement.kinds}


def too_large(requirement: EvidenceRequirement, max_bytes: int) -> TooLarge:
    message = f"“{requirement.title}” takes files of at most {readable(max_bytes)}; this one is larger."
    return TooLarge(message, code="file_too_large")


def forbidden(requirement: EvidenceRequirement) -> UnsupportedType:
    """For a file that no artifact takes."""
    kinds = requirement.media_types or [each for each in media.EXTENSIONS if takes(requirement, each)]
    message = f"Files of this kind are not accepted. “{requirement.title}” takes {media.describe_all(kinds)}."
    return UnsupportedType(message, code="file_type_forbidden")


def not_accepted(requirement: EvidenceRequirement, kind: str) -> UnsupportedType:
    """`kind`: what the file is, as people call it."""
    message = f"“{requirement.title}” takes {_accepted(requirement)}. This file is of another kind: {kind}."
    return UnsupportedType(message, code="file_type_not_accepted")


def _accepted(requirement: EvidenceRequirement) -> str:
    if requirement.media_types:
        return media.describe_all(requirement.media_types)
    return file_kinds.one_of(each for each in requirement.kinds if each not in (EvidenceKind.LINK, EvidenceKind.TEXT))


def _require_kind(requirement: EvidenceRequirement, kind: EvidenceKind) -> None:
    if kind not in requirement.kinds:
        accepted = file_kinds.one_of(requirement.kinds)
        raise invalid(
            "artifact_kind_not_accepted",
            f"“{requirement.title}” takes {accepted}, not {file_kinds.one_of([kind])}.",
            f"evidence/{requirement.key}",
        )


def _kind_of_file(requirement: EvidenceRequirement, sniffed: media.Sniffed, declared_type: str) -> EvidenceKind:
    if not sniffed.media_type:
        raise forbidden(requirement)
    found = media.describe(sniffed.media_type)
    if sniffed.contradicts:
        raise UnsupportedType(
            f"This file was sent as “{media.describe(declared_type)}”, but it holds “{found}”. Please check it.",
            code="file_type_mismatch",
        )
    if not accepts_media_type(requirement, sniffed.media_type):
        raise not_accepted(requirement, found)
    family = sniffed.media_type.split("/", 1)[0]
    if family in ("image", "video", "audio") and EvidenceKind(family) in requirement.kinds:
        return EvidenceKind(family)
    if EvidenceKind.FILE not in requirement.kinds:
        message = not_accepted(requirement, found).message
        raise invalid("artifact_kind_not_accepted", message, f"evidence/{requirement.key}")
    return EvidenceKind.FILE


def _link(url: str) -> str:
    url = url.strip()
    problem = invalid("link_invalid", "A link starts with http:// or https:// and names a site.", "url")
    if len(url) > 2_000 or any(char.isspace() or not char.isprintable() for char in url):
        raise problem
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise problem from None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        raise problem
    return url


def _own_item(session: Session, number: str, actor: Actor) -> EvidenceItem:
    submission_number = session.scalar(
        select(Submission.number).join(EvidenceItem).where(EvidenceItem.number == number)
    )
    if submission_number is None:
        raise NotFound("There is no such evidence.")
    submission = own(session, submission_number, actor, lock=True)
    item = next((each for each in submission.evidence if each.number == number), None)
    if item is None:
        raise NotFound("There is no such evidence.")
    return item


def _add(
    session: Session, submission: Submission, item: EvidenceItem, artifact_key: str, actor: Actor, now: datetime
) -> EvidenceItem:
    item.number, item.artifact_key, item.added_at = new_number(), artifact_key, now
    item.shared = False
    submission.evidence.append(item)
    submission.saved_at = now
    _note(session, actor, submission, "evidence.add", now, item)
    return item


def _note(
    session: Session, actor: Actor, submission: Submission, action: str, now: datetime, item: EvidenceItem
) -> None:
    session.flush()
    details = {"evidence": item.number, "artifact": item.artifact_key, "kind": item.kind, "sha256": item.sha256}
    organisation_id = submission.version.achievement.organisation_id
    note(session, actor, organisation_id, action, f"submission:{submission.number}", now, details)
