"""What was typed survives the end of a session, and a reviewer's two windows are told apart.

Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unsent_forms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_unsent_forms_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsent_forms")),
        sa.UniqueConstraint("user_id", "path", name=op.f("uq_unsent_forms_user_id_path")),
    )
    op.create_index(op.f("ix_unsent_forms_saved_at"), "unsent_forms", ["saved_at"], unique=False)
    op.add_column("reviews", sa.Column("revision", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("reviews", "revision")
    op.drop_index(op.f("ix_unsent_forms_saved_at"), table_name="unsent_forms")
    op.drop_table("unsent_forms")
