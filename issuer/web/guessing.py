"""How many wrong passwords are accepted, counted for the account and for the address they come from.

A try is counted before the password is looked at and taken back when it was right: of many at once no more get through
than of many in a row. An address without an account is counted like any other, so that a refusal tells nothing.

By account the count is one for all the world, or else a thousand machines would have a thousand times the tries. So
that a stranger cannot lock a teacher out that way, a browser that signed in before has a count of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, g
from limits import RateLimitItem, RateLimitItemPerSecond, parse_many
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from issuer.config import Config

#: Wrong passwords. Each has a name, so that an operator finds it.
FOR_ACCOUNT = "10 per 15 minutes"
FROM_ADDRESS = "20 per minute; 200 per hour"
#: Mails with a link for a new password.
MAILS_FOR_ACCOUNT = "5 per hour"
MAILS_FROM_ADDRESS = "20 per minute; 100 per hour"


class TooMany(Exception):
    """No more for now. `seconds` until it is worth trying again; `first` if this is the first refusal in a while."""

    def __init__(self, seconds: int, *, first: bool = False) -> None:
        super().__init__(f"try again in {seconds} seconds")
        self.seconds, self.first = seconds, first

    @property
    def minutes(self) -> int:
        return math.ceil(self.seconds / 60)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was counted for one try."""

    counted: tuple[tuple[RateLimitItem, str], ...]


class Tries:
    """The counters of an installation.

    Args:
        storage: where they are kept, as `limits` writes it: one process's memory, or a server for all processes.
        secret: keys the names of counters, so that the storage holds no e-mail address.
    """

    def __init__(self, storage: str, secret: str) -> None:
        self._secret = secret.encode()
        self._storage = cast(Storage, storage_from_string(storage))
        self._limiter = FixedWindowRateLimiter(self._storage)

    def account(self, email: str) -> str:
        """The name under which an account is counted, whether there is one or not."""
        return hmac.new(self._secret, b"account\0" + email.encode(), hashlib.sha256).hexdigest()[:32]

    def password(self, account: str, address: str, known_browser: str = "") -> Attempt:
        """Count a password before it is looked at.

        Args:
            account: as `account` gives it, or the name of another thing that one password opens.
            known_browser: names a browser that signed in on this account before.

        Raises:
            TooMany: it must not be looked at.
        """
        return self._count(
            [
                *((each, f"password from {_network(address)}") for each in parse_many(FROM_ADDRESS)),
                *((each, f"password for {account} {known_browser}".strip()) for each in parse_many(FOR_ACCOUNT)),
            ]
        )

    def mail(self, account: str, address: str) -> None:
        """Count a mail with a link for a new password.

        Raises:
            TooMany: none is sent.
        """
        self._count(
            [
                *((each, f"mail from {_network(address)}") for each in parse_many(MAILS_FROM_ADDRESS)),
                *((each, f"mail for {account}") for each in parse_many(MAILS_FOR_ACCOUNT)),
            ]
        )

    def right(self, attempt: Attempt) -> None:
        """The password was right: it does not count."""
        self._take_back(attempt.counted)

    def forget(self, account: str) -> None:
        """The owner of the account has proved to be one in another way: strangers' tries no longer keep them out."""
        for each in parse_many(FOR_ACCOUNT):
            self._limiter.clear(each, f"password for {account}")

    def _count(self, wanted: Iterable[tuple[RateLimitItem, str]]) -> Attempt:
        counted: list[tuple[RateLimitItem, str]] = []
        for item, name in wanted:
            counted.append((item, name))
            if not self._limiter.hit(item, name):
                again = self._limiter.get_window_stats(item, name).reset_time - time.time()
                # What was refused tried nothing: only what was looked at counts.
                self._take_back(counted)
                first = self._limiter.hit(RateLimitItemPerSecond(1, item.get_expiry()), f"refused {name}")
                raise TooMany(max(1, math.ceil(again)), first=first)
        return Attempt(tuple(counted))

    def _take_back(self, counted: Iterable[tuple[RateLimitItem, str]]) -> None:
        for item, name in counted:
            self._storage.incr(item.key_for(name), item.get_expiry(), amount=-1)


def _network(address: str) -> str:
    """An IPv6 subscriber has 2^64 addresses: they count as one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 6 and found.ipv4_mapped is None:
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def tries() -> Tries:
    return cast(Tries, current_app.extensions["badgewright_tries"])


def refuse(error: TooMany) -> str:
    """The sentence for a person; the answer of this request becomes a 429 that says when to come back."""
    g.too_many = error
    when = "a minute" if error.minutes <= 1 else f"{error.minutes} minutes"
    return f"There were too many tries. Please wait {when} and try again."


def install(app: Flask, config: Config) -> None:
    app.extensions["badgewright_tries"] = Tries(config.rate_limit_storage, config.secret_key)
