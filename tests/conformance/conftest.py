"""Published vectors, read from files beside the tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent / "vectors"


@pytest.fixture
def vector() -> Callable[[str], Any]:
    """Reads one vector by the name of its file; a text file as text."""

    def read(name: str) -> Any:
        text = (FOLDER / name).read_text(encoding="utf-8")
        return json.loads(text) if name.endswith(".json") else text

    return read
