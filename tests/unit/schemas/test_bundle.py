"""The bundled contexts are the published bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas import bundle

# SHA-256 as the publishers, or the readers that verified against them, give it.
PUBLISHED = {
    ("https://www.w3.org/ns/credentials/v2", 0): "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    ("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", 0): "3d34f4d4",
    ("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json", 1): "ef2fa9c7",
    ("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json", 0): "00666ad0",
    ("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json", 0): "5f3d9dd6",
    ("https://purl.imsglobal.org/spec/ob/v3p0/extensions.json", 0): "87c06c81",
    ("https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", 0): "880f1902",
    ("https://w3id.org/security/data-integrity/v2", 0): "67f21e6e",
    ("https://w3id.org/security/multikey/v1", 0): "ba2c182d",
}


@pytest.mark.parametrize(("url", "revision"), PUBLISHED)
def test_digests_are_the_published_ones(url: str, revision: int) -> None:
    assert bundle.entry(url, revision).sha256.startswith(PUBLISHED[url, revision])


@pytest.mark.parametrize("url", bundle.urls())
def test_every_revision_loads_and_is_a_context(url: str) -> None:
    for revision, about in enumerate(bundle.revisions(url)):
        assert "@context" in json.loads(bundle.load(url, revision))
        assert about.publisher
        assert about.licence
        assert about.taken_from


def test_every_file_is_in_the_index() -> None:
    folder = Path(bundle.__file__).parent / "contexts"
    listed = {about.file for url in bundle.urls() for about in bundle.revisions(url)}
    assert {path.name for path in folder.iterdir()} - {"index.json"} == listed


def test_the_current_revision_is_the_one_with_the_newer_terms() -> None:
    url = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
    assert b'"endorsementJwt"' in bundle.load(url)
    assert b'"endorsementJwt"' not in bundle.load(url, 1)


@pytest.mark.parametrize(
    ("url", "revision"), [("https://example.org/ctx", 0), (bundle.urls()[0], 7), (bundle.urls()[0], -1)]
)
def test_unknown_contexts_are_refused(url: str, revision: int) -> None:
    with pytest.raises(bundle.NotBundled) as caught:
        bundle.load(url, revision)
    assert caught.value.url == url


def test_a_damaged_file_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = Path(bundle.__file__).parent / "contexts"
    for path in folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "credentials-v2.json").write_bytes(b"{}")
    monkeypatch.setattr(bundle, "_FOLDER", tmp_path)
    bundle.load.cache_clear()
    with pytest.raises(bundle.BundleDamaged):
        bundle.load("https://www.w3.org/ns/credentials/v2")
    bundle.load.cache_clear()
