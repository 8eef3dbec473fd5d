"""A teacher's work on a microcredential, and what reviewers found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from issuer.db import Base
from issuer.models.accounts import User
from issuer.models.catalogue import AchievementVersion

_OPEN = "state IN ('draft', 'submitted', 'in_review', 'returned', 'approved')"


class Submission(Base):
    """One teacher, one version of a microcredential, any number of attempts. `number` is public, random and opaque."""

    __tablename__ = "submissions"
    __table_args__ = (
        CheckConstraint(
            "state IN ('draft', 'submitted', 'in_review', 'returned', 'approved', 'issued', 'withdrawn')",
            name="state_known",
        ),
        CheckConstraint("attempt >= 1", name="attempt_counts_from_one"),
        # Only so that reviews can refer to both together.
        UniqueConstraint("id", "teacher_id"),
        CheckConstraint("state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL", name="submitted_has_moment"),
        CheckConstraint("state <> 'in_review' OR reviewer_id IS NOT NULL", name="in_review_has_reviewer"),
        CheckConstraint("reviewer_id IS NULL OR reviewer_id <> teacher_id", name="reviewer_is_not_teacher"),
        CheckConstraint(
            "state NOT IN ('approved', 'issued') OR (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)",
            name="decided_has_decider",
        ),
        CheckConstraint("decided_by_id IS NULL OR decided_by_id <> teacher_id", name="decider_is_not_teacher"),
        Index(
            "uq_submissions_one_open",
            "teacher_id",
            "version_id",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    teacher_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("achievement_versions.id"), index=True)
    state: Mapped[str] = mapped_column(String(20), default="draft", index=True)
    attempt: Mapped[int] = mapped_column(default=1)
    #: Counts every change of the draft, so that two open windows cannot overwrite each other unseen.
    revision: Mapped[int] = mapped_column(default=0)
    change_note: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    claimed_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    teacher: Mapped[User] = relationship(foreign_keys=[teacher_id], lazy="joined")
    reviewer: Mapped[User | None] = relationship(foreign_keys=[reviewer_id])
    version: Mapped[AchievementVersion] = relationship(lazy="joined")
    answers: Mapped[list[Answer]] = relationship(back_populates="submission", cascade="all, delete-orphan")
    evidence: Mapped[list[EvidenceItem]] = relationship(
        back_populates="submission", order_by="EvidenceItem.id", cascade="all, delete-orphan"
    )
    reviews: Mapped[list[Review]] = relationship(back_populates="submission", order_by="Review.id")


class Answer(Base):
    """Words for one prompt (overview or reflection), by the prompt's key."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("submission_id", "prompt_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    prompt_key: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text, default="")
    submission: Mapped[Submission] = relationship(back_populates="answers")


class EvidenceItem(Base):
    """One piece of evidence for one artifact: a stored file, a link, or text. `number` is public, random and opaque.

    `shared`: the teacher agreed that its address stands in the credential and that anyone may open it.
    """

    __tablename__ = "evidence_items"
    __table_args__ = (
        CheckConstraint("kind IN ('file', 'link', 'text', 'video', 'audio', 'image')", name="kind_known"),
        CheckConstraint(
            "(sha256 <> '' AND url = '' AND text = '') OR (sha256 = '' AND url <> '' AND text = '')"
            " OR (sha256 = '' AND url = '' AND text <> '')",
            name="exactly_one_content",
        ),
        CheckConstraint("size >= 0", name="size_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    artifact_key: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    #: The file's name, for its teacher and those who review it. It names children, and goes nowhere else.
    name: Mapped[str] = mapped_column(String(300))
    #: The teacher's own title for it, which stands in the badge; "" where the artifact's title does.
    title: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(String(2000), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    #: Of the stored bytes, hex; the storage key.
    sha256: Mapped[str] = mapped_column(String(64), default="")
    size: Mapped[int] = mapped_column(default=0)
    media_type: Mapped[str] = mapped_column(String(120), default="")
    shared: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[datetime]
    submission: Mapped[Submission] = relationship(back_populates="evidence")


class Review(Base):
    """One reviewer's reading of one attempt. Once `decided_at` is set the row never changes."""

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("submission_id", "attempt", "reviewer_id"),
        ForeignKeyConstraint(["submission_id", "teacher_id"], ["submissions.id", "submissions.teacher_id"]),
        CheckConstraint("outcome IN ('', 'approved', 'returned')", name="outcome_known"),
        CheckConstraint("(outcome = '') = (decided_at IS NULL)", name="decided_has_moment"),
        CheckConstraint("reviewer_id <> teacher_id", name="reviewer_is_not_teacher"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(index=True)
    #: Repeats the submission's teacher (the foreign key above says so), so that the database itself can hold "nobody
    #: judges their own work".
    teacher_id: Mapped[int]
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    attempt: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(20), default="")
    feedback: Mapped[str] = mapped_column(Text, default="")
    #: Counts every change, as `Submission.revision` does.
    revision: Mapped[int] = mapped_column(default=0, server_default="0")
    started_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    submission: Mapped[Submission] = relationship(back_populates="reviews")
    reviewer: Mapped[User] = relationship(foreign_keys=[reviewer_id], lazy="joined")
    findings: Mapped[list[Finding]] = relationship(back_populates="review", cascade="all, delete-orphan")


class Finding(Base):
    """A score: for a criterion the URI of the level reached, for a prompt `passing` or `not_yet`."""

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("review_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("reviews.id", ondelete="CASCADE"), index=True)
    #: The criterion's URI or the prompt's key.
    subject: Mapped[str] = mapped_column(String(1000))
    level: Mapped[str] = mapped_column(String(1000), default="")
    feedback: Mapped[str] = mapped_column(Text, default="")
    review: Mapped[Review] = relationship(back_populates="findings")
