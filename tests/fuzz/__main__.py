"""`python -m tests.fuzz TARGET|all SECONDS`: coverage-guided fuzzing by atheris, one process a target, one core."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOUND = Path("var/fuzz")


def _fuzz(name: str, seconds: int) -> None:
    import atheris

    with atheris.instrument_imports(include=["verifier", "schemas", "tests.fuzz"]):
        from tests.fuzz import targets
    folder = FOUND / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(targets.seeds(name)):
        (folder / f"seed{number}").write_bytes(seed)
    options = [
        f"-max_total_time={seconds}",
        "-max_len=8192",
        "-timeout=20",
        "-rss_limit_mb=3000",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={folder}-", str(folder)], targets.TARGETS[name])
    atheris.Fuzz()


def main(name: str, seconds: int) -> int:
    """The number of targets in which a fault was found. Faults are written to `var/fuzz`."""
    if name != "all":
        _fuzz(name, seconds)
        return 0
    from tests.fuzz.targets import TARGETS

    faults = 0
    for target in TARGETS:
        print(f"== {target}", flush=True)  # noqa: T201  this is what the command says
        # A fault ends the process, and the next target begins in a fresh one.
        done = subprocess.run([sys.executable, "-m", "tests.fuzz", target, str(seconds)], check=False)
        faults += done.returncode != 0
    return faults


if __name__ == "__main__":
    os.nice(10)
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
