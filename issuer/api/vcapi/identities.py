"""Signing identities that the operator configures beside the organisations, did:key ones included.

They are for test suites and for programs that sign in a name that is no organisation's here. The file is JSON:

    {"identities": [{
        "secretKeyMultibase": "z42t…",           the key (W3C Controlled Identifiers, section 2.2.2)
        "id": "did:web:example.org",             left out: the did:key of the key
        "verificationMethod": "did:web:…#key-1", left out: the id with the public key as its fragment
        "access": "open"                         anybody who reaches this server may sign with it,
        "tokenSha256": "9f86d0…",                or only who sends a token with this SHA-256 (hex); one of the two
        "organisation": "lakeside"               whose status lists serve it; left out: no status
    }]}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from issuer.config import ConfigError
from issuer.signing import Algorithm, Signer
from issuer.signing.local import LocalSigner, PrivateKey
from verifier.errors import VerifierError
from verifier.formats import json_text, multikey, uris

_MEMBERS = frozenset({"secretKeyMultibase", "id", "verificationMethod", "access", "tokenSha256", "organisation"})
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CURVES: Mapping[str, ec.EllipticCurve] = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}


@dataclass(frozen=True, slots=True)
class Identity:
    """One name to sign in. `token_sha256` is "" for an identity that is open to anybody.

    `document` is the controller document with this key, for judging our own output.
    """

    id: str
    signer: Signer
    public_multibase: str
    document: Mapping[str, Any]
    token_sha256: str = ""
    organisation: str = ""

    @property
    def open(self) -> bool:
        return not self.token_sha256


def load(path: Path) -> tuple[Identity, ...]:
    """The identities in the file.

    Raises:
        ConfigError: with a sentence that names the file and the entry.
    """
    try:
        content = json_text.load_object(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"BADGEWRIGHT_VC_API_IDENTITIES names {path}, which cannot be read.") from error
    except VerifierError as error:
        raise ConfigError(f"{path}: {error.message}") from error
    entries = content.get("identities")
    if not isinstance(entries, list):
        raise ConfigError(f"{path} needs a list called identities.")
    return tuple(_identity(entry, f"{path}, identity {number}") for number, entry in enumerate(entries, 1))


def _identity(entry: Any, place: str) -> Identity:
    if not isinstance(entry, Mapping) or not all(isinstance(value, str) for value in entry.values()):
        raise ConfigError(f"{place}: an identity is an object of texts.")
    unknown = sorted(entry.keys() - _MEMBERS)
    if unknown:
        raise ConfigError(f"{place}: there is no member {unknown[0]}.")
    private, algorithm = _private(entry.get("secretKeyMultibase", ""), place)
    public = multikey.encode(multikey.from_cryptography(private.public_key()))
    own = f"did:key:{public}"
    identifier = entry.get("id", own)
    if not uris.is_absolute(identifier) or (identifier.startswith("did:key:") and identifier != own):
        raise ConfigError(f"{place}: the id does not belong to the key.")
    method = entry.get("verificationMethod", f"{identifier}#{public}")
    access, token = entry.get("access", ""), entry.get("tokenSha256", "")
    if (access == "open") == bool(_SHA256.fullmatch(token)) or access not in ("", "open"):
        raise ConfigError(f'{place}: say either "access": "open" or the tokenSha256 (64 hex digits) of a token.')
    key = {"id": method, "type": "Multikey", "controller": identifier, "publicKeyMultibase": public}
    return Identity(
        identifier,
        LocalSigner(method, algorithm, private),
        public,
        {"id": identifier, "verificationMethod": [key], "assertionMethod": [method]},
        token,
        entry.get("organisation", ""),
    )


def _private(text: str, place: str) -> tuple[PrivateKey, Algorithm]:
    try:
        kind, raw = multikey.decode_secret(text)
        if kind == "Ed25519":
            return Ed25519PrivateKey.from_private_bytes(raw), Algorithm.ED25519
        return ec.derive_private_key(int.from_bytes(raw), _CURVES[kind]), Algorithm(kind)
    except (VerifierError, ValueError) as error:
        # The text of the error could hold parts of the key.
        raise ConfigError(f"{place}: secretKeyMultibase is not a secret key.") from error.with_traceback(None)
