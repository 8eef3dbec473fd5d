"""Whatever stands in a body, the answer is JSON and never a 5xx. In testing mode a fault of ours would raise."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.vcapi.conftest import DIDS, VCDM_2, Suite, plain

WORDS = st.sampled_from(
    [
        "@context", "@id", "@type", "@graph", "@value", "@vocab", "id", "type", "issuer", "holder", "proof", "name",
        "credentialSubject", "credentialStatus", "credentialSchema", "relatedResource", "verifiableCredential",
        "previousProof", "proofValue", "cryptosuite", "created", "digestSRI", "validFrom", "termsOfUse", "statusSize",
    ]
)  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(
        [VCDM_2, DIDS["Ed25519"], "VerifiableCredential", "VerifiablePresentation", "_:b0", "\ud800", "z", "u"]
    ),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(WORDS, st.text(max_size=5)), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


def changed(document: Any, data: st.DataObject) -> Any:
    """One to three places of a good document with something else in them, or one more member."""
    made = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places(made)))
        new = data.draw(VALUES)
        target = made
        for key in path[:-1]:
            target = target[key]
        if not path:
            made[data.draw(WORDS)] = new
        else:
            target[path[-1]] = new
    return made


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/credentials/verify", "verifiableCredential"),
        ("/presentations/verify", "verifiablePresentation"),
        ("/credentials/issue", "credential"),
        ("/credentials/derive", "verifiableCredential"),
    ],
)
@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_bodies(suite: Suite, path: str, name: str, data: st.DataObject) -> None:
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "verificationMethod": DIDS["Ed25519"] + "#" + DIDS["Ed25519"].removeprefix("did:key:"),
        "proofPurpose": "assertionMethod",
        "proofValue": "z5nmMBw2u9TGKd9NxxHJtyZKgjN2Eh",
    }
    document = plain(issuer=DIDS["Ed25519"]) | ({} if name == "credential" else {"proof": proof})
    if name == "verifiablePresentation":
        document = {
            "@context": [VCDM_2],
            "type": ["VerifiablePresentation"],
            "holder": DIDS["Ed25519"],
            "verifiableCredential": [document],
            "proof": {**proof, "proofPurpose": "authentication"},
        }
    options = {"status": "none", "cryptosuite": "eddsa-jcs-2022", "mandatoryPointers": [], "challenge": "x"}
    body = changed({name: document, "options": options}, data)
    answer = suite.post(path, json.dumps(body).encode(), suite.key)
    assert answer.status in (200, 201, 400, 401, 403)
    if answer.status == 400:
        assert answer.code
