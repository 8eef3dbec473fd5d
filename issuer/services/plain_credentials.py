"""Any credential of VCDM 2.0 or 1.1, signed as its issuer wrote it: for programs that bring their own.

The rules of Open Badges hold for Open Badges types only. What was signed is judged by the public verifier before it
leaves; it is not stored here, but the audit trail says what was signed, by whom and when.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from issuer.credentials.status_list import StatusPointer, entry
from issuer.errors import Fault, Forbidden, ServiceError
from issuer.services.access import Actor, note, require_scope
from issuer.signing import OwnOutputNotVerified, Signer, encode
from verifier import canonical, proofs
from verifier.checks.open_badge import open_badge_findings
from verifier.checks.reading import OPEN_BADGES_TYPES, is_vcdm_1, many, types
from verifier.checks.status_entries import status_entry_findings
from verifier.checks.structure import structure_findings
from verifier.checks.validity import date_findings
from verifier.errors import VerifierError
from verifier.fetch import Documents
from verifier.formats import datetimes, multikey
from verifier.policy import UnsafeAnyIssuer
from verifier.proofs.jwt import secure_jwt
from verifier.report import CheckId, Finding, Outcome, Severity
from verifier.resolvers import did_web_url
from verifier.verifier import Verifier

_DATA_INTEGRITY = ("https://w3id.org/security/data-integrity/v2", "https://w3id.org/security/data-integrity/v1")
_ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"
_VCDM_2 = "https://www.w3.org/ns/credentials/v2"
#: What has to hold of our own output. Dates and status may well say that it is of no use yet, or any more.
_MUST_HOLD = (CheckId.STRUCTURE, CheckId.SCHEMA, CheckId.ISSUER, CheckId.PROOF)


#: Of an API key that may sign anything in its organisation's name.
SCOPE = "credentials:issue"


class NotIssuable(ServiceError):
    """The credential cannot be issued. `faults` say where and why."""

    status = 400
    code = "not_issuable"


@dataclass(frozen=True, slots=True)
class SigningName:
    """In whose name is signed, with which key; `documents` are what a verifier would find under the name."""

    id: str
    signer: Signer
    public_multibase: str
    documents: Mapping[str, Mapping[str, Any] | bytes]


@dataclass(frozen=True, slots=True)
class Form:
    """How a credential is secured.

    Attributes:
        cryptosuite: "" for the usual one of the key.
        envelope: "" for an embedded proof; "JWT" as Open Badges 3.0 has it, "vc+jwt" as VC-JOSE-COSE has it.
        mandatory_pointers: for ecdsa-sd-2023.
        proof_members: further members of the proof, such as `domain`; `created` instead of now.
    """

    cryptosuite: str = ""
    envelope: Literal["", "JWT", "vc+jwt"] = ""
    mandatory_pointers: tuple[str, ...] = ()
    proof_members: Mapping[str, Any] = field(default_factory=dict)


def check(credential: Mapping[str, Any]) -> None:
    """Nothing, if the credential may be issued: shape, dates, and every word of it defined.

    Raises:
        NotIssuable: with every fault that was found.
    """
    findings = [finding for finding in _findings(credential) if finding.severity is Severity.ERROR]
    if findings:
        raise NotIssuable(
            findings[0].message,
            code=findings[0].code,
            faults=[Fault(finding.code, finding.message, finding.pointer) for finding in findings],
        )
    unsecured = {name: value for name, value in credential.items() if name != "proof"}
    try:
        canonical.quads(unsecured, inline_contexts_allowed=not _is_badge(credential))
    except VerifierError as error:
        raise _refused(error) from error


def _findings(credential: Mapping[str, Any]) -> Iterator[Finding]:
    yield from structure_findings(credential)
    yield from date_findings(credential)
    yield from status_entry_findings(credential)
    if _is_badge(credential):
        yield from open_badge_findings(credential)
    for place, proof in enumerate(many(credential.get("proof", {}))):
        if not isinstance(proof, Mapping):
            yield Finding("proof_malformed", "A proof is not an object.", pointer=f"/proof/{place}")
    if "proof" in credential and credential["proof"] is None:
        yield Finding("proof_malformed", "A proof is not an object.", pointer="/proof")


def _is_badge(credential: Mapping[str, Any]) -> bool:
    return bool(OPEN_BADGES_TYPES & {name for name in types(credential) if isinstance(name, str)})


def takes_status(credential: Mapping[str, Any]) -> bool:
    """Whether a status can be added: there is none yet, and the data model knows the kind that we keep."""
    return "credentialStatus" not in credential and not is_vcdm_1(credential)


def issue(
    session: Session,
    credential: Mapping[str, Any],
    name: SigningName,
    form: Form,
    status: StatusPointer | None,
    organisation_id: int | None,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """`credential` secured, its own members unchanged; enveloped ones as an EnvelopedVerifiableCredential.

    Args:
        credential: passed `check`.
        status: where its status stands, if we keep one.
        organisation_id: in whose audit trail the signing stands.

    Raises:
        Forbidden: `scope_missing`: an API key without `credentials:issue`, or of another organisation.
        NotIssuable: it cannot be secured in this form.
        OwnOutputNotVerified: what was signed does not verify; nothing is handed out.
        KeyUnavailable: the key cannot sign now.
    """
    require_scope(actor, SCOPE)
    if actor.by_key and (organisation_id is None or not actor.reaches(organisation_id)):
        raise Forbidden("This key signs in the name of its own organisation and of nobody else.")
    unsigned = dict(credential) if status is None else {**credential, "credentialStatus": entry(status)}
    try:
        data = _token(unsigned, name, form) if form.envelope else encode(_embedded(unsigned, name, form, now))
        _judge(data, name, form, now)
    except VerifierError as error:
        raise _refused(error) from error
    note(
        session,
        actor,
        organisation_id,
        "credential.sign",
        f"sha256:{hashlib.sha256(data).hexdigest()}",
        now,
        {"issuer": name.id, "verification_method": name.signer.verification_method, "status": bool(status)},
    )
    if not form.envelope:
        secured: dict[str, Any] = json.loads(data)
        return secured
    media_type = "application/vc+jwt" if form.envelope == "vc+jwt" else "application/jwt"
    return {
        "@context": _VCDM_2,
        "id": f"data:{media_type},{data.decode('ascii')}",
        "type": "EnvelopedVerifiableCredential",
    }


def _embedded(unsigned: Mapping[str, Any], name: SigningName, form: Form, now: datetime) -> dict[str, Any]:
    members = dict(form.proof_members)
    created = datetimes.parse(members.pop("created")) if "created" in members else now.replace(microsecond=0)
    secured = proofs.secure(
        with_proof_context(unsigned, form),
        name.signer,
        created,
        cryptosuite=form.cryptosuite or None,
        options=members,
        mandatory_pointers=form.mandatory_pointers,
        inline_contexts_allowed=not _is_badge(unsigned),
    )
    return single_proof(secured)


def single_proof(secured: Mapping[str, Any]) -> dict[str, Any]:
    """One proof stands as an object, because many readers expect no array."""
    proof = secured.get("proof")
    return {**secured, "proof": proof[0]} if isinstance(proof, list) and len(proof) == 1 else dict(secured)


def with_proof_context(unsigned: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """The document with the context that defines its proof: VCDM 1.1 does not have it, nor any the older suite."""
    if form.cryptosuite == "Ed25519Signature2020":
        wanted: tuple[str, ...] = (_ED25519_2020,)
    else:
        wanted = _DATA_INTEGRITY if is_vcdm_1(unsigned) else ()
    contexts = many(unsigned.get("@context"))
    if not wanted or any(context in wanted for context in contexts if isinstance(context, str)):
        return dict(unsigned)
    return {**unsigned, "@context": [*contexts, wanted[0]]}


def _token(unsigned: Mapping[str, Any], name: SigningName, form: Form) -> bytes:
    if "proof" in unsigned:
        raise VerifierError("proof_malformed", "A credential in an envelope has no proof of its own.", pointer="/proof")
    return secure_jwt(unsigned, name.signer, form=form.envelope or "JWT")


def _judge(data: bytes, name: SigningName, form: Form, now: datetime) -> None:
    """The public verifier on our own output, with the documents of the name alone."""
    if form.cryptosuite == "ecdsa-sd-2023":
        # A base proof is for the holder; the public verifier refuses it by design.
        document = json.loads(data)
        proof = many(document.pop("proof"))[-1]
        key = multikey.decode(name.public_multibase)
        proofs.verify_base(document, proof, key, inline_contexts_allowed=not _is_badge(document))
        return
    pages = {
        did_web_url(owner) if owner.startswith("did:web:") else owner: body if isinstance(body, bytes) else encode(body)
        for owner, body in name.documents.items()
    }
    report = Verifier(Documents(pages)).verify(data, UnsafeAnyIssuer(), now=now)
    for check_id in _MUST_HOLD:
        result = report.result(check_id)
        if (
            result is None
            or result.outcome is Outcome.FAILED
            or (check_id in (CheckId.ISSUER, CheckId.PROOF) and result.outcome is not Outcome.PASSED)
        ):
            code = result.code if result else "unreadable"
            message = result.message if result else report.problems[0].message
            if check_id is CheckId.SCHEMA:
                raise VerifierError(code, message)
            raise OwnOutputNotVerified(f"What was just signed does not verify: {message} [{code}]")


def _refused(error: VerifierError) -> NotIssuable:
    return NotIssuable(error.message, code=error.code, faults=[Fault(error.code, error.message, error.pointer)])
