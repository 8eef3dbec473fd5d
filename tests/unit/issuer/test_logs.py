"""Logs are one JSON object a line and hold nothing about a person."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from issuer import logs


@pytest.fixture(autouse=True)
def _give_logging_back() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def test_lines_are_json_and_personal_values_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    structlog.get_logger("badgewright.test").info("signed_in", email="a@example.org", status=200)
    logging.getLogger("other").warning("a library says %s", "this")
    ours, theirs = (json.loads(line) for line in capsys.readouterr().err.splitlines())
    assert (ours["event"], ours["status"], ours["email"]) == ("signed_in", 200, "(left out)")
    assert theirs["event"] == "a library says this"


def test_an_exception_is_one_line_and_without_local_values(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info")
    secret = "a-secret-local"
    try:
        int("broken")
    except ValueError:
        structlog.get_logger("badgewright.test").error("failed", exc_info=sys.exc_info())
    assert secret
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["exception"][0]["exc_type"] == "ValueError"
    assert "a-secret-local" not in line
