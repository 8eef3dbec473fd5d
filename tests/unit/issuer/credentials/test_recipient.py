"""What stands beside “Verified” as the person's name."""

from __future__ import annotations

from typing import Any

import pytest

from issuer.credentials.recipient import stated_name


def _named(name: Any, **other: Any) -> dict[str, Any]:
    return {"type": "IdentityObject", "hashed": False, "identityHash": name, "identityType": "name", **other}


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ({"identifier": [_named("Amara Okafor")]}, "Amara Okafor"),
        ({"identifier": _named("Amara Okafor")}, "Amara Okafor"),
        ([{"identifier": [_named("Amara Okafor")]}], "Amara Okafor"),
        ({"identifier": [_named("  "), _named("Amara Okafor")]}, "Amara Okafor"),
        ({"identifier": [_named("Amara Okafor", hashed=True)]}, ""),
        ({"identifier": [_named("Amara Okafor", identityType="emailAddress")]}, ""),
        ({"identifier": [_named(["Amara Okafor"])]}, ""),
        ({"identifier": "Amara Okafor"}, ""),
        ([{"identifier": [_named("Amara Okafor")]}, {"identifier": [_named("Tomas Bell")]}], ""),
        ([], ""),
        ("Amara Okafor", ""),
    ],
)
def test_a_name_is_read_in_one_way_whatever_form_it_has(subject: Any, name: str) -> None:
    """Two readers gave two answers for lists of subjects and for blank names."""
    assert stated_name({"credentialSubject": subject}) == name
