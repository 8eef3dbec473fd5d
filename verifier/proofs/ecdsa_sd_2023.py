"""ecdsa-sd-2023 (W3C Data Integrity ECDSA Cryptosuites 1.0, section 3.4): the holder chooses what to show.

The issuer makes a base proof, which signs every statement on its own with a key made for that proof and the mandatory
statements with the issuer's key. From it the holder derives a proof for any part of the document. Blank nodes are named
by an HMAC of their canonical names, so that the names give nothing away. Only derived proofs are for showing; a base
proof holds the key of that HMAC and is for the holder alone.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from verifier.canonical import Named, Naming, canonicalize, named
from verifier.errors import VerifierError
from verifier.formats import multibase, multikey
from verifier.formats.multikey import KeyKind, PublicKey
from verifier.proofs import signatures
from verifier.proofs.sd_values import BaseProof, DerivedProof, read
from verifier.proofs.selection import Selection
from verifier.proofs.suite import Reading, check_context, without

_NEVER_HIDDEN = ("issuer", "validFrom", "validUntil", "issuanceDate", "expirationDate", "credentialStatus")


class EcdsaSd2023:
    name = "ecdsa-sd-2023"
    kinds: ClassVar[frozenset[KeyKind]] = frozenset({"P-256"})

    def configure(self, document: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
        return {"type": "DataIntegrityProof", "cryptosuite": self.name, **options}

    def prove(
        self,
        document: Mapping[str, Any],
        proof_config: Mapping[str, Any],
        sign: Callable[[bytes], bytes],
        kind: KeyKind,
        reading: Reading,
        *,
        mandatory_pointers: Sequence[str] = (),
    ) -> str:
        """A base proof under which every derived one shows at least what `mandatory_pointers` choose.

        Who issued it, when it counts and where its status stands are always among that: a holder who could leave out
        the status could show a revoked credential as a good one.
        """
        if kind not in self.kinds:
            raise VerifierError(
                "key_type_mismatch", "A proof by ecdsa-sd-2023 needs a P-256 key.", details={"key": kind}
            )
        always = [f"/{name}" for name in _NEVER_HIDDEN if name in document]
        pointers = tuple(dict.fromkeys([*always, *mandatory_pointers]))
        hmac_key = secrets.token_bytes(32)
        whole = _Whole(document, hmac_key, reading)
        mandatory = whole.chosen(pointers)
        ephemeral = ec.generate_private_key(ec.SECP256R1())
        public = multikey.bytes_of(multikey.from_cryptography(ephemeral.public_key()))
        payload = _signing_input(document, proof_config, public, [whole.lines[n] for n in sorted(mandatory)], reading)
        rest = (line for number, line in enumerate(whole.lines) if number not in mandatory)
        return BaseProof(
            sign(payload), public, hmac_key, tuple(_sign(ephemeral, line) for line in rest), pointers
        ).write()

    def verify(self, document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, reading: Reading) -> None:
        value = read(proof["proofValue"])
        if not isinstance(value, DerivedProof):
            raise VerifierError(
                "proof_not_derived", "This proof is for the holder alone; a derived one has to be made from it."
            )
        found = _named(document, reading)
        names = {
            label: "_:" + multibase.encode_base64url(value.labels[int(canonical.removeprefix("_:c14n"))])
            for label, canonical in found.canonical.items()
            if int(canonical.removeprefix("_:c14n")) in value.labels
        }
        if len(names) != len(found.canonical) or len(value.labels) != len(names):
            raise _malformed("The proof does not name the parts of this document.")
        lines = found.lines(names)
        _verify(document, proof, key, reading, value, lines, frozenset(value.mandatory_indexes))

    def verify_base(
        self, document: Mapping[str, Any], proof: Mapping[str, Any], key: PublicKey, reading: Reading
    ) -> None:
        """For the issuer and the holder: nothing, if the base proof holds for the whole document."""
        value = read(proof["proofValue"])
        if not isinstance(value, BaseProof):
            raise _malformed("The proof is not a base proof.")
        whole = _Whole(document, value.hmac_key, reading)
        _verify(document, proof, key, reading, value, whole.lines, whole.chosen(value.mandatory_pointers))

    def derive(
        self, document: Mapping[str, Any], proof: Mapping[str, Any], pointers: Sequence[str], reading: Reading
    ) -> dict[str, Any]:
        """What `pointers` choose of `document`, and what the issuer made mandatory, with a proof of its own.

        Args:
            document: the whole, without proofs.
            proof: the base proof.

        Raises:
            VerifierError: `proof_malformed`, `pointer_malformed`, `pointer_leads_nowhere`, `selection_splits_list`,
                `nothing_selected`, and what `verifier.canonical` raises.
        """
        value = read(proof["proofValue"])
        if not isinstance(value, BaseProof):
            raise _malformed("Only a base proof can be derived from.")
        whole = _Whole(document, value.hmac_key, reading)
        mandatory = whole.chosen(value.mandatory_pointers)
        combined_pointers = [*value.mandatory_pointers, *pointers]
        if not combined_pointers:
            raise VerifierError("nothing_selected", "Nothing is chosen to be shown.")
        part = Selection(whole.document, combined_pointers)
        shown = whole.part(part)
        combined = sorted(whole.indexes(shown))
        unsigned = [number for number in range(len(whole.lines)) if number not in mandatory]
        if len(unsigned) != len(value.signatures):
            raise _malformed("The base proof does not belong to this document.")
        by_number = dict(zip(unsigned, value.signatures, strict=True))
        derived = DerivedProof(
            value.signature,
            value.public_key,
            tuple(by_number[number] for number in combined if number in by_number),
            {
                int(canonical.removeprefix("_:c14n")): multibase.decode(whole.names[label].removeprefix("_:"))
                for label, canonical in shown.canonical.items()
            },
            tuple(place for place, number in enumerate(combined) if number in mandatory),
        )
        return {**part.document, "proof": [{**without(proof, "proofValue"), "proofValue": derived.write()}]}


class _Whole:
    """A whole document with its statements under HMAC names, in the order that base proofs count them in."""

    def __init__(self, document: Mapping[str, Any], hmac_key: bytes, reading: Reading) -> None:
        # A copy in which no object occurs twice, because places are told apart by identity.
        self.document: dict[str, Any] = _copy(document)
        self._reading = reading
        self._named = _named(self.document, reading)
        self.names = {
            label: "_:"
            + multibase.encode_base64url(hmac.digest(hmac_key, canonical.removeprefix("_:").encode(), "sha256"))
            for label, canonical in self._named.canonical.items()
        }
        self.lines = self._named.lines(self.names)
        self._numbers = {line: number for number, line in enumerate(self.lines)}

    def part(self, selection: Selection) -> Named:
        """The statements of a part of this document, with the labels that they have here."""
        naming = Naming(self._named.labels, selection.origin)
        return _named(selection.document, self._reading, naming)

    def indexes(self, part: Named) -> frozenset[int]:
        found = {self._numbers.get(line) for line in part.lines(self.names)}
        numbers = frozenset(number for number in found if number is not None)
        if len(numbers) != len(found):
            raise VerifierError("selection_splits_list", "A list whose order counts can only be shown as a whole.")
        return numbers

    def chosen(self, pointers: Sequence[str]) -> frozenset[int]:
        return self.indexes(self.part(Selection(self.document, pointers))) if pointers else frozenset()


def _named(document: Mapping[str, Any], reading: Reading, naming: Naming | None = None) -> Named:
    allowed = reading.inline_contexts_allowed
    return named(document, naming=naming, limits=reading.limits, inline_contexts_allowed=allowed)


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copy(item) for name, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _signing_input(
    document: Mapping[str, Any],
    proof_config: Mapping[str, Any],
    public_key: bytes,
    mandatory: Sequence[str],
    reading: Reading,
) -> bytes:
    """What the issuer's key signs: hash of the proof configuration, the proof's own key, hash of what is mandatory."""
    check_context(document, proof_config)
    config = canonicalize(
        {**proof_config, "@context": document.get("@context")},
        limits=reading.limits,
        inline_contexts_allowed=reading.inline_contexts_allowed,
    )
    mandatory_hash = hashlib.sha256("".join(mandatory).encode()).digest()
    return hashlib.sha256(config.encode()).digest() + public_key + mandatory_hash


def _verify(
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
    key: PublicKey,
    reading: Reading,
    value: BaseProof | DerivedProof,
    lines: Sequence[str],
    mandatory: frozenset[int],
) -> None:
    if any(number >= len(lines) for number in mandatory):
        raise _malformed("The proof counts more statements than the document makes.")
    rest = [line for number, line in enumerate(lines) if number not in mandatory]
    if len(rest) != len(value.signatures):
        raise _malformed("The proof does not hold one signature for each statement.")
    config = without(proof, "proofValue")
    payload = _signing_input(document, config, value.public_key, [lines[n] for n in sorted(mandatory)], reading)
    signatures.check(key, payload, value.signature)
    own = multikey.decode(multibase.encode_base58(value.public_key))
    for line, signature in zip(rest, value.signatures, strict=True):
        signatures.check(own, line.encode(), signature)


def _sign(key: ec.EllipticCurvePrivateKey, line: str) -> bytes:
    r, s = decode_dss_signature(key.sign(line.encode(), ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def _malformed(message: str) -> VerifierError:
    return VerifierError("proof_malformed", message, pointer="/proofValue")
