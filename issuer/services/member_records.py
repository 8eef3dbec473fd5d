"""The name that badges state is the one of the district's record. The person cannot change it: whoever could would have
the district sign it.

Whether a name or an educator id is that of a badge's holder is answered to agencies, yes or no, one question at a time,
and each question stands in the issuing organisation's trail.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.errors import NotFound, TooMany
from issuer.models import Credential, MemberRecord, Organisation
from issuer.queries import credentials
from issuer.queries import records as queries
from issuer.services.access import Actor, is_known_in, lock_organisation, note, require_role
from issuer.services.words import invalid, line

#: Of an API key that may change records. Not among `members:write`: a key that was given that must not find itself able
#: to decide what the district signs.
SCOPE = "records:write"
#: Of one that may ask whether a badge is somebody's, for an agency.
ASK = "records:ask"
#: Questions of one person, or of one organisation's keys, in an hour: an educator id must not be found by trying.
MOST = 60


@dataclass(frozen=True, slots=True)
class Match:
    """The answer to "is this so-and-so": None for what was not asked, or what the record does not hold."""

    name: bool | None
    educator_id: bool | None


def set_record(
    session: Session,
    *,
    organisation_id: int,
    user_id: int,
    name: str,
    actor: Actor,
    now: datetime,
    educator_id: str | None = None,
) -> MemberRecord:
    """What the organisation has on record of a person who is, or was, with it. Badges that are out keep what they say.

    Args:
        educator_id: None leaves it as it is; "" takes it away.

    Raises:
        Forbidden: the actor is no admin there, or a key without `records:write`. NotFound: no such person there.
        Invalid: `name_missing`, `text_too_long`.
    """
    require_role(session, actor, organisation_id, "admin", scope=SCOPE)
    name = clean(name, "name", 200)
    if not name:
        raise invalid("name_missing", "Please give a name.", "name")
    # The organisation's row is the lock: two who make the first record of a person would both insert one.
    lock_organisation(session, organisation_id)
    record = queries.record_of(session, organisation_id, user_id)
    if record is None:
        if not queries.belongs(session, organisation_id, user_id):
            raise NotFound("There is no such person here.")
        record = MemberRecord(organisation_id=organisation_id, user_id=user_id, name="", educator_id="", changed_at=now)
    number = record.educator_id if educator_id is None else clean(educator_id, "educator_id", 100)
    changed = [
        field
        for field, old, new in (("name", record.name, name), ("educator_id", record.educator_id, number))
        if old != new
    ]
    if not changed:
        return record
    record.name, record.educator_id, record.changed_at = name, number, now
    session.add(record)
    # What it was and what it is are personal, and the trail is for good: it says that it changed, and who did it.
    note(session, actor, organisation_id, "record.change", f"user:{user_id}", now, {"fields": changed})
    return record


def begin_record(
    session: Session, *, organisation_id: int, user_id: int, name: str, actor: Actor, now: datetime
) -> None:
    """The record of somebody who is added under this name; one that is there already stays. Nothing happens for a
    key without `records:write`. For callers that have checked the rights."""
    if actor.by_key and SCOPE not in actor.scopes:
        return
    name = clean(name, "name", 200)
    if not name or queries.record_of(session, organisation_id, user_id) is not None:
        return
    session.add(MemberRecord(organisation_id=organisation_id, user_id=user_id, name=name, changed_at=now))
    note(session, actor, organisation_id, "record.change", f"user:{user_id}", now, {"fields": ["name"]})


def set_educator_ids(session: Session, *, organisation_id: int, signed: bool, actor: Actor, now: datetime) -> None:
    """Whether badges that are signed from now on carry a hash of the educator id.

    Raises:
        Forbidden: the actor is no admin there.
    """
    require_role(session, actor, organisation_id, "admin")
    organisation = session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound("There is no such organisation.")
    if organisation.educator_id_signed != signed:
        organisation.educator_id_signed = signed
        details = {"educator_id_signed": signed}
        note(session, actor, organisation_id, "organisation.change", f"organisation:{organisation.slug}", now, details)


def ask(session: Session, *, number: str, name: str, educator_id: str, actor: Actor, now: datetime) -> Match:
    """Whether a badge's holder has this name and this educator id in the record of whoever issued it.

    Only for agencies of the issuing organisation, and only for badges that their holders share: others are not found.
    The trail of the issuing organisation says who asked about which badge, not what they typed.

    Raises:
        NotFound: no such badge, not shared, or the actor does not belong to its organisation.
        Forbidden: the actor is no agency there, or a key without `records:ask`. TooMany: `too_many_questions`.
        Invalid: `nothing_to_compare`, `text_too_long`.
    """
    found = session.scalars(select(Credential).where(Credential.number == number)).one_or_none()
    if (
        found is None
        or credentials.current_of(session, found).shared_at is None
        or not is_known_in(session, actor, found.organisation_id)
    ):
        raise NotFound("There is no such credential, or it is not shared.")
    require_role(session, actor, found.organisation_id, "agency", scope=ASK)
    name, educator_id = clean(name, "name", 200), clean(educator_id, "educator_id", 100)
    if not name and not educator_id:
        raise invalid("nothing_to_compare", "Please give a name or an educator id.", "name")
    # Two questions at once would both be counted before either of them stands in the trail.
    lock_organisation(session, found.organisation_id)
    if (
        queries.questions_since(session, found.organisation_id, actor.kind, actor.user_id, now - timedelta(hours=1))
        >= MOST
    ):
        raise TooMany(f"At most {MOST} questions an hour are answered. Please go on later.", code="too_many_questions")
    record = queries.record_of(session, found.organisation_id, found.teacher_id)
    fields = [field for field, typed in (("name", name), ("educator_id", educator_id)) if typed]
    note(session, actor, found.organisation_id, "record.ask", f"credential:{number}", now, {"fields": fields})
    return Match(_same(name, record.name if record else ""), _same(educator_id, record.educator_id if record else ""))


def clean(text: str, pointer: str, longest: int) -> str:
    """One line in one form of Unicode, without characters that nobody sees: they would make two names look like one."""
    text = "".join(each for each in text if unicodedata.category(each) not in ("Cc", "Cf") or each.isspace())
    return unicodedata.normalize("NFC", line(text, pointer, max_chars=longest))


def _same(typed: str, recorded: str) -> bool | None:
    if not typed or not recorded:
        return None
    return comparable(typed) == comparable(recorded)


def comparable(text: str) -> str:
    """Case and spaces do not count; accents do."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).split())
