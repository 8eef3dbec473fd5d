"""The attack corpus and the documents of the fuzzer: what is accepted means the same to PyLD."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.build_assets import FOLDER
from tests.fuzz.bending import DOCUMENTS, OLDER, Choices, bent
from tests.unit.verifier.canonical.test_hostile import by_pyld
from verifier import canonical
from verifier.errors import VerifierError
from verifier.formats import json_text


def agree(document: dict[str, Any]) -> None:
    for inline in (True, False):
        try:
            found = canonical.canonicalize(document, inline_contexts_allowed=inline)
        except VerifierError:
            continue
        assert found == by_pyld(document)


def _documents() -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted(FOLDER.glob("*.json")):
        try:
            document = json_text.load_object(path.read_bytes())
        except VerifierError:
            continue
        found[path.name] = document
    return found


DOCUMENTS_OF_CORPUS = _documents()


@pytest.mark.parametrize("name", DOCUMENTS_OF_CORPUS)
def test_corpus(name: str) -> None:
    document = DOCUMENTS_OF_CORPUS[name]
    agree(document)
    agree({key: value for key, value in document.items() if key != "proof"})


@pytest.mark.parametrize("document", [d for d in DOCUMENTS if d["@context"] != OLDER], ids=lambda d: d["type"][-1])
def test_good_documents_of_every_kind_are_accepted(document: dict[str, Any]) -> None:
    """Badges of both data models, endorsed ones, learner records, presentations, status lists, words of their own."""
    assert canonical.canonicalize(document, inline_contexts_allowed=True) == by_pyld(json.loads(json.dumps(document)))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=40))
def test_bent_documents_of_every_kind(data: bytes) -> None:
    agree(bent(Choices(data)))
