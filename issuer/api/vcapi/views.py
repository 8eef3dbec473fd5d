"""The endpoints. Each reads its request, calls one function, and answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import structlog
from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from issuer.api.vcapi import choices, problem_types
from issuer.api.vcapi.answers import (
    MAX_BODY,
    Refused,
    answer,
    failed,
    member,
    options_of,
    problem,
    read_body,
    refusal,
    text_option,
)
from issuer.api.vcapi.authority import authority_for, issuer_of, require_key, revoker
from issuer.api.vcapi.identities import Identity
from issuer.db import unit_of_work
from issuer.errors import ServiceError
from issuer.outage import without_database
from issuer.runtime import Runtime
from issuer.services import plain_credentials, status
from verifier import PresentationRequest, Report, UnsafeAnyIssuer, proofs
from verifier.checks.presentations import is_presentation
from verifier.checks.reading import OPEN_BADGES_TYPES, many, types
from verifier.errors import VerifierError
from verifier.report import CheckId, CheckResult, Outcome, report_to_json

EXTENSION = "badgewright_vc_api_identities"
#: Said with every answer, because "verified" is easily taken for more.
POLICY = {
    "name": "UnsafeAnyIssuer",
    "detail": "Authenticity only: any issuer was accepted. Whether to trust this one is for you to judge.",
}


def _runtime() -> Runtime:
    return cast(Runtime, current_app.extensions["badgewright"])


def _identities() -> Sequence[Identity]:
    return cast("Sequence[Identity]", current_app.extensions[EXTENSION])


def blueprint(*, issuing: bool) -> Blueprint:
    """The endpoints; those that sign only if `issuing`."""
    made = Blueprint("vc_api", __name__, url_prefix="/vc-api")
    made.post("/credentials/verify")(verify_credential)
    made.post("/presentations/verify")(verify_presentation)
    if issuing:
        made.post("/credentials/issue")(issue_credential)
        made.post("/credentials/derive")(derive_credential)
        made.post("/credentials/status")(update_status)
    made.register_error_handler(Refused, refusal)
    made.register_error_handler(ServiceError, _service)
    made.register_error_handler(RequestEntityTooLarge, _too_large)
    made.register_error_handler(HTTPException, _http)
    made.register_error_handler(Exception, _fault)
    return made


def verify_credential() -> Response:
    """Also with `options.challenge`, `domain` and `expectedProofPurpose`, which the proof must then meet."""
    body = read_body()
    document, options = member(body, "verifiableCredential"), options_of(body)
    if is_presentation(document) or "EnvelopedVerifiablePresentation" in types(document):
        raise Refused(
            "credential_expected", "This is a presentation, not a credential.", pointer="/verifiableCredential"
        )
    _meets(document, options)
    report = _runtime().verifier.verify(_bytes(document), UnsafeAnyIssuer(), now=_runtime().clock())
    if report.credential is not None and is_presentation(report.credential):
        raise Refused(
            "credential_expected", "This is a presentation, not a credential.", pointer="/verifiableCredential"
        )
    return _outcome(report, "verifiableCredential", document)


def verify_presentation() -> Response:
    """`verified` is about the proofs, as the protocol has it; that somebody else shows the credentials is a warning.

    The VC API knows no question of who the holder is, and most of its callers use presentations only to prove control
    of a key.
    """
    body = read_body()
    document, options = member(body, "verifiablePresentation"), options_of(body)
    asked = PresentationRequest(text_option(options, "challenge"), text_option(options, "domain"), extensions=True)
    report = _runtime().verifier.verify(_bytes(document), UnsafeAnyIssuer(), now=_runtime().clock(), request=asked)
    return _outcome(report, "verifiablePresentation", document)


def issue_credential() -> Response:
    """Signs in the name of `credential.issuer`, which the caller has to be allowed."""
    body = read_body()
    credential, chosen = member(body, "credential"), choices.read(options_of(body))
    runtime = _runtime()
    plain_credentials.check(credential)
    with unit_of_work(runtime.sessions) as session:
        authority = authority_for(
            session, runtime, request.headers, _identities(), issuer_of(credential), chosen.form, chosen.curve
        )
        owner, now = authority.organisation, runtime.clock()
        possible = owner is not None and plain_credentials.takes_status(credential)
        if chosen.status == "revocation" and not possible:
            raise Refused("status_not_available", "No status can be kept for this.", pointer="/options/status")
        kept = None
        if owner is not None and possible and chosen.status != "none":
            kept = status.allocate(session, runtime.keyring, runtime.addresses, owner, now)
        secured = plain_credentials.issue(
            session,
            credential,
            authority.name,
            chosen.form,
            status.pointer(runtime.addresses, kept) if kept else None,
            owner.id if owner else None,
            authority.actor,
            now,
        )
    return answer({"verifiableCredential": secured}, 201)


def derive_credential() -> Response:
    """What a holder shows: the mandatory parts and those that `options.selectivePointers` choose."""
    body = read_body()
    document, pointers = member(body, "verifiableCredential"), choices.pointers_of(options_of(body))
    runtime = _runtime()
    with unit_of_work(runtime.sessions) as session:
        require_key(session, runtime, request.headers, _identities())
    is_badge = bool(OPEN_BADGES_TYPES & {name for name in types(document) if isinstance(name, str)})
    try:
        derived = proofs.derive(document, pointers, inline_contexts_allowed=not is_badge)
    except VerifierError as error:
        raise Refused(
            error.code, error.message, pointer=error.pointer, problem_type=problem_types.GENERATION
        ) from error
    return answer({"verifiableCredential": plain_credentials.single_proof(derived)}, 201)


def update_status() -> Response:
    """Revokes what was issued here: the bit at `credentialStatus` is set, for good, and its list is signed anew."""
    body = read_body()
    entry, reason = member(body, "credentialStatus"), body.get("reason", "Revoked through the VC API.")
    if body.get("status", True) not in (True, "1") or entry.get("statusPurpose", "revocation") != "revocation":
        raise Refused("option_malformed", "A credential can be revoked, for good, and nothing else.", pointer="/status")
    runtime = _runtime()
    number = str(entry.get("statusListCredential", "")).removeprefix(runtime.addresses.status_list(""))
    index = entry.get("statusListIndex")
    if not isinstance(reason, str) or not (isinstance(index, str) and index.isascii() and index.isdigit()):
        raise Refused(
            "status_malformed",
            "Say which place in which list is meant, as the credential does.",
            pointer="/credentialStatus",
        )
    with unit_of_work(runtime.sessions) as session:
        actor = revoker(session, runtime, request.headers)
        status.revoke_entry(
            session,
            runtime.keyring,
            runtime.verifier_for_own_output,
            runtime.addresses,
            number,
            int(index[:12]),
            reason,
            actor,
            runtime.clock(),
        )
    return answer({"revoked": True}, 200)


def _bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _meets(document: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    """What the caller expects of the proof beyond its being good (Data Integrity 1.0, section 4.4)."""
    purpose = text_option(options, "expectedProofPurpose")
    if purpose not in ("", "assertionMethod"):
        raise Refused("proof_purpose", "A credential is signed for assertion.", pointer="/options/expectedProofPurpose")
    challenge, domain = text_option(options, "challenge"), text_option(options, "domain")
    for proof in many(document.get("proof")):
        if not isinstance(proof, Mapping):
            continue  # said by the verifier
        if challenge and proof.get("challenge") != challenge:
            raise Refused("challenge_mismatch", "The proof was not made in answer to your question.", pointer="/proof")
        if domain and domain not in many(proof.get("domain")):
            raise Refused("domain_mismatch", "The proof was made for somebody else.", pointer="/proof")


def _outcome(report: Report, name: str, document: Mapping[str, Any]) -> Response:
    shape = report_to_json(report)
    further: dict[str, Any] = {"policy": POLICY, "report": shape}
    if report.is_presentation:
        further["holder"] = shape["holder"]
    good = report.authentic if report.is_presentation else report.verified
    if not good:
        return failed([_problem(result) for result in report.problems], further=further)
    # In front of all others: who shows the credentials is not who they are about.
    warnings = [_problem(result) for result in report.problems if result.check is CheckId.HOLDER]
    warnings += [
        problem(problem_types.of(finding.code, result.check), finding.code, finding.message, finding.pointer)
        for result in report.results
        for finding in result.findings
        if result.check is not CheckId.POLICY
    ]
    checks = [str(result.check) for result in report.results if result.outcome is Outcome.PASSED]
    found = {"verified": True, name: document, "checks": checks, "warnings": warnings, "problemDetails": []}
    return answer(found | further, 200)


def _problem(result: CheckResult) -> dict[str, Any]:
    pointer = str(result.details.get("pointer", ""))
    found = problem(problem_types.of(result.code, result.check), result.code, result.message, pointer)
    return found | {"check": str(result.check), "outcome": str(result.outcome)}


def _service(error: ServiceError) -> Response:
    """A refusal by a service. Where the key is not at hand, nothing is wrong with the request."""
    kind = problem_types.of(error.code)
    first = problem(kind, error.code, error.message)
    rest = [problem(problem_types.of(f.code), f.code, f.message, f.pointer) for f in error.faults]
    answer = failed(rest or [first], error.status if error.status in (401, 403, 408, 413, 503, 507) else 400)
    if error.retry_after:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _too_large(_error: RequestEntityTooLarge) -> Response:
    return failed([problem(problem_types.of("too_large"), "too_large", f"At most {MAX_BODY} bytes are read.")], 413)


def _http(error: HTTPException) -> Response:
    status_code = error.code or 400
    code = {404: "not_found", 405: "method_not_allowed", 429: "too_many_requests"}.get(status_code, "bad_request")
    response = failed([problem(problem_types.of(code), code, error.description or "")], status_code)
    for header, value in error.get_headers(request.environ):
        if header.lower() in ("allow", "retry-after"):
            response.headers[header] = value
    return response


def _fault(error: Exception) -> Response:
    if found := without_database(error):
        structlog.get_logger("badgewright.vc_api").warning(found.code, endpoint=request.endpoint)
        return _service(found)
    if current_app.testing:
        raise error
    structlog.get_logger("badgewright.vc_api").error("request_failed", endpoint=request.endpoint, exc_info=error)
    message = "Something went wrong on our side. It has been noted. Please check before you try again."
    return failed([problem(problem_types.of("internal_error"), "internal_error", message)], 500)
