"""What the demo's teacher hands in: the files that were named, and samples for whatever else is asked for."""

from __future__ import annotations

import io
import mimetypes
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from achievements.model import Achievement, EvidenceKind, EvidenceRequirement
from issuer.credentials.artwork import Design, badge_png
from issuer.errors import ServiceError
from issuer.runtime import Runtime
from issuer.services import evidence, submissions
from issuer.services.access import Actor

#: A refusal with one of these means "not here": another artifact may still take the file.
_NOT_HERE = frozenset({"artifact_too_many", "artifact_kind_not_accepted", "file_type_not_accepted", "file_too_large"})
_ANSWER = "This answer was written by the demo so that the path can be walked to its end."
_SAMPLE = "Sample evidence written by the demo. In a real submission the teacher's own work stands here."


def hand_in_file(session: Session, runtime: Runtime, number: str, path: Path, teacher: Actor, now: datetime) -> None:
    """Hand `path` in for the first artifact that takes it.

    Raises:
        ServiceError: no artifact takes it; the last refusal.
    """
    refusal: ServiceError | None = None
    achievement = submissions.achievement_of(submissions.own(session, number, teacher))
    for requirement in achievement.evidence:
        try:
            with path.open("rb") as stream:
                evidence.add_file(
                    session,
                    runtime.storage,
                    number=number,
                    artifact_key=requirement.key,
                    stream=stream,
                    name=path.name,
                    declared_type=mimetypes.guess_type(path.name)[0] or "",
                    max_bytes=runtime.config.max_upload_bytes,
                    actor=teacher,
                    now=now,
                    description=requirement.title,
                )
        except ServiceError as error:
            refusal = error
            if error.code not in _NOT_HERE:
                raise
        else:
            return
    if refusal is not None:
        raise refusal


def hand_in_samples(session: Session, runtime: Runtime, number: str, teacher: Actor, now: datetime) -> None:
    """Fill every required artifact up to the number of items it asks for."""
    submission = submissions.own(session, number, teacher)
    achievement = submissions.achievement_of(submission)
    for requirement in achievement.evidence:
        there = sum(item.artifact_key == requirement.key for item in submission.evidence)
        for count in range(there, requirement.min_items if requirement.required else 0):
            _sample(session, runtime, number, achievement, requirement, count + 1, teacher, now)


def answers_for(achievement: Achievement) -> dict[str, str]:
    """An answer of the right length to every question."""
    words = _ANSWER.split()
    answers = {}
    for prompt in (*achievement.overview, *achievement.reflection):
        wanted = max(prompt.min_words, min(prompt.max_words or len(words), len(words)))
        answers[prompt.key] = " ".join(words[index % len(words)] for index in range(wanted))
    return answers


def _sample(
    session: Session,
    runtime: Runtime,
    number: str,
    achievement: Achievement,
    requirement: EvidenceRequirement,
    count: int,
    teacher: Actor,
    now: datetime,
) -> None:
    name = f"{requirement.title} {count}"
    if EvidenceKind.FILE in requirement.kinds or EvidenceKind.IMAGE in requirement.kinds:
        data, suffix, media_type = _sample_file(achievement, requirement, count)
        evidence.add_file(
            session,
            runtime.storage,
            number=number,
            artifact_key=requirement.key,
            stream=io.BytesIO(data),
            name=f"{requirement.key}-{count}.{suffix}",
            declared_type=media_type,
            max_bytes=runtime.config.max_upload_bytes,
            actor=teacher,
            now=now,
            description=requirement.title,
        )
    elif EvidenceKind.TEXT in requirement.kinds:
        evidence.add_text(
            session, number=number, artifact_key=requirement.key, text=_SAMPLE, actor=teacher, now=now, name=name
        )
    else:
        url = f"{runtime.addresses.base_url}/sample/{requirement.key}/{count}"
        evidence.add_link(
            session, number=number, artifact_key=requirement.key, url=url, actor=teacher, now=now, name=name
        )


def _sample_file(achievement: Achievement, requirement: EvidenceRequirement, count: int) -> tuple[bytes, str, str]:
    """Bytes, name ending and media type of a small file that the artifact takes."""
    accepted = requirement.media_types
    if EvidenceKind.FILE in requirement.kinds and (not accepted or "text/plain" in accepted):
        return f"{requirement.title}, {count}.\n\n{_SAMPLE}\n".encode(), "txt", "text/plain"
    design = Design(f"{requirement.title} {count}", achievement.name, achievement.key, requirement.key, "Sample")
    return badge_png(design, side=240), "png", "image/png"
