"""Who may sign in which name: an organisation with its API key, or an identity of the operator."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import Headers

from issuer.api.authentication import bearer
from issuer.api.vcapi.answers import Refused
from issuer.api.vcapi.identities import Identity
from issuer.errors import ServiceError
from issuer.models import Organisation
from issuer.queries import credentials as queries
from issuer.runtime import Runtime
from issuer.services import api_keys, status
from issuer.services.access import Actor
from issuer.services.keys import active_key
from issuer.services.plain_credentials import SCOPE, Form, SigningName
from issuer.signing import Signer
from verifier import proofs
from verifier.errors import VerifierError

#: Of one that may revoke what its organisation keeps the status of.
REVOKE = "credentials:revoke"


@dataclass(frozen=True, slots=True)
class Authority:
    """Who asks, and the name in which is signed. `organisation`: whose status lists serve it, if any."""

    actor: Actor
    name: SigningName
    organisation: Organisation | None


def issuer_of(credential: Mapping[str, Any]) -> str:
    """`issuer` itself if it is a string, else its `id`; "" if it is neither: the credential is refused elsewhere."""
    issuer = credential.get("issuer")
    issuer = issuer.get("id") if isinstance(issuer, Mapping) else issuer
    return issuer if isinstance(issuer, str) else ""


def require_key(session: Session, runtime: Runtime, headers: Headers, identities: Sequence[Identity]) -> None:
    """For derivation: anybody who may issue anything here.

    Raises:
        Refused: `api_key_needed` (401), `scope_missing` (403).
    """
    token = bearer(headers)
    if any(_may_use(identity, token) for identity in identities):
        return
    _organisation(session, runtime, token)


def revoker(session: Session, runtime: Runtime, headers: Headers) -> Actor:
    """The organisation whose key may revoke. Raises: Refused: `api_key_needed` (401), `scope_missing` (403)."""
    return _organisation(session, runtime, bearer(headers), REVOKE)[1]


def authority_for(
    session: Session,
    runtime: Runtime,
    headers: Headers,
    identities: Sequence[Identity],
    issuer: str,
    form: Form,
    curve: str,
) -> Authority:
    """The name `issuer`, if the caller may sign in it, with a key that fits.

    Raises:
        Refused: `api_key_needed` (401), `scope_missing` (403), `issuer_not_yours`, `key_does_not_fit`.
    """
    token = bearer(headers)
    named = [identity for identity in identities if identity.id == issuer]
    usable = [identity for identity in named if _may_use(identity, token)]
    if usable:
        fitting = [identity for identity in usable if _fits(identity.signer, form, curve)]
        if not fitting:
            raise _does_not_fit()
        chosen = fitting[0]
        owner = queries.organisation_by_slug(session, chosen.organisation) if chosen.organisation else None
        actor = Actor.job("VC API identity")
        name = SigningName(chosen.id, chosen.signer, chosen.public_multibase, {chosen.id: chosen.document})
        return Authority(actor, name, owner)
    organisation, actor = _organisation(session, runtime, token)
    did = runtime.addresses.organisation_did(organisation.slug)
    if issuer != did:
        raise Refused(
            "issuer_not_yours", f"This key signs in the name of {did} and of nobody else.", pointer="/credential/issuer"
        )
    try:
        key = active_key(session, organisation.id)
        signer = runtime.keyring.signer(key, runtime.addresses.verification_method(did, key.public_multibase))
    except ServiceError as error:
        raise Refused(error.code, error.message) from error
    if not _fits(signer, form, curve):
        raise _does_not_fit()
    documents = status.verifiable_documents(session, runtime.addresses, organisation)
    return Authority(actor, SigningName(did, signer, key.public_multibase, documents), organisation)


def _may_use(identity: Identity, token: str) -> bool:
    if identity.open:
        return True
    found = hashlib.sha256(token.encode()).hexdigest()
    return bool(token) and hmac.compare_digest(found, identity.token_sha256)


def _organisation(session: Session, runtime: Runtime, token: str, scope: str = SCOPE) -> tuple[Organisation, Actor]:
    key = (
        api_keys.authenticate(session, token, runtime.clock(), address=request.remote_addr) if token.isascii() else None
    )
    if key is None:
        raise Refused(
            "api_key_needed", "Send an API key of your organisation: Authorization: Bearer bw_...", status=401
        )
    if scope not in {str(each) for each in key.scopes}:
        raise Refused("scope_missing", f"This key may not do that: it lacks the scope {scope}.", status=403)
    organisation = session.get(Organisation, key.organisation_id)
    if organisation is None:
        raise RuntimeError("a key without an organisation")
    return organisation, api_keys.actor_of(key)


def _fits(signer: Signer, form: Form, curve: str) -> bool:
    if curve and str(signer.algorithm) != curve:
        return False
    if not form.cryptosuite:
        return True
    try:
        return str(signer.algorithm) in proofs.SUITES[form.cryptosuite].kinds
    except (KeyError, VerifierError):
        return False


def _does_not_fit() -> Refused:
    return Refused("key_does_not_fit", "No key in this name fits the options.", pointer="/options")
