"""Verifying many credentials as a job: the job, what was handed in, and what came out, until it is forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from issuer.db import Base
from issuer.models.accounts import Organisation

#: waiting: no worker has begun. failed: it cannot be finished. forgotten: only counts and the receipt are left.
BULK_STATES = ("waiting", "running", "done", "failed", "forgotten")


class BulkVerification(Base):
    """One file with many credentials. The counts and the receipt stay; everything else is forgotten after a while."""

    __tablename__ = "bulk_verifications"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'forgotten')", name="state_known"),
        CheckConstraint("kind IN ('csv', 'jsonl', 'zip')", name="kind_known"),
        CheckConstraint("done = verified + failed + undetermined + unrecognised", name="every_row_is_counted"),
        CheckConstraint("state <> 'done' OR receipt IS NOT NULL", name="done_has_receipt"),
        CheckConstraint("(state IN ('waiting', 'running')) = (finished_at IS NULL)", name="finished_has_moment"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Random and opaque; part of its address.
    number: Mapped[str] = mapped_column(String(36), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    #: Whoever asked, in words: a person's or a key's name.
    asked_by: Mapped[str] = mapped_column(String(200))
    file_name: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), default="waiting")
    done: Mapped[int] = mapped_column(default=0)
    verified: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    undetermined: Mapped[int] = mapped_column(default=0)
    unrecognised: Mapped[int] = mapped_column(default=0)
    #: [{"name", "sha256"}] of the lists of recognised issuers that were used.
    registries: Mapped[list[Any]] = mapped_column(JSON, default=list)
    problem: Mapped[str] = mapped_column(Text, default="")
    receipt: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    #: The moment that all of it is judged for.
    moment: Mapped[datetime | None]
    #: When a worker last did something for it.
    touched_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    organisation: Mapped[Organisation] = relationship()


class BulkUploadPart(Base):
    """A piece of the file that was handed in, deleted when the last credential in it has its answer."""

    __tablename__ = "bulk_upload_parts"

    verification_id: Mapped[int] = mapped_column(
        ForeignKey("bulk_verifications.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class BulkRow(Base):
    """The answer to one credential: what it was called in the file, the verdict and why. Nothing out of it."""

    __tablename__ = "bulk_rows"
    __table_args__ = (
        CheckConstraint("verdict IN ('verified', 'failed', 'undetermined', 'unrecognised')", name="verdict_known"),
    )

    verification_id: Mapped[int] = mapped_column(
        ForeignKey("bulk_verifications.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(20))
    code: Mapped[str] = mapped_column(String(100))
    message: Mapped[str] = mapped_column(Text)
    recognised_by: Mapped[str] = mapped_column(Text)


class BulkStatusList(Base):
    """A status list that was looked at, with the digest of what it said then."""

    __tablename__ = "bulk_status_lists"

    verification_id: Mapped[int] = mapped_column(
        ForeignKey("bulk_verifications.id", ondelete="CASCADE"), primary_key=True
    )
    #: SHA-256 of address and list, because an address is too long for a key.
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
