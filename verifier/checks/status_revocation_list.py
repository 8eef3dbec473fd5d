"""1EdTechRevocationList (1EdTech Verifiable Credentials Revocation List 1.0): deprecated, and met in older badges.

The list is not signed. What it says is the issuer's word because the signed badge names its address: whoever hands the
list in instead of having it fetched vouches for where it came from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from verifier.checks import status_lists
from verifier.checks.reading import many
from verifier.checks.run import Run
from verifier.errors import CouldNotCheck, VerifierError
from verifier.formats import json_text


def read(run: Run, entry: Mapping[str, Any], pointer: str) -> tuple[str, Mapping[str, Any]]:
    """Whether the list names the credential.

    Raises:
        VerifierError: `revoked`, `status_malformed`, `status_list_malformed`.
        CouldNotCheck: `status_list_unavailable`, `status_list_unreadable`, `status_list_by_stranger`.
    """
    url = entry.get("id")
    if not isinstance(url, str):
        raise VerifierError(
            "status_malformed", "The status entry does not say where its list is.", pointer=f"{pointer}/id"
        )
    identifier = run.credential.document.get("id")
    if not isinstance(identifier, str):
        raise VerifierError(
            "status_malformed", "A credential without an id cannot be found on a list of ids.", pointer="/id"
        )
    body = status_lists.body_at(run, url)
    document = _list(run, body, url)
    if "issuer" in document and _id_of(document["issuer"]) != run.credential.issuer_id:
        raise CouldNotCheck(
            "status_list_by_stranger",
            "The list of revoked credentials was made by somebody else than the issuer, whom you did not name.",
            details={"url": url},
        )
    details = {"type": "1EdTechRevocationList", "url": url, "listSha256": hashlib.sha256(body).hexdigest()}
    for item in _entries(document):
        revoked = item.get("revoked", True) if isinstance(item, Mapping) else True
        # Anything but a clear no is a yes.
        if _id_of(item) == identifier and revoked is not False:
            reason = item.get("revocationReason") if isinstance(item, Mapping) else None
            raise VerifierError(
                "revoked",
                "The issuer has revoked this credential.",
                pointer=pointer,
                details=details | ({"reason": reason} if isinstance(reason, str) else {}),
            )
    return "The issuer has not revoked this credential.", details


def _list(run: Run, body: bytes, url: str) -> Mapping[str, Any]:
    try:
        return json_text.load_object(body, limits=run.limits, max_bytes=run.limits.status_list_bytes)
    except VerifierError as error:
        raise CouldNotCheck(
            "status_list_unreadable",
            "What the credential names as its list of revoked credentials cannot be read.",
            details={"url": url, "cause": error.code},
        ) from error


def _entries(document: Mapping[str, Any]) -> list[Any]:
    """Both spellings are met; a list that has neither says nothing about anybody."""
    names = [name for name in ("revokedCredential", "revokedCredentials") if name in document]
    if not names:
        raise VerifierError("status_list_malformed", "What the credential names as its status list is none.")
    return [item for name in names for item in many(document[name])]


def _id_of(value: Any) -> Any:
    return value.get("id") if isinstance(value, Mapping) else value
