"""`badgewright trust`: making, signing and looking at trust registries."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import click
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from verifier.errors import VerifierError
from verifier.formats import json_text, multikey
from verifier.trust import read_registry, sign_registry

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class _RegistryKey:
    """A key in a PEM file, as a signer whose verification method is its did:key."""

    algorithm = "Ed25519"

    def __init__(self, private: ed25519.Ed25519PrivateKey) -> None:
        self._private = private
        text = multikey.encode(multikey.from_cryptography(private.public_key()))
        self.did = f"did:key:{text}"
        self.verification_method = f"{self.did}#{text}"

    def sign(self, payload: bytes) -> bytes:
        return self._private.sign(payload)

    @classmethod
    def load(cls, path: Path) -> _RegistryKey:
        try:
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError) as error:
            raise click.BadParameter(f"{path} is not an unencrypted private key in PEM form.") from error
        if not isinstance(private, ed25519.Ed25519PrivateKey):
            raise click.BadParameter(f"{path} is a key of another kind; Ed25519 is needed.")
        return cls(private)


@click.group()
def trust() -> None:
    """Make, sign and look at trust registries: the lists of issuers that somebody recognises."""


@trust.command()
@click.argument("path", metavar="KEYFILE", type=click.Path(path_type=Path))
def keygen(path: Path) -> None:
    """Make a key for signing registries and print its DID. The file is readable by you alone."""
    private = ed25519.Ed25519PrivateKey.generate()
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        # Created with its final rights, and never over a key that is there already.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}.", param_hint="KEYFILE") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
    click.echo(_RegistryKey(private).did)


@trust.command()
@click.argument("registry", type=_FILE)
@click.option("--key", type=_FILE, required=True, help="The key file made by `badgewright trust keygen`.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to write it; standard output by default.")
def sign(registry: Path, key: Path, out: Path | None) -> None:
    """Sign REGISTRY, after making sure that it can be read."""
    now = datetime.now(UTC).replace(microsecond=0)
    signer = _RegistryKey.load(key)
    try:
        data = registry.read_bytes()
        read_registry(data, now=now)
        signed = sign_registry(json_text.load_object(data), signer, now)
    except VerifierError as error:
        raise click.BadParameter(f"{registry}: {error}", param_hint="REGISTRY") from error
    text = json.dumps(signed, indent=2, ensure_ascii=False) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        click.echo(f"Signed by {signer.did}.", err=True)


@trust.command()
@click.argument("registry", type=_FILE)
@click.option("--trust-signer", "signers", multiple=True, metavar="DID", help="It must be signed by one of these.")
def show(registry: Path, signers: tuple[str, ...]) -> None:
    """Say what REGISTRY is: its name, format, digest, signer and how many issuers it names."""
    try:
        found = read_registry(registry.read_bytes(), now=datetime.now(UTC), signers=signers)
    except VerifierError as error:
        raise click.BadParameter(f"{registry}: {error}", param_hint="REGISTRY") from error
    for label, value in (
        ("name", found.name),
        ("format", found.format),
        ("revision", found.revision),
        ("updated", found.updated),
        ("sha256", found.sha256),
        ("signed by", found.signed_by or "not asked for"),
        ("issuers", str(len(found.policy))),
    ):
        click.echo(f"{label + ':':<11} {''.join(c if c.isprintable() else '�' for c in value)}")
