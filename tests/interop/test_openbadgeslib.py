"""Another implementation reads what we issue: openbadgeslib (PyPI), in an environment of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

PEER = "openbadgeslib[ldp]==4.6.3"
ON_CI = os.environ.get("CI", "").lower() in ("1", "true")

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has openbadgeslib and nothing of ours."""
    if not (ON_CI or os.environ.get("BADGEWRIGHT_TEST_INTEROP")):
        pytest.skip("installs from PyPI: runs on CI, or with BADGEWRIGHT_TEST_INTEROP=1")
    folder = tmp_path_factory.mktemp("openbadgeslib")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", PEER], check=True, timeout=300)
    return python


def test_openbadgeslib_verifies_our_badge_its_images_and_its_status_list(peer: Path, tmp_path: Path) -> None:
    badgewright = Path(sys.executable).with_name("badgewright")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("BADGEWRIGHT_", "DATABASE_"))}
    subprocess.run([badgewright, "demo", "--out", tmp_path], check=True, capture_output=True, env=environ, timeout=120)
    script = Path(__file__).with_name("openbadgeslib_reads.py")
    done = subprocess.run([peer, script, tmp_path], check=True, capture_output=True, text=True, timeout=120)
    answers = json.loads(done.stdout)
    assert answers.pop("changed").startswith("refused")
    assert set(answers.values()) == {"verified"}, answers
    assert set(answers) == {"json", "png", "svg", "list"}
