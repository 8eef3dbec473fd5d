"""Passwords that everybody tries first are refused, with a sentence; those that our own commands make are not."""

from __future__ import annotations

import pytest

from issuer.services.passwords import random_password
from issuer.web.passwords import fault

ABOUT = [
    "tara@lakeside.example",
    "tara",
    "lakeside.example",
    "Tara Tully",
    "Tara",
    "Tully",
    "Lakeside Schools",
    "lakeside",
]


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("password123", "easy to guess"),
        ("Password123!", "easy to guess"),
        ("qwertyuiop", "easy to guess"),
        ("1234567890", "easy to guess"),
        ("aaaaaaaaaaaa", "easy to guess"),
        ("Summer2026!", "easy to guess"),
        ("welcome12345", "easy to guess"),
        ("pass" * 32, "easy to guess"),
        ("tara@lakeside.example", "your own name"),
        ("Tara-Tully-1984", "your own name"),
        ("LakesideSchools!", "your own name"),
        ("lakeside2026", "your own name"),
        ("short", "at least 10"),
        ("x" * 129, "at most 128"),
    ],
)
def test_passwords_that_somebody_would_try(password: str, sentence: str) -> None:
    assert sentence in fault(password, ABOUT)


@pytest.mark.parametrize(
    "password", ["seven-quiet-herons", "ж" * 3 + "-лодка-сорок-весна", "correct horse battery staple"]
)
def test_passwords_that_nobody_would(password: str) -> None:
    assert fault(password, ABOUT) == ""


def test_passwords_of_our_own_making_may_be_used() -> None:
    assert [each for each in (random_password() for _ in range(50)) if fault(each, ABOUT)] == []


def test_nobody_needs_to_have_a_name() -> None:
    assert fault("seven-quiet-herons", []) == ""
