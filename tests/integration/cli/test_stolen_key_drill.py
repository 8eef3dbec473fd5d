"""The drill of docs/operations.md, "A stolen key", command by command as it stands there."""

from __future__ import annotations

import csv
import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from issuer.cli import commands
from issuer.config import Config
from issuer.db import unit_of_work
from issuer.models import BulkVerification, Credential, Organisation, SigningKey, StatusList
from issuer.runtime import Runtime, build_runtime
from issuer.services import bulk_receipt, issuance, keys, publishing, sharing, status
from issuer.services.access import Actor
from issuer.signing import encode, secure
from tests import factories
from verifier.fetch import Documents
from verifier.policy import TrustedIssuers
from verifier.report import CheckId, Report
from verifier.resolvers.web import did_web_url
from verifier.verifier import Verifier

_PAGE = Path(__file__).parents[3] / "docs" / "operations.md"


def run(*words: str) -> Result:
    return CliRunner().invoke(commands, words)


def drill() -> list[list[str]]:
    """The commands of the section, without `badgewright`."""
    section = _PAGE.read_text(encoding="utf-8").partition("### A stolen key")[2].partition("\n## ")[0]
    lines = [line for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL) for line in block.splitlines()]
    return [shlex.split(line)[1:] for line in lines]


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BADGEWRIGHT_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    made = run("init", "--organisation", "Lakeside", "--slug", "lakeside", "--admin", "ada@lakeside.example")
    assert made.exit_code == 0, made.output
    built = build_runtime(Config.from_environ())
    yield built
    built.close()


def _award(runtime: Runtime, session, organisation: Organisation, key: str) -> Credential:
    teacher = factories.person(session, organisation, f"{key}@lakeside.example", "teacher")
    coach = factories.person(session, organisation, f"coach-of-{key}@lakeside.example", "coach")
    version = factories.published(session, organisation, factories.achievement(key))
    submission = factories.approved(session, factories.handed_in(session, runtime.storage, teacher, version), coach)
    made = issuance.issue(
        session,
        runtime.keyring,
        runtime.verifier_for_own_output,
        runtime.addresses,
        runtime.storage,
        submission.id,
        datetime.now(UTC),
    )
    sharing.share(session, made.number, factories.actor(teacher), datetime.now(UTC))
    return made


def _receipt(runtime: Runtime, session, organisation: Organisation) -> BulkVerification:
    now = datetime.now(UTC)
    job = BulkVerification(
        number="11111111-2222-4333-8444-555555555555",
        organisation=organisation,
        asked_by="Ada",
        file_name="many.csv",
        kind="csv",
        sha256="0" * 64,
        size=12,
        state="running",
        done=0,
        verified=0,
        failed=0,
        undetermined=0,
        unrecognised=0,
        registries=[],
        problem="",
        created_at=now,
        moment=now,
        touched_at=now,
    )
    session.add(job)
    session.flush()
    job.receipt = bulk_receipt.make(
        session, runtime.keyring, runtime.verifier_for_own_output, runtime.addresses, job.number, now
    )
    job.state, job.finished_at = "done", now
    return job


def _verify(runtime: Runtime, data: bytes) -> Report:
    """As a stranger, with what the installation publishes."""
    did = runtime.addresses.organisation_did("lakeside")
    with unit_of_work(runtime.sessions) as session:
        organisation = session.scalars(select(Organisation)).one()
        document = publishing.organisation_did_document(session, runtime.addresses, organisation)
        pages = {did_web_url(did): encode(document)}
        for listed in session.scalars(select(StatusList)):
            pages[runtime.addresses.status_list(listed.number)] = listed.document
    return Verifier(Documents(pages)).verify(data, TrustedIssuers(did), now=datetime.now(UTC))


