"""Teachers hand in evidence and coaches review it.

Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("teacher_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("change_note", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state <> 'in_review' OR reviewer_id IS NOT NULL", name=op.f("ck_submissions_in_review_has_reviewer")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'in_review', 'returned', 'approved', 'issued', 'withdrawn')",
            name=op.f("ck_submissions_state_known"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'withdrawn') OR submitted_at IS NOT NULL",
            name=op.f("ck_submissions_submitted_has_moment"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'issued') OR (decided_by_id IS NOT NULL AND decided_at IS NOT NULL)",
            name=op.f("ck_submissions_decided_has_decider"),
        ),
        sa.CheckConstraint("attempt >= 1", name=op.f("ck_submissions_attempt_counts_from_one")),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> teacher_id", name=op.f("ck_submissions_decider_is_not_teacher")
        ),
        sa.CheckConstraint(
            "reviewer_id IS NULL OR reviewer_id <> teacher_id", name=op.f("ck_submissions_reviewer_is_not_teacher")
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["users.id"], name=op.f("fk_submissions_decided_by_id_users")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_submissions_reviewer_id_users")),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name=op.f("fk_submissions_teacher_id_users")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["achievement_versions.id"], name=op.f("fk_submissions_version_id_achievement_versions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint("id", "teacher_id", name=op.f("uq_submissions_id_teacher_id")),
        sa.UniqueConstraint("number", name=op.f("uq_submissions_number")),
    )
    op.create_index(op.f("ix_submissions_reviewer_id"), "submissions", ["reviewer_id"], unique=False)
    op.create_index(op.f("ix_submissions_state"), "submissions", ["state"], unique=False)
    op.create_index(op.f("ix_submissions_teacher_id"), "submissions", ["teacher_id"], unique=False)
    op.create_index(op.f("ix_submissions_version_id"), "submissions", ["version_id"], unique=False)
    op.create_index(
        "uq_submissions_one_open",
        "submissions",
        ["teacher_id", "version_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('draft', 'submitted', 'in_review', 'returned', 'approved')"),
        postgresql_where=sa.text("state IN ('draft', 'submitted', 'in_review', 'returned', 'approved')"),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("prompt_key", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_answers_submission_id_submissions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("submission_id", "prompt_key", name=op.f("uq_answers_submission_id_prompt_key")),
    )
    op.create_index(op.f("ix_answers_submission_id"), "answers", ["submission_id"], unique=False)
    op.create_table(
        "evidence_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("artifact_key", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(sha256 <> '' AND url = '' AND text = '') OR (sha256 = '' AND url <> '' AND text = '')"
            " OR (sha256 = '' AND url = '' AND text <> '')",
            name=op.f("ck_evidence_items_exactly_one_content"),
        ),
        sa.CheckConstraint(
            "kind IN ('file', 'link', 'text', 'video', 'audio', 'image')", name=op.f("ck_evidence_items_kind_known")
        ),
        sa.CheckConstraint("size >= 0", name=op.f("ck_evidence_items_size_not_negative")),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_evidence_items_submission_id_submissions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_items")),
        sa.UniqueConstraint("number", name=op.f("uq_evidence_items_number")),
    )
    op.create_index(op.f("ix_evidence_items_submission_id"), "evidence_items", ["submission_id"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("teacher_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(outcome = '') = (decided_at IS NULL)", name=op.f("ck_reviews_decided_has_moment")),
        sa.CheckConstraint("outcome IN ('', 'approved', 'returned')", name=op.f("ck_reviews_outcome_known")),
        sa.CheckConstraint("reviewer_id <> teacher_id", name=op.f("ck_reviews_reviewer_is_not_teacher")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_reviews_reviewer_id_users")),
        sa.ForeignKeyConstraint(
            ["submission_id", "teacher_id"],
            ["submissions.id", "submissions.teacher_id"],
            name=op.f("fk_reviews_submission_id_teacher_id_submissions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint(
            "submission_id", "attempt", "reviewer_id", name=op.f("uq_reviews_submission_id_attempt_reviewer_id")
        ),
    )
    op.create_index(op.f("ix_reviews_reviewer_id"), "reviews", ["reviewer_id"], unique=False)
    op.create_index(op.f("ix_reviews_submission_id"), "reviews", ["submission_id"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=1000), nullable=False),
        sa.Column("level", sa.String(length=1000), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_findings_review_id_reviews"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("review_id", "subject", name=op.f("uq_findings_review_id_subject")),
    )
    op.create_index(op.f("ix_findings_review_id"), "findings", ["review_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_findings_review_id"), table_name="findings")
    op.drop_table("findings")
    op.drop_index(op.f("ix_reviews_submission_id"), table_name="reviews")
    op.drop_index(op.f("ix_reviews_reviewer_id"), table_name="reviews")
    op.drop_table("reviews")
    op.drop_index(op.f("ix_evidence_items_submission_id"), table_name="evidence_items")
    op.drop_table("evidence_items")
    op.drop_index(op.f("ix_answers_submission_id"), table_name="answers")
    op.drop_table("answers")
    op.drop_index(
        "uq_submissions_one_open",
        table_name="submissions",
        sqlite_where=sa.text("state IN ('draft', 'submitted', 'in_review', 'returned', 'approved')"),
        postgresql_where=sa.text("state IN ('draft', 'submitted', 'in_review', 'returned', 'approved')"),
    )
    op.drop_index(op.f("ix_submissions_version_id"), table_name="submissions")
    op.drop_index(op.f("ix_submissions_teacher_id"), table_name="submissions")
    op.drop_index(op.f("ix_submissions_state"), table_name="submissions")
    op.drop_index(op.f("ix_submissions_reviewer_id"), table_name="submissions")
    op.drop_table("submissions")
