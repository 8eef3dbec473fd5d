"""Many at once: the same answers as one by one, in order, whatever a single input does."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.simulator import NOW, World
from tests.unit.verifier.batch.poison import Poison
from verifier import TrustedIssuers, Verifier, VerifierError
from verifier.batch import DEFAULT_BATCH_LIMITS, Batch, BatchLimits, Cancelled, Item, Row, verify_many
from verifier.batch.fetching import FetchOnce
from verifier.batch.items import row_of_report
from verifier.fetch import Fetched, FetchFailed

SCHOOL = "did:web:school.example"


@pytest.fixture(scope="module")
def world() -> World:
    made = World()
    school = made.issuer(SCHOOL)
    school.publish_list({3})
    for index in range(6):
        made.publish(
            f"https://school.example/c/{index}", school.sign(school.badge(credentialStatus=school.status_entry(index)))
        )
    return made


@pytest.fixture(autouse=True)
def _nothing_asked(world: World) -> None:
    world.asked.clear()


def page(world: World, index: int) -> bytes:
    return world.pages[f"https://school.example/c/{index}"]


def run(world: World, items: list[Item], jobs: int = 2, limits: BatchLimits = DEFAULT_BATCH_LIMITS) -> list[Row]:
    return list(verify_many(items, TrustedIssuers(SCHOOL), fetcher=world, now=NOW, jobs=jobs, batch_limits=limits))


@pytest.mark.parametrize("jobs", [0, 2])
def test_the_answers_are_those_of_one_by_one(world: World, jobs: int) -> None:
    items = [Item(str(n), page(world, n % 6)) for n in range(40)] + [Item("not json", b"{")]
    alone = [
        row_of_report(n, item.name, Verifier(world).verify(item.data or b"", TrustedIssuers(SCHOOL), now=NOW))
        for n, item in enumerate(items, 1)
    ]
    world.asked.clear()
    assert run(world, items, jobs, replace(DEFAULT_BATCH_LIMITS, chunk_items=3)) == alone
    assert Counter(row.code for row in alone) == {"": 33, "revoked": 7, "not_json": 1}
    assert alone[3].status_lists == alone[0].status_lists
    assert alone[0].status_lists[0][0] == "https://school.example/status/1"
    # Each address is asked once in the run, however many processes want it.
    assert sorted(world.asked) == ["https://school.example/.well-known/did.json", "https://school.example/status/1"]


@pytest.mark.parametrize("jobs", [0, 1])
def test_addresses_and_errors_keep_their_places(world: World, jobs: int) -> None:
    items = [
        Item("a", url="https://school.example/c/0"),
        Item("b", error=VerifierError("row_empty", "There is nothing here.")),
        Item("c", url="https://nowhere.example/"),
        Item("d", page(world, 3)),
        Item("e", url="https://school.example/c/3"),
    ]
    rows = run(world, items, jobs)
    assert [(row.number, row.name, row.verdict, row.code) for row in rows] == [
        (1, "a", "verified", ""),
        (2, "b", "failed", "row_empty"),
        (3, "c", "undetermined", "fetch_failed"),
        (4, "d", "failed", "revoked"),
        (5, "e", "failed", "revoked"),
    ]


def test_an_input_that_ends_a_process_takes_nobody_with_it(world: World) -> None:
    school = world.issuer(SCHOOL)
    names = ["good", "dies", "good", "hangs", "fails", "good"]
    items = [Item(name, school.sign(school.badge(name=name))) for name in names]
    limits = replace(DEFAULT_BATCH_LIMITS, item_seconds=1.0)
    rows = list(verify_many(items, Poison(SCHOOL), fetcher=world, now=NOW, jobs=1, batch_limits=limits))
    assert [(row.name, row.verdict, row.code) for row in rows] == [
        ("good", "verified", ""),
        ("dies", "undetermined", "verification_crashed"),
        ("good", "verified", ""),
        ("hangs", "undetermined", "verification_timed_out"),
        ("fails", "undetermined", "verification_crashed"),
        ("good", "verified", ""),
    ]


def test_no_more_is_read_than_can_be_worked_on(world: World) -> None:
    read = 0

    def endless() -> Iterator[Item]:
        nonlocal read
        while True:
            read += 1
            yield Item(str(read), page(world, 0))

    with Batch(TrustedIssuers(SCHOOL), fetcher=world, now=NOW, jobs=1) as batch:
        rows = batch.verify(endless())
        assert [next(rows).number for _ in range(40)] == list(range(1, 41))
        assert read <= 40 + 5 * DEFAULT_BATCH_LIMITS.chunk_items
        rows.close()
        # Given up half-way, and used again.
        assert [row.number for row in batch.verify([Item("x", page(world, 3))], first=41)] == [41]


@pytest.mark.parametrize("jobs", [0, 1])
def test_a_run_can_be_ended_from_another_thread(world: World, jobs: int) -> None:
    with Batch(TrustedIssuers(SCHOOL), fetcher=world, now=NOW, jobs=jobs) as batch:
        rows = batch.verify(Item(str(n), page(world, 0)) for n in range(1000))
        next(rows)
        threading.Thread(target=batch.cancel).start()
        with pytest.raises(Cancelled):
            list(rows)


def test_whole_reports_on_demand(world: World) -> None:
    (row,) = verify_many(
        [Item("x", page(world, 3))], TrustedIssuers(SCHOOL), fetcher=world, now=NOW, jobs=0, reports=True
    )
    assert '"revoked"' in (row.report or "")


def test_two_who_want_one_document_wait_for_one_fetch() -> None:
    asked: list[str] = []

    class Slow:
        def get(self, url: str, *, max_bytes: int) -> Fetched:
            asked.append(url)
            time.sleep(0.05)
            if "down" in url:
                raise FetchFailed("http_status", "It is down.", details={"status": 500})
            return Fetched(url, b"x")

    once = FetchOnce(Slow(), max_bytes=10_000, seconds=60)
    threads = [threading.Thread(target=once.answer, args=("https://a.example/", 10)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for _ in range(2):
        with pytest.raises(FetchFailed) as caught:
            once.get("https://down.example/", max_bytes=10)
        assert (caught.value.code, caught.value.details) == ("http_status", {"status": 500})
    assert asked == ["https://a.example/", "https://down.example/"]


def test_a_document_serves_for_its_time_only() -> None:
    world = World(pages={"https://a.example/": b"x"})
    once = FetchOnce(world, max_bytes=10_000, seconds=0)
    assert once.get("https://a.example/", max_bytes=10) == once.get("https://a.example/", max_bytes=10)
    assert len(world.asked) == 2
