"""Each address is asked once in a run, whoever asks first; a failure is remembered like a document."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass

from verifier.errors import CouldNotCheck
from verifier.fetch import Fetched, Fetcher, FetchFailed, FetchRefused
from verifier.memory import Bounded

_FAILURE_BYTES = 512


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document could not be had, as values that go from process to process."""

    refused: bool
    code: str
    message: str
    details: dict[str, object]

    @classmethod
    def of(cls, error: CouldNotCheck) -> Failure:
        return cls(isinstance(error, FetchRefused), error.code, error.message, dict(error.details))

    def error(self) -> CouldNotCheck:
        """A new exception each time: one that is raised twice holds on to what it saw before."""
        return (FetchRefused if self.refused else FetchFailed)(self.code, self.message, details=self.details)


@dataclass(frozen=True, slots=True)
class _Kept:
    answer: Fetched | Failure
    until: float

    @property
    def weight(self) -> int:
        return _FAILURE_BYTES + (len(self.answer.body) if isinstance(self.answer, Fetched) else 0)


class FetchOnce:
    """Remembers what another fetcher answered. For several threads: two that want one document wait for one fetch.

    Args:
        max_bytes: kept at most; what was not used for longest is forgotten.
        seconds: how long a document serves.
    """

    def __init__(self, fetcher: Fetcher, *, max_bytes: int, seconds: float) -> None:
        self._fetcher = fetcher
        self._seconds = seconds
        # The bound is part of the question: too large for one purpose is not too large for another.
        self._kept: Bounded[tuple[str, int], _Kept] = Bounded(max_bytes, weigh=lambda kept: kept.weight)
        self._coming: dict[tuple[str, int], Future[Fetched | Failure]] = {}
        self._lock = threading.Lock()

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        """Raises: FetchRefused, FetchFailed."""
        answer = self.answer(url, max_bytes)
        if isinstance(answer, Failure):
            raise answer.error()
        return answer

    def answer(self, url: str, max_bytes: int) -> Fetched | Failure:
        """The same as a value."""
        question = (url.partition("#")[0], max_bytes)
        with self._lock:
            kept = self._kept.get(question)
            if kept is not None and time.monotonic() < kept.until:
                return kept.answer
            coming = self._coming.get(question)
            mine = coming is None
            if coming is None:
                coming = self._coming[question] = Future()
        if not mine:
            return coming.result()
        try:
            answer = self._fetch(url, max_bytes)
        except BaseException as error:
            with self._lock:
                del self._coming[question]
            coming.set_exception(error)
            raise
        with self._lock:
            until = time.monotonic() + self._seconds if isinstance(answer, Fetched) else float("inf")
            self._kept[question] = _Kept(answer, until)
            del self._coming[question]
        coming.set_result(answer)
        return answer

    def _fetch(self, url: str, max_bytes: int) -> Fetched | Failure:
        try:
            return self._fetcher.get(url, max_bytes=max_bytes)
        except CouldNotCheck as error:
            return Failure.of(error)
