"""How gunicorn runs the service: `gunicorn -c python:issuer.cli.gunicorn_settings issuer.wsgi:app`.

`badgewright serve` uses these settings too. Address, processes and threads come from its command line.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Any

import click
from prometheus_client.multiprocess import mark_process_dead
from sqlalchemy.exc import SQLAlchemyError

from issuer.cli.environment import require_key_secret, settings
from issuer.cli.processes import stop_with_parent
from issuer.db import make_engine

worker_class = "gthread"
threads = 8
#: Big uploads over slow lines are read by a thread, so this bounds only a process that does not answer at all.
timeout = 60
graceful_timeout = 20
keepalive = 5
loglevel = "warning"
#: No access log: it would hold addresses and paths of people. The service logs requests itself, without them.
accesslog = None
#: gunicorn's control interface is not used; it would write into the home folder.
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108 - a folder in memory for heartbeat files that gunicorn creates safely
    worker_tmp_dir = "/dev/shm"  # noqa: S108 - the same


def on_starting(_server: Any) -> None:
    stop_with_parent()
    config = settings()
    engine = make_engine(config.database_url)
    try:
        # Here and not in the application: a process that cannot start would be started again and again.
        require_key_secret(config, engine)
    except SQLAlchemyError:
        # A database that is away, or not up to date yet: /readyz says so.
        logging.getLogger("badgewright").warning("the key secret could not be checked: the database cannot be used")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    finally:
        engine.dispose()


def child_exit(_server: Any, worker: Any) -> None:
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # the library leaves it untyped
