"""One web process: `python -m issuer.server DESCRIPTOR THREADS`, started by `badgewright serve`.

DESCRIPTOR is a socket that listens, inherited from the process that started this one, so that several share a port.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import tempfile
import time
from types import FrameType
from typing import TYPE_CHECKING

from issuer.ceilings import Ceilings
from issuer.config import Config
from issuer.processes import BEAT_VARIABLE, GRACE_SECONDS, beat_into, stop_with_parent
from issuer.server.serving import Server

if TYPE_CHECKING:
    from issuer.web.background import Background

#: For writing the last lines of the log, before whoever started this process kills it.
_MARGIN_SECONDS = 2.0


def main(descriptor: int, threads: int) -> None:
    stop_with_parent()
    _spool_beside_the_data()
    from issuer.wsgi import app

    ceilings: Ceilings = app.extensions["badgewright_ceilings"]
    beat = os.environ.get(BEAT_VARIABLE)
    server = Server(
        app,
        socket.socket(fileno=descriptor),
        ceilings=ceilings,
        threads=threads,
        proxies=Config.from_environ().proxies,
        beat=beat_into(int(beat)) if beat else lambda: None,
    )

    stopped_at = 0.0

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal stopped_at
        stopped_at = stopped_at or time.monotonic()
        server.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server.run()
    # Threads that wait for the outside world do not keep the process; mails that wait do, while there is time.
    background: Background = app.extensions["badgewright_background"]
    if not background.close(stopped_at + GRACE_SECONDS - _MARGIN_SECONDS - time.monotonic()):
        logging.shutdown()
        os._exit(0)


def _spool_beside_the_data() -> None:
    """Large bodies wait in the data folder: /tmp is memory on many machines. Whoever sets TMPDIR decides otherwise."""
    if "TMPDIR" in os.environ:
        return
    folder = Config.from_environ().var / "tmp"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return
    tempfile.tempdir = str(folder.absolute())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
