"""Many credentials at once.

    from verifier import policy
    from verifier.batch import items_of, verify_many

    for row in verify_many(items_of(path), policy.TrustedIssuers("did:web:district.example")):
        print(row.name, row.verdict, row.message)

Inputs may be files, folders, zip archives, JSON Lines or CSV. See `Batch` for what runs where.
"""

from verifier.batch.items import Item, Row
from verifier.batch.limits import DEFAULT_BATCH_LIMITS, BatchLimits
from verifier.batch.run import Batch, Cancelled, available_cores, verify_many
from verifier.batch.sources import Kind, items_in, items_of, kind_of

__all__ = [
    "DEFAULT_BATCH_LIMITS",
    "Batch",
    "BatchLimits",
    "Cancelled",
    "Item",
    "Kind",
    "Row",
    "available_cores",
    "items_in",
    "items_of",
    "kind_of",
    "verify_many",
]
