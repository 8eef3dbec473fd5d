"""A worker as a process of its own, for tests that kill it. Run: python -m tests.integration.issuing.worker_process

Arguments: executor id, "" for one of its own, and where to die: `never`, `before`, `uncommitted` (signed and
flushed, not committed) or `committed` (in the database, but the job does not know it yet).
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from typing import Any

from issuer.config import Config
from issuer.jobs import issuing, run_worker, takeover, worker


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(executor_id: str, crash: str) -> None:
    whole_issue, whole_unit = issuing.issue, issuing.unit_of_work

    def issue(*arguments: Any, **named: Any) -> Any:
        if crash == "before":
            _die()
        made = whole_issue(*arguments, **named)
        arguments[0].flush()
        if crash == "uncommitted":
            _die()
        return made

    @contextmanager
    def unit_of_work(sessions: Any) -> Any:
        with whole_unit(sessions) as session:
            yield session
        if crash == "committed":
            _die()

    issuing.issue, issuing.unit_of_work = issue, unit_of_work
    worker.SWEEP_SECONDS = 0.0
    worker.FINISH_SECONDS, worker.STOP_SECONDS = 1, 4.0
    takeover.BEAT_SECONDS, takeover.GONE_SECONDS = 0.5, 2.0
    run_worker(Config.from_environ(), executor_id=executor_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
