"""A teacher's work: what to do next, the submission form, and the badges earned.

The whole form is one HTML form: every button on it, also those that add or remove evidence, first saves the words typed
so far. So nothing is lost without JavaScript, and with it the draft saves itself through the same view.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from issuer.errors import Fault, ServiceError
from issuer.models import Submission
from issuer.queries import credentials as issued
from issuer.queries import submissions as queries
from issuer.services import evidence, submissions
from issuer.web import attachments, unsent, versions
from issuer.web.current import (
    actor,
    changing,
    form_values,
    looking,
    person,
    runtime,
    sent_number,
    signed_in,
    wants_json,
)
from issuer.web.failures import problem
from issuer.web.reading import badge_of, feedback_of, retired_of
from issuer.workflow import TRANSITIONS, Action, State

pages = Blueprint("teacher", __name__)
pages.before_request(unsent.divert)


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
        retired = {each.number: retired_of(each.version) for each in (*board.returned, *board.drafts)}
    return render_template(
        "teacher/home.html",
        retired=retired,
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
    """Saves the draft, then does what the button says: `save`, `submit`, `add:<artifact>` or `remove:<item>`.

    Our own script asks for JSON and does not leave the page.
    """
    what, _, which = request.form.get("do", "save").partition(":")
    try:
        saved = _save_words(number)
        refused = attachments.add(number, which) if what == "add" else None
        if what == "remove":
            which = _remove(which)
        if wants_json() and what in ("save", "add", "remove"):
            return _for_script(number, saved, which if what != "save" else "", refused)
        unsent.release(_path(number))
        if refused is not None:
            return _page(number, refused=refused, typed=request.form.to_dict()), refused.status
        match what:
            case "save":
                flash("Your draft has been saved.", "good")
            case "add":
                flash("Added.", "good")
            case "remove":
                flash("Removed.", "good")
            case "submit":
                return _hand_in(number)
            case _:
                abort(400)
    except ServiceError as error:
        if error.code == "stale_draft" and wants_json():
            error.details = _conflict(number)
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
    """The answers; of the pieces listed on the page, their titles and which of them are shared."""
    form = request.form
    with changing() as session:
        saved = submissions.save_draft(
            session,
            number=number,
            answers=versions.chosen(form_values("answer-"), "answer-"),
            revision=sent_number("revision", 0),
            actor=actor(),
            now=runtime().clock(),
        )
        mine = {item.number: item for item in saved.evidence}
        for item in form.getlist("listed"):
            shared = f"shared-{item}" in form
            # A window that was opened earlier sends the tick of then, too: only one that was set here counts.
            if item in mine and mine[item].shared is not shared and _changed_here(item, shared):
                evidence.set_shared(session, number=item, shared=shared, actor=actor(), now=runtime().clock())
            title = form.get(f"title-of-{item}")
            # A window that was opened earlier sends the title of then: only one that was changed here counts.
            if item in mine and title is not None and title != form.get(f"title-was-{item}"):
                evidence.set_title(session, number=item, title=title, actor=actor(), now=runtime().clock())
    return saved


def _changed_here(item: str, shared: bool) -> bool:
    """The tick differs from the one that the page had. A page that does not say takes sharing back and nothing else."""
    return request.form.get(f"shared-was-{item}", "yes") == ("no" if shared else "yes")


def _remove(item: str) -> str:
    """The key of the artifact that it belonged to."""
    with changing() as session:
        artifact = evidence.view(session, number=item, actor=actor()).artifact_key
        evidence.remove_item(session, number=item, actor=actor(), now=runtime().clock())
    return artifact


def _for_script(
    number: str, saved: Submission, artifact: str, refused: attachments.Refused | None
) -> ResponseReturnValue:
    if refused is not None:
        return problem(refused.status, "not_added", " ".join(refused.messages))
    shown = attachments.fragment(number, artifact) if artifact else {}
    ticks = {item.number: item.shared for item in saved.evidence}
    return jsonify(saved_at=saved.saved_at.isoformat(), revision=saved.revision, shared=ticks, **shown)


def _conflict(number: str) -> dict[str, object]:
    with looking() as session:
        found = queries.for_teacher(session, number, person().id)
        stored = _named(found.answers)
        mine = {name: text for name, text in request.form.items() if name.startswith("answer-")}
        return versions.conflict(mine, stored, found.submission.revision)


def _named(answers: Mapping[str, str]) -> dict[str, str]:
    """Answers by the names of their fields."""
    return {f"answer-{key}": text for key, text in answers.items()}


def _path(number: str) -> str:
    return url_for("teacher.submission", number=number)


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
    refused: attachments.Refused | None = None,
    missing: tuple[Fault, ...] = (),
    typed: Mapping[str, str] | None = None,
) -> str:
    """The form, or for reading what was handed in.

    Args:
        typed: fields of a form that was just sent. Without one: what was typed before the session ended, if anything.
    """
    held = unsent.held(_path(number)) if typed is None else {}
    typed = held if typed is None else typed
    with looking() as session:
        found = queries.for_teacher(session, number, person().id)
        work, stored = found.submission, found.answers
        feedback = [feedback_of(review) for review in found.feedback[:1]]
        row = work.version.achievement
        slug, key, version = row.organisation.slug, row.key, work.version.number
        retired = retired_of(work.version)
        badge = issued.numbers_of(session, [work.id]).get(work.id, "")
    prompts = (*found.achievement.overview, *found.achievement.reflection)
    mine = {each.key: typed[f"answer-{each.key}"] for each in prompts if f"answer-{each.key}" in typed}
    stale = error is not None and error.code == "stale_draft"
    if held and held.get("revision") != str(work.revision):
        stale = True
    return render_template(
        "teacher/submission.html",
        work=work,
        achievement=found.achievement,
        slug=slug,
        key=key,
        version=version,
        retired=retired,
        badge=badge,
        editable=found.editable,
        may_withdraw=(State(work.state), Action.WITHDRAW) in TRANSITIONS,
        answers={**stored, **mine},
        saved_elsewhere=versions.differing(_named(mine), _named(stored)) if stale else {},
        held=held,
        evidence=found.evidence,
        rules={each.key: attachments.rules(each) for each in found.achievement.evidence},
        feedback=next(iter(feedback), None),
        error=None if stale else error,
        refused=refused,
        missing=[Missing(_part(fault), fault.message) for fault in missing],
        typed=typed,
        upload_limit=runtime().config.max_upload_bytes,
    )


def _part(fault: Fault) -> str:
    """The prompt's or artifact's key, from a pointer such as `/answers/context`."""
    return fault.pointer.strip("/").partition("/")[2].replace("~1", "/").replace("~0", "~")
