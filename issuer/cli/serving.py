"""`serve` and `worker`: the two programs of a running installation."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from issuer.cli.environment import migrate_database, open_database, require_key_secret, settings, settings_with_secrets
from issuer.cli.group import ServiceCommand
from issuer.cli.processes import ProcessTree, Program
from issuer.processes import stop_with_parent

if TYPE_CHECKING:
    from issuer.cli.demo_district import DemoDistrict
    from issuer.config import Config

#: How long the first answer of the server is waited for before its start counts as failed.
START_SECONDS = 60


@click.command(cls=ServiceCommand)
@click.option(
    "--demo", is_flag=True, help="Make a demo district on the first start and print its sign-ins. Never for real use."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="Web processes.")
@click.option(
    "--threads",
    default=8,
    show_default=True,
    type=click.IntRange(2, 256),
    help="Threads of each web process; half of them may wait for other servers at a time.",
)
@click.option("--no-worker", is_flag=True, help="Leave the issuing to `badgewright worker`, started elsewhere.")
def serve(demo: bool, host: str, port: int, processes: int, threads: int, no_worker: bool) -> None:
    """Run the service: the pages and the API, and the worker that issues.

    One command and one tree of processes; Ctrl-C or SIGTERM stops all of it in order. A SQLite database is brought up
    to date first; for PostgreSQL that is `badgewright migrate`. Settings come from the environment, see
    docs/configuration.md; without BADGEWRIGHT_BASE_URL the public address is http://localhost:PORT.
    """
    os.environ.setdefault("BADGEWRIGHT_BASE_URL", f"http://localhost:{port}")
    config = settings_with_secrets() if demo or _is_sqlite() else settings()
    # Before anything else: a port in use is found out before a district is made.
    with _listen(host, port) as listening:
        if config.database_url.startswith("sqlite"):
            migrate_database(config)
        _require_usable(config)
        district = None
        if demo:
            from issuer.cli.demo_district import ensure_demo_district

            district = ensure_demo_district(config)
        programs = {}
        for number in range(1, processes + 1):
            name = "server" if processes == 1 else f"server {number}"
            programs[name] = _server(listening.fileno(), threads)
        if not no_worker:
            programs["worker"] = Program([sys.executable, "-m", "verifier", "worker"])

        def announce_when_ready() -> None:
            if _answers(host, port):
                _announce(config, host, port, district)
                sys.stdout.flush()
            else:
                _say(f"The server has not answered for {START_SECONDS} seconds.")

        # Waiting must not keep the tree from noticing that something could not start.
        waiting = threading.Thread(target=announce_when_ready, daemon=True)
        with _counters(processes) as counters:
            code = ProcessTree(programs, counters, _say).run(waiting.start)
    if code:
        sys.exit(code)
    click.echo("Stopped.")


def _say(text: str) -> None:
    click.echo(text, err=True)


@click.command(cls=ServiceCommand)
def worker() -> None:
    """Run the worker alone: it signs what has been approved, and goes on where a stopped one left off.

    As many as wanted may run, on one machine or on several, all with the same DATABASE_URL and secrets. Ctrl-C or
    SIGTERM lets it finish what it is signing and stops it.
    """
    stop_with_parent()
    from issuer import logs
    from issuer.jobs import run_worker

    config = settings()
    logs.configure(config.log_level)
    _require_usable(config)
    run_worker(config)


def _require_usable(config: Config) -> None:
    engine = open_database(config)
    try:
        require_key_secret(config, engine)
    finally:
        engine.dispose()


def _is_sqlite() -> bool:
    return os.environ.get("DATABASE_URL", "sqlite").startswith("sqlite")


def _listen(host: str, port: int) -> socket.socket:
    """The socket that all web processes share: what comes while one of them is replaced goes to the others."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(1024)
    except OSError as error:
        made.close()
        raise click.ClickException(
            f"Port {port} on {host} cannot be used ({error.strerror}). Choose another one with --port."
        ) from error
    return made


def _server(descriptor: int, threads: int) -> Program:
    command = [sys.executable, "-m", "issuer.server", str(descriptor), str(threads)]
    return Program(command, inherits=(descriptor,), beats=True)


@contextmanager
def _counters(processes: int) -> Iterator[Mapping[str, str]]:
    """The environment of the programs. Several web processes count into files, which /metrics adds up.

    The files are mapped into memory: on a full disk a write to them would kill the process. So they lie in memory too
    where the system has a place for that, never in the data folder, and one process alone needs none.
    """
    environ = {name: value for name, value in os.environ.items() if name != "PROMETHEUS_MULTIPROC_DIR"}
    if processes == 1:
        yield environ
        return
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    with tempfile.TemporaryDirectory(prefix="badgewright-", dir=memory if memory.is_dir() else None) as folder:
        yield {**environ, "PROMETHEUS_MULTIPROC_DIR": folder}


def _answers(host: str, port: int) -> bool:
    """Wait until the server answers, whatever it says. False if it does not; then its own words say why."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        connection = HTTPConnection(name, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
        except (OSError, HTTPException):
            time.sleep(0.2)
        else:
            return True
        finally:
            connection.close()
    return False


def _announce(config: Config, host: str, port: int, district: DemoDistrict | None) -> None:
    from rich.console import Console
    from rich.table import Table

    # Where output goes into a file there is no width: a password must never be cut.
    console = Console(highlight=False, soft_wrap=True, width=max(Console().width, 110))
    here = f"http://{host}:{port}" if host == "127.0.0.1" else config.base_url
    console.print(f"\n[bold]Badgewright[/bold] is running at [bold]{here}[/bold]   (Ctrl-C stops it)\n")
    for label, path in (("Catalogue", "/"), ("Verify a badge", "/verify"), ("API", "/api/docs")):
        console.print(f"  {label:<15} {here}{path}")
    console.print(f"  {'Data':<15} {Path(config.var).absolute()}")
    if district is None:
        return
    table = Table(
        title=f"Demo sign-ins at {district.organisation} (made up, for this installation alone)", title_justify="left"
    )
    for column in ("Who", "E-mail", "Password"):
        table.add_column(column, no_wrap=True)
    for each in district.signins:
        table.add_row(each.who, each.email, each.password)
    console.print()
    console.print(table)
    console.print(f"Sign in at {here}/sign-in. The list is kept in {district.file}.\n")
    for address in district.issued_elsewhere:
        console.print(
            f"Some badges were issued at {address} and name it for good. They verify only while the demo runs there:"
            f" start it again with --port {urlsplit(address).port or 80}.\n"
        )
