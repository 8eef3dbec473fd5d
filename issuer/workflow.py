"""The life of a submission as a table. Code asks this table; the database's CHECK constraints agree with it."""

from __future__ import annotations

from enum import StrEnum

from issuer.errors import Conflict


class State(StrEnum):
    """Where a submission stands.

    `DRAFT` the teacher is working; `SUBMITTED` it waits in the queue; `IN_REVIEW` a coach has taken it; `RETURNED`
    sent back with feedback, the teacher works again; `APPROVED` the criteria are met and the credential is being made;
    `ISSUED` the credential exists; `WITHDRAWN` the teacher took it back.
    """

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    APPROVED = "approved"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


class Action(StrEnum):
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    CLAIM = "claim"
    RELEASE = "release"
    RETURN = "return"
    APPROVE = "approve"
    ISSUE = "issue"


#: (state, action) -> next state. What is not here cannot happen.
TRANSITIONS: dict[tuple[State, Action], State] = {
    (State.DRAFT, Action.SUBMIT): State.SUBMITTED,
    (State.RETURNED, Action.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Action.WITHDRAW): State.WITHDRAWN,
    (State.RETURNED, Action.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Action.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Action.CLAIM): State.IN_REVIEW,
    (State.IN_REVIEW, Action.RELEASE): State.SUBMITTED,
    (State.IN_REVIEW, Action.RETURN): State.RETURNED,
    (State.IN_REVIEW, Action.APPROVE): State.APPROVED,
    (State.APPROVED, Action.ISSUE): State.ISSUED,
}

#: The teacher may change answers and evidence.
EDITABLE = frozenset({State.DRAFT, State.RETURNED})
#: A decision has been taken and stands.
DECIDED = frozenset({State.APPROVED, State.ISSUED})
#: One at a time for a teacher and a microcredential.
OPEN = frozenset({State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.RETURNED, State.APPROVED})

_SENTENCES = {
    State.DRAFT: "it is still a draft",
    State.SUBMITTED: "it is waiting for a reviewer",
    State.IN_REVIEW: "a reviewer is reading it",
    State.RETURNED: "it was returned to the teacher",
    State.APPROVED: "it has already been approved",
    State.ISSUED: "its credential has already been issued",
    State.WITHDRAWN: "it was withdrawn",
}


def advance(state: State, action: Action) -> State:
    """The state after `action`.

    Raises:
        Conflict: code `wrong_state`, if the table has no such step.
    """
    following = TRANSITIONS.get((state, action))
    if following is None:
        raise Conflict(
            f"This submission cannot be changed that way: {_SENTENCES[state]}.",
            code="already_decided" if state in DECIDED else "wrong_state",
            details={"state": state.value, "action": action.value},
        )
    return following
