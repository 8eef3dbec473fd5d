"""Print what issuing and verifying cost: against plain PyLD, against other implementations, and where the time goes.

    python -m tests.benchmarks [--no-peers]

Every table is measured in one run on one core, in processor time, so its ratios mean something even where its
milliseconds do not.
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence

from pyld import jsonld
from rich.console import Console
from rich.table import Table

from tests.benchmarks import attacks, badge, bulk, hold, stages, tokens, worst
from tests.benchmarks.peers import run as peers
from tests.benchmarks.timing import Row, measure
from verifier import Verifier, canonical, policy, proofs
from verifier.canonical import contexts
from verifier.fetch import Documents
from verifier.proofs import chains
from verifier.report import Verdict

CONSOLE = Console(width=110)


def pyld_options(*, static: bool) -> dict[str, object]:
    """How PyLD is commonly used, with contexts at hand; or told that they never change, which makes it keep them."""
    loader = contexts.document_loader()
    held = {url: loader(url, {}) for url in badge.unsigned()["@context"]}

    def load(url: str, _options: object) -> dict[str, object]:
        return {**json.loads(json.dumps(held[url])), "tag": "static" if static else None}

    return {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}


def checked(verifier: Verifier, data: bytes, trust: policy.Policy) -> Callable[[], object]:
    """A whole verification of `data`, after making sure that it passes."""
    report = verifier.verify(data, trust, now=badge.NOW)
    if report.verdict is not Verdict.VERIFIED:
        raise SystemExit(f"the badge of the benchmark does not verify: {report.problems}")
    return lambda: verifier.verify(data, trust, now=badge.NOW)


def whole() -> tuple[Verifier, bytes, policy.Policy]:
    addresses = {
        f"{badge.HOME}/.well-known/did.json": badge.did_document(),
        f"{badge.HOME}/status/1": badge.status_list(),
    }
    return Verifier(Documents(addresses)), json.dumps(badge.secured()).encode(), policy.TrustedIssuers(badge.ISSUER)


def main_rows() -> list[Row]:
    unsigned, secured = badge.unsigned(), badge.secured()
    verifier, data, trust = whole()
    plain, static = pyld_options(static=False), pyld_options(static=True)
    if jsonld.normalize(unsigned, plain) != canonical.canonicalize(unsigned):
        raise SystemExit("PyLD and this project disagree on the badge of the benchmark")
    ((proof, signed),) = chains.signed_documents(secured)

    def secure_and_verify() -> None:
        made = json.dumps(proofs.secure(unsigned, badge.Signer(), badge.NOW)).encode()
        verifier.require(made, trust, now=badge.NOW)

    return [
        measure("PyLD normalize", lambda: jsonld.normalize(unsigned, plain)),
        measure("PyLD normalize, contexts marked static", lambda: jsonld.normalize(unsigned, static)),
        measure("canonicalize", lambda: canonical.canonicalize(unsigned)),
        measure("verify the proof", lambda: proofs.verify(signed, proof, badge.PUBLIC)),
        measure("secure", lambda: proofs.secure(unsigned, badge.Signer(), badge.NOW)),
        measure("verify: every check, status list included", checked(verifier, data, trust)),
        measure("secure and self-verify", secure_and_verify),
    ]


def show_main() -> None:
    rows = main_rows()
    table = _table("One badge, one core", "ms", "per second", "rate against PyLD")
    for row in rows:
        table.add_row(row.name, f"{row.seconds * 1e3:.3f}", f"{row.rate:,.0f}", f"{rows[0].seconds / row.seconds:.2f}x")
    CONSOLE.print(table)


def show_stages() -> None:
    rows = stages.rows()
    table = _table("Where the time of checking a proof goes", "ms", "share")
    for row in rows:
        table.add_row(row.name, f"{row.seconds * 1e3:.3f}", f"{row.seconds / rows[-1].seconds:.0%}")
    CONSOLE.print(table)


def show_checks() -> None:
    verifier, data, trust = whole()
    shares = _shares(checked(verifier, data, trust), _CHECKS)
    # The status list is a credential of its own, with checks of its own; its time counts as "status".
    CONSOLE.print(
        _share_table("Where the time of a whole verification goes", shares),
        "Checks of the status list count twice: as status, and as the check that they are.",
        sep="\n",
    )


#: What a reader calls it, and the function that does it.
_CHECKS = {
    "reading": ("verifier/parsing.py", "parse"),
    **{
        name: (f"verifier/checks/{name}.py", "check")
        for name in ("structure", "schema", "issuer", "proof", "validity", "status", "recipient", "evidence")
    },
    "endorsements": ("verifier/checks/endorsements.py", "check"),
}
#: A token's proof, taken apart: the signature is the small part of it.
_TOKEN_CHECKS = {
    **{name: place for name, place in _CHECKS.items() if name != "status"},
    "of the proof: are all words defined": ("verifier/canonical/__init__.py", "quads"),
    "of the proof: the signature": ("verifier/proofs/jwt.py", "verify"),
}


def _shares(again: Callable[[], object], places: Mapping[str, tuple[str, str]], rounds: int = 200) -> dict[str, float]:
    """By the profiler, which makes everything slower and small functions most of all: read the shares alone."""
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(rounds):
        again()
    profile.disable()
    found = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # there since ever, not in typeshed
    total = max(entry[3] for entry in found.values())
    return {
        name: sum(entry[3] for key, entry in found.items() if key[0].endswith(file) and key[2] == function) / total
        for name, (file, function) in places.items()
    }


def _share_table(title: str, shares: Mapping[str, float]) -> Table:
    table = _table(title, "share")
    for name, share in shares.items():
        table.add_row(name, f"{share:.0%}")
    return table


def show_tokens() -> None:
    table = _table(
        "JSON Web Tokens: rate against the bare signature check", "bare ms", "signature", "every check", "ms"
    )
    for name, bare, token, whole_time in tokens.rows():
        shares = (f"{bare.seconds / row.seconds:.0%}" for row in (token, whole_time))
        table.add_row(name, f"{bare.seconds * 1e3:.3f}", *shares, f"{whole_time.seconds * 1e3:.3f}")
    CONSOLE.print(table)
    profile = _shares(tokens.whole_verification(), _TOKEN_CHECKS)
    CONSOLE.print(_share_table("Where the time of a whole verification of an RS256 token goes", profile))


def show_worst() -> None:
    table = _table("The worst input that is still read to its end, one whole verification", "KB", "ms", "MB", "answer")
    for cost in worst.costs():
        table.add_row(
            cost.name, f"{cost.size / 1e3:,.0f}", f"{cost.seconds * 1e3:,.0f}", f"{cost.peak / 1e6:.0f}", cost.code
        )
    CONSOLE.print(table)


def show_peers() -> None:
    text = json.dumps(peers.secured()).encode()
    trust = policy.TrustedIssuers(peers.DID)
    unsigned = peers.without_status()
    again = checked(Verifier(), text, trust)
    # Before, between and after the peers: whatever else this machine does meanwhile meets all alike.
    ours: list[float] = []
    issued: list[float] = []
    table = _table("Against others: the same badge without a status list", "ms", "per second", "ours is")
    lines: list[tuple[str, float, bool]] = []
    for name, found in peers.measure(between=lambda: _both(ours, issued, again, unsigned)):
        if isinstance(found, str):
            table.add_row(f"{name}: {found}")
        else:
            lines.extend(
                (f"{name}: {operation}", seconds, operation == "verify") for operation, seconds in found.items()
            )
    verify, issue = statistics.median(ours), statistics.median(issued)
    lines[:0] = [("badgewright: verify, every check", verify, True), ("badgewright: issue", issue, False)]
    for name, seconds, verifies in lines:
        base = verify if verifies else issue
        table.add_row(name, f"{seconds * 1e3:.3f}", f"{1 / seconds:,.0f}", f"{seconds / base:.1f}x as fast")
    CONSOLE.print(table)


def _both(ours: list[float], issued: list[float], again: Callable[[], object], unsigned: dict[str, object]) -> None:
    ours.append(measure("verify", again).seconds)
    issued.append(measure("issue", lambda: proofs.secure(unsigned, badge.Signer(), badge.NOW)).seconds)


def _table(title: str, *headings: str) -> Table:
    found = Table(title=title, title_justify="left")
    found.add_column("")
    for heading in headings:
        found.add_column(heading, justify="right")
    return found


def main(arguments: Sequence[str]) -> None:
    show_main()
    show_stages()
    show_checks()
    show_tokens()
    show_worst()
    attacks.show(CONSOLE)
    CONSOLE.print(hold.table())
    CONSOLE.print(bulk.table(int(os.environ.get("BADGEWRIGHT_TEST_BULK", "2000"))))
    if "--no-peers" not in arguments:
        show_peers()


if __name__ == "__main__":
    main(sys.argv[1:])
