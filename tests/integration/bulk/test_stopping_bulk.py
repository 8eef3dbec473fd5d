"""A worker that is told to stop in the middle of a bulk verification ends, whatever it waits for; the next goes on."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from issuer.jobs import migrate
from issuer.models import BulkRow
from issuer.runtime import Runtime
from tests.integration.bulk.test_bulk_job import _each_once, _ended, _job, _worker
from tests.integration.workers import PATIENCE, until
from tests.simulator import World

EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 0


def _at_work(pid: int) -> set[int]:
    """The processes below this one in which strangers' schemas run."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    return {each for each in parents if pid in _above(each, parents) and b"confined_process" in _command(each)}


def _above(pid: int, parents: dict[int, int]) -> Iterator[int]:
    while pid in parents:
        pid = parents[pid]
        yield pid


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def test_in_the_middle_of_a_long_file(
    session: Session, config, runtime: Runtime, hand_in, lines: Callable[[int], bytes]
) -> None:
    migrate(config)
    number = hand_in(lines(1500))
    with _worker(config) as stopped:
        runtime.enqueue.verify(number)
        until(lambda: _job(runtime, number).done >= 8)
        _stop(stopped)
    job = _job(runtime, number)
    assert (job.state, job.finished_at) == ("running", None)
    assert 8 <= job.done < 1500
    with _worker(config):
        job = _ended(runtime, number)
    _each_once(session, job, 1500)


def test_in_the_middle_of_a_fetch_that_never_ends(session: Session, config, runtime: Runtime, hand_in) -> None:
    migrate(config)
    number = hand_in(b"url\nhttps://slow.example/badge\n", "badges.csv")
    with _worker(config, "silent") as stopped:
        runtime.enqueue.verify(number)
        until((config.var / "fetching").exists)
        _stop(stopped)
    assert _job(runtime, number).finished_at is None
    with _worker(config, "away"):
        job = _ended(runtime, number)
    assert (job.state, job.done) == ("done", 1)
    assert session.scalars(select(BulkRow.code)).all() == ["http_status"]


def test_in_the_middle_of_a_foreign_schema(session: Session, config, runtime: Runtime, hand_in) -> None:
    school = World().issuer("did:key")
    entry = {"id": "https://school.example/schema", "type": "1EdTechJsonSchemaValidator2019"}
    document = school.badge(credentialSchema=[entry] * 8)
    document["@context"] = [*document["@context"], EXTENSIONS]
    badge = json.dumps(json.loads(school.sign(document))).encode() + b"\n"
    migrate(config)
    number = hand_in(badge * 100)
    running: set[int] = set()

    def begun() -> bool:
        running.update(_at_work(stopped.pid))
        return bool(running)

    with _worker(config, "hostile") as stopped:
        runtime.enqueue.verify(number)
        until(begun)
        _stop(stopped)
    until(lambda: not any(b"confined_process" in _command(pid) for pid in running))
    assert _job(runtime, number).finished_at is None
    with _worker(config, "away"):
        job = _ended(runtime, number)
    assert (job.state, job.done) == ("done", 100)
    numbers = session.scalars(select(BulkRow.number).order_by(BulkRow.number)).all()
    assert numbers == list(range(1, 101))
