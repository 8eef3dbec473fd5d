"""Attacks that stay within the limits: how long one of them takes, how much memory, and who else waits meanwhile.

python -m tests.benchmarks.attacks            all of them: on the verifier, each in a process of its own, then by slow
                                              hosts, headers, bodies and large uploads on a server (`hold`)
python -m tests.benchmarks.attacks NAME       one on the verifier, in this process, as JSON
"""

from __future__ import annotations

import itertools
import json
import resource
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.attacks.asset import chunk, picture_png
from tests.benchmarks import hold
from tests.simulator import ISSUED, NOW, OPEN_BADGES, VCDM, Issuer, TestEcSigner, World
from verifier import TrustedIssuers, Verifier, proofs
from verifier.canonical import contexts
from verifier.formats import png, svg
from verifier.formats.digests import sri
from verifier.limits import DEFAULT_LIMITS
from verifier.proofs.jwt import secure_jwt
from verifier.report import report_to_json

EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
#: One verification on one core should take no longer, whatever is handed in.
SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Made:
    """What is verified, and in which world."""

    data: bytes
    world: World
    trusted: str
    evidence: tuple[bytes, ...] = ()


def _school() -> tuple[World, Issuer]:
    world = World()
    return world, world.issuer("did:key")


def _evidence(count: int) -> list[dict[str, Any]]:
    return [{"type": ["Evidence"], "id": f"urn:e:{n}", "name": f"n{n}"} for n in range(count)]


def _alike(count: int) -> dict[str, Any]:
    _, school = _school()
    document = school.badge()
    item = {"type": ["Alignment"], "targetName": "x", "targetUrl": "https://x.example/"}
    document["credentialSubject"]["achievement"]["alignment"] = [item] * count
    return document


def many_statements() -> Made:
    world, school = _school()
    return Made(school.sign(school.badge(evidence=_evidence(6_500))), world, school.id)


def look_alikes() -> Made:
    world, school = _school()
    return Made(school.sign(_alike(4_500)), world, school.id)


def alike_groups() -> Made:
    """Pairs of look-alikes inside look-alikes, as many as the bound of the work lets through."""
    world, school = _school()
    document = school.badge()
    pair = [{"type": ["Alignment"], "targetName": "x", "targetUrl": "https://x.example/"}] * 4
    document["credentialSubject"]["achievement"]["resultDescription"] = [
        {"id": f"urn:d:{n}", "type": ["ResultDescription"], "name": "x", "resultType": "Percent", "alignment": pair}
        for n in range(900)
    ]
    del document["credentialSubject"]["result"]
    return Made(school.sign(document), world, school.id)


def wrong_proofs() -> Made:
    """A large document and as many proofs as it may have by the issuer's key, none of which fits."""
    world, school = _school()
    document = json.loads(school.sign(school.badge(evidence=_evidence(6_000))))
    (proof,) = document["proof"]
    document["proof"] = [{**proof, "created": f"2026-01-01T00:01:{n:02}Z"} for n in range(DEFAULT_LIMITS.proofs)]
    return Made(json.dumps(document).encode(), world, school.id)


def chained_proofs() -> Made:
    """Proofs that each sign the document with all before it."""
    world, school = _school()
    document: dict[str, Any] = school.badge(evidence=_evidence(5_000))
    for number in range(DEFAULT_LIMITS.proofs):
        earlier = {"previousProof": [f"urn:p:{n}" for n in range(number)]} if number else {}
        document = proofs.secure(document, school.signer, ISSUED, options={"id": f"urn:p:{number}", **earlier})
    document["proof"].reverse()
    return Made(json.dumps(document).encode(), world, school.id)


def selective_disclosure() -> Made:
    world, _ = _school()
    signer = TestEcSigner("worst")
    document = _alike(2_000)
    document |= {"issuer": {"id": signer.did, "type": ["Profile"], "name": "x"}}
    base = proofs.secure(document, signer, ISSUED, cryptosuite="ecdsa-sd-2023")
    derived = proofs.derive(base, [f"/{name}" for name in document if name not in ("@context", "id", "type")])
    return Made(json.dumps(derived).encode(), world, signer.did)


