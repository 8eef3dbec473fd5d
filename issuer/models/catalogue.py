"""Competency frameworks and microcredential definitions as a district holds them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from issuer.db import Base
from issuer.models.accounts import Organisation


class FrameworkRow(Base):
    """An imported competency framework: the source bytes, and the reading of them (`achievements.serialise`)."""

    __tablename__ = "frameworks"
    __table_args__ = (UniqueConstraint("organisation_id", "uri"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    uri: Mapped[str] = mapped_column(String(1000))
    identifier: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(500))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    source: Mapped[bytes] = mapped_column(LargeBinary)
    source_sha256: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime]
    competencies: Mapped[list[CompetencyRow]] = relationship(
        back_populates="framework", order_by="CompetencyRow.position", cascade="all, delete-orphan"
    )
    organisation: Mapped[Organisation] = relationship()


class CompetencyRow(Base):
    """One CFItem, for search and for pages; `FrameworkRow.body` is the whole truth."""

    __tablename__ = "competencies"
    __table_args__ = (UniqueConstraint("framework_id", "uri"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    framework_id: Mapped[int] = mapped_column(ForeignKey("frameworks.id", ondelete="CASCADE"), index=True)
    uri: Mapped[str] = mapped_column(String(1000), index=True)
    parent_uri: Mapped[str] = mapped_column(String(1000), default="")
    code: Mapped[str] = mapped_column(String(200), default="")
    statement: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(default=0)
    framework: Mapped[FrameworkRow] = relationship(back_populates="competencies")


class AchievementRow(Base):
    """A microcredential under its district's short name; what it says stands in its versions.

    `source_id` is set where a badge from elsewhere began it: that badge's identity (`achievements.sources`).
    `source_hash` is the content hash of the badge as it was last imported.
    """

    __tablename__ = "achievements"
    __table_args__ = (UniqueConstraint("organisation_id", "key"), UniqueConstraint("organisation_id", "source_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"), index=True)
    key: Mapped[str] = mapped_column(String(120))
    source_id: Mapped[str | None] = mapped_column(String(500))
    source_hash: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    organisation: Mapped[Organisation] = relationship(lazy="joined")
    versions: Mapped[list[AchievementVersion]] = relationship(
        back_populates="achievement", order_by="AchievementVersion.number"
    )


class AchievementVersion(Base):
    """One revision. A draft may be replaced; once published the row never changes but for being retired."""

    __tablename__ = "achievement_versions"
    __table_args__ = (
        UniqueConstraint("achievement_id", "number"),
        CheckConstraint("status IN ('draft', 'published', 'retired')", name="status_known"),
        CheckConstraint("status = 'draft' OR published_at IS NOT NULL", name="published_has_moment"),
        CheckConstraint("status <> 'retired' OR retired_at IS NOT NULL", name="retired_has_moment"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    achievement_id: Mapped[int] = mapped_column(ForeignKey("achievements.id"), index=True)
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(20), default="draft")
    name: Mapped[str] = mapped_column(String(300))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    content_hash: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    achievement: Mapped[AchievementRow] = relationship(back_populates="versions", lazy="joined")
