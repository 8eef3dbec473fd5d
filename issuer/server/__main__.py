"""One web process: `python -m issuer.server DESCRIPTOR THREADS`, started by `badgewright serve`.

DESCRIPTOR is a socket that listens, inherited from the process that started this one, so that several share a port.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
from types import FrameType

from issuer.ceilings import Ceilings
from issuer.cli.processes import BEAT_VARIABLE, stop_with_parent
from issuer.config import Config
from issuer.server.serving import Server, beat_into


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
        beat=beat_into(int(beat)) if beat else lambda: None,
    )

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Threads that wait for the outside world do not keep the process; what `issuer.web.background` has begun does.
    server.run()


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
