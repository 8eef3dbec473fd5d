"""Many credentials by the command line: how the rate grows with processes, and the memory of all of them together.

    python -m tests.benchmarks.bulk [NUMBER]

Every credential is signed by itself, with an id and a place on the status list of its own. 100,000 by default here,
`BADGEWRIGHT_TEST_BULK` (2,000) as a part of `make bench`. The signed file is kept beside the temporary files, because
signing takes longer than verifying.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import badge

_EVERY = 0.25


@dataclass(frozen=True)
class Run:
    """One run. `resident` counts memory that processes share once for each, `proportional` once in all; bytes.

    `busy`: seconds of processor time of all processes together. On a machine that does other things too, the rate says
    little; that twice the processes need no more of it in all says that they would be twice as fast.
    """

    jobs: int
    seconds: float
    busy: float
    resident: int
    proportional: int


def _line(number: int) -> str:
    return json.dumps(badge.secured(number), separators=(",", ":")) + "\n"


def signed(number: int) -> Path:
    """A JSON Lines file with `number` credentials."""
    path = Path(tempfile.gettempdir()) / f"badgewright-bench-{os.getuid()}-{number}.jsonl"
    if not path.exists():
        waiting = path.with_suffix(".part")
        with multiprocessing.get_context("spawn").Pool() as pool, waiting.open("w") as file:
            file.writelines(pool.imap(_line, range(number), chunksize=64))
        waiting.rename(path)
    return path


def _tree(root: int) -> Iterator[Path]:
    """/proc of a process and of all below it."""
    children: dict[int, list[int]] = {}
    for each in Path("/proc").iterdir():
        if each.name.isdigit():
            try:
                fields = (each / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(each.name))
    waiting = [root]
    while waiting:
        number = waiting.pop()
        yield Path("/proc") / str(number)
        waiting.extend(children.get(number, ()))


def _memory(root: int, busy: dict[Path, float]) -> tuple[int, int]:
    """(resident, proportional) bytes of a tree of processes; notes the processor time of each in `busy`."""
    resident = proportional = 0
    for place in _tree(root):
        try:
            text = (place / "smaps_rollup").read_text()
            fields = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        busy[place] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        sizes = {line.split()[0]: int(line.split()[1]) * 1024 for line in text.splitlines()[1:]}
        resident += sizes.get("Rss:", 0)
        proportional += sizes.get("Pss:", 0)
    return resident, proportional


def run(path: Path, number: int, jobs: int, folder: Path) -> Run:
    """Verify all of `path` by the command line. Everything must come out as verified."""
    (folder / "did.json").write_bytes(badge.did_document())
    (folder / "list.json").write_bytes(badge.status_list())
    out = folder / f"out-{jobs}.csv"
    command = [sys.executable, "-m", "verifier", "verify", path, "--issuer", badge.ISSUER, "--offline"]
    command += ["--did-document", folder / "did.json", "--status-list", folder / "list.json"]
    command += ["--at", badge.NOW.isoformat().replace("+00:00", "Z"), "--csv", out, "--jobs", str(jobs)]
    start = time.perf_counter()
    resident = proportional = 0
    busy: dict[Path, float] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            now = _memory(process.pid, busy)
            resident, proportional = max(resident, now[0]), max(proportional, now[1])
            time.sleep(_EVERY)
        seconds = time.perf_counter() - start
        printed = process.stdout.read() if process.stdout else ""
    with out.open() as file:
        verified = sum(",verified," in line for line in file)
    if process.returncode != 0 or verified != number:
        raise SystemExit(f"the bulk run failed with {process.returncode}, {verified} verified:\n{printed}")
    return Run(jobs, seconds, sum(busy.values()), resident, proportional)


def table(number: int) -> Table:
    found = Table(title=f"{number:,} credentials by badgewright verify, one each", title_justify="left")
    for heading in ("processes", "seconds", "per second", "rate", "busy seconds", "memory, shared once", "shared each"):
        found.add_column(heading, justify="right")
    path = signed(number)
    with tempfile.TemporaryDirectory() as folder:
        runs = [run(path, number, jobs, Path(folder)) for jobs in range(1, min(os.cpu_count() or 1, 4) + 1)]
    for each in runs:
        found.add_row(
            str(each.jobs),
            f"{each.seconds:.1f}",
            f"{number / each.seconds:,.0f}",
            f"{runs[0].seconds / each.seconds:.2f}x",
            f"{each.busy:.1f}",
            f"{each.proportional / 1e6:.0f} MB",
            f"{each.resident / 1e6:.0f} MB",
        )
    return found


if __name__ == "__main__":
    Console(width=110).print(table(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
