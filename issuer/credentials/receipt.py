"""The receipt of a bulk verification: what was counted, when, and by which lists. It names nobody who was looked up.

It is a verifiable credential of the plain kind (VCDM 2.0), so that `badgewright verify receipt.json` checks it like
anything else. Its own terms are not defined by a standard, which the second context says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from verifier.formats import datetimes

CONTEXT = ("https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2")
#: So many status lists are named one by one; beyond, the digest over all of them stands for the rest.
NAMED_LISTS = 1_000


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the receipt says.

    Attributes:
        id: address of the receipt; `job`: of the verification.
        issuer: DID of the organisation that asked.
        moment: what the credentials were judged for.
        counts: by verdict.
        input_sha256, results_sha256: hex digests of the file that was handed in, and of the CSV that came out.
        registries: {"name", "sha256"} of the lists of recognised issuers.
        status_lists: (address, hex SHA-256), sorted.
        software: name and version of what verified.
    """

    id: str
    job: str
    issuer: str
    issued_at: datetime
    moment: datetime
    counts: Mapping[str, int]
    input_sha256: str
    input_bytes: int
    results_sha256: str
    registries: Sequence[Mapping[str, str]]
    status_lists: Sequence[tuple[str, str]]
    software: str


def build(receipt: Receipt) -> dict[str, Any]:
    """The unsigned receipt."""
    return {
        "@context": list(CONTEXT),
        "id": receipt.id,
        "type": ["VerifiableCredential", "BulkVerificationReceipt"],
        "issuer": receipt.issuer,
        "validFrom": datetimes.render(receipt.issued_at),
        "credentialSubject": {
            "id": receipt.job,
            "type": "BulkVerification",
            "judgedFor": datetimes.render(receipt.moment),
            "software": receipt.software,
            "counts": {**receipt.counts, "total": sum(receipt.counts.values())},
            "input": {"sha256": receipt.input_sha256, "bytes": receipt.input_bytes},
            "results": {"sha256": receipt.results_sha256},
            "trustRegistries": [dict(each) for each in receipt.registries],
            "statusLists": {
                "count": len(receipt.status_lists),
                "sha256": lists_digest(receipt.status_lists),
                "named": [{"url": url, "sha256": digest} for url, digest in receipt.status_lists[:NAMED_LISTS]],
            },
        },
    }


def lists_digest(lists: Iterable[tuple[str, str]]) -> str:
    """SHA-256, in hex, over a line `SHA-256 address` for each list, in the order of the addresses."""
    digest = hashlib.sha256()
    for url, sha256 in lists:
        digest.update(f"{sha256} {url}\n".encode())
    return digest.hexdigest()
