"""Print what issuing and verifying cost, against plain PyLD on the same badge in the same run."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pyld import jsonld
from rich.console import Console
from rich.table import Table

from tests.benchmarks import badge, stages
from tests.benchmarks.timing import Row, measure
from verifier import Verifier, canonical, policy, proofs
from verifier.canonical import contexts
from verifier.fetch import Documents
from verifier.proofs import chains
from verifier.report import Verdict


def pyld_options(*, static: bool) -> dict[str, object]:
    """How PyLD is commonly used, with contexts at hand; or told that they never change, which makes it keep them."""
    loader = contexts.document_loader()
    held = {url: loader(url, {}) for url in badge.unsigned()["@context"]}

    def load(url: str, _options: object) -> dict[str, object]:
        return {**json.loads(json.dumps(held[url])), "tag": "static" if static else None}

    return {"algorithm": "URDNA2015", "format": "application/n-quads", "documentLoader": load}


def main_rows() -> list[Row]:
    unsigned, secured = badge.unsigned(), badge.secured()
    data = json.dumps(secured).encode()
    documents = Documents(
        {f"{badge.HOME}/.well-known/did.json": badge.did_document(), f"{badge.HOME}/status/1": badge.status_list()}
    )
    verifier = Verifier(documents)
    trust = policy.TrustedIssuers(badge.ISSUER)
    report = verifier.verify(data, trust, now=badge.NOW)
    if report.verdict is not Verdict.VERIFIED:
        raise SystemExit(f"the badge of the benchmark does not verify: {report.problems}")
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
        measure("verify: every check, status list included", lambda: verifier.verify(data, trust, now=badge.NOW)),
        measure("secure and self-verify", secure_and_verify),
    ]


def table(title: str, rows: Sequence[Row], base: Row, base_name: str) -> Table:
    found = Table(title=title, title_justify="left")
    found.add_column("")
    for heading in ("ms", "per second", base_name):
        found.add_column(heading, justify="right")
    for row in rows:
        ratio = base.seconds / row.seconds
        found.add_row(row.name, f"{row.seconds * 1e3:.3f}", f"{row.rate:,.0f}", f"{ratio:.2f}x")
    return found


def main() -> None:
    console = Console(width=110)
    rows = main_rows()
    console.print(table("One badge, one core", rows, rows[0], "rate against PyLD"))
    parts = stages.rows()
    console.print(table("Where the time of checking a proof goes", parts, parts[-1], "part of it, as a rate"))


if __name__ == "__main__":
    main()
