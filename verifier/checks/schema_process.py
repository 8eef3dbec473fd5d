"""Holding a document against a stranger's schema. Runs only in the process of `verifier.confined`."""

from __future__ import annotations

import json
from typing import Any

from schemas import foreign


def run(payload: bytes, _bounds: dict[str, Any]) -> dict[str, Any]:
    asked = json.loads(payload)
    try:
        problems = foreign.validate_against(asked["document"], asked["schema"])
    except foreign.SchemaRefused as refused:
        return {"refused": [refused.code, refused.message]}
    return {"problems": [[each.pointer, each.message, each.code, each.keyword] for each in problems]}
