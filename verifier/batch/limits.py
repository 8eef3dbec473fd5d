"""Every limit of reading many inputs, by name. Sizes in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BatchLimits:
    """Bounds that hold for one run. Those of a single verification are in `verifier.limits`."""

    line_bytes: int = 2 * 1024 * 1024
    """One line of JSON Lines or CSV."""
    columns: int = 500
    """Columns of a CSV file."""
    archive_members: int = 1_000_000
    """Entries in the directory of a zip archive."""
    archive_bytes: int = 16 * 1024 * 1024 * 1024
    """All members of an archive together, unpacked."""
    archive_ratio: int = 100
    """Unpacked bytes for each packed one, over the whole archive; the first `archive_free` are not counted."""
    archive_free: int = 32 * 1024 * 1024
    url_bytes: int = 4 * 1024 * 1024
    """A credential that is fetched because its address stands in the input; several are fetched at a time."""
    fetches: int = 8
    """Addresses that are fetched at a time."""
    fetched_bytes: int = 32 * 1024 * 1024
    """Documents of issuers and status lists that are kept in one process."""
    fetched_seconds: float = 3600.0
    """How long a document that was fetched serves; a failure serves for the whole run."""
    chunk_items: int = 16
    """Credentials handed to a process at a time."""
    chunk_bytes: int = 1024 * 1024
    item_seconds: float = 60.0
    """How long a process may be silent over what it was handed before it is ended."""


DEFAULT_BATCH_LIMITS = BatchLimits()
