"""Agencies have many credentials verified at once.

Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_verifications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=36), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("verified", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("undetermined", sa.Integer(), nullable=False),
        sa.Column("unrecognised", sa.Integer(), nullable=False),
        sa.Column("registries", sa.JSON(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=True),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('waiting', 'running')) = (finished_at IS NULL)",
            name=op.f("ck_bulk_verifications_finished_has_moment"),
        ),
        sa.CheckConstraint("kind IN ('csv', 'jsonl', 'zip')", name=op.f("ck_bulk_verifications_kind_known")),
        sa.CheckConstraint(
            "state <> 'done' OR receipt IS NOT NULL", name=op.f("ck_bulk_verifications_done_has_receipt")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'forgotten')",
            name=op.f("ck_bulk_verifications_state_known"),
        ),
        sa.CheckConstraint(
            "done = verified + failed + undetermined + unrecognised",
            name=op.f("ck_bulk_verifications_every_row_is_counted"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_bulk_verifications_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_verifications")),
        sa.UniqueConstraint("number", name=op.f("uq_bulk_verifications_number")),
    )
    op.create_index(
        op.f("ix_bulk_verifications_organisation_id"), "bulk_verifications", ["organisation_id"], unique=False
    )
    op.create_table(
        "bulk_rows",
        sa.Column("verification_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=100), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("recognised_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('verified', 'failed', 'undetermined', 'unrecognised')", name=op.f("ck_bulk_rows_verdict_known")
        ),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["bulk_verifications.id"],
            name=op.f("fk_bulk_rows_verification_id_bulk_verifications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("verification_id", "number", name=op.f("pk_bulk_rows")),
    )
    op.create_table(
        "bulk_status_lists",
        sa.Column("verification_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["bulk_verifications.id"],
            name=op.f("fk_bulk_status_lists_verification_id_bulk_verifications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("verification_id", "digest", name=op.f("pk_bulk_status_lists")),
    )
    op.create_table(
        "bulk_upload_parts",
        sa.Column("verification_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["verification_id"],
            ["bulk_verifications.id"],
            name=op.f("fk_bulk_upload_parts_verification_id_bulk_verifications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("verification_id", "position", name=op.f("pk_bulk_upload_parts")),
    )


def downgrade() -> None:
    op.drop_table("bulk_upload_parts")
    op.drop_table("bulk_status_lists")
    op.drop_table("bulk_rows")
    op.drop_index(op.f("ix_bulk_verifications_organisation_id"), table_name="bulk_verifications")
    op.drop_table("bulk_verifications")
