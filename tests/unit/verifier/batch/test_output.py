"""What a spreadsheet opens must not run."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.batch.items import Row
from verifier.batch.output import COLUMNS, cell, csv_writer, json_line, values
from verifier.report import Verdict


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_formulas_are_text(text: str) -> None:
    assert cell(text).startswith("'")


@given(st.text())
def test_one_line_and_no_formula(text: str) -> None:
    made = cell(text)
    assert made.isprintable()
    assert not made.startswith(("=", "+", "-", "@"))


def test_lines() -> None:
    row = Row(1, "=evil()", Verdict.FAILED, "not_json", "It is\nnot JSON.")
    file = io.StringIO(newline="")
    csv_writer(file)(values(row))
    (read,) = csv.DictReader(io.StringIO(file.getvalue(), newline=""))
    assert tuple(read) == COLUMNS
    assert read["name"] == "'=evil()"
    assert read["message"] == "It is�not JSON."
    assert json.loads(json_line(row))["name"] == "=evil()"
