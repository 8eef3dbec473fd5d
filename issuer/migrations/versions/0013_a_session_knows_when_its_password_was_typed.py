"""When the password was typed last is known of the session, no longer of the cookie.

Sessions that are there stay; their owners are asked for the password once.

Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user_sessions") as table:
        table.add_column(sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("proof_sha256", sa.String(length=64), nullable=True))
        table.create_check_constraint(
            op.f("ck_user_sessions_confirmed_has_proof"), sa.text("(confirmed_at IS NULL) = (proof_sha256 IS NULL)")
        )


def downgrade() -> None:
    with op.batch_alter_table("user_sessions") as table:
        table.drop_constraint(op.f("ck_user_sessions_confirmed_has_proof"), type_="check")
        table.drop_column("proof_sha256")
        table.drop_column("confirmed_at")
