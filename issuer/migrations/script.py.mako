"""${message}.

Revises: ${down_revision | comma,n}

Rules of this folder. Delete this paragraph when they are kept.
- The file's name is a sentence that says what becomes possible, not which column appears.
- It is written against what is in the database, never against `issuer.models`: the models will have moved on.
- It works on SQLite (inside `batch_alter_table`) and on PostgreSQL, and `downgrade` undoes it on both; a test does
  up, down and up again with both.
- A new column on a full table: first nullable or with a server default, then filled, then made strict.
- Tables that grow (submissions, evidence_items, audit_events, credentials) are not rewritten while people work.
- Signed bytes and the audit trail are never touched.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