def test_the_drill_of_the_operations_page(runtime: Runtime, tmp_path: Path) -> None:
    with unit_of_work(runtime.sessions) as session:
        organisation = session.scalars(select(Organisation)).one()
        good, fraud = (_award(runtime, session, organisation, key) for key in ("good", "fraud"))
        job = _receipt(runtime, session, organisation)
        status.revoke(
            session,
            runtime.keyring,
            runtime.verifier_for_own_output,
            runtime.addresses,
            fraud.id,
            "By fraud",
            Actor.command(),
            datetime.now(UTC),
        )
        stolen = keys.active_key(session, organisation.id)
        did = runtime.addresses.organisation_did("lakeside")
        signer = runtime.keyring.signer(stolen, runtime.addresses.verification_method(did, stolen.public_multibase))
        old_receipt = job.receipt
    forged = json.loads(good.document)
    del forged["proof"]
    forged["name"], forged["validFrom"] = "Superintendent", "2025-01-02T03:04:05Z"
    forgery = encode(secure(forged, signer, datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)))
    assert old_receipt is not None
    assert all(_verify(runtime, each).verified for each in (forgery, good.document, old_receipt))

    said = [run(*words) for words in drill()]
    assert [each.exit_code for each in said] == [0, 0, 0], [each.output for each in said]
    assert "1 awards were signed again" in said[1].output
    assert re.search(rf"{stolen.public_multibase}.*revoked .* \(compromised\)", said[2].output)
    with (tmp_path / "suspected.csv").open(encoding="utf-8", newline="") as file:
        listed = {row["subject"]: row["state"] for row in csv.DictReader(file)}
    assert listed == {f"credential:{good.number}": "good", f"credential:{fraud.number}": "revoked"}

    for each in (forgery, good.document, old_receipt):
        report = _verify(runtime, each)
        found = report.result(CheckId.ISSUER)
        assert not report.verified
        assert found is not None
        assert found.code == "key_revoked"
    with unit_of_work(runtime.sessions) as session:
        again = session.scalars(select(Credential).where(Credential.replaces_id == good.id)).one()
        receipt = session.scalars(select(BulkVerification.receipt)).one()
        lists = session.scalars(select(StatusList.document)).all()
    assert receipt is not None
    assert all(_verify(runtime, each).verified for each in (again.document, receipt, *lists))
    assert again.shared_at is not None
    revoked = _verify(runtime, fraud.document).result(CheckId.STATUS)
    assert revoked is not None
    assert revoked.code == "revoked"

    # All of it once more changes nothing, and takes no further key.
    for words, sentence in zip(drill(), ("Nothing was changed", "There is nothing to sign again", ""), strict=True):
        once_more = run(*words)
        assert once_more.exit_code == 0
        assert sentence in once_more.output
    with unit_of_work(runtime.sessions) as session:
        assert len(session.scalars(select(SigningKey)).all()) == 2
        assert len(session.scalars(select(Credential)).all()) == 3


def test_without_a_yes_nothing_is_revoked_and_it_says_what_would_happen(runtime: Runtime) -> None:
    with unit_of_work(runtime.sessions) as session:
        _award(runtime, session, session.scalars(select(Organisation)).one(), "good")
    asked = CliRunner().invoke(
        commands,
        ["key", "revoke", "--org", "lakeside", "--reason", "compromised", "--suspected-since", "2026-01-01"],
        input="n\n",
    )
    assert asked.exit_code == 1
    assert "1 awards in force" in asked.output
    assert "good@lakeside.example" in asked.output
    with unit_of_work(runtime.sessions) as session:
        assert session.scalars(select(SigningKey)).one().active
    assert run("key", "revoke", "--org", "nowhere", "--reason", "compromised").exit_code == 1
    assert run("key", "revoke", "--org", "lakeside", "--reason", "retired").exit_code == 2
    unknown = run("key", "revoke", "--org", "lakeside", "--reason", "compromised", "--key", "z6Mk", "--yes")
    assert (unknown.exit_code, "no such key" in unknown.output) == (1, True)
