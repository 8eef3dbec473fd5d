"""The process in which `verifier.confined` has work done: requests on standard input, answers on standard output.

A request is two lengths, a head in JSON (`task`, `seconds`, `bounds`) and the payload; an answer is a length and JSON.
A task is a module of ours with a function `run(payload, bounds)`, named by the process that asks.
"""

from __future__ import annotations

import json
import math
import resource
import struct
import sys
from importlib import import_module
from typing import BinaryIO

#: Length of the head, or of an answer, and length of the payload.
HEAD = struct.Struct("!QQ")
MAX_ANSWER = 4 * 1024 * 1024


def _bound(memory: int) -> None:
    """No more memory than allowed, and no files at all: nothing here has anything to write."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bound_work(seconds: float) -> None:
    """`seconds` of processor time beyond what was used before. The system then ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def main(memory: int, source: BinaryIO, sink: BinaryIO) -> None:
    """Answer requests until the other end closes."""
    _bound(memory)
    while len(lengths := source.read(HEAD.size)) == HEAD.size:
        head_size, payload_size = HEAD.unpack(lengths)
        head = json.loads(source.read(head_size))
        payload = source.read(payload_size)
        _bound_work(head["seconds"])
        answer = json.dumps(import_module(head["task"]).run(payload, head["bounds"])).encode()
        sink.write(HEAD.pack(len(answer), 0) + answer)
        sink.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.stdin.buffer, sys.stdout.buffer)
