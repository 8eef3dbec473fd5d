"""The demo district: invented people, a framework, microcredentials, and some work, all made through the services.

Only `badgewright serve --demo` makes it, once, and only where no other organisation is. Its passwords are random and
stand in `demo-signins.txt` in the data folder, readable by the owner alone.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from issuer.config import Config
    from issuer.models import Organisation, Submission
    from issuer.runtime import Runtime
    from issuer.services.access import Actor

SIGNINS = "demo-signins.txt"
#: Credentials that are asked where they were issued.
_LOOKED_AT = 300
_HEAD = "# Invented people of the demo. Made once, for this installation alone; delete the data folder to start anew.\n"


@dataclass(frozen=True, slots=True)
class SignIn:
    who: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class DemoDistrict:
    """`file` holds the sign-ins; empty `signins` mean that it was taken away. `issued_elsewhere`: other addresses that
    badges issued here name, because the demo ran there when they were issued."""

    organisation: str
    signins: tuple[SignIn, ...]
    file: Path
    issued_elsewhere: tuple[str, ...] = ()


def ensure_demo_district(config: Config) -> DemoDistrict:
    """The demo district, made now if it is not there yet.

    Raises:
        click.ClickException: another organisation is there: this installation is somebody's own.
    """
    from issuer.runtime import build_runtime

    content = json.loads(files("issuer.cli").joinpath("demo_content.json").read_text(encoding="utf-8"))
    runtime = build_runtime(config)
    path = config.var / SIGNINS
    try:
        if not _is_there(runtime, content["organisation"]["slug"]):
            _make(runtime, content, path)
        _do_work(runtime, content)
        elsewhere = _issued_elsewhere(runtime)
    finally:
        runtime.engine.dispose()
    return DemoDistrict(content["organisation"]["name"], _read(path), path.absolute(), elsewhere)


def _issued_elsewhere(runtime: Runtime) -> tuple[str, ...]:
    """A badge names the address at which it was issued for good, its port too. Looks at the first few hundred."""
    from urllib.parse import urlsplit

    from sqlalchemy import select

    from issuer.db import reading
    from issuer.models import Credential

    with reading(runtime.sessions) as session:
        documents = session.scalars(select(Credential.document).order_by(Credential.id).limit(_LOOKED_AT)).all()
    ids = (urlsplit(json.loads(document)["id"]) for document in documents)
    found = dict.fromkeys(f"{each.scheme}://{each.netloc}" for each in ids)
    return tuple(address for address in found if address != runtime.config.base_url)


def _is_there(runtime: Runtime, slug: str) -> bool:
    from issuer.db import reading
    from issuer.queries.credentials import organisation_slugs

    with reading(runtime.sessions) as session:
        slugs = organisation_slugs(session)
    if slugs and slug not in slugs:
        raise click.ClickException(
            "There are organisations in this database already. The demo district is made in an empty one only;"
            " run `badgewright serve` without --demo, or set BADGEWRIGHT_VAR to another folder."
        )
    return bool(slugs)


def _make(runtime: Runtime, content: Mapping[str, Any], path: Path) -> None:
    """District, key, people, framework and microcredentials in one transaction; the passwords are written first."""
    from issuer.db import unit_of_work
    from issuer.services import accounts, keys, member_records
    from issuer.services.access import Actor
    from issuer.services.passwords import hash_password, random_password

    now, command = runtime.clock(), Actor.command("demo")
    signins = [SignIn(each["who"], each["email"], random_password()) for each in content["people"]]
    _write(path, signins)
    with unit_of_work(runtime.sessions) as session:
        organisation = accounts.create_organisation(session, **content["organisation"], actor=command, now=now)
        keys.create_key(session, runtime.keyring, organisation.id, command, now)
        for person, signin in zip(content["people"], signins, strict=True):
            user = accounts.create_user(
                session,
                email=person["email"],
                name=person["name"],
                password_hash=hash_password(signin.password),
                actor=command,
                now=now,
            )
            for role in person["roles"]:
                accounts.add_member(
                    session, user_id=user.id, organisation_id=organisation.id, role=role, actor=command, now=now
                )
            member_records.begin_record(
                session,
                organisation_id=organisation.id,
                user_id=user.id,
                name=person["name"],
                actor=command,
                now=now,
            )
        _import_definitions(session, organisation, command, runtime)


def _import_definitions(session: Session, organisation: Organisation, actor: Actor, runtime: Runtime) -> None:
    from sqlalchemy import select

    from achievements import definitions as ours
    from issuer.models import AchievementRow, AchievementVersion
    from issuer.services import definitions, frameworks

    now = runtime.clock()
    frameworks.apply(session, organisation_id=organisation.id, data=ours.raw(ours.FRAMEWORK_FILE), actor=actor, now=now)
    definitions.apply(
        session, organisation_id=organisation.id, data=ours.raw(ours.MICROCREDENTIALS_FILE), actor=actor, now=now
    )
    drafts = session.scalars(
        select(AchievementVersion)
        .join(AchievementRow)
        .where(AchievementRow.organisation_id == organisation.id, AchievementVersion.status == "draft")
    ).all()
    for version in drafts:
        definitions.publish(session, version_id=version.id, actor=actor, now=now)


def _do_work(runtime: Runtime, content: Mapping[str, Any]) -> None:
    """Each piece of work in transactions of its own, as people would do it; what is there already is left alone."""
    from sqlalchemy import select

    from issuer.db import unit_of_work
    from issuer.models import AchievementRow, AchievementVersion, Submission, User
    from issuer.queries.credentials import organisation_by_slug

    for work in content["work"]:
        with unit_of_work(runtime.sessions) as session:
            organisation = organisation_by_slug(session, content["organisation"]["slug"])
            version = session.scalars(
                select(AchievementVersion)
                .join(AchievementRow)
                .where(
                    AchievementRow.organisation_id == organisation.id,
                    AchievementRow.key == work["microcredential"],
                    AchievementVersion.status == "published",
                )
            ).first()
            teacher = session.scalars(select(User).where(User.email == work["teacher"])).first()
            if version is None or teacher is None:
                continue  # somebody retired or removed it since: the demo is theirs now
            begun = select(Submission.id).where(
                Submission.teacher_id == teacher.id, Submission.version_id == version.id
            )
            if session.scalars(begun).first() is None:
                _one(session, runtime, organisation, teacher.id, version.id, work)


def _one(
    session: Session, runtime: Runtime, organisation: Organisation, teacher_id: int, version_id: int, work: Any
) -> None:
    from issuer.services import submissions
    from issuer.services.access import Actor

    teacher, now = Actor("user", user_id=teacher_id, label="demo"), runtime.clock()
    submission = submissions.start(session, version_id=version_id, actor=teacher, now=now)
    submissions.save_draft(
        session, number=submission.number, answers=work["answers"], revision=0, actor=teacher, now=now
    )
    for item in work["evidence"]:
        _add_evidence(session, runtime, submission, item, teacher, shared=item["artifact"] in work.get("share", ()))
    if work["until"] == "draft":
        return
    submissions.submit(session, number=submission.number, actor=teacher, now=now)
    if work["until"] == "issued":
        _award(session, runtime, organisation, submission, work["feedback"])


def _add_evidence(
    session: Session, runtime: Runtime, submission: Submission, item: Any, teacher: Actor, *, shared: bool
) -> None:
    from issuer.services import evidence

    common: dict[str, Any] = {
        "number": submission.number,
        "artifact_key": item["artifact"],
        "name": item["name"],
        "description": item["description"],
        "actor": teacher,
        "now": runtime.clock(),
    }
    if "type" in item:
        data = _piles_png(item["piles"]) if "piles" in item else item["text"].encode()
        added = evidence.add_file(
            session,
            runtime.storage,
            stream=io.BytesIO(data),
            declared_type=item["type"],
            max_bytes=runtime.config.max_upload_bytes,
            **common,
        )
    else:
        added = evidence.add_text(session, text=item["text"], **common)
    if shared:
        evidence.set_shared(session, number=added.number, shared=True, actor=teacher, now=runtime.clock())


def _award(
    session: Session, runtime: Runtime, organisation: Organisation, submission: Submission, feedback: str
) -> None:
    """Reviewed by the district's coach, approved, signed, shared by the teacher."""
    from sqlalchemy import select

    from issuer.models import Membership
    from issuer.services import issuance, reviews, sharing
    from issuer.services.access import Actor
    from issuer.services.submissions import achievement_of

    coach_id = session.scalars(
        select(Membership.user_id).where(Membership.organisation_id == organisation.id, Membership.role == "coach")
    ).first()
    coach, now, number = Actor("user", user_id=coach_id, label="demo"), runtime.clock(), submission.number
    achievement = achievement_of(submission)
    reviews.claim(session, number=number, actor=coach, now=now)
    scores = {each.id: reviews.Score(each.levels[-1].id) for each in achievement.rubric.criteria}
    scores |= {each.key: reviews.Score(reviews.PASSING) for each in (*achievement.overview, *achievement.reflection)}
    reviews.record(session, number=number, scores=scores, feedback=feedback, actor=coach, now=now)
    reviews.decide(session, number=number, outcome="approved", actor=coach, now=now)
    credential = issuance.issue(
        session,
        runtime.keyring,
        runtime.verifier_for_own_output,
        runtime.addresses,
        runtime.storage,
        submission.id,
        now,
    )
    sharing.share(session, credential.number, Actor("user", user_id=submission.teacher_id, label="demo"), now)


def _piles_png(piles: list[tuple[str, int]]) -> bytes:
    """A picture of answers sorted into piles, one card an answer."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(size=22)
    picture = Image.new("RGB", (220 * len(piles) + 40, 460), "#f6f1e7")
    draw = ImageDraw.Draw(picture)
    for column, (label, count) in enumerate(piles):
        left = 40 + 220 * column
        for card in range(count):
            top = 360 - 32 * card
            draw.rounded_rectangle((left, top, left + 170, top + 26), 5, fill="#ffffff", outline="#5c5063")
        draw.text((left, 404), f"{label} ({count})", fill="#241a29", font=font)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _write(path: Path, signins: list[SignIn]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_suffix(".new")
    waiting.unlink(missing_ok=True)
    with os.fdopen(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(_HEAD + "".join(f"{each.who}\t{each.email}\t{each.password}\n" for each in signins))
    waiting.replace(path)


def _read(path: Path) -> tuple[SignIn, ...]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ()
    found = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return tuple(SignIn(*parts) for parts in found if len(parts) == 3)
