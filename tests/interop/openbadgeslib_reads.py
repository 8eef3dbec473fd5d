"""Run by openbadgeslib's own Python: verifies what `badgewright demo` left in a folder; prints the answers as JSON.

Whom a badge is for is not asked: openbadgeslib 4.6.3 looks at credentialSubject.id alone and knows no hashed address.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from openbadgeslib.ob3.did import pem_for_kid  # type: ignore[import-not-found]  # installed where this runs, not here
from openbadgeslib.ob3.ldp import OB3LdpVerifier, verify_data_integrity_proof  # type: ignore[import-not-found]
from openbadgeslib.ob3.verifier import OB3VerificationError, OB3Verifier  # type: ignore[import-not-found]


def main(folder: Path) -> None:
    badge = (folder / "badge.json").read_bytes()
    status_list = (folder / "status-list.json").read_bytes()
    did_document = json.loads((folder / "did.json").read_bytes())
    did = did_document["id"]
    documents = {
        "https://" + did.removeprefix("did:web:").replace(":", "/") + "/did.json": (folder / "did.json").read_bytes(),
        json.loads(badge)["credentialStatus"]["statusListCredential"]: status_list,
    }

    def verify(data: bytes) -> str:
        verifier = OB3LdpVerifier.for_issuer_did(did, documents.__getitem__)
        try:
            verifier.verify(
                data,
                check_status=True,
                download=documents.__getitem__,
                # It knows status lists in JWTs only: the bits are read here, the list's own proof is checked below.
                verify_status_list=False,
            )
        except OB3VerificationError as error:
            return f"refused: {error}"
        return "verified"

    listed = json.loads(status_list)
    key = pem_for_kid(did_document, did, listed["proof"][0]["verificationMethod"])
    verify_data_integrity_proof(listed, key)
    result = {
        "json": verify(badge),
        "png": verify(OB3Verifier.extract_token_from_png((folder / "badge.png").read_bytes()).encode()),
        "svg": verify(OB3Verifier.extract_token_from_svg((folder / "badge.svg").read_bytes()).encode()),
        "changed": verify(badge.replace(b"Maple County", b"Maple Countz")),
        "list": "verified",
    }
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
