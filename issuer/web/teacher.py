"""A teacher's work: what to do next, the submission form, and the badges earned.

The whole form is one HTML form: every button on it, also those that add or remove evidence, first saves the words typed
so far. So nothing is lost without JavaScript, and with it the draft saves itself through the same view.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import Conflict, Fault, ServiceError
from issuer.models import Submission
from issuer.queries import credentials as issued
from issuer.queries import submissions as queries
from issuer.services import evidence, submissions
from issuer.web.current import actor, changing, form_values, looking, person, runtime, signed_in, wants_json
from issuer.web.reading import badge_of, feedback_of
from issuer.workflow import TRANSITIONS, Action, State

pages = Blueprint("teacher", __name__)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that keeps the work from being handed in; `key` names the part of the page it is about."""

    key: str
    message: str


@pages.get("/teacher")
@signed_in
def home() -> ResponseReturnValue:
    with looking() as session:
        board = queries.dashboard(session, person().id)
        comments = {
            each.number: queries.for_teacher(session, each.number, person().id).feedback[:1] for each in board.returned
        }
        badges = [badge_of(each) for each in issued.of_teacher(session, person().id)]
    return render_template(
        "teacher/home.html",
        user=person(),
        returned=[(each, comments[each.number]) for each in board.returned],
        drafts=board.drafts,
        waiting=[*board.in_review, *(each for each in board.earned if each.state == State.APPROVED)],
        earned=badges,
    )


@pages.get("/teacher/badges")
@signed_in
def badges() -> ResponseReturnValue:
    with looking() as session:
        found = [badge_of(each) for each in issued.of_teacher(session, person().id)]
    return render_template("teacher/badges.html", badges=found)


@pages.post("/achievements/<slug>/<key>/v<int:number>/start")
@signed_in
def start(slug: str, key: str, number: int) -> ResponseReturnValue:
    with changing() as session:
        version = issued.published_version(session, slug, key, number)
        submission = submissions.start(session, version_id=version.id, actor=actor(), now=runtime().clock())
        address = url_for("teacher.submission", number=submission.number)
    return redirect(address)


@pages.get("/submissions/<number>")
@signed_in
def submission(number: str) -> ResponseReturnValue:
    return _page(number)


@pages.post("/submissions/<number>")
@signed_in
def save(number: str) -> ResponseReturnValue:
    """Saves the draft, then does what the button says: `save`, `submit`, `add:<artifact>` or `remove:<item>`."""
    what, _, which = request.form.get("do", "save").partition(":")
    try:
        saved = _save_words(number)
        if what == "save" and wants_json():
            return jsonify(saved_at=saved.saved_at.isoformat(), revision=saved.revision)
        match what:
            case "save":
                flash("Your draft has been saved.", "good")
            case "add":
                _add(number, which)
            case "remove":
                with changing() as session:
                    evidence.remove_item(session, number=which, actor=actor(), now=runtime().clock())
                flash("Removed.", "good")
            case "submit":
                return _hand_in(number)
            case _:
                abort(400)
    except ServiceError as error:
        if wants_json() or error.status in (403, 404):
            raise
        return _page(number, error=error, typed=request.form.to_dict()), error.status
    place = f"part-{which}" if what == "add" else None
    return redirect(url_for("teacher.submission", number=number, _anchor=place))


@pages.post("/submissions/<number>/withdraw")
@signed_in
def withdraw(number: str) -> ResponseReturnValue:
    with changing() as session:
        submissions.withdraw(session, number=number, actor=actor(), now=runtime().clock())
    flash("It has been withdrawn.", "good")
    return redirect(url_for("teacher.home"))


def _save_words(number: str) -> Submission:
    """The answers, and which of the pieces listed on the page are shared."""
    form = request.form
    with changing() as session:
        saved = submissions.save_draft(
            session,
            number=number,
            answers=form_values("answer-"),
            revision=form.get("revision", 0, type=int),
            actor=actor(),
            now=runtime().clock(),
        )
        mine = {item.number: item for item in saved.evidence}
        for item in form.getlist("listed"):
            shared = f"shared-{item}" in form
            if item in mine and mine[item].shared is not shared:
                evidence.set_shared(session, number=item, shared=shared, actor=actor(), now=runtime().clock())
    return saved


def _add(number: str, artifact: str) -> None:
    """A file, a link or a text for one artifact: whichever was given."""
    upload = request.files.get(f"file-{artifact}")
    link = request.form.get(f"link-{artifact}", "").strip()
    text = request.form.get(f"text-{artifact}", "").strip()
    name = request.form.get(f"name-{artifact}", "")
    shared: dict[str, Any] = {
        "number": number,
        "artifact_key": artifact,
        "description": request.form.get(f"about-{artifact}", ""),
        "actor": actor(),
        "now": runtime().clock(),
    }
    given = [each for each in (upload and upload.filename, link, text) if each]
    if len(given) != 1:
        message = "Please give a file, a link or a text." if not given else "Please give one thing at a time."
        raise Conflict(message, code="one_at_a_time")
    with changing() as session:
        if upload and upload.filename:
            evidence.add_file(
                session,
                runtime().storage,
                stream=upload.stream,
                name=upload.filename,
                declared_type=upload.mimetype,
                max_bytes=runtime().config.max_upload_bytes,
                **shared,
            )
        elif link:
            evidence.add_link(session, url=link, name=name, **shared)
        else:
            evidence.add_text(session, text=text, name=name, **shared)
    flash("Added.", "good")


def _hand_in(number: str) -> ResponseReturnValue:
    try:
        with changing() as session:
            submissions.submit(
                session,
                number=number,
                actor=actor(),
                now=runtime().clock(),
                change_note=request.form.get("change_note", ""),
            )
    except ServiceError as error:
        if error.code != "incomplete":
            raise
        return _page(number, missing=error.faults, typed=request.form.to_dict()), error.status
    flash("Handed in. A coach will read it; you will find the answer here.", "good")
    return redirect(url_for("teacher.submission", number=number))


def _page(
    number: str,
    *,
    error: ServiceError | None = None,
    missing: tuple[Fault, ...] = (),
    typed: Mapping[str, str] | None = None,
) -> str:
    """The form, or for reading what was handed in. `typed` are fields that are not stored (yet), shown again."""
    typed = typed or {}
    with looking() as session:
        found = queries.for_teacher(session, number, person().id)
        work, stored = found.submission, found.answers
        feedback = [feedback_of(review) for review in found.feedback[:1]]
        row = work.version.achievement
        slug, key, version = row.organisation.slug, row.key, work.version.number
    mine = {name.removeprefix("answer-"): text for name, text in typed.items() if name.startswith("answer-")}
    stale = error is not None and error.code == "stale_draft"
    return render_template(
        "teacher/submission.html",
        work=work,
        achievement=found.achievement,
        slug=slug,
        key=key,
        version=version,
        editable=found.editable,
        may_withdraw=(State(work.state), Action.WITHDRAW) in TRANSITIONS,
        answers={**stored, **mine},
        stored=stored if stale else None,
        evidence=found.evidence,
        feedback=next(iter(feedback), None),
        error=None if stale else error,
        missing=[Missing(_part(fault), fault.message) for fault in missing],
        typed=typed,
        upload_limit=runtime().config.max_upload_bytes,
    )


def _part(fault: Fault) -> str:
    """The prompt's or artifact's key, from a pointer such as `/answers/context`."""
    return fault.pointer.strip("/").partition("/")[2].replace("~1", "/").replace("~0", "~")
