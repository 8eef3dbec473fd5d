"""A coach's work: the queue, the review page, the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from flask import Blueprint, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from issuer.errors import Conflict, ServiceError
from issuer.queries import credentials as issued
from issuer.queries import queue as queries
from issuer.services import reviews
from issuer.services.reviews import Score
from issuer.web import unsent, versions
from issuer.web.current import (
    actor,
    changing,
    form_values,
    looking,
    person,
    roles,
    runtime,
    sent_number,
    signed_in,
    wants_json,
)
from issuer.web.reading import feedback_of

pages = Blueprint("coach", __name__)
pages.before_request(unsent.divert)

_OUTCOMES = {"approve": "approved", "return": "returned"}
_FIELDS = ("level-", "feedback-")


@pages.get("/reviews")
@signed_in
def queue() -> ResponseReturnValue:
    is_coach = "coach" in roles()
    with looking() as session:
        found = queries.queue(session, person().id, runtime().clock())
        left = () if is_coach else queries.coached_before(session, person().id)
    return render_template("coach/queue.html", queue=found, is_coach=is_coach, left=left)


@pages.post("/reviews/<number>/claim")
@signed_in
def claim(number: str) -> ResponseReturnValue:
    try:
        with changing() as session:
            reviews.claim(session, number=number, actor=actor(), now=runtime().clock())
    except Conflict as error:
        flash(error.message, "bad")
        return redirect(url_for("coach.queue"))
    return redirect(url_for("coach.review", number=number))


@pages.get("/reviews/<number>")
@signed_in
def review(number: str) -> ResponseReturnValue:
    return _page(number)


@pages.post("/reviews/<number>")
@signed_in
def save(number: str) -> ResponseReturnValue:
    """Saves scores and feedback, then does what the button says: `save`, `release`, `approve` or `return`."""
    what = request.form.get("do", "save")
    levels, words = _sent("level-"), _sent("feedback-")
    overall = versions.chosen({"feedback": request.form["feedback"]} if "feedback" in request.form else {}, "")
    try:
        with changing() as session:
            scores = _scores(session, number, levels, words)
            saved = reviews.record(
                session,
                number=number,
                scores=scores,
                feedback=overall.get("feedback"),
                revision=sent_number("revision", None),
                actor=actor(),
                now=runtime().clock(),
            )
            if what == "release":
                reviews.release(session, number=number, actor=actor(), now=runtime().clock())
    except ServiceError as error:
        if error.code == "stale_review" and wants_json():
            error.details = _conflict(number)
        if wants_json() or error.status in (403, 404):
            raise
        return make_response(_page(number, error=error), error.status)
    if wants_json() and what == "save":
        return jsonify(saved_at=saved.saved_at.isoformat(), revision=saved.revision)
    unsent.release(url_for("coach.review", number=number))
    if what in _OUTCOMES:
        return redirect(url_for("coach.confirm", number=number, outcome=_OUTCOMES[what]))
    if what == "release":
        flash("It is back in the queue. What you scored is kept for when you take it again.", "good")
        return redirect(url_for("coach.queue"))
    if what != "save":
        abort(400)
    flash("Saved.", "good")
    return redirect(url_for("coach.review", number=number))


@pages.get("/reviews/<number>/decision/<any(approved, returned):outcome>")
@signed_in
def confirm(number: str, outcome: str) -> ResponseReturnValue:
    return _confirmation(number, outcome)


@pages.post("/reviews/<number>/decision")
@signed_in
def decide(number: str) -> ResponseReturnValue:
    chosen = request.form.get("outcome", "")
    if chosen not in ("approved", "returned"):
        abort(400)
    outcome = cast(reviews.Outcome, chosen)
    feedback = request.form.get("feedback")
    try:
        with changing() as session:
            submission = reviews.decide(
                session,
                number=number,
                outcome=outcome,
                feedback=versions.chosen({"feedback": feedback}, "").get("feedback") if feedback is not None else None,
                revision=sent_number("revision", None),
                actor=actor(),
                now=runtime().clock(),
            )
            attempt = submission.attempt
    except ServiceError as error:
        if error.status != 422 and error.code != "stale_review":
            raise
        return make_response(_confirmation(number, outcome, error=error, feedback=feedback), error.status)
    unsent.release(url_for("coach.confirm", number=number, outcome=outcome))
    if outcome == "approved":
        runtime().enqueue.issue(number, attempt)
    return redirect(url_for("coach.decided_page", number=number))


@pages.get("/reviews/<number>/decided")
@signed_in
def decided_page(number: str) -> ResponseReturnValue:
    with looking() as session:
        found = queries.for_reviewer(session, number, person().id)
        review = found.review
        credential = issued.of_submission(session, found.submission.id)
        badge = credential.number if credential is not None and credential.shared_at is not None else ""
    if review is None or review.decided_at is None:
        return redirect(url_for("coach.review", number=number))
    return render_template("coach/decided.html", work=found.submission, review=review, badge=badge)


def _page(number: str, *, error: ServiceError | None = None) -> str | Response:
    """The review page. After an error what was sent is shown again, whether or not it could be kept; after signing in
    again, what was typed before."""
    path = url_for("coach.review", number=number)
    held = unsent.held(path) if error is None else {}
    with looking() as session:
        found = queries.for_reviewer(session, number, person().id)
        previous = [feedback_of(review) for review in found.previous]
    review = found.review
    if review is not None and review.decided_at is not None:
        return redirect(url_for("coach.decided_page", number=number))
    stored = _stored(found)
    typed = held or (request.form.to_dict() if error is not None else {})
    mine = {name: text for name, text in typed.items() if name == "feedback" or name.startswith(_FIELDS)}
    shown = {**stored, **mine}
    stale = (error is not None and error.code == "stale_review") or bool(
        held and review is not None and held.get("revision") != str(review.revision)
    )
    achievement = found.achievement
    return render_template(
        "coach/review.html",
        work=found.submission,
        achievement=achievement,
        answers=found.answers,
        evidence=found.evidence,
        shown=shown,
        saved_elsewhere=versions.differing(mine, stored) if stale else {},
        held=held,
        path=path,
        previous=previous,
        prompts=[each for each in (*achievement.overview, *achievement.reflection) if each.passing_response],
        saved_at=review.saved_at if review else None,
        revision=review.revision if review else 0,
        claimed=review is not None and found.submission.reviewer_id == person().id,
        being_reworked=found.being_reworked,
        error=None if stale else error,
    )


def _confirmation(
    number: str, outcome: str, *, error: ServiceError | None = None, feedback: str | None = None
) -> str | Response:
    path = url_for("coach.confirm", number=number, outcome=outcome)
    held = unsent.held(path) if error is None else {}
    with looking() as session:
        found = queries.for_reviewer(session, number, person().id)
        if found.review is None or found.review.decided_at is not None:
            return redirect(url_for("coach.review", number=number))
        assessment = reviews.assessment_of(found.submission, found.review)
    review = found.review
    mine = {"feedback": held.get("feedback", feedback or "")}
    stale = (error is not None and error.code == "stale_review") or bool(
        held and held.get("revision") != str(review.revision)
    )
    return render_template(
        "coach/confirm.html",
        work=found.submission,
        achievement=found.achievement,
        outcome=outcome,
        assessment=assessment,
        prompts=[each for each in assessment.prompts if each.prompt.passing_response or each.passing is not None],
        feedback=mine["feedback"] if "feedback" in held or feedback is not None else review.feedback,
        saved_elsewhere=versions.differing(mine, {"feedback": review.feedback}) if stale else {},
        held=held,
        path=path,
        revision=review.revision,
        changed=stale,
        error=None if stale else error,
    )


def _sent(prefix: str) -> dict[str, str]:
    return versions.chosen(form_values(prefix), prefix)


def _scores(session: Session, number: str, levels: dict[str, str], words: dict[str, str]) -> dict[str, Score]:
    """What the form names; where it names only a level or only words, the other half stays as it is stored."""
    if levels.keys() == words.keys():
        stored: Mapping[str, str] = {}
    else:
        stored = _stored(queries.for_reviewer(session, number, person().id))
    return {
        each: Score(
            levels.get(each, stored.get(f"level-{each}", "")), words.get(each, stored.get(f"feedback-{each}", ""))
        )
        for each in {*levels, *words}
    }


def _stored(found: queries.Reviewing) -> dict[str, str]:
    """The review as it is stored, by the names of the form's fields."""
    fields = {"feedback": found.review.feedback if found.review else ""}
    for subject, (level, words) in found.scores.items():
        fields |= {f"level-{subject}": level, f"feedback-{subject}": words}
    return fields


def _conflict(number: str) -> dict[str, object]:
    with looking() as session:
        found = queries.for_reviewer(session, number, person().id)
        stored = _stored(found)
        mine = {name: text for name, text in request.form.items() if name == "feedback" or name.startswith(_FIELDS)}
        return versions.conflict(mine, stored, found.review.revision if found.review else 0)
