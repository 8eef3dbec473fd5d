"""What is fuzzed: each target takes bytes and returns; `VerifierError` is an answer, anything else is a fault."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress

from tests.fuzz.bending import KEY, SCHOOL, WORLD, Choices, bent
from tests.simulator import ISSUED, NOW, RECIPIENT, TestSigner
from verifier import TrustedIssuers, Verifier, canonical, parsing, proofs
from verifier.checks.recipient import ExpectedRecipient
from verifier.errors import VerifierError
from verifier.fetch import check_url
from verifier.formats import (
    bitstring,
    datetimes,
    digests,
    identity_hash,
    json_text,
    jws,
    multibase,
    multikey,
    png,
    svg,
    uris,
)
from verifier.lint import lint, lint_to_json
from verifier.policy import AllOf, AnyOf, TrustedIssuer
from verifier.proofs import sd_values
from verifier.proofs.jwt import secure_jwt
from verifier.report import Report, report_to_json
from verifier.resolvers import did_web_url
from verifier.trust import read_registry

_THIEF = TestSigner("thief")
_TRUST = AllOf(
    AnyOf(
        TrustedIssuers(SCHOOL.id, KEY.id, "https://school.example/i"),
        TrustedIssuers(TrustedIssuer(SCHOOL.id, valid_from=ISSUED, achievements=frozenset({"urn:x"}))),
    )
)


def _only_refused(*functions: Callable[[], object]) -> None:
    for function in functions:
        with suppress(VerifierError):
            function()


def texts(data: bytes) -> None:
    """Formats of one short text."""
    text = data.decode("utf-8", "surrogateescape" if len(data) % 2 else "replace")
    _only_refused(
        lambda: datetimes.parse(text),
        lambda: multibase.decode(text),
        lambda: multikey.decode(text),
        lambda: uris.is_absolute(text),
        lambda: digests.matches(text, b"x"),
        lambda: identity_hash.matches(text, RECIPIENT, text),
        lambda: sd_values.read(text),
        lambda: jws.split(data),
        lambda: ExpectedRecipient.parse(text) if text.strip() else None,
        lambda: check_url(text),
        lambda: did_web_url(f"did:web:{text}"),
    )


def keys(data: bytes) -> None:
    """JWKs and verification methods."""

    def read() -> None:
        document = json_text.load_object(data)
        _only_refused(lambda: multikey.from_jwk(document), lambda: multikey.of_method(document))

    _only_refused(read)


def lists(data: bytes) -> None:
    """Bitstrings: as they stand in a list, and as a list that was packed well."""
    text = data.decode("latin-1")
    _only_refused(
        lambda: bitstring.get(bitstring.decode(text), len(data)),
        lambda: bitstring.get(bitstring.decode(text, multibase=False), len(data)),
        lambda: bitstring.get(bitstring.decode(bitstring.encode(data)), len(data), 1 + len(data) % 70),
    )


def selective(data: bytes) -> None:
    """CBOR of a selective disclosure proof, behind the headers that are read."""
    _only_refused(
        lambda: sd_values.read(multibase.encode_base64url(b"\xd9\x5d\x00" + data)),
        lambda: sd_values.read(multibase.encode_base64url(b"\xd9\x5d\x01" + data)),
    )


def images(data: bytes) -> None:
    """PNG and SVG, read and baked again."""
    _only_refused(
        lambda: png.extract(data),
        lambda: png.extract(png.SIGNATURE + data),
        lambda: png.bake(data, b"{}", replace=True),
        lambda: svg.extract(data),
        lambda: svg.bake(data, b"{}", replace=True),
    )


def raw(data: bytes) -> None:
    """Bytes as somebody hands them in."""
    _only_refused(lambda: parsing.parse(data))
    _check(Verifier(WORLD).verify(data, _TRUST, now=NOW, recipient=ExpectedRecipient(email=RECIPIENT)))
    _check(Verifier().verify(data, _TRUST, now=NOW))


def registries(data: bytes) -> None:
    """Trust registries, and a verification by what is in them."""

    def read() -> None:
        registry = read_registry(data, now=NOW)
        _check(Verifier().verify(_GOOD, registry.policy, now=NOW))

    _only_refused(read, lambda: read_registry(data, now=NOW, signers=(KEY.id,)))


def graph(data: bytes) -> None:
    """Bent documents to canonical form, with words of their own and without."""
    document = bent(Choices(data))
    _only_refused(
        lambda: canonical.canonicalize(document, inline_contexts_allowed=True),
        lambda: canonical.canonicalize(document, algorithm="sha384"),
    )


def unsigned(data: bytes) -> None:
    """Bent documents with the proofs that they had."""
    text = json.dumps(bent(Choices(data))).encode()
    raw(text)
    assert json.dumps(lint_to_json(lint(text, now=NOW, fetcher=WORLD)))


def signed(data: bytes) -> None:
    """Bent documents that their issuer has signed all the same, in each of four ways."""
    choices = Choices(data)
    way = choices.below(4)
    document = bent(choices)
    document.pop("proof", None)
    signer = KEY.signer if document.get("issuer") == KEY.id or choices.below(2) else SCHOOL.signer
    with suppress(VerifierError):
        if way == 0:
            text = secure_jwt(document, signer, form="JWT" if choices.below(2) else "vc+jwt")
        else:
            suite = ("eddsa-rdfc-2022", "eddsa-jcs-2022", "Ed25519Signature2020")[way - 1]
            made = proofs.secure(document, signer, ISSUED, cryptosuite=suite, inline_contexts_allowed=True)
            text = json.dumps(made).encode()
        raw(text)


def _check(report: Report) -> None:
    assert json.dumps(report_to_json(report))


_GOOD = KEY.sign(KEY.badge())

TARGETS: Mapping[str, Callable[[bytes], None]] = {
    function.__name__: function
    for function in (texts, keys, lists, selective, images, raw, registries, graph, unsigned, signed)
}


def seeds(name: str) -> list[bytes]:
    """What a target starts from."""
    if name in ("graph", "unsigned", "signed"):
        return [bytes([way, number, *range(number, number + 12)]) for way in range(4) for number in range(9)]
    good = [_GOOD, secure_jwt(KEY.badge(), KEY.signer)]
    return {
        "texts": [b"2026-01-01T00:00:00Z", KEY.signer.multibase.encode(), b"sha256-AAAA", b"sha256$00", *good[1:]],
        "keys": [json.dumps(multikey.to_jwk(KEY.signer.public)).encode()],
        "lists": [bitstring.encode(bitstring.empty()).encode(), bytes(64)],
        "selective": [b"\x85\x58\x40" + bytes(64) + b"\x58\x23\x80\x24" + bytes(33) + b"\x80\xa0\x80"],
        "images": [_svg(), _png(), png.bake(_png(), _GOOD), svg.bake(_svg(), _GOOD)],
        "raw": [*good, png.bake(_png(), _GOOD), svg.bake(_svg(), good[1])],
        "registries": [
            b'{"format":"badgewright-trust-registry","version":1,"name":"x","issuers":[{"id":"did:key:z"}]}',
            b'{"meta":{},"registry":{"did:key:z":{"name":"x"}}}',
        ],
    }[name]


def _svg() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def _png() -> bytes:
    from tests.build_assets import picture_png

    return picture_png()
