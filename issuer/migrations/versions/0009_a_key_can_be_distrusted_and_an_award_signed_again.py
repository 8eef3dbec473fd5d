"""A key can be distrusted, and an award signed again.

Revises: 0008
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_CREDENTIALS = sa.table("credentials", sa.column("id", sa.Integer()), sa.column("document", sa.LargeBinary()))
_CURRENT = "replaced_at IS NULL"


def upgrade() -> None:
    with op.batch_alter_table("signing_keys") as table:
        table.add_column(sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("revocation_reason", sa.String(length=20), nullable=False, server_default=""))
    with op.batch_alter_table("signing_keys") as table:
        table.alter_column("revocation_reason", server_default=None)
        table.create_check_constraint(
            op.f("ck_signing_keys_revocation_reason_known"), "revocation_reason IN ('', 'compromised')"
        )
        table.create_check_constraint(
            op.f("ck_signing_keys_revoked_has_reason"), "(revoked_at IS NULL) = (revocation_reason = '')"
        )
        table.create_check_constraint(op.f("ck_signing_keys_revoked_is_not_active"), "revoked_at IS NULL OR NOT active")
    with op.batch_alter_table("credentials") as table:
        table.add_column(sa.Column("awarded_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("recipient_did", sa.String(length=500), nullable=False, server_default=""))
        table.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("replacement_reason", sa.String(length=20), nullable=False, server_default=""))
        table.add_column(sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE credentials SET awarded_at = issued_at")
    _fill_recipients()
    with op.batch_alter_table("credentials") as table:
        table.alter_column("awarded_at", nullable=False)
        table.alter_column("recipient_did", server_default=None)
        table.alter_column("replacement_reason", server_default=None)
        table.drop_constraint(op.f("uq_credentials_submission_id"), type_="unique")
        table.create_unique_constraint(op.f("uq_credentials_replaces_id"), ["replaces_id"])
        table.create_foreign_key(op.f("fk_credentials_replaces_id_credentials"), "credentials", ["replaces_id"], ["id"])
        table.create_check_constraint(
            op.f("ck_credentials_replacement_reason_known"),
            "replacement_reason IN ('', 'key_compromised', 'record_changed')",
        )
        table.create_check_constraint(
            op.f("ck_credentials_replaced_has_reason"), "(replaced_at IS NULL) = (replacement_reason = '')"
        )
        table.create_index(op.f("ix_credentials_submission_id"), ["submission_id"], unique=False)
        table.create_index(
            "uq_credentials_one_current",
            ["submission_id"],
            unique=True,
            sqlite_where=sa.text(_CURRENT),
            postgresql_where=sa.text(_CURRENT),
        )
    op.create_table(
        "reissues",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("teacher_id", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reissued", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("touched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("reason IN ('key_compromised', 'record_changed')", name=op.f("ck_reissues_reason_known")),
        sa.CheckConstraint(
            "(reason = 'record_changed') = (teacher_id IS NOT NULL)", name=op.f("ck_reissues_record_has_person")
        ),
        sa.CheckConstraint(
            "stage IN ('lists', 'receipts', 'awards', 'mails', 'done')", name=op.f("ck_reissues_stage_known")
        ),
        sa.CheckConstraint("(stage = 'done') = (finished_at IS NOT NULL)", name=op.f("ck_reissues_done_has_moment")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_reissues_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(["teacher_id"], ["users.id"], name=op.f("fk_reissues_teacher_id_users")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["users.id"], name=op.f("fk_reissues_requested_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reissues")),
        sa.UniqueConstraint("number", name=op.f("uq_reissues_number")),
    )
    op.create_index(op.f("ix_reissues_organisation_id"), "reissues", ["organisation_id"], unique=False)
    for name, columns, condition in (
        ("uq_reissues_one_open_for_keys", ["organisation_id"], "finished_at IS NULL AND teacher_id IS NULL"),
        (
            "uq_reissues_one_open_for_person",
            ["organisation_id", "teacher_id"],
            "finished_at IS NULL AND teacher_id IS NOT NULL",
        ),
    ):
        op.create_index(
            name,
            "reissues",
            columns,
            unique=True,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )


def downgrade() -> None:
    _refuse_if_used()
    op.drop_table("reissues")
    with op.batch_alter_table("credentials") as table:
        table.drop_index("uq_credentials_one_current")
        table.drop_index(op.f("ix_credentials_submission_id"))
        table.drop_constraint(op.f("ck_credentials_replaced_has_reason"), type_="check")
        table.drop_constraint(op.f("ck_credentials_replacement_reason_known"), type_="check")
        table.drop_constraint(op.f("fk_credentials_replaces_id_credentials"), type_="foreignkey")
        table.drop_constraint(op.f("uq_credentials_replaces_id"), type_="unique")
        table.create_unique_constraint(op.f("uq_credentials_submission_id"), ["submission_id"])
    with op.batch_alter_table("credentials") as table:
        for column in (
            "announced_at",
            "replacement_reason",
            "replaced_at",
            "replaces_id",
            "recipient_did",
            "awarded_at",
        ):
            table.drop_column(column)
    with op.batch_alter_table("signing_keys") as table:
        for name in ("revoked_is_not_active", "revoked_has_reason", "revocation_reason_known"):
            table.drop_constraint(op.f(f"ck_signing_keys_{name}"), type_="check")
    with op.batch_alter_table("signing_keys") as table:
        table.drop_column("revocation_reason")
        table.drop_column("revoked_at")


def _refuse_if_used() -> None:
    """The older shape knows no revoked key, so that a stolen one would be trusted again, and one credential for each
    award, so that signed ones would be deleted."""
    connection = op.get_bind()
    for table, column, what in (
        ("signing_keys", "revoked_at", "A signing key has been revoked; the older version would trust it again."),
        ("credentials", "replaced_at", "A badge has been signed again; the older version would lose the first one."),
    ):
        found = sa.select(sa.literal(1)).select_from(sa.table(table)).where(sa.column(column).is_not(None)).limit(1)
        if connection.execute(found).first() is not None:
            raise RuntimeError(f"{what} Restore a backup from before the upgrade instead (docs/operations.md).")


def _fill_recipients() -> None:
    """The DID that each credential names, read from the bytes that were stored."""
    connection = op.get_bind()
    named = sa.text("UPDATE credentials SET recipient_did = :did WHERE id = :id")
    ids = connection.execute(sa.select(_CREDENTIALS.c.id).order_by(_CREDENTIALS.c.id)).scalars().all()
    for number in ids:
        data = connection.execute(sa.select(_CREDENTIALS.c.document).where(_CREDENTIALS.c.id == number)).scalar_one()
        did = str(json.loads(data).get("credentialSubject", {}).get("id", ""))
        if did:
            connection.execute(named, {"did": did[:500], "id": number})
