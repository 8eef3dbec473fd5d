"""What an organisation has on record of a person, which the person cannot change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from issuer.db import Base
from issuer.models.accounts import Organisation, User


class MemberRecord(Base):
    """The name under which an organisation awards, and its own number for the person. Stays when a role is taken away,
    because badges that were awarded still name the person."""

    __tablename__ = "member_records"
    __table_args__ = (
        UniqueConstraint("organisation_id", "user_id"),
        CheckConstraint("name <> ''", name="name_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    #: The organisation's own number for the person, "" if it has none.
    educator_id: Mapped[str] = mapped_column(String(100), default="")
    changed_at: Mapped[datetime]
    organisation: Mapped[Organisation] = relationship()
    user: Mapped[User] = relationship()
