"""Keys, status lists and issued credentials."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from issuer.db import Base
from issuer.models.accounts import Organisation, User
from issuer.models.submissions import Submission


class SigningKey(Base):
    """A key of an organisation. The private half is either here, encrypted, or behind `uri` in a device."""

    __tablename__ = "signing_keys"
    __table_args__ = (
        CheckConstraint("algorithm IN ('Ed25519', 'P-256', 'P-384')", name="algorithm_known"),
        CheckConstraint("revocation_reason IN ('', 'compromised')", name="revocation_reason_known"),
        CheckConstraint("(revoked_at IS NULL) = (revocation_reason = '')", name="revoked_has_reason"),
        CheckConstraint("revoked_at IS NULL OR NOT active", name="revoked_is_not_active"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    #: The fragment of its verificationMethod, which is its Multikey.
    public_multibase: Mapped[str] = mapped_column(String(200), unique=True)
    algorithm: Mapped[str] = mapped_column(String(20))
    #: Where the private half is: `encrypted:` means `private_encrypted` in this row.
    uri: Mapped[str] = mapped_column(String(500), default="encrypted:")
    private_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    #: Retired keys stay published, so that what they signed still verifies.
    retired_at: Mapped[datetime | None]
    #: Published as revoked from this moment on: nothing that the key ever signed verifies, whatever date it states.
    revoked_at: Mapped[datetime | None]
    revocation_reason: Mapped[str] = mapped_column(String(20), default="")
    organisation: Mapped[Organisation] = relationship()


class StatusList(Base):
    """One bitstring of one purpose. `document` is the signed list as last published, served verbatim."""

    __tablename__ = "status_lists"
    __table_args__ = (
        CheckConstraint("purpose IN ('revocation', 'suspension')", name="purpose_known"),
        CheckConstraint("length >= 131072", name="long_enough_for_privacy"),
        CheckConstraint("used <= length", name="used_within_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Public, random and opaque; part of the list's address.
    number: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20), default="revocation")
    length: Mapped[int] = mapped_column(default=131_072)
    used: Mapped[int] = mapped_column(default=0)
    document: Mapped[bytes] = mapped_column(LargeBinary)
    published_at: Mapped[datetime]
    organisation: Mapped[Organisation] = relationship()


class StatusEntry(Base):
    """An index that has been given out. Indices are drawn at random, so that they say nothing of the order of issue."""

    __tablename__ = "status_entries"
    __table_args__ = (
        UniqueConstraint("list_id", "position"),
        CheckConstraint("(value = 0) = (changed_at IS NULL)", name="set_has_moment"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("status_lists.id"), index=True)
    position: Mapped[int]
    value: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime | None]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    list: Mapped[StatusList] = relationship()


class Credential(Base):
    """An issued credential. `document` are the signed bytes: never changed, served verbatim.

    One award may have several of them, one after the other; the one that was not replaced is the current one.
    """

    __tablename__ = "credentials"
    __table_args__ = (
        UniqueConstraint("status_entry_id"),
        UniqueConstraint("replaces_id"),
        CheckConstraint(
            "replacement_reason IN ('', 'key_compromised', 'record_changed')", name="replacement_reason_known"
        ),
        CheckConstraint("(replaced_at IS NULL) = (replacement_reason = '')", name="replaced_has_reason"),
        Index(
            "uq_credentials_one_current",
            "submission_id",
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
        Index("ix_credentials_submission_id", "submission_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Public, random and opaque; part of the credential's address.
    number: Mapped[str] = mapped_column(String(36), unique=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id"))
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("signing_keys.id"))
    status_entry_id: Mapped[int] = mapped_column(ForeignKey("status_entries.id"))
    document: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    #: When these bytes were signed; `awarded_at` is when the teacher earned it, the same for all of one award.
    issued_at: Mapped[datetime]
    awarded_at: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    #: The teacher decides whether the public page may be seen; until then only the teacher and the issuer see it.
    shared_at: Mapped[datetime | None]
    #: The DID that it names, or "" where it names a hashed e-mail address.
    recipient_did: Mapped[str] = mapped_column(String(500), default="")
    #: What it says of the person by the record of that day; "" where it says nothing.
    recipient_name: Mapped[str] = mapped_column(String(200), default="")
    recipient_educator_id: Mapped[str] = mapped_column(String(100), default="")
    #: The credential of the same award that this one took the place of.
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("credentials.id"))
    replaced_at: Mapped[datetime | None]
    replacement_reason: Mapped[str] = mapped_column(String(20), default="")
    #: When the holder was written to about the replacement.
    announced_at: Mapped[datetime | None]
    submission: Mapped[Submission] = relationship()
    teacher: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship()
    key: Mapped[SigningKey] = relationship()
    status_entry: Mapped[StatusEntry] = relationship()
    replaces: Mapped[Credential | None] = relationship(remote_side="Credential.id")


class Reissue(Base):
    """Awards of an organisation that get a new credential: a job that a worker or a command does piece by piece.

    Because of a key: all good awards that a revoked key signed. Because of a record: those of one person.
    """

    __tablename__ = "reissues"
    __table_args__ = (
        CheckConstraint("reason IN ('key_compromised', 'record_changed')", name="reason_known"),
        CheckConstraint("(reason = 'record_changed') = (teacher_id IS NOT NULL)", name="record_has_person"),
        CheckConstraint("stage IN ('lists', 'receipts', 'awards', 'mails', 'done')", name="stage_known"),
        CheckConstraint("(stage = 'done') = (finished_at IS NOT NULL)", name="done_has_moment"),
        Index(
            "uq_reissues_one_open_for_keys",
            "organisation_id",
            unique=True,
            sqlite_where=text("finished_at IS NULL AND teacher_id IS NULL"),
            postgresql_where=text("finished_at IS NULL AND teacher_id IS NULL"),
        ),
        Index(
            "uq_reissues_one_open_for_person",
            "organisation_id",
            "teacher_id",
            unique=True,
            sqlite_where=text("finished_at IS NULL AND teacher_id IS NOT NULL"),
            postgresql_where=text("finished_at IS NULL AND teacher_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    reason: Mapped[str] = mapped_column(String(20))
    teacher_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime]
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    stage: Mapped[str] = mapped_column(String(20), default="lists")
    #: The id of the last row of this stage that was looked at.
    position: Mapped[int] = mapped_column(default=0)
    reissued: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    touched_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    organisation: Mapped[Organisation] = relationship()
