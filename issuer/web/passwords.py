"""What may be a password: long enough, not among those that everybody tries first, and nothing about its owner."""

from __future__ import annotations

import re
from typing import Any

from flask_security import PasswordUtil

from issuer.models import User

MIN_LENGTH, MAX_LENGTH = 10, 128
#: What is typed beyond this is not looked at; the library fails on more than 4096 characters.
LOOKED_AT = 1_000
#: Of zxcvbn's scores from 0 to 4: at least 10^8 guesses, so that a stolen hash is not found in minutes.
MIN_SCORE = 3
#: The estimator takes no more; what stands behind cannot make a password weaker.
_ESTIMATED = 72
_SHORT = f"Please use at least {MIN_LENGTH} characters."
_LONG = f"Please use at most {MAX_LENGTH} characters."
_PERSONAL = "Please do not use your own name, your e-mail address or your district’s name as a password."
_COMMON = (
    "This password is easy to guess. Please choose another one: three or four words that have nothing to do with each"
    " other are easy to remember."
)


def fault(password: str, about: list[str]) -> str:
    """What is wrong with a password, as a sentence; empty if it may be used.

    Args:
        about: names and addresses that somebody who knows the person would try.
    """
    if len(password) < MIN_LENGTH:
        return _SHORT
    if len(password) > MAX_LENGTH:
        return _LONG
    # `Lakeside-Schools 2026!` is still the district's name.
    bare = re.sub(r"[\W\d_]+", "", password).casefold()
    if bare and bare in {re.sub(r"[\W\d_]+", "", each).casefold() for each in about}:
        return _PERSONAL
    import zxcvbn  # its word lists take a tenth of a second to read

    found = zxcvbn.zxcvbn(password[:_ESTIMATED], user_inputs=about)
    return "" if found["score"] >= MIN_SCORE else _COMMON


def about(user: User) -> list[str]:
    """What others know of a person: name, address and its parts, organisations."""
    local, _, domain = user.email.partition("@")
    places = [text for each in user.memberships for text in (each.organisation.name, each.organisation.slug)]
    return [text for text in (user.email, local, domain, user.name, *user.name.split(), *places, "Badgewright") if text]


class Passwords(PasswordUtil):
    """Asked by Flask-Security wherever somebody types or chooses a password."""

    def normalize(self, password: str) -> str:
        # Cut twice: what is composed of several characters gets longer.
        return str(super().normalize(password[:LOOKED_AT]))[:LOOKED_AT]

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        password = self.normalize(password)
        wrong = fault(password, about(kwargs["user"]))
        return ([wrong] if wrong else None), password
