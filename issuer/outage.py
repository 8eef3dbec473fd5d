"""An answer to a request while the machine is at fault: a full disk, a database that is away."""

from __future__ import annotations

from flask import current_app, g

from issuer.db import trouble
from issuer.errors import ServiceError


def without_database(error: Exception) -> ServiceError | None:
    """What to answer when the machine is at fault, see `issuer.db.trouble`; None when the code is.

    Who is signed in stands in the database too: from here on the request counts as a stranger's, so that the answer
    can be made without it.
    """
    found = trouble(error)
    if found is not None:
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]  # set by Flask-Login
    return found
