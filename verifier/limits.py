"""Every limit of the verifier, by name. Sizes in bytes, times in seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that hold for one verification. A value above a bound is refused with a code of its own."""

    credential_bytes: int = 2 * 1024 * 1024
    """The credential itself, after it is taken out of an image or envelope."""
    container_bytes: int = 20 * 1024 * 1024
    """An image or other file that holds a credential."""
    json_depth: int = 64
    """Nested arrays and objects."""
    json_values: int = 50_000
    """Values (scalars, arrays, objects) in one document."""
    number_digits: int = 64
    """Digits in one JSON number; beyond it Python's integers cost quadratic time."""
    png_chunks: int = 4_096
    status_list_bytes: int = 4 * 1024 * 1024
    """A status list credential as fetched."""
    inflated_list_bytes: int = 16 * 1024 * 1024
    """A status bitstring after decompression."""
    controller_document_bytes: int = 512 * 1024
    redirects: int = 3
    fetch_seconds: float = 10.0
    """For one document, from the first byte sent to the last received."""
    fetches: int = 64
    """Documents that one verification may ask for, those of credentials inside the credential included."""
    all_fetches_seconds: float = 20.0
    """For all of them together."""
    lookup_seconds: float = 5.0
    """For finding the addresses of one name."""
    lookups: int = 64
    """Names looked up at a time, in one process: a silent name server holds a thread that cannot be interrupted."""
    verification_seconds: float = 30.0
    """For one verification as a whole, whatever is inside; what was not looked at by then is undetermined."""
    processor_seconds: float = 15.0
    """Work of one verification in the caller's own thread, looked at between its steps."""
    quads: int = 20_000
    """RDF statements in one document."""
    ambiguous_work: int = 5_000
    """Permutations that RDFC-1.0 may have to try for blank nodes which look alike; see `verifier.canonical`."""
    proofs: int = 8
    """Proofs on one document."""
    clock_skew: float = 60.0
    """Grace at both ends of a validity period, because clocks differ."""
    picture_pixels: int = 60_000_000
    """Pixels of a photo, or of a drawn PDF page, in which a QR code is looked for."""
    pdf_pages: int = 10
    """Pages of a PDF that are looked at."""
    scan_seconds: int = 10
    """Processor time for looking for QR codes in one file."""
    scan_memory_bytes: int = 2 * 1024 * 1024 * 1024
    """Address space of the process that does it."""
    schema_seconds: float = 2.0
    """Processor time for holding a credential against one schema that a stranger wrote."""
    schema_memory_bytes: int = 512 * 1024 * 1024
    """Address space of the process that does it."""
    contexts: int = 4_000
    """Entries of all `@context` in one document, those of credentials inside it included."""
    findings: int = 200
    """Findings of one check that a report lists."""
    nested_credentials: int = 256
    """Credentials inside a presentation, transcript or endorsement list."""


DEFAULT_LIMITS = Limits()
