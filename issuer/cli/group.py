"""Commands that end with a sentence, never with a traceback, when the world is not as they need it."""

from __future__ import annotations

import sys
from typing import Any

import click

from issuer.errors import ServiceError

#: Packages of the extra `server`, by import name: without them the commands of the service cannot run.
_SERVER = frozenset(
    {"alembic", "argon2", "dbos", "flask", "flask_security", "fsspec", "sqlalchemy", "structlog", "waitress"}
)


def explain(error: Exception) -> str | None:
    """The sentence for an error that a person can do something about; None for a fault of ours."""
    if isinstance(error, ServiceError):
        lines = [error.message, *(f"  {fault.pointer or '-'}: {fault.message}" for fault in error.faults)]
        return "\n".join(lines)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] in _SERVER:
        return "This command needs the service's parts. Install them with: pip install 'badgewright[server]'"
    database = sys.modules.get("sqlalchemy.exc")
    if database is not None and isinstance(error, database.OperationalError):
        reason = str(error.orig).strip().splitlines()[0]
        if "no such table" in reason:
            return "The database has no tables yet. Create them with: badgewright migrate"
        return f"The database cannot be used: {reason}. DATABASE_URL says which database is meant."
    if database is not None and isinstance(error, database.ProgrammingError):
        return "The database is not up to date with this version. Bring it there with: badgewright migrate"
    return None


class ServiceCommand(click.Command):
    """A command whose expected failures are one sentence on stderr and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            sentence = explain(error)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from error


class ServiceGroup(click.Group):
    """A group whose commands are `ServiceCommand`s, nested groups included."""

    command_class = ServiceCommand
    group_class = type
