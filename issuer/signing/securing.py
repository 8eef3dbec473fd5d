"""From an unsigned document to signed bytes, and the proof that they verify before anybody stores them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from issuer.errors import ServiceError
from issuer.signing.signer import Signer
from verifier import proofs
from verifier.errors import NotVerified, VerifierError
from verifier.fetch import Documents
from verifier.limits import DEFAULT_LIMITS, Limits
from verifier.policy import TrustedIssuers
from verifier.report import CheckId, Outcome, Report
from verifier.resolvers.web import did_web_url
from verifier.verifier import Verifier


class OwnOutputNotVerified(ServiceError):
    """What was just signed does not pass the public verifier, so it is not stored. `details` say why."""

    status = 500
    code = "own_output_not_verified"


def encode(document: Mapping[str, Any]) -> bytes:
    """JSON as it is stored and served: UTF-8, no spaces, members in the order in which they were built."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def secure(unsigned: Mapping[str, Any], signer: Signer, now: datetime) -> dict[str, Any]:
    """`unsigned` with a Data Integrity proof by `signer` (eddsa-rdfc-2022), as an array of one.

    Raises:
        VerifierError: the document cannot be canonicalized (an undefined term, a relative id).
        KeyUnavailable: the key cannot sign now.
    """
    return proofs.secure(unsigned, signer, now)


class OwnOutput:
    """Judges our own output as any stranger would: the public verifier, our DID document, nothing else.

    No address is fetched; the verifier sees only the documents handed in with what is judged.
    """

    def __init__(self, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits

    def require(self, data: bytes, documents: Mapping[str, bytes], issuer: str, now: datetime) -> Report:
        """The report on `data`, which must be verified and issued by `issuer`.

        Args:
            documents: what the verifier may fetch, by URL or by did:web.

        Raises:
            OwnOutputNotVerified: with the code and sentence of the gravest problem.
        """
        try:
            return self._verifier(documents).require(data, TrustedIssuers(issuer), now=now)
        except NotVerified as error:
            raise _refused(error.code, error.message) from error

    def require_revoked(self, data: bytes, documents: Mapping[str, bytes], issuer: str, now: datetime) -> Report:
        """The report on `data`, in which the status check must say that it was revoked and every other be content.

        Raises:
            OwnOutputNotVerified: it is not seen as revoked, or something else is wrong as well.
        """
        report = self._verifier(documents).verify(data, TrustedIssuers(issuer), now=now)
        status = report.result(CheckId.STATUS)
        if status is None or status.outcome is not Outcome.FAILED or status.code != "revoked":
            raise _refused(status.code if status else "", status.message if status else "Its status was not looked at.")
        # A credential may be revoked when its time is over: of validity only the other checks are asked.
        wrong = [r for r in report.problems if r.check not in (CheckId.STATUS, CheckId.VALIDITY)]
        if wrong:
            raise _refused(wrong[0].code, wrong[0].message)
        return report

    def _verifier(self, documents: Mapping[str, bytes]) -> Verifier:
        addresses = {
            did_web_url(name) if name.startswith("did:web:") else name: body for name, body in documents.items()
        }
        return Verifier(Documents(addresses), limits=self._limits)


def secure_and_self_verify(
    unsigned: Mapping[str, Any], signer: Signer, own_output: OwnOutput, documents: Mapping[str, bytes], now: datetime
) -> bytes:
    """Sign `unsigned`, judge the result with the public verifier, and return its bytes.

    Raises:
        OwnOutputNotVerified: it cannot be canonicalized or did not verify; nothing is to be stored.
        KeyUnavailable: the key cannot sign now.
    """
    try:
        data = encode(secure(unsigned, signer, now))
    except VerifierError as error:
        raise _refused(error.code, error.message) from error
    issuer = unsigned["issuer"]
    own_output.require(data, documents, issuer if isinstance(issuer, str) else issuer["id"], now)
    return data


def _refused(code: str, message: str) -> OwnOutputNotVerified:
    return OwnOutputNotVerified(
        f"What was just signed does not verify, so nothing was stored: {message} [{code}]", details={"cause": code}
    )
