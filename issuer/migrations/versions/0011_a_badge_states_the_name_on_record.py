"""A badge states the name on record, and evidence has a title of the teacher's own.

Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add("credentials", sa.Column("recipient_name", sa.String(length=200), nullable=False, server_default=""))
    _add("credentials", sa.Column("recipient_educator_id", sa.String(length=100), nullable=False, server_default=""))
    _add("organisations", sa.Column("educator_id_signed", sa.Boolean(), nullable=False, server_default=sa.false()))
    _add("evidence_items", sa.Column("title", sa.String(length=300), nullable=False, server_default=""))
    op.create_table(
        "member_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("educator_id", sa.String(length=100), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_member_records_name_given")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_member_records_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_member_records_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_records")),
        sa.UniqueConstraint("organisation_id", "user_id", name=op.f("uq_member_records_organisation_id_user_id")),
    )
    op.create_index(op.f("ix_member_records_user_id"), "member_records", ["user_id"], unique=False)
    # The names of today are the best there is; an admin looks them through, and only what is signed later carries them.
    op.execute(
        "INSERT INTO member_records (organisation_id, user_id, name, educator_id, changed_at)"
        " SELECT belonging.organisation_id, users.id, users.name, '', CURRENT_TIMESTAMP FROM users JOIN"
        " (SELECT user_id, organisation_id FROM memberships UNION SELECT teacher_id, organisation_id FROM credentials)"
        " AS belonging ON belonging.user_id = users.id WHERE users.name <> ''"
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_member_records_user_id"), table_name="member_records")
    op.drop_table("member_records")
    for table, column in (
        ("evidence_items", "title"),
        ("organisations", "educator_id_signed"),
        ("credentials", "recipient_educator_id"),
        ("credentials", "recipient_name"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)


def _add(table: str, column: sa.Column[object]) -> None:
    """A column for the rows that are there; new ones get their value from the code."""
    with op.batch_alter_table(table) as batch:
        batch.add_column(column)
    with op.batch_alter_table(table) as batch:
        batch.alter_column(column.name, server_default=None)
