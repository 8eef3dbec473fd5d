"""Districts define competencies and microcredentials.

Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "achievements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_achievements_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_achievements")),
        sa.UniqueConstraint("organisation_id", "key", name=op.f("uq_achievements_organisation_id_key")),
    )
    op.create_index(op.f("ix_achievements_organisation_id"), "achievements", ["organisation_id"], unique=False)
    op.create_table(
        "frameworks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("uri", sa.String(length=1000), nullable=False),
        sa.Column("identifier", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_frameworks_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frameworks")),
        sa.UniqueConstraint("organisation_id", "uri", name=op.f("uq_frameworks_organisation_id_uri")),
    )
    op.create_index(op.f("ix_frameworks_organisation_id"), "frameworks", ["organisation_id"], unique=False)
    op.create_table(
        "achievement_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("achievement_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("content_hash", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status <> 'retired' OR retired_at IS NOT NULL", name=op.f("ck_achievement_versions_retired_has_moment")
        ),
        sa.CheckConstraint(
            "status = 'draft' OR published_at IS NOT NULL", name=op.f("ck_achievement_versions_published_has_moment")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'retired')", name=op.f("ck_achievement_versions_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["achievement_id"], ["achievements.id"], name=op.f("fk_achievement_versions_achievement_id_achievements")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_achievement_versions")),
        sa.UniqueConstraint("achievement_id", "number", name=op.f("uq_achievement_versions_achievement_id_number")),
    )
    op.create_index(
        op.f("ix_achievement_versions_achievement_id"), "achievement_versions", ["achievement_id"], unique=False
    )
    op.create_table(
        "competencies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("framework_id", sa.Integer(), nullable=False),
        sa.Column("uri", sa.String(length=1000), nullable=False),
        sa.Column("parent_uri", sa.String(length=1000), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["framework_id"],
            ["frameworks.id"],
            name=op.f("fk_competencies_framework_id_frameworks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competencies")),
        sa.UniqueConstraint("framework_id", "uri", name=op.f("uq_competencies_framework_id_uri")),
    )
    op.create_index(op.f("ix_competencies_framework_id"), "competencies", ["framework_id"], unique=False)
    op.create_index(op.f("ix_competencies_uri"), "competencies", ["uri"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_competencies_uri"), table_name="competencies")
    op.drop_index(op.f("ix_competencies_framework_id"), table_name="competencies")
    op.drop_table("competencies")
    op.drop_index(op.f("ix_achievement_versions_achievement_id"), table_name="achievement_versions")
    op.drop_table("achievement_versions")
    op.drop_index(op.f("ix_frameworks_organisation_id"), table_name="frameworks")
    op.drop_table("frameworks")
    op.drop_index(op.f("ix_achievements_organisation_id"), table_name="achievements")
    op.drop_table("achievements")
