"""Whether the credential is about the person the caller has in mind (Open Badges 3.0, section 8.5 on recipients)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from verifier.checks.reading import many
from verifier.formats import identity_hash
from verifier.report import CheckId, CheckResult, Outcome

if TYPE_CHECKING:
    from verifier.checks.run import Run

SECTION = "Open Badges 3.0, section 8.5: recipient identification"


@dataclass(frozen=True, slots=True)
class ExpectedRecipient:
    """The person the caller expects. Anything that matches is enough; nothing given is the caller's bug.

    Attributes:
        email: compared as written and in lower case, since the standard defines no normal form.
        identifiers: `identityType` to value, such as `{"sisSourcedId": "T-4711"}`.
        did: or any other URI that may stand in `credentialSubject.id`.
    """

    email: str = ""
    identifiers: Mapping[str, str] | None = None
    did: str = ""

    def __post_init__(self) -> None:
        if not (self.email or self.identifiers or self.did):
            raise ValueError("an expected recipient needs an e-mail address, an identifier or a DID")

    @classmethod
    def parse(cls, text: str) -> ExpectedRecipient:
        """From what a person types: a DID or URL, `type=value`, or an e-mail address."""
        text = text.strip()
        if text.startswith(("did:", "https:", "urn:")):
            return cls(did=text)
        kind, equals, value = text.partition("=")
        if equals and kind.isalnum():
            return cls(identifiers={kind: value})
        return cls(email=text)

    def _known(self) -> Iterator[tuple[frozenset[str], str]]:
        """Identity types and a value they may have."""
        if self.email:
            for value in dict.fromkeys((self.email, self.email.strip().lower())):
                # `email` is not in the enumeration, but a guide of the standard itself shows it.
                yield frozenset({"emailAddress", "email"}), value
        for kind, value in (self.identifiers or {}).items():
            yield frozenset({kind, f"ext:{kind}"}), value

    def _matches_identity(self, identity: Mapping[str, Any]) -> bool:
        stated, salt, stated_kind = (identity.get(name) for name in ("identityHash", "salt", "identityType"))
        if not isinstance(stated, str) or not isinstance(salt, str | None) or not isinstance(stated_kind, str):
            return False
        for kinds, value in self._known():
            if stated_kind not in kinds:
                continue
            if identity.get("hashed") is True:
                if identity_hash.matches(stated, value, salt or ""):
                    return True
            elif identity.get("hashed") is False:
                lowered = stated.strip().lower() if "emailAddress" in kinds else stated
                if value in (stated, lowered):
                    return True
        return False

    def matches(self, subject: Mapping[str, Any]) -> bool:
        """Whether the credential subject is this person."""
        if self.did and subject.get("id") == self.did:
            return True
        if self.email and subject.get("id") in (f"mailto:{self.email}", f"mailto:{self.email.strip().lower()}"):
            return True
        return any(self._matches_identity(i) for i in many(subject.get("identifier")) if isinstance(i, Mapping))


def check(run: Run) -> CheckResult:
    """Not applicable unless the caller asked."""
    if run.recipient is None:
        return CheckResult(
            CheckId.RECIPIENT,
            Outcome.NOT_APPLICABLE,
            "recipient_not_asked",
            "Nobody asked whose credential this is.",
            looked_at="the person the caller names, of whom there is none",
            specification=SECTION,
        )
    subjects = [s for s in many(run.credential.document.get("credentialSubject")) if isinstance(s, Mapping)]
    looked_at = "the id and identifiers of the credential subject"
    if any(run.recipient.matches(subject) for subject in subjects):
        return CheckResult(
            CheckId.RECIPIENT,
            Outcome.PASSED,
            "recipient_matches",
            "The credential is about the person you named.",
            looked_at=looked_at,
            specification=SECTION,
        )
    if not any(subject.get("id") or subject.get("identifier") for subject in subjects):
        return CheckResult(
            CheckId.RECIPIENT,
            Outcome.FAILED,
            "recipient_missing",
            "The credential does not say whom it is about.",
            looked_at=looked_at,
            specification=SECTION,
        )
    return CheckResult(
        CheckId.RECIPIENT,
        Outcome.FAILED,
        "recipient_mismatch",
        "The credential is about somebody else than the person you named.",
        looked_at=looked_at,
        specification=SECTION,
    )
