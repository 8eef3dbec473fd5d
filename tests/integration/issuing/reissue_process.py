"""`badgewright key reissue` as a process of its own, for tests that kill it.

Run: python -m tests.integration.issuing.reissue_process - WHERE, with the settings in the environment. WHERE it dies:
`never`, `uncommitted` (the second award is signed, not committed), `committed` (the first award is in the database) or
`mail` (the first mail is out, and nobody has noted it).
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import Any

from issuer.cli import commands
from issuer.jobs import reissuing as job
from issuer.mail import Mailer
from issuer.services import issuance


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(_executor: str, crash: str) -> None:
    whole_reissue, whole_unit, whole_deliver = issuance.reissue, job.unit_of_work, Mailer.deliver
    signed: list[int] = []

    def reissue(*arguments: Any, **named: Any) -> Any:
        made = whole_reissue(*arguments, **named)
        signed.append(made.id)
        if crash == "uncommitted" and len(signed) == 2:
            _die()
        return made

    @contextmanager
    def unit_of_work(sessions: Any) -> Any:
        with whole_unit(sessions) as session:
            yield session
        if crash == "committed" and signed:
            _die()

    def deliver(self: Mailer, *arguments: str) -> bool:
        sent = whole_deliver(self, *arguments)
        if crash == "mail":
            _die()
        return sent

    issuance.reissue, job.unit_of_work, Mailer.deliver = reissue, unit_of_work, deliver  # type: ignore[method-assign]
    commands(["key", "reissue", "--org", "lakeside"])


if __name__ == "__main__":
    main(*sys.argv[1:])
