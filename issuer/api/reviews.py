"""A coach's work: the queue, taking, scoring, deciding. The key acts for that coach, who is never the teacher."""

from __future__ import annotations

from typing import Any

from flask import Response

from issuer.api.once import afterwards
from issuer.api.resource import PageQuery, Resource, needs, page, page_of, runtime, shaped, watching, working
from issuer.queries import queue as questions
from issuer.services import consents, reviews
from schemas.fields import Choice, Count, Inner, Listing, Text
from schemas.review import Decision, ReviewChange, ReviewerShape, ReviewShape
from schemas.submission import AnswerShape, EvidenceShape, SubmissionSummary

resource = Resource("reviews", "The queue of a coach, reviews and decisions.")

WRITE = "reviews:write"


class WaitingShape(SubmissionSummary):
    """A line of the queue. `reviewer`: who has taken it, null while it is free."""

    teacher = Text(maximum=200, attribute="teacher.name")
    reviewer = Inner(ReviewerShape, allow_none=True)


class ReviewingShape(WaitingShape):
    """All that a reviewer sees: answers, evidence, their own review and the decided ones before it."""

    change_note = Text(maximum=5000, lines=True)
    answers = Listing(AnswerShape, maximum=200)
    evidence = Listing(EvidenceShape, maximum=500)
    review = Inner(ReviewShape, allow_none=True)
    previous = Listing(ReviewShape, maximum=100)


class QueueQuery(PageQuery):
    of = Choice(("waiting", "mine", "taken"), load_default="waiting")


class DecisionAnswer(SubmissionSummary):
    """After an approval the credential is made within seconds; `state` is then `issued`."""

    revision = Count()


QueuePage = page_of(WaitingShape, "QueuePage")


@resource.route("/queue", methods=["GET"])
@resource.arguments(QueueQuery, location="query")
@resource.response(200, QueuePage)
@needs(WRITE, member=True)
def queue(query: dict[str, Any]) -> Response:
    """What waits for a decision, oldest first"""
    with watching() as (session, caller):
        found = questions.queue(session, caller.member_id, runtime().clock(), organisation_id=caller.organisation_id)
        return page(QueuePage, query, [line.submission for line in getattr(found, query["of"])])


@resource.route("/queue/<number>", methods=["GET"])
@resource.response(200, ReviewingShape)
@needs(WRITE, member=True)
def get_reviewing(number: str) -> Response:
    """One submission as its reviewer sees it; its teacher has to have agreed to this key too"""
    with watching() as (session, caller):
        found = questions.for_reviewer(session, number, caller.member_id, organisation_id=caller.organisation_id)
        row = found.submission
        consents.require_reading(session, caller.actor, row.teacher_id, runtime().clock())
        return shaped(
            ReviewingShape,
            {
                **{name: getattr(row, name) for name in ("number", "state", "attempt", "version", "started_at")},
                **{name: getattr(row, name) for name in ("saved_at", "submitted_at", "decided_at", "change_note")},
                "teacher": row.teacher,
                "reviewer": row.reviewer,
                "answers": [{"prompt_key": key, "text": text} for key, text in found.answers.items()],
                "evidence": [item for items in found.evidence.values() for item in items],
                "review": found.review,
                "previous": list(found.previous),
            },
        )


@resource.route("/queue/<number>/claim", methods=["POST"])
@resource.response(200, ReviewShape)
@needs(WRITE, member=True)
def claim(number: str) -> Response:
    """Take it from the queue"""
    with working() as (session, caller):
        return shaped(ReviewShape, reviews.claim(session, number=number, actor=caller.actor, now=runtime().clock()))


@resource.route("/queue/<number>/release", methods=["POST"])
@resource.response(204)
@needs(WRITE, member=True)
def release(number: str) -> Response:
    """Put it back into the queue; scores are kept"""
    with working() as (session, caller):
        reviews.release(session, number=number, actor=caller.actor, now=runtime().clock())
    return Response(status=204)


@resource.route("/queue/<number>/review", methods=["PATCH"])
@resource.arguments(ReviewChange)
@resource.response(200, ReviewShape)
@needs(WRITE, member=True)
def record(body: dict[str, Any], number: str) -> Response:
    """Keep scores and words so far; only what is named changes"""
    scores = {each["subject"]: reviews.Score(each["level"], each["feedback"]) for each in body["findings"]}
    with working() as (session, caller):
        review = reviews.record(
            session,
            number=number,
            scores=scores,
            feedback=body.get("feedback"),
            actor=caller.actor,
            now=runtime().clock(),
        )
        return shaped(ReviewShape, review)


@resource.route("/queue/<number>/decision", methods=["POST"])
@resource.arguments(Decision)
@resource.response(200, DecisionAnswer)
@needs(WRITE, member=True)
def decide(body: dict[str, Any], number: str) -> Response:
    """Approve, when every criterion is met, or return with feedback; final either way"""
    outcome: reviews.Outcome = body["outcome"]
    with working() as (session, caller):
        submission = reviews.decide(
            session,
            number=number,
            outcome=outcome,
            feedback=body.get("feedback"),
            actor=caller.actor,
            now=runtime().clock(),
        )
        attempt, enqueue = submission.attempt, runtime().enqueue
        if outcome == "approved":
            afterwards(lambda: enqueue.issue(number, attempt))
        return shaped(DecisionAnswer, submission)
