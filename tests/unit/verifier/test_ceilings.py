"""Nobody's credential may hold the verifier: time, work and memory of one verification end, whatever is inside."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from schemas import foreign
from tests.simulator import NOW, Issuer, World
from verifier import CheckId, Limits, Outcome, Report, TrustedIssuers, Verdict, Verifier, allowance, confined
from verifier import fetch as fetching
from verifier.allowance import OutOfTime, require_time, seconds_left
from verifier.fetch import Fetched, FetchFailed
from verifier.formats import digests

DID = "did:web:school.example"
URL = "https://school.example/schemas/badge.json"
EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
#: Each compiles to a machine of thousands of states; together they hold the interpreter for some twenty seconds.
HOSTILE = {"allOf": [{"pattern": rf"\p{{L}}{{20}}{number}"} for number in range(1_000)]}


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def school(world: World) -> Issuer:
    return world.issuer(DID)


def with_schema(school: Issuer, **entry: Any) -> bytes:
    contexts = [*school.badge()["@context"], EXTENSIONS]
    named = {"id": URL, "type": "1EdTechJsonSchemaValidator2019", **entry}
    return school.sign(school.badge(**{"@context": contexts, "credentialSchema": [named]}))


def code(report: Report, check: CheckId) -> str:
    result = report.result(check)
    assert result is not None
    return f"{result.outcome}:{result.code}"


def test_a_schema_of_hostile_patterns_is_ended_and_leaves_the_question_open(world: World, school: Issuer) -> None:
    world.publish(URL, HOSTILE)
    verifier = Verifier(world, limits=Limits(schema_seconds=0.2))
    report = verifier.verify(with_schema(school), TrustedIssuers(DID), now=NOW)
    assert report.verdict is Verdict.UNDETERMINED
    result = report.result(CheckId.SCHEMA)
    assert result is not None
    assert result.outcome is Outcome.UNDETERMINED
    assert [finding.code for finding in result.findings] == ["named_schema_too_slow"]
    # The next one finds a process that works.
    world.publish(URL, {"properties": {"name": {"pattern": "."}}})
    assert verifier.verify(with_schema(school), TrustedIssuers(DID), now=NOW).verified


def test_a_schema_that_wants_all_the_memory_is_ended(world: World, school: Issuer) -> None:
    world.publish(URL, {"properties": {"name": {"pattern": "."}}})
    verifier = Verifier(world, limits=Limits(schema_memory_bytes=8 * 1024 * 1024))
    report = verifier.verify(with_schema(school), TrustedIssuers(DID), now=NOW)
    assert code(report, CheckId.SCHEMA).startswith("undetermined:")


def test_plain_schemas_need_no_process(world: World, school: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "run", lambda *_, **__: pytest.fail("a process was asked"))
    world.publish(URL, {"type": "object", "required": ["name"], "properties": {"name": {"maxLength": 100}}})
    assert Verifier(world).verify(with_schema(school), TrustedIssuers(DID), now=NOW).verified


@pytest.mark.parametrize(
    "schema",
    [
        {"pattern": "a"},
        {"properties": {"pattern": {"pattern": "a"}}},
        {"patternProperties": {"a": {}}},
        {"allOf": [{"uniqueItems": True}]},
        {"$ref": "#/$defs/a", "$defs": {"a": {}}},
        {"enum": [[number] for number in range(100_000)]},
    ],
)
def test_only_schemas_of_bounded_work_run_in_our_own_process(schema: dict[str, Any]) -> None:
    assert not foreign.is_light({"name": "x", "list": [1, 2]}, schema)
    assert foreign.is_light({"name": "x"}, {"properties": {"pattern": {"type": "string"}}, "enum": [{"pattern": 1}]})


def test_a_thousand_digests_read_a_file_once() -> None:
    class Counted(io.BytesIO):
        bytes_read = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            self.bytes_read += len(data)
            return data

    world = World()
    school = world.issuer("did:key")
    file = Counted(b"lesson plan" * 100_000)
    pieces = [{"type": ["Evidence"], "digestSRI": digests.sri(str(number).encode())} for number in range(1_500)]
    pieces.append({"type": ["Evidence"], "digestSRI": digests.sri(file.getvalue(), "sha512")})
    badge = school.sign(school.badge(evidence=pieces))
    report = Verifier().verify(badge, TrustedIssuers(school.id), now=NOW, evidence=[file])
    assert code(report, CheckId.EVIDENCE) == "passed:evidence_matches"
    assert file.bytes_read == len(file.getvalue())


def test_a_thousand_digests_of_a_schema_hash_it_once(
    world: World, school: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = {"type": "object"}
    world.publish(URL, schema)
    body, asked = json.dumps(schema).encode(), 0
    whole = digests.of

    def of(data: Any) -> digests.Digests:
        nonlocal asked
        asked += data == body
        return whole(data)

    monkeypatch.setattr(digests, "of", of)
    data = with_schema(school, digestSRI=[digests.sri(body)] * 1_000)
    asked = 0
    Verifier(world).verify(data, TrustedIssuers(DID), now=NOW)
    assert asked == 1


def test_a_verification_ends_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000.0]
    for module in (allowance, fetching):
        monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    world = World()
    school = world.issuer(DID)
    asked: list[str] = []

    class Slow:
        def get(self, url: str, *, max_bytes: int) -> Fetched:
            asked.append(url)
            clock[0] += 16.0
            return world.get(url, max_bytes=max_bytes)

    badge = school.badge()
    badge["evidence"] = None
    data = school.sign(school.badge(credentialStatus=school.status_entry(1)))
    limits = Limits(all_fetches_seconds=1_000.0)
    report = Verifier(Slow(), limits=limits).verify(data, TrustedIssuers(DID), now=NOW)
    assert len(asked) <= 2
    assert report.verdict is Verdict.UNDETERMINED
    assert "verification_out_of_time" in {problem.code for problem in report.problems}
    assert seconds_left() == float("inf")


def test_work_counts_as_well_as_waiting() -> None:
    with allowance.allowance(Limits(processor_seconds=0.0)), pytest.raises(OutOfTime):
        require_time()


def test_an_allowance_inside_another_is_never_longer() -> None:
    with allowance.allowance(Limits(verification_seconds=5.0)), allowance.allowance(Limits(verification_seconds=500.0)):
        assert seconds_left() <= 5.0


def test_silent_name_servers_hold_a_bounded_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 0
    while fetching._lookups.acquire(blocking=False):
        taken += 1
    try:
        with pytest.raises(FetchFailed) as caught:
            fetching._addresses_of("slow.example", 443, 0.0)
        assert caught.value.code == "too_many_lookups"
        assert taken <= Limits().lookups
    finally:
        for _ in range(taken):
            fetching._lookups.release()


def test_the_process_that_decodes_strangers_pictures_inherited_every_secret(monkeypatch) -> None:
    for name in ("BADGEWRIGHT_SECRET_KEY", "BADGEWRIGHT_KEY_SECRET", "DATABASE_URL", "OF_ANOTHER_PROGRAM"):
        monkeypatch.setenv(name, "a-secret")
    process = confined._Process(1 << 30)
    try:
        environment = b""
        while not environment and process._popen.poll() is None:  # the system has not put it in place yet
            environment = Path(f"/proc/{process._popen.pid}/environ").read_bytes()
    finally:
        process.end()
    assert b"a-secret" not in environment
    assert b"LANG=C.UTF-8" in environment
