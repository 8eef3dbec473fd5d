"""A running installation (server and worker, as `badgewright serve` starts them) and a real Chromium.

Chromium is named by BADGEWRIGHT_TEST_CHROMIUM or found on the path. Without one these tests are skipped; on CI they
fail.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy.orm import Session

from issuer import migrations
from issuer.clock import now
from issuer.config import Config, ensure_secrets
from issuer.db import unit_of_work
from issuer.models import Organisation, User
from issuer.runtime import Runtime, build_runtime
from issuer.services import issuance, keys, reviews, sharing
from issuer.services.access import Actor
from issuer.services.passwords import hash_password
from tests import factories

#: What Chromium needs to run as root in a container, and to call nobody by itself.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "three-tall-lanterns"
START_SECONDS = 90


def chromium() -> str:
    """Where Chromium is; "" if there is none."""
    named = os.environ.get("BADGEWRIGHT_TEST_CHROMIUM", "")
    if named:
        return named
    found = (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))
    return next((path for path in found if path), "")


@dataclass(frozen=True)
class Installation:
    """`address` is the public one. Numbers are those of the district `maple`, where work of every kind lies ready."""

    address: str
    draft: str
    returned: str
    waiting: str
    claimed: str
    credential: str

    @staticmethod
    def person(role: str, slug: str) -> str:
        """The e-mail address of somebody with this role in this district; the password is `PASSWORD`."""
        return f"{role}@{slug}.example"


# Playwright keeps an event loop running for as long as it lives, and a durable worker refuses to start beside one: so
# it ends with each file, before tests of another kind get their turn in the same process.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = _needed_chromium()
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield made
        made.close()


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Running for the whole session; the districts `birch` and `cedar` are empty but for their people."""
    _needed_chromium()
    var = tmp_path_factory.mktemp("installation") / "var"
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BADGEWRIGHT_")}
    environment |= {"BADGEWRIGHT_VAR": str(var), "BADGEWRIGHT_BASE_URL": f"http://localhost:{port}"}
    environment.pop("DATABASE_URL", None)
    ensure_secrets(var)
    made = _seed(Config.from_environ(environment))
    log = var / "log.txt"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "verifier", "serve", "--port", str(port)],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(made.address, server, log)
            yield made
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=30)


def _needed_chromium() -> str:
    path = chromium()
    if path:
        return path
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail("CI needs Chromium: install it or set BADGEWRIGHT_TEST_CHROMIUM")
    pytest.skip("no Chromium found; set BADGEWRIGHT_TEST_CHROMIUM")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/catalogue", timeout=5):  # noqa: S310 - our own http address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


def _seed(config: Config) -> Installation:
    runtime = build_runtime(config)
    migrations.upgrade(runtime.engine)
    try:
        with unit_of_work(runtime.sessions) as session:
            for slug in ("birch", "cedar"):
                _district(session, runtime, slug)
            return _work(session, runtime, *_district(session, runtime, "maple"))
    finally:
        runtime.engine.dispose()


def _district(session: Session, runtime: Runtime, slug: str) -> tuple[Organisation, dict[str, User]]:
    organisation = factories.organisation(session, slug, f"{slug.title()} County Schools")
    people = {}
    for role in ("teacher", "second", "coach", "admin", "agency"):
        name = {"teacher": "Nadia Haddad", "coach": "Peter Lindholm", "admin": "Grace Adeyemi"}.get(role, role.title())
        held = "teacher" if role == "second" else role
        people[role] = factories.person(session, organisation, Installation.person(role, slug), held, name=name)
        people[role].password = hash_password(PASSWORD)
    keys.create_key(session, runtime.keyring, organisation.id, factories.COMMAND, now())
    return organisation, people


def _work(session: Session, runtime: Runtime, organisation: Organisation, people: dict[str, User]) -> Installation:
    """One submission of every kind."""
    versions = [
        factories.published(session, organisation, factories.achievement(f"skill-{index}", f"A skill, number {index}"))
        for index in range(1, 4)
    ]
    teacher, second, coach = people["teacher"], people["second"], people["coach"]
    draft = factories.draft(session, teacher, versions[0])
    returned = factories.handed_in(session, runtime.storage, teacher, versions[1])
    factories.returned(session, returned, coach)
    waiting = factories.handed_in(session, runtime.storage, second, versions[0])
    claimed = factories.handed_in(session, runtime.storage, second, versions[1])
    reviews.claim(session, number=claimed.number, actor=Actor.of(coach), now=now())
    done = factories.handed_in(session, runtime.storage, teacher, versions[2])
    factories.approved(session, done, coach)
    credential = issuance.issue(
        session,
        runtime.keyring,
        runtime.verifier_for_own_output,
        runtime.addresses,
        runtime.storage,
        done.id,
        now() - timedelta(days=1),
    )
    sharing.share(session, credential.number, Actor.of(teacher), now())
    return Installation(
        runtime.config.base_url, draft.number, returned.number, waiting.number, claimed.number, credential.number
    )
