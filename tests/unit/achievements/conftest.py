from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "definition-format.md"


@pytest.fixture(scope="session")
def _documented() -> dict[str, Any]:
    """The full example of the documentation: what is tested is what people read."""
    blocks = re.findall(r"```json\n(.*?)```", DOCUMENTATION.read_text("utf-8"), re.DOTALL)
    found: dict[str, Any] = json.loads(blocks[0])
    return found


@pytest.fixture
def example(_documented: dict[str, Any]) -> dict[str, Any]:
    """A copy that a test may spoil."""
    return copy.deepcopy(_documented)
