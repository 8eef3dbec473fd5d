"""Keys expire and people agree before they are added.

Every key that is there ends 90 days after the upgrade, so that its owner has time to rotate it. A key whose maker is no
longer an admin of its organisation, nor runs the installation, is revoked: it should have ended with the role. A DID
that is there has not been proved, so that it is not used until it is.

Revises: 0011
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_LEFT = timedelta(days=90)


def upgrade() -> None:
    _keys()
    _people()
    op.create_table(
        "key_consents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("api_key_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_keys.id"], name=op.f("fk_key_consents_api_key_id_api_keys"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_key_consents_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_key_consents")),
        sa.UniqueConstraint("api_key_id", "user_id", name=op.f("uq_key_consents_api_key_id_user_id")),
    )
    op.create_index(op.f("ix_key_consents_user_id"), "key_consents", ["user_id"])
    op.create_table(
        "idempotent_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("api_key_id", sa.Integer(), nullable=False),
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.String(length=32), nullable=False),
        sa.Column("lease_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "status IS NULL OR status BETWEEN 200 AND 299", name=op.f("ck_idempotent_requests_only_what_took_effect")
        ),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_keys.id"], name=op.f("fk_idempotent_requests_api_key_id_api_keys"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotent_requests")),
        sa.UniqueConstraint("api_key_id", "key_sha256", name=op.f("uq_idempotent_requests_api_key_id_key_sha256")),
    )
    op.create_index("ix_idempotent_requests_created_at", "idempotent_requests", ["created_at"])
    op.create_table(
        "member_invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("names_record", sa.Boolean(), nullable=False),
        sa.Column("made_account", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('teacher', 'coach', 'admin', 'agency')", name=op.f("ck_member_invitations_role_known")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_member_invitations_state_known")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (ended_at IS NULL)", name=op.f("ck_member_invitations_ended_has_moment")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_member_invitations_organisation_id_organisations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_member_invitations_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["users.id"], name=op.f("fk_member_invitations_invited_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_invitations")),
        sa.UniqueConstraint("number", name=op.f("uq_member_invitations_number")),
    )
    op.create_index(op.f("ix_member_invitations_user_id"), "member_invitations", ["user_id"])
    op.create_index(
        "uq_member_invitations_open",
        "member_invitations",
        ["organisation_id", "user_id", "role"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "did_challenges",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("did", sa.String(length=500), nullable=False),
        sa.Column("challenge", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_did_challenges_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_did_challenges")),
        sa.UniqueConstraint("challenge", name=op.f("uq_did_challenges_challenge")),
    )


def _keys() -> None:
    with op.batch_alter_table("api_keys") as table:
        table.add_column(sa.Column("networks", sa.JSON(), nullable=True))
        table.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("previous_sha256", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("previous_ends_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("previous_by_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("previous_used_at", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key(op.f("fk_api_keys_previous_by_id_users"), "users", ["previous_by_id"], ["id"])
        table.create_index(op.f("ix_api_keys_created_by_id"), ["created_by_id"])
        table.create_index(op.f("ix_api_keys_previous_by_id"), ["previous_by_id"])
    keys = sa.table(
        "api_keys",
        sa.column("id", sa.Integer()),
        sa.column("organisation_id", sa.Integer()),
        sa.column("created_by_id", sa.Integer()),
        sa.column("networks", sa.JSON()),
        sa.column("previous_sha256", sa.String()),
        sa.column("expires_at", sa.DateTime(timezone=True)),
        sa.column("revoked_at", sa.DateTime(timezone=True)),
    )
    now = datetime.now(UTC)
    op.execute(keys.update().values(networks=[], previous_sha256="", expires_at=now + _LEFT))
    members = sa.table(
        "memberships",
        sa.column("user_id", sa.Integer()),
        sa.column("organisation_id", sa.Integer()),
        sa.column("role", sa.String()),
    )
    users = sa.table("users", sa.column("id", sa.Integer()), sa.column("active", sa.Boolean()))
    roles = sa.table("roles", sa.column("id", sa.Integer()), sa.column("name", sa.String()))
    held = sa.table("roles_users", sa.column("user_id", sa.Integer()), sa.column("role_id", sa.Integer()))
    is_admin = sa.exists().where(
        members.c.user_id == keys.c.created_by_id,
        members.c.organisation_id == keys.c.organisation_id,
        members.c.role == "admin",
    )
    is_operator = sa.exists().where(
        held.c.user_id == keys.c.created_by_id, held.c.role_id == roles.c.id, roles.c.name == "operator"
    )
    is_active = sa.exists().where(users.c.id == keys.c.created_by_id, users.c.active.is_(sa.true()))
    op.execute(
        keys.update()
        .where(
            keys.c.revoked_at.is_(None),
            keys.c.created_by_id.is_not(None),
            sa.not_(sa.and_(is_active, sa.or_(is_admin, is_operator))),
        )
        .values(revoked_at=now)
    )
    with op.batch_alter_table("api_keys") as table:
        table.alter_column("networks", existing_type=sa.JSON(), nullable=False)
        table.alter_column("previous_sha256", existing_type=sa.String(length=64), nullable=False)
        table.alter_column("expires_at", existing_type=sa.DateTime(timezone=True), nullable=False)


def _people() -> None:
    with op.batch_alter_table("users") as table:
        table.add_column(sa.Column("did_proved_at", sa.DateTime(timezone=True), nullable=True))
        table.create_check_constraint(
            op.f("ck_users_no_proof_without_did"), sa.text("did <> '' OR did_proved_at IS NULL")
        )
    op.create_index(
        "uq_users_proved_did",
        "users",
        ["did"],
        unique=True,
        sqlite_where=sa.text("did_proved_at IS NOT NULL"),
        postgresql_where=sa.text("did_proved_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("did_challenges")
    op.drop_index("uq_member_invitations_open", table_name="member_invitations")
    op.drop_index(op.f("ix_member_invitations_user_id"), table_name="member_invitations")
    op.drop_table("member_invitations")
    op.drop_index("ix_idempotent_requests_created_at", table_name="idempotent_requests")
    op.drop_table("idempotent_requests")
    op.drop_index(op.f("ix_key_consents_user_id"), table_name="key_consents")
    op.drop_table("key_consents")
    op.drop_index("uq_users_proved_did", table_name="users")
    with op.batch_alter_table("users") as table:
        table.drop_constraint(op.f("ck_users_no_proof_without_did"), type_="check")
        table.drop_column("did_proved_at")
    with op.batch_alter_table("api_keys") as table:
        table.drop_index(op.f("ix_api_keys_previous_by_id"))
        table.drop_index(op.f("ix_api_keys_created_by_id"))
        table.drop_constraint(op.f("fk_api_keys_previous_by_id_users"), type_="foreignkey")
        for name in ("previous_used_at", "previous_by_id", "previous_ends_at", "previous_sha256", "rotated_at"):
            table.drop_column(name)
        table.drop_column("expires_at")
        table.drop_column("networks")
