"""Keys, status lists and issued credentials."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from issuer.db import Base
from issuer.models.accounts import Organisation, User
from issuer.models.submissions import Submission


class SigningKey(Base):
    """A key of an organisation. The private half is either here, encrypted, or behind `uri` in a device."""

    __tablename__ = "signing_keys"
    __table_args__ = (CheckConstraint("algorithm IN ('Ed25519', 'P-256', 'P-384')", name="algorithm_known"),)

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
    """An issued credential. `document` are the signed bytes: never changed, served verbatim."""

    __tablename__ = "credentials"
    __table_args__ = (UniqueConstraint("submission_id"), UniqueConstraint("status_entry_id"))

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
    issued_at: Mapped[datetime]
    valid_until: Mapped[datetime | None]
    #: The teacher decides whether the public page may be seen; until then only the teacher and the issuer see it.
    shared_at: Mapped[datetime | None]
    submission: Mapped[Submission] = relationship()
    teacher: Mapped[User] = relationship()
    organisation: Mapped[Organisation] = relationship()
    key: Mapped[SigningKey] = relationship()
    status_entry: Mapped[StatusEntry] = relationship()
