"""Passwords made on the command line, in the form that Flask-Security checks (plain argon2id, single hash)."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher

#: Without letters and digits that look alike in print.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def random_password() -> str:
    """Four groups of four, 79 bits: can be read over the telephone and not be guessed."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def hash_password(password: str) -> str:
    """What is stored in place of the password; each time another, because of its salt."""
    return PasswordHasher().hash(password)
