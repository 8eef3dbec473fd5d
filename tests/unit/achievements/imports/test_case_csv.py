from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from achievements import imports
from achievements.framework import Tree
from achievements.model import Framework

OPENSALT = """"Identifier","fullStatement","Human Coding Scheme","sequenceNumber","Is Child Of","Notes"
"Talk","All about talk","T","1","",""
"Talk.Two","Second","T.2","2","T","by coding scheme"
"Talk.One","First, with a comma","T.1","1","Talk","by identifier"
"""
COMPEITO = """#identifier,4f3c6a12-e83b-4654-b7ce-1738552191e4
#title,Lernen durch Gespräche
#creator,Bezirk
#subject,Sprache,Gespräch
Identifier,fullStatement,humanCodingScheme,parentIdentifier,sequenceNumber,educationLevel,language
10000000-0000-0000-0000-000000000001,Oben,A,,10,"13,14",de
10000000-0000-0000-0000-000000000002,Unten,A.1,10000000-0000-0000-0000-000000000001,10,13,de
"""


def framework(text: str) -> Framework:
    result = imports.read(text.encode())
    assert result.ok, result.problems
    assert result.format == imports.detect(text.encode()) == "case-csv"
    (found,) = result.frameworks
    return found


def codes(text: str) -> list[tuple[str, int]]:
    return [(problem.code, problem.line) for problem in imports.read(text.encode()).problems]


def test_parents_are_found_by_identifier_and_by_coding_scheme() -> None:
    found = framework(OPENSALT)
    assert [(depth, item.human_coding_scheme) for depth, item in Tree(found).walk()] == [
        (0, "T"),
        (1, "T.1"),
        (1, "T.2"),
    ]
    assert found.competencies[1].extensions["Notes"] == "by coding scheme"
    assert framework(OPENSALT) == found


def test_lines_about_the_framework_are_read() -> None:
    found = framework("\ufeff" + COMPEITO)
    assert (found.title, found.creator, found.uri) == (
        "Lernen durch Gespräche",
        "Bezirk",
        "urn:uuid:4f3c6a12-e83b-4654-b7ce-1738552191e4",
    )
    assert found.extensions["subject"] == "Sprache, Gespräch"
    assert found.competencies[0].education_level == ("13", "14")
    assert found.competencies[1].parent == "urn:uuid:10000000-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (OPENSALT + "x,y,z,1,,,more\n", "csv_ragged_row", 5),
        (OPENSALT + "x,y,z,1,nobody,\n", "case_parent_unknown", 0),
        (OPENSALT + ",y,z,1,,\n", "field_missing", 5),
        (OPENSALT + "x,,z,1,,\n", "field_missing", 5),
        (OPENSALT + "Talk,y,z,1,,\n", "case_duplicate_item", 5),
        (OPENSALT + '"x,y,z,1,,\n', "csv_syntax", 5),
        ("Identifier,fullStatement,Notes,notes,Notes\na,b,c,d,e\n", "csv_column_twice", 1),
        (OPENSALT, "case_csv_without_title", 0),
    ],
)
def test_each_fault_has_its_code_and_line(text: str, code: str, line: int) -> None:
    assert (code, line) in codes(text)


@given(st.text(alphabet='ab,"#\n\r\x00T', max_size=60))
@example("\n#")
def test_no_table_raises(rows: str) -> None:
    result = imports.read((OPENSALT + rows).encode())
    assert result.ok or result.errors
