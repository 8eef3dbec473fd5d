"""What one verification may leave for the next: the issuers' documents, and the status lists that were judged.

    memory = Memory()
    for data in many:
        verifier.verify(data, policy, now=moment, memory=memory)

The answers are those that the same calls give without it, as long as the world behind the fetcher stands still: nothing
of a credential is kept, and a list is judged again for another issuer, at another depth or if one byte of it differs.
A memory belongs to one verifier, one policy and one moment. It is not for several threads at once.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, MutableMapping
from datetime import datetime
from typing import Generic, TypeVar

from verifier.errors import VerifierError
from verifier.fetch import Budgeted, Fetcher
from verifier.limits import Limits
from verifier.report import Report, Verdict
from verifier.resolvers import Keys
from verifier.resolvers.controller import ControllerDocument

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")

#: Bytes of status lists that are kept, as they were fetched.
LIST_BYTES = 16 * 1024 * 1024
#: Bytes of issuers' documents that are kept, as JSON.
DOCUMENT_BYTES = 4 * 1024 * 1024


class Bounded(MutableMapping[_Key, _Value], Generic[_Key, _Value]):
    """A mapping that forgets what was not used for longest, once its values weigh more than `capacity`.

    Args:
        weigh: what a value counts; 1 by default, so that `capacity` is a number of values.
    """

    def __init__(self, capacity: int, weigh: Callable[[_Value], int] = lambda _value: 1) -> None:
        self._capacity = capacity
        self._weigh = weigh
        self._weight = 0
        self._values: OrderedDict[_Key, _Value] = OrderedDict()

    def __getitem__(self, key: _Key) -> _Value:
        value = self._values[key]
        self._values.move_to_end(key)
        return value

    def __setitem__(self, key: _Key, value: _Value) -> None:
        if key in self._values:
            del self[key]
        self._values[key] = value
        self._weight += self._weigh(value)
        while self._weight > self._capacity and self._values:
            _, oldest = self._values.popitem(last=False)
            self._weight -= self._weigh(oldest)

    def __delitem__(self, key: _Key) -> None:
        self._weight -= self._weigh(self._values.pop(key))

    def __iter__(self) -> Iterator[_Key]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _document_bytes(known: ControllerDocument | VerifierError) -> int:
    return 1024 if isinstance(known, VerifierError) else len(json.dumps(known.document)) + 1024


class Memory:
    """Hand one to each `Verifier.verify` of a run. See above for what it may and may not change."""

    def __init__(self) -> None:
        self._bound: tuple[object, object, datetime] | None = None
        self._keys: Keys | None = None
        self._fetcher: Budgeted | None = None
        # Python hashes a bytes object once, and the fetcher of a run hands out the same object again.
        self._lists: Bounded[tuple[str | None, int, bytes], tuple[Report, int]] = Bounded(
            LIST_BYTES, weigh=lambda kept: kept[1]
        )

    def bind(self, verifier: object, policy: object, now: datetime) -> None:
        """Say whose memory this is.

        Raises:
            RuntimeError: it was used with another verifier, policy or moment before.
        """
        if self._bound is None:
            self._bound = (verifier, policy, now)
        elif self._bound[0] is not verifier or self._bound[1] is not policy or self._bound[2] != now:
            raise RuntimeError("a Memory belongs to one verifier, one policy and one moment")

    def fetcher(self, fetcher: Fetcher, limits: Limits) -> Budgeted:
        """The fetcher of the run, with the whole budget of one verification."""
        if self._fetcher is None:
            self._fetcher = Budgeted(fetcher, limits)
        self._fetcher.begin()
        return self._fetcher

    def keys(self, fetcher: Fetcher, limits: Limits, now: datetime) -> Keys:
        """The keys of the run, shared by all its verifications."""
        if self._keys is None:
            self._keys = Keys(fetcher, limits, now, documents=Bounded(DOCUMENT_BYTES, weigh=_document_bytes))
        return self._keys

    def judged_list(
        self, policy: object, issuer: str | None, depth: int, body: bytes, judge: Callable[[], Report]
    ) -> Report:
        """The report on a status list for credentials of `issuer` at `depth`, from `judge` if it is a new question."""
        if self._bound is None or self._bound[1] is not policy:
            return judge()  # a list that another list names: its policy was made for that one question
        question = (issuer, depth, body)
        kept = self._lists.get(question)
        if kept is None:
            kept = (judge(), len(body) + 1024)
            # What could not be told may be for want of a document that the next verification can still ask for.
            if kept[0].verdict is not Verdict.UNDETERMINED:
                self._lists[question] = kept
        return kept[0]
