"""Other files that a credential vouches for by their digest (VCDM 2.0, section 5.3).

A file that is held here, which is a context that we bundle, is compared byte for byte. Any other one cannot be judged
here: whoever has it compares it (see `verifier.checks.evidence`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from schemas import bundle
from verifier.checks.reading import many, objects
from verifier.formats import digests, uris
from verifier.report import Finding

_SRI = re.compile(r"(sha256|sha384|sha512)-[A-Za-z0-9+/]+={0,2}(\?[!-~]*)?")
_MULTIBASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]+")
_VCDM_2 = "https://www.w3.org/ns/credentials/v2"
#: Digests of earlier texts that are not bundled: the v2 context of July 2024, before its last change in place.
_EARLIER: Mapping[str, tuple[tuple[str, str], ...]] = {
    _VCDM_2: (
        ("sha256", "JKGMkOmFbVJhEfKTduMC2XCyvRAYLjOVmZWwIH1wQ7k="),
        ("sha384", "NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg"),
    ),
}
#: Bundled from packages that may have changed the white space, so their digests may not be those of the published text.
_NOT_AS_PUBLISHED = frozenset(
    {
        "https://www.w3.org/2018/credentials/v1",
        "https://purl.imsglobal.org/spec/ob/v3p0/context.json",
        "https://w3id.org/openbadges/v2",
    }
)


def related_resource_findings(document: Mapping[str, Any]) -> Iterator[Finding]:
    """What is wrong with `relatedResource`."""
    seen: set[str] = set()
    for place, resource in objects(document.get("relatedResource"), "/relatedResource"):
        if not isinstance(resource, Mapping):
            yield Finding("related_resource_malformed", "A related file is not described by an object.", pointer=place)
            continue
        address = resource.get("id")
        if not isinstance(address, str) or not uris.is_absolute(address):
            yield Finding("related_resource_malformed", "A related file has no address.", pointer=f"{place}/id")
            continue
        if address in seen:
            yield Finding("related_resource_twice", "A related file is named twice.", pointer=f"{place}/id")
        seen.add(address)
        yield from _digest_findings(resource, address, place)


def _digest_findings(resource: Mapping[str, Any], address: str, place: str) -> Iterator[Finding]:
    stated = [(name, digest) for name in ("digestSRI", "digestMultibase") for digest in many(resource.get(name))]
    if not stated:
        yield Finding("related_resource_malformed", "A related file comes without its digest.", pointer=place)
    known = _known(address)
    for name, digest in stated:
        form = _SRI if name == "digestSRI" else _MULTIBASE
        parts = digest.split() if isinstance(digest, str) else []
        if not parts or not all(form.fullmatch(part) for part in parts):
            yield Finding(
                "related_resource_malformed", "The digest of a related file is not one.", pointer=f"{place}/{name}"
            )
        elif known and not any(part.partition("?")[0] in known for part in parts):
            yield Finding(
                "related_resource_mismatch",
                "A related file is another one than the credential says.",
                pointer=f"{place}/{name}",
            )


@cache
def _known(address: str) -> frozenset[str]:
    """Every digest of every published text of `address`; empty if none is held here."""
    if address not in bundle.urls() or address in _NOT_AS_PUBLISHED:
        return frozenset()
    found: set[str] = set()
    for revision in range(len(bundle.revisions(address))):
        found |= digests.forms(bundle.load(address, revision))
    for algorithm, digest in _EARLIER.get(address, ()):
        found |= digests.forms_of_digest(algorithm, base64.b64decode(digest))
    return frozenset(found)
