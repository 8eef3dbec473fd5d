"""What a program and the one that started it agree on: whose child it is, that it lives, how long it has to end.

The other side is `issuer.cli.processes`, which starts programs and watches them.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

#: How long a program may take to finish what it is doing before it is killed.
GRACE_SECONDS = 25.0
#: Tells a child whose child it is, see `stop_with_parent`.
PARENT_VARIABLE = "SERVICE_PARENT_PROCESS"
#: Tells a program the pipe into which it writes a byte now and then, see `beat_into`.
BEAT_VARIABLE = "SERVICE_BEAT_PIPE"
_PR_SET_PDEATHSIG = 1


def stop_with_parent() -> None:
    """Called by a child: it gets SIGTERM when the parent is gone, even after `kill -9` of the parent.

    Works on Linux; elsewhere a child outlives a killed parent and has to be stopped by hand.
    """
    parent = os.environ.get(PARENT_VARIABLE)
    if parent is None or not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # it died before we asked
        sys.exit(0)


def beat_into(descriptor: int) -> Callable[[], None]:
    """A function that says through a pipe that the process is alive; a full pipe has said so already."""
    os.set_blocking(descriptor, False)

    def beat() -> None:
        with suppress(BlockingIOError):
            os.write(descriptor, b".")

    return beat
