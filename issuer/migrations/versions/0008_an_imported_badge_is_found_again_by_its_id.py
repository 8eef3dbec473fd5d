"""An imported badge is found again by its id, no longer by a key made from its name.

Revises: 0007
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MAX = 500
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20]+")


def upgrade() -> None:
    with op.batch_alter_table("achievements") as table:
        table.add_column(sa.Column("source_id", sa.String(length=_MAX), nullable=True))
        table.add_column(sa.Column("source_hash", sa.String(length=80), nullable=True))
    _fill_in()
    with op.batch_alter_table("achievements") as table:
        table.create_unique_constraint(
            op.f("uq_achievements_organisation_id_source_id"), ["organisation_id", "source_id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("achievements") as table:
        table.drop_constraint(op.f("uq_achievements_organisation_id_source_id"), type_="unique")
        table.drop_column("source_hash")
        table.drop_column("source_id")


def _fill_in() -> None:
    """The id that the newest version kept from its file. Where two rows kept the same, the older row has it."""
    achievements = sa.table(
        "achievements", sa.column("id", sa.Integer), sa.column("organisation_id", sa.Integer), sa.column("source_id")
    )
    versions = sa.table(
        "achievement_versions",
        sa.column("achievement_id", sa.Integer),
        sa.column("number", sa.Integer),
        sa.column("body", sa.JSON),
    )
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(achievements.c.id, achievements.c.organisation_id, versions.c.body)
        .join(versions, versions.c.achievement_id == achievements.c.id)
        .order_by(achievements.c.id, versions.c.number)
    )
    found: dict[int, tuple[int, str]] = {}
    for row_id, organisation_id, body in rows:
        identity = _identity(body)
        if identity:
            found[row_id] = organisation_id, identity
        else:
            found.pop(row_id, None)
    taken: set[tuple[int, str]] = set()
    for row_id, place in found.items():
        if place not in taken:
            taken.add(place)
            connection.execute(achievements.update().where(achievements.c.id == row_id).values(source_id=place[1]))


def _identity(body: Any) -> str | None:
    """As `achievements.sources` had it when this was written."""
    extensions = body.get("extensions") if isinstance(body, dict) else None
    found = extensions.get("id") if isinstance(extensions, dict) else None
    if not isinstance(found, str) or len(found) > _MAX or not _URI.fullmatch(found):
        return None
    if not found.lower().startswith(("http://", "https://")):
        return found
    try:
        parts = urlsplit(found)
    except ValueError:
        return found
    return urlunsplit(parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()))
