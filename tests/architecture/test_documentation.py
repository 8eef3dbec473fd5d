"""Pages that say what the code says, and a house that keeps to its size."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from issuer.config import settings
from tests.documentation import DOCS, PAGES

ROOT = Path(__file__).parent.parent.parent
MAX_LINES = 400
#: Lists of cases are read one at a time.
MAX_TEST_LINES = 600
#: Longer files, each with its reason.
LONG: dict[str, str] = {
    "issuer/static/badgewright.css": "one stylesheet, in one order",
    "issuer/static/vendor/jsqr/jsQR.js": "the work of others, as they published it",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_written_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_every_setting_is_documented() -> None:
    page = (DOCS / "configuration.md").read_text(encoding="utf-8")
    for variable, meaning, _ in settings():
        assert f"`{variable}`" in page
        assert meaning.replace("|", "\\|") in page


def test_no_file_is_longer_than_a_room_can_hold() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = {
        path: len((ROOT / path).read_text(encoding="utf-8").splitlines())
        for path in listed.splitlines()
        if path.endswith((".py", ".css", ".js", ".html")) and (ROOT / path).is_file()
    }
    assert found, "git lists no files"
    too_long = {path: lines for path, lines in found.items() if lines > _limit(path) and path not in LONG}
    assert not too_long
    assert not [path for path in LONG if found.get(path, MAX_LINES + 1) <= MAX_LINES], "no longer long: take it off"


def _limit(path: str) -> int:
    return MAX_TEST_LINES if path.startswith("tests/") else MAX_LINES
