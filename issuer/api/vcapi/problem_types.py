"""Our codes as the problem types of the specifications (VCDM 2.0, section 7.1; Data Integrity 1.0, section 4.7;
Bitstring Status List 1.0, section 3.5)."""

from __future__ import annotations

from collections.abc import Mapping

from verifier.report import CheckId

_VCDM = "https://www.w3.org/TR/vc-data-model#"
_SECURITY = "https://w3id.org/security#"
_STATUS = "https://www.w3.org/ns/credentials/status-list#"

_BY_CODE: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "not_json",
            "not_utf8",
            "not_an_object",
            "duplicate_key",
            "lone_surrogate",
            "too_deep",
            "too_large",
            "too_many_values",
            "empty",
            "unknown_format",
            "jws_malformed",
        ),
        _VCDM + "PARSING_ERROR",
    ),
    **dict.fromkeys(
        ("expired", "not_yet_valid", "validity_reversed", "jwt_expired", "jwt_not_yet_valid"), _VCDM + "RANGE_ERROR"
    ),
    "challenge_mismatch": _SECURITY + "INVALID_CHALLENGE_ERROR",
    "domain_mismatch": _SECURITY + "INVALID_DOMAIN_ERROR",
    "proof_missing": _SECURITY + "PROOF_VERIFICATION_ERROR",
    "proof_malformed": _SECURITY + "PROOF_VERIFICATION_ERROR",
    "undefined_term": _SECURITY + "PROOF_TRANSFORMATION_ERROR",
    "relative_type": _SECURITY + "PROOF_TRANSFORMATION_ERROR",
    "status_list_unavailable": _STATUS + "STATUS_RETRIEVAL_ERROR",
    "status_list_not_verified": _STATUS + "STATUS_VERIFICATION_ERROR",
    "status_list_not_checked": _STATUS + "STATUS_VERIFICATION_ERROR",
    "status_list_expired": _STATUS + "STATUS_VERIFICATION_ERROR",
    "status_list_by_stranger": _STATUS + "STATUS_VERIFICATION_ERROR",
    "status_list_about_another": _STATUS + "STATUS_VERIFICATION_ERROR",
    "status_list_wrong_purpose": _STATUS + "STATUS_VERIFICATION_ERROR",
    "status_list_too_short": _STATUS + "STATUS_LIST_LENGTH_ERROR",
    "status_index_out_of_range": _STATUS + "RANGE_ERROR",
    "status_malformed": _STATUS + "MALFORMED_VALUE_ERROR",
    "status_list_malformed": _STATUS + "MALFORMED_VALUE_ERROR",
    "revoked": _STATUS + "STATUS_VERIFICATION_ERROR",
    "suspended": _STATUS + "STATUS_VERIFICATION_ERROR",
}
_BY_CHECK: Mapping[CheckId, str] = {
    CheckId.ISSUER: _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR",
    CheckId.PROOF: _SECURITY + "PROOF_VERIFICATION_ERROR",
    CheckId.STATUS: _STATUS + "STATUS_VERIFICATION_ERROR",
    CheckId.CONTENTS: _VCDM + "CRYPTOGRAPHIC_SECURITY_ERROR",
}
GENERATION = _SECURITY + "PROOF_GENERATION_ERROR"


def of(code: str, check: CheckId | None = None) -> str:
    """The problem type of `code`, found by `check`; a malformed value where nothing more is known."""
    found = _BY_CODE.get(code)
    if found is None and check is not None:
        found = _BY_CHECK.get(check)
    return found or _VCDM + "MALFORMED_VALUE_ERROR"