def _endorsement(school: Issuer, number: int, contexts: list[str]) -> dict[str, Any]:
    document = {
        "@context": contexts,
        "id": f"urn:uuid:00000000-0000-4000-8000-{number:012}",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "x",
        "issuer": {"id": school.id, "type": ["Profile"], "name": "x"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": school.badge()["id"], "type": ["EndorsementSubject"], "endorsementComment": "x"},
    }
    return proofs.secure(document, school.signer, ISSUED)


def many_endorsements() -> Made:
    world, school = _school()
    found = [_endorsement(school, n, [VCDM, OPEN_BADGES]) for n in range(DEFAULT_LIMITS.nested_credentials)]
    return Made(school.sign(school.badge(endorsement=found)), world, school.id)


def wrong_proofs_inside() -> Made:
    """As many proofs as there may be, which do not fit, on everything: on the badge and on each endorsement in it."""
    world, school = _school()

    def with_wrong_proofs(document: dict[str, Any]) -> dict[str, Any]:
        (proof,) = document["proof"]
        wrong = [{**proof, "created": f"2026-01-01T00:01:{n:02}Z"} for n in range(DEFAULT_LIMITS.proofs)]
        return {**document, "proof": wrong}

    found = [with_wrong_proofs(_endorsement(school, n, [VCDM, OPEN_BADGES])) for n in range(150)]
    badge = with_wrong_proofs(json.loads(school.sign(school.badge(endorsement=found))))
    return Made(json.dumps(badge).encode(), world, school.id)


def contexts_in_every_order() -> Made:
    """Credentials inside that list bundled contexts, each in another order, so that none was processed before."""
    world, school = _school()
    others = (
        EXTENSIONS,
        "https://w3id.org/security/multikey/v1",
        "https://w3id.org/security/data-integrity/v2",
        "https://w3id.org/security/suites/ed25519-2020/v1",
    )
    orders = itertools.product(others, repeat=14)
    found = [
        {"@context": [VCDM, OPEN_BADGES, *reversed(order)], "type": ["VerifiableCredential"]}
        for _, order in zip(range(DEFAULT_LIMITS.contexts // 16 - 1), orders, strict=False)
    ]
    return Made(school.sign(school.badge(endorsement=found)), world, school.id)


def credentials_with_words() -> Made:
    """A credential that is no Open Badge, with many inside that bring words of their own."""
    world, school = _school()
    found = [
        {"@context": [VCDM, {f"w{n}x{m}": f"urn:{m}" for m in range(6)}], "type": ["VerifiableCredential"]}
        for n in range(DEFAULT_LIMITS.contexts // 2 - 1)
    ]
    document = {
        "@context": [VCDM, {"inside": "https://example.org/inside"}],
        "type": ["VerifiableCredential"],
        "issuer": school.id,
        "credentialSubject": {"inside": found},
    }
    return Made(_plain(school, document), world, school.id)


def words_of_its_own() -> Made:
    """A credential that is no Open Badge, with as many words of its own as fit."""
    world, school = _school()
    words = {f"word{n}": {"@id": f"https://example.org/{n}", "@type": "@id"} for n in range(12_000)}
    document = {
        "@context": [VCDM, words],
        "type": ["VerifiableCredential"],
        "issuer": school.id,
        "credentialSubject": {"word1": "urn:x"},
    }
    return Made(_plain(school, document), world, school.id)


def _plain(school: Issuer, document: dict[str, Any]) -> bytes:
    return json.dumps(proofs.secure(document, school.signer, ISSUED, inline_contexts_allowed=True)).encode()


def status_lists() -> Made:
    """Sixteen lists of the largest size, with all that can be packed into it."""
    world, school = _school()
    entries = []
    for number in range(16):
        url = f"https://x.example/status/{number}"
        document = school.status_list(range(0, 3_000, 7), url, entries=8 * DEFAULT_LIMITS.inflated_list_bytes)
        world.publish(url, school.sign(document))
        entries.append(school.status_entry(5, url))
    return Made(school.sign(school.badge(credentialStatus=entries)), world, school.id)


def lists_with_lists() -> Made:
    """Every status list names sixteen lists by which it could be revoked itself, and so on."""
    world, school = _school()
    names = [f"https://x.example/status/{number}" for number in range(16)]
    entries = [school.status_entry(5, url) for url in names]
    for url in names:
        world.publish(url, school.sign(school.status_list([], url, credentialStatus=entries)))
    return Made(school.sign(school.badge(credentialStatus=entries)), world, school.id)


def many_faults() -> Made:
    """As many faults as there can be values, each of which the report would name."""
    world, school = _school()
    return Made(school.sign(school.badge()).replace(b'"evidence": [', b'"evidence": [' + b"0," * 49_000), world, "")


def one_long_text() -> Made:
    world, school = _school()
    return Made(school.sign(school.badge(name="\u00e9\\" * 400_000)), world, school.id)


def token() -> Made:
    world, school = _school()
    return Made(secure_jwt(school.badge(evidence=_evidence(6_500)), school.signer), world, school.id)


def record() -> Made:
    """A transcript with as many badges as it may hold."""
    world, school = _school()
    badges = [json.loads(school.sign(school.badge(id=f"urn:b:{n}"))) for n in range(DEFAULT_LIMITS.nested_credentials)]
    document = {
        "@context": [VCDM, "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json", OPEN_BADGES],
        "id": "urn:uuid:00000000-0000-4000-8000-000000000000",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "x",
        "issuer": {"id": school.id, "type": ["Profile"], "name": "x"},
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"type": ["ClrSubject"], "id": "did:example:1", "verifiableCredential": badges[:200]},
    }
    return Made(school.sign(document), world, school.id)


def hostile_schema() -> Made:
    """Eight schemas of patterns, each of which keeps native code busy for half a minute if nobody ends it."""
    world = World()
    school = world.issuer("did:web:school.example")
    patterns = [{"pattern": rf"\p{{L}}{{20}}{number}"} for number in range(1_000)]
    world.publish("https://school.example/schema", {"allOf": patterns})
    entry = {"id": "https://school.example/schema", "type": "1EdTechJsonSchemaValidator2019"}
    document = school.badge(credentialSchema=[entry] * 8)
    document["@context"] = [*document["@context"], EXTENSIONS]
    return Made(school.sign(document), world, school.id)


def many_digests() -> Made:
    """1,500 digests, each to be compared with a file of 20 MB."""
    world, school = _school()
    pieces = [{"type": ["Evidence"], "digestSRI": sri(str(number).encode())} for number in range(1_500)]
    return Made(school.sign(school.badge(evidence=pieces)), world, school.id, (bytes(20_000_000),))


def large_png() -> Made:
    world, school = _school()
    image = picture_png().replace(
        chunk(b"IEND", b""), chunk(b"IDAT", zlib.compress(bytes(18_000_000), 0)) + chunk(b"IEND", b"")
    )
    return Made(png.bake(image, school.sign(school.badge())), world, school.id)


def large_svg() -> Made:
    world, school = _school()
    image = b'<svg xmlns="http://www.w3.org/2000/svg">' + b'<a b="c"/>' * 1_800_000 + b"</svg>"
    return Made(svg.bake(image, school.sign(school.badge())), world, school.id)


CASES: Mapping[str, Callable[[], Made]] = {
    case.__name__: case
    for case in (
        *(
            many_statements,
            look_alikes,
            alike_groups,
            wrong_proofs,
            wrong_proofs_inside,
            chained_proofs,
            selective_disclosure,
        ),
        *(
            many_endorsements,
            contexts_in_every_order,
            words_of_its_own,
            credentials_with_words,
            status_lists,
            lists_with_lists,
        ),
        *(many_faults, one_long_text, token, record, large_png, large_svg, hostile_schema, many_digests),
    )
}


def measure(name: str) -> dict[str, Any]:
    """One case, after a small badge has loaded all that is loaded once."""
    made = CASES[name]()
    contexts._ROOTS.clear()  # what making it has processed, a verifier has not
    world, school = _school()
    Verifier(world).verify(school.sign(school.badge()), TrustedIssuers(school.id), now=NOW)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    report = Verifier(made.world).verify(made.data, TrustedIssuers(made.trusted), now=NOW, evidence=made.evidence)
    seconds = time.process_time() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    problems = ", ".join(problem.code for problem in report.problems if problem.check != "policy")
    return {
        "bytes": len(made.data),
        "seconds": seconds,
        "megabytes": after / 1024,
        "more": (after - before) / 1024,
        "verdict": str(report.verdict),
        "problems": problems[:40],
        "report": len(json.dumps(report_to_json(report))),
    }


def show(console: Console) -> None:
    table = Table(
        title=f"Attacks within the limits, each in a process of its own (aim: {SECONDS:g} s)", title_justify="left"
    )
    for heading in ("", "input kB", "s", "peak MB", "report kB", "verdict"):
        table.add_column(heading, justify="right" if heading else "left")
    for name in CASES:
        # A process for each, since peak memory never goes down again.
        done = subprocess.run([sys.executable, "-m", "tests.benchmarks.attacks", name], capture_output=True, check=True)
        found = json.loads(done.stdout)
        table.add_row(
            name.replace("_", " "),
            f"{found['bytes'] / 1e3:,.0f}",
            f"{found['seconds']:.2f}",
            f"{found['megabytes']:,.0f}",
            f"{found['report'] / 1e3:,.0f}",
            f"{found['verdict']} {found['problems']}",
        )
    console.print(table)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1])))
    else:
        show(Console(width=130))
        Console(width=150).print(hold.table())
