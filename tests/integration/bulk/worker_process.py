"""A worker as a process of its own, for tests that kill it. Run: python -m tests.integration.bulk.worker_process

Arguments: executor id, "" for one of its own, and when to die: `never`, `uncommitted` (a piece is stored, not
committed) or `committed` (in the database, but the job does not know it yet), each at the third piece of four answers.
Or what the outside world does: `silent` never answers, `hostile` answers with a schema of patterns that take half a
minute each, `away` refuses.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import Any


def main(executor_id: str, crash: str) -> None:
    # Here and not above: the processes of the batch import this file again, and need nothing of it.
    from issuer.config import Config
    from issuer.jobs import run_worker, takeover, verifying, worker
    from verifier.fetch import Fetched, FetchFailed

    config = Config.from_environ()
    whole_store, whole_unit = verifying.bulk.store, verifying.unit_of_work
    pieces = 0

    def store(*arguments: Any) -> Any:
        nonlocal pieces
        made = whole_store(*arguments)
        arguments[0].flush()
        pieces += 1
        if crash == "uncommitted" and pieces == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return made

    @contextmanager
    def unit_of_work(sessions: Any) -> Any:
        with whole_unit(sessions) as session:
            yield session
        if crash == "committed" and pieces == 3:
            os.kill(os.getpid(), signal.SIGKILL)

    class Outside:
        def get(self, url: str, *, max_bytes: int) -> Fetched:
            if crash == "silent":
                (config.var / "fetching").touch()
                threading.Event().wait()
            if crash == "hostile":
                patterns = [{"pattern": rf"\p{{L}}{{20}}{number}"} for number in range(1_000)]
                return Fetched(url, json.dumps({"allOf": patterns}).encode(), "application/schema+json")
            raise FetchFailed("http_status", f"{url} could not be fetched.")

    if crash in ("silent", "hostile", "away"):
        verifying.HttpsFetcher = Outside
    verifying.bulk.store, verifying.unit_of_work = store, unit_of_work
    verifying.PIECE_ROWS = 4
    worker.SWEEP_SECONDS = 0.0
    worker.FINISH_SECONDS, worker.STOP_SECONDS = 1, 4.0
    takeover.BEAT_SECONDS, takeover.GONE_SECONDS = 0.5, 2.0
    run_worker(config, executor_id=executor_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
