"""A coach's work: the queue, the review page, the decision."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, abort, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from issuer.errors import Conflict, ServiceError
from issuer.queries import queue as queries
from issuer.services import reviews
from issuer.services.reviews import Score
from issuer.web.current import actor, changing, form_values, looking, person, runtime, signed_in, wants_json
from issuer.web.reading import feedback_of

pages = Blueprint("coach", __name__)

_OUTCOMES = {"approve": "approved", "return": "returned"}


@pages.get("/reviews")
@signed_in
def queue() -> ResponseReturnValue:
    with looking() as session:
        found = queries.queue(session, person().id, runtime().clock())
    return render_template("coach/queue.html", queue=found)


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
    levels, words = form_values("level-"), form_values("feedback-")
    try:
        with changing() as session:
            saved = reviews.record(
                session,
                number=number,
                scores={each: Score(levels.get(each, ""), words.get(each, "")) for each in {*levels, *words}},
                feedback=request.form.get("feedback", ""),
                actor=actor(),
                now=runtime().clock(),
            )
            if what == "release":
                reviews.release(session, number=number, actor=actor(), now=runtime().clock())
    except ServiceError as error:
        if wants_json() or error.status in (403, 404):
            raise
        return make_response(_page(number, error=error), error.status)
    if what in _OUTCOMES:
        return redirect(url_for("coach.confirm", number=number, outcome=_OUTCOMES[what]))
    if what == "release":
        flash("It is back in the queue. What you scored is kept for when you take it again.", "good")
        return redirect(url_for("coach.queue"))
    if what != "save":
        abort(400)
    if wants_json():
        return jsonify(saved_at=saved.saved_at.isoformat())
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
                session, number=number, outcome=outcome, feedback=feedback, actor=actor(), now=runtime().clock()
            )
            attempt = submission.attempt
    except ServiceError as error:
        if error.status != 422:
            raise
        return make_response(_confirmation(number, outcome, error=error, feedback=feedback), error.status)
    if outcome == "approved":
        runtime().enqueue.issue(number, attempt)
    return redirect(url_for("coach.decided_page", number=number))


@pages.get("/reviews/<number>/decided")
@signed_in
def decided_page(number: str) -> ResponseReturnValue:
    with looking() as session:
        found = queries.for_reviewer(session, number, person().id)
        review = found.review
    if review is None or review.decided_at is None:
        return redirect(url_for("coach.review", number=number))
    return render_template("coach/decided.html", work=found.submission, review=review)


def _page(number: str, *, error: ServiceError | None = None) -> str | Response:
    """The review page. After an error what was sent is shown again, whether or not it could be kept."""
    with looking() as session:
        found = queries.for_reviewer(session, number, person().id)
        previous = [feedback_of(review) for review in found.previous]
    review = found.review
    if review is not None and review.decided_at is not None:
        return redirect(url_for("coach.decided_page", number=number))
    scores = {each: Score(level, words) for each, (level, words) in found.scores.items()}
    if error is not None:
        levels, words = form_values("level-"), form_values("feedback-")
        scores |= {each: Score(levels.get(each, ""), words.get(each, "")) for each in {*levels, *words}}
    achievement = found.achievement
    return render_template(
        "coach/review.html",
        work=found.submission,
        achievement=achievement,
        answers=found.answers,
        evidence=found.evidence,
        findings=scores,
        feedback=request.form.get("feedback", review.feedback if review else ""),
        previous=previous,
        prompts=[each for each in (*achievement.overview, *achievement.reflection) if each.passing_response],
        saved_at=review.saved_at if review else None,
        claimed=review is not None and found.submission.reviewer_id == person().id,
        being_reworked=found.being_reworked,
        error=error,
    )


def _confirmation(
    number: str, outcome: str, *, error: ServiceError | None = None, feedback: str | None = None
) -> str | Response:
    with looking() as session:
        found = queries.for_reviewer(session, number, person().id)
        if found.review is None or found.review.decided_at is not None:
            return redirect(url_for("coach.review", number=number))
        assessment = reviews.assessment_of(found.submission, found.review)
    return render_template(
        "coach/confirm.html",
        work=found.submission,
        achievement=found.achievement,
        outcome=outcome,
        assessment=assessment,
        feedback=found.review.feedback if feedback is None else feedback,
        error=error,
    )
