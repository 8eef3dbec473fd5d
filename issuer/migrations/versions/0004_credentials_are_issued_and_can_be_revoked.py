"""Credentials are issued and can be revoked.

Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("public_multibase", sa.String(length=200), nullable=False),
        sa.Column("algorithm", sa.String(length=20), nullable=False),
        sa.Column("uri", sa.String(length=500), nullable=False),
        sa.Column("private_encrypted", sa.LargeBinary(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("algorithm IN ('Ed25519', 'P-256', 'P-384')", name=op.f("ck_signing_keys_algorithm_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_signing_keys_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
        sa.UniqueConstraint("public_multibase", name=op.f("uq_signing_keys_public_multibase")),
    )
    op.create_index(op.f("ix_signing_keys_organisation_id"), "signing_keys", ["organisation_id"], unique=False)
    op.create_table(
        "status_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('revocation', 'suspension')", name=op.f("ck_status_lists_purpose_known")),
        sa.CheckConstraint("length >= 131072", name=op.f("ck_status_lists_long_enough_for_privacy")),
        sa.CheckConstraint("used <= length", name=op.f("ck_status_lists_used_within_length")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_status_lists_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_lists")),
        sa.UniqueConstraint("number", name=op.f("uq_status_lists_number")),
    )
    op.create_index(op.f("ix_status_lists_organisation_id"), "status_lists", ["organisation_id"], unique=False)
    op.create_table(
        "status_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(value = 0) = (changed_at IS NULL)", name=op.f("ck_status_entries_set_has_moment")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["users.id"], name=op.f("fk_status_entries_changed_by_id_users")),
        sa.ForeignKeyConstraint(["list_id"], ["status_lists.id"], name=op.f("fk_status_entries_list_id_status_lists")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_entries")),
        sa.UniqueConstraint("list_id", "position", name=op.f("uq_status_entries_list_id_position")),
    )
    op.create_index(op.f("ix_status_entries_list_id"), "status_entries", ["list_id"], unique=False)
    op.create_table(
        "credentials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=36), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("teacher_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("status_entry_id", sa.Integer(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["signing_keys.id"], name=op.f("fk_credentials_key_id_signing_keys")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_credentials_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["status_entry_id"], ["status_entries.id"], name=op.f("fk_credentials_status_entry_id_status_entries")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"], name=op.f("fk_credentials_submission_id_submissions")
        ),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name=op.f("fk_credentials_teacher_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("number", name=op.f("uq_credentials_number")),
        sa.UniqueConstraint("status_entry_id", name=op.f("uq_credentials_status_entry_id")),
        sa.UniqueConstraint("submission_id", name=op.f("uq_credentials_submission_id")),
    )
    op.create_index(op.f("ix_credentials_organisation_id"), "credentials", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_credentials_teacher_id"), "credentials", ["teacher_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_credentials_teacher_id"), table_name="credentials")
    op.drop_index(op.f("ix_credentials_organisation_id"), table_name="credentials")
    op.drop_table("credentials")
    op.drop_index(op.f("ix_status_entries_list_id"), table_name="status_entries")
    op.drop_table("status_entries")
    op.drop_index(op.f("ix_status_lists_organisation_id"), table_name="status_lists")
    op.drop_table("status_lists")
    op.drop_index(op.f("ix_signing_keys_organisation_id"), table_name="signing_keys")
    op.drop_table("signing_keys")
