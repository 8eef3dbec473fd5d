"""Every code that can be answered with is on the page, and nothing else is."""

import re

from tests import build_codes


def test_the_page_lists_every_code() -> None:
    assert build_codes.PAGE.read_text("utf-8") == build_codes.page(), "run: python -m tests.build_codes"


def test_the_collection_sees_the_ways_in_which_codes_are_written() -> None:
    codes = {item.code for item in build_codes.collect()}
    assert {
        "duplicate_key",  # an error's first argument
        "undefined_term",  # named in a docstring
        "in_time",  # passed on to a helper
        "revoked",
        "issuer_not_recognised",
        "context_order",  # a finding
        "not_found",  # a class attribute
        "endorsement_invalid",
    } <= codes


def test_no_code_looks_like_another() -> None:
    """Codes that differ only in an underscore would be mixed up."""
    codes = {item.code for item in build_codes.collect()}
    squeezed = [code.replace("_", "") for code in codes]
    assert len(set(squeezed)) == len(codes)


def test_each_code_has_a_sentence() -> None:
    rows = re.findall(r"^\| `([a-z0-9_]+)` \| (.*?) \|", build_codes.PAGE.read_text("utf-8"), re.MULTILINE)
    assert [code for code, sentence in rows if len(sentence.split()) < 3] == []
