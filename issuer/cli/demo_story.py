"""The steps of `badgewright demo`, each through the service that the pages and the API use."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import select
from sqlalchemy.orm import Session

from achievements import adoption, definitions
from issuer import migrations
from issuer.cli.demo_evidence import answers_for, hand_in_file, hand_in_samples
from issuer.config import Config
from issuer.db import unit_of_work
from issuer.errors import Invalid, ServiceError
from issuer.jobs import wait_for_credential, working
from issuer.models import AchievementRow, AchievementVersion
from issuer.runtime import Runtime, build_runtime
from issuer.services import accounts, keys, member_records, publishing, reviews, sharing, submissions
from issuer.services import definitions as definition_service
from issuer.services import frameworks as framework_service
from issuer.services.access import Actor
from issuer.services.changes import Plan

_BASE_URL = "https://badges.maple-county.example"
_COMMAND = Actor.command("demo")


class BadFile(Exception):
    """A file that was named cannot be used; the text says which, where and why."""

    def __init__(self, path: Path, error: ServiceError) -> None:
        places = [f"\n  {fault.pointer or '-'}: {fault.message} [{fault.code}]" for fault in error.faults]
        super().__init__(f"{path}: {error.message} [{error.code}]{''.join(places)}")


@dataclass(frozen=True, slots=True)
class Files:
    """What the command line named; `None` and nothing mean our own."""

    framework: Path | None = None
    definitions: Path | None = None
    microcredential: str | None = None
    evidence: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class _People:
    organisation_id: int
    teacher: Actor
    coach: Actor
    admin: Actor


def tell(folder: Path, files: Files, out: Path) -> list[Path]:
    """Walk the path with a database in `folder`, leave the results in `out`, return the three forms of the badge.

    Raises:
        BadFile: a given file cannot be read or is not accepted.
        ServiceError: a step failed for another reason.
    """
    config = Config(
        base_url=_BASE_URL, var=folder, secret_key=secrets.token_urlsafe(48), key_secret=secrets.token_urlsafe(48)
    )
    runtime = build_runtime(config)
    columns = (SpinnerColumn(finished_text="✓"), TextColumn("{task.description}"), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True, highlight=False)) as progress:
            return _Walk(runtime, files, progress).to(out)
    finally:
        runtime.close()


class _Walk:
    def __init__(self, runtime: Runtime, files: Files, progress: Progress) -> None:
        self._runtime, self._files, self._progress = runtime, files, progress

    def to(self, out: Path) -> list[Path]:
        with self._step("A district with its people and its signing key"):
            migrations.upgrade(self._runtime.engine)
            people = self._people()
        with self._step("Framework and definitions imported, a microcredential published"):
            version_id = self._published(people)
        with self._step("The teacher answers, hands in evidence and submits"):
            number, attempt = self._submitted(version_id, people)
        with self._step("A coach scores every criterion and approves"):
            self._approved(number, people)
        with (
            self._step("A durable job signs the credential and verifies it"),
            working(self._runtime, polling_seconds=0.1),
        ):
            self._runtime.enqueue.issue(number, attempt)
            credential_number = wait_for_credential(number, attempt)
        with self._step("The teacher shares it"):
            return self._shared(credential_number, people, out)

    @contextmanager
    def _step(self, title: str) -> Iterator[None]:
        task = self._progress.add_task(title, total=1)
        yield
        self._progress.update(task, completed=1)

    @contextmanager
    def _work(self) -> Iterator[Session]:
        with unit_of_work(self._runtime.sessions) as session:
            yield session

    def _people(self) -> _People:
        now = self._runtime.clock()
        with self._work() as session:
            district = accounts.create_organisation(
                session, slug="maple-county", name="Maple County Schools", actor=_COMMAND, now=now
            )
            keys.create_key(session, self._runtime.keyring, district.id, _COMMAND, now)
            made = []
            for role, name in (("teacher", "Tara Lindqvist"), ("coach", "Carl Okafor"), ("admin", "Ada Moreno")):
                email = f"{role}@maple-county.example"
                user = accounts.create_user(
                    session, email=email, name=name, password_hash=None, actor=_COMMAND, now=now
                )
                accounts.add_member(
                    session, user_id=user.id, organisation_id=district.id, role=role, actor=_COMMAND, now=now
                )
                member_records.begin_record(
                    session, organisation_id=district.id, user_id=user.id, name=name, actor=_COMMAND, now=now
                )
                made.append(Actor.of(user))
            return _People(district.id, *made)

    def _published(self, people: _People) -> int:
        """Imports what was named, or our own, and publishes one microcredential; the version's id."""
        now, files = self._runtime.clock(), self._files
        own = definitions.raw(definitions.FRAMEWORK_FILE)
        with self._work() as session:
            if files.framework or not files.definitions:
                with _blaming(files.framework):
                    data = files.framework.read_bytes() if files.framework else own
                    framework_service.apply(
                        session, organisation_id=people.organisation_id, data=data, actor=people.admin, now=now
                    )
            with _blaming(files.definitions or files.framework):
                if files.framework and not files.definitions:
                    plan = self._adopted(session, files.framework, people)
                else:
                    data = (
                        files.definitions.read_bytes()
                        if files.definitions
                        else definitions.raw(definitions.MICROCREDENTIALS_FILE)
                    )
                    plan = definition_service.apply(
                        session, organisation_id=people.organisation_id, data=data, actor=people.admin, now=now
                    )
                version = _chosen(session, people.organisation_id, plan, files.microcredential)
                return definition_service.publish(session, version_id=version.id, actor=people.admin, now=now).id

    def _adopted(self, session: Session, path: Path, people: _People) -> Plan:
        """A microcredential made from a framework alone: its rubric, or its items under a general one."""
        framework = framework_service.of_organisation(session, people.organisation_id)[0]
        try:
            made = adoption.achievement_from_framework(framework)
        except adoption.AdoptionError as error:
            raise BadFile(path, Invalid(error.message, code=error.code)) from error
        return definition_service.apply_items(
            session,
            organisation_id=people.organisation_id,
            achievements=[made],
            actor=people.admin,
            now=self._runtime.clock(),
        )

    def _submitted(self, version_id: int, people: _People) -> tuple[str, int]:
        now, runtime, teacher = self._runtime.clock(), self._runtime, people.teacher
        with self._work() as session:
            number = submissions.start(session, version_id=version_id, actor=teacher, now=now).number
            for path in self._files.evidence:
                with _blaming(path):
                    hand_in_file(session, runtime, number, path, teacher, now)
            hand_in_samples(session, runtime, number, teacher, now)
            draft = submissions.own(session, number, teacher)
            submissions.save_draft(
                session,
                number=number,
                answers=answers_for(submissions.achievement_of(draft)),
                revision=draft.revision,
                actor=teacher,
                now=now,
            )
            submission = submissions.submit(session, number=number, actor=teacher, now=now)
            return submission.number, submission.attempt

    def _approved(self, number: str, people: _People) -> None:
        now, coach = self._runtime.clock(), people.coach
        with self._work() as session:
            review = reviews.claim(session, number=number, actor=coach, now=now)
            rubric = submissions.achievement_of(review.submission).rubric
            scores = {
                criterion.id: reviews.Score(max(criterion.levels, key=lambda level: level.order).id)
                for criterion in rubric.criteria
            }
            reviews.record(
                session, number=number, scores=scores, actor=coach, now=now, feedback="Clear evidence throughout."
            )
            reviews.decide(session, number=number, outcome="approved", actor=coach, now=now)

    def _shared(self, number: str, people: _People, out: Path) -> list[Path]:
        runtime = self._runtime
        with self._work() as session:
            credential = sharing.share(session, number, people.teacher, runtime.clock())
            organisation = credential.organisation
            did = runtime.addresses.organisation_did(organisation.slug)
            trust = {
                "type": "BadgewrightTrustRegistry",
                "version": 1,
                "name": "Demo",
                "issuers": [{"id": did, "name": organisation.name}],
            }
            did_document = publishing.organisation_did_document(session, runtime.addresses, organisation)
            contents = {
                "badge.json": credential.document,
                "badge.png": sharing.baked_png(credential),
                "badge.svg": sharing.baked_svg(credential),
                "did.json": json.dumps(did_document, indent=2).encode(),
                "status-list.json": credential.status_entry.list.document,
                "trust.json": json.dumps(trust, indent=2).encode(),
            }
        for name, data in contents.items():
            (out / name).write_bytes(data)
        return [out / name for name in ("badge.json", "badge.png", "badge.svg")]


@contextmanager
def _blaming(path: Path | None) -> Iterator[None]:
    """A refusal inside the block is the fault of the file at `path`, if a file was named at all."""
    try:
        yield
    except ServiceError as error:
        if path is None:
            raise
        raise BadFile(path, error) from error


def _chosen(session: Session, organisation_id: int, plan: Plan, key: str | None) -> AchievementVersion:
    """The draft of the microcredential `key`, or of the first one in the file."""
    known = [item.key for item in plan.items]
    if key is not None and key not in known:
        raise click.BadParameter(f"There is no “{key}”; there are: {', '.join(known)}.", param_hint="--microcredential")
    return session.scalars(
        select(AchievementVersion)
        .join(AchievementRow, AchievementRow.id == AchievementVersion.achievement_id)
        .where(AchievementRow.organisation_id == organisation_id, AchievementRow.key == (key or known[0]))
    ).one()
