"""Adding evidence on the submission page: a file or several, a link, a text; and what the page then shows.

The script of the page sends one piece at a time and puts the answer in place; without it the whole page comes again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import get_template_attribute, request
from werkzeug.datastructures import FileStorage

from achievements.model import EvidenceRequirement
from issuer import media
from issuer.errors import Conflict, ServiceError
from issuer.queries import submissions as queries
from issuer.services import evidence
from issuer.web.current import actor, changing, looking, person, runtime


@dataclass(frozen=True, slots=True)
class Refused:
    """What was not added to one artifact, for a person; `status` is the answer's."""

    artifact: str
    messages: tuple[str, ...]
    status: int


@dataclass(frozen=True, slots=True)
class Rules:
    """What the page can check before a file is sent, in the sentences that the service would answer with."""

    max_bytes: int
    too_large: str
    empty: str
    forbidden: str
    not_accepted: str
    #: JSON: file name extension to the name of its kind, for each kind that is taken anywhere.
    kinds: str
    #: JSON: the extensions that this artifact takes.
    accepted: str

    @property
    def accept(self) -> str:
        """For the attribute `accept` of a file input."""
        return ",".join(f".{each}" for each in json.loads(self.accepted))


def rules(requirement: EvidenceRequirement) -> Rules:
    limit = min(requirement.max_bytes, runtime().config.max_upload_bytes)
    accepted = [
        extension
        for media_type, extensions in media.EXTENSIONS.items()
        if evidence.takes(requirement, media_type)
        for extension in extensions
    ]
    names = {
        extension: media.describe(media_type)
        for media_type, extensions in media.EXTENSIONS.items()
        for extension in extensions
    }
    return Rules(
        max_bytes=limit,
        too_large=evidence.too_large(requirement, limit).message,
        empty=evidence.EMPTY,
        forbidden=evidence.forbidden(requirement).message,
        not_accepted=evidence.not_accepted(requirement, "{kind}").message,
        kinds=json.dumps(names),
        accepted=json.dumps(accepted),
    )


def add(number: str, artifact: str) -> Refused | None:
    """Whatever was given for this artifact. Files are added one by one: one that is refused keeps no other out.

    Raises:
        ServiceError: nothing could be added at all, for a reason that is not in what was given.
    """
    uploads = [each for each in request.files.getlist(f"file-{artifact}") if each.filename]
    link = request.form.get(f"link-{artifact}", "").strip()
    text = request.form.get(f"text-{artifact}", "").strip()
    given = sum(map(bool, (uploads, link, text)))
    try:
        if given != 1:
            message = "Please give a file, a link or a text." if not given else "Please give one thing at a time."
            raise Conflict(message, code="one_at_a_time")
        if uploads:
            return _add_files(number, artifact, uploads)
        name = request.form.get(f"name-{artifact}", "")
        with changing() as session:
            if link:
                evidence.add_link(session, url=link, name=name, **_shared(number, artifact))
            else:
                evidence.add_text(session, text=text, name=name, **_shared(number, artifact))
    except ServiceError as error:
        if not _about_what_was_given(error):
            raise
        return Refused(artifact, (error.message,), error.status)
    return None


def fragment(number: str, artifact: str) -> dict[str, Any]:
    """The artifact's list of evidence as the page shows it, and whether there is room for more."""
    with looking() as session:
        found = queries.for_teacher(session, number, person().id)
        requirement = next((each for each in found.achievement.evidence if each.key == artifact), None)
        items = found.evidence.get(artifact, ())
        macro = get_template_attribute("teacher/_evidence.html", "evidence_list")
        limit = requirement.max_items if requirement else 0
        return {"html": str(macro(items)), "count": len(items), "full": len(items) >= limit}


def _add_files(number: str, artifact: str, uploads: list[FileStorage]) -> Refused | None:
    refused: list[str] = []
    status = 0
    for upload in uploads:
        try:
            with changing() as session:
                evidence.add_file(
                    session,
                    runtime().storage,
                    stream=upload.stream,
                    name=upload.filename or "",
                    declared_type=upload.mimetype,
                    max_bytes=runtime().config.max_upload_bytes,
                    title=request.form.get(f"title-{artifact}", ""),
                    **_shared(number, artifact),
                )
        except ServiceError as error:
            if not _about_what_was_given(error):
                raise
            status = status or error.status
            refused.append(error.message if len(uploads) == 1 else f"{upload.filename} was not added. {error.message}")
    return Refused(artifact, tuple(refused), status) if refused else None


def _about_what_was_given(error: ServiceError) -> bool:
    return error.status in (413, 415, 422) or error.code == "one_at_a_time"


def _shared(number: str, artifact: str) -> dict[str, Any]:
    return {
        "number": number,
        "artifact_key": artifact,
        "description": request.form.get(f"about-{artifact}", ""),
        "actor": actor(),
        "now": runtime().clock(),
    }
