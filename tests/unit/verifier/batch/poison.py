"""A policy that does to a process what the worst input could do. The processes of a batch import it from here."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from verifier.credential import Credential
from verifier.policy import TrustedIssuers
from verifier.report import CheckResult


@dataclass
class Poison:
    """Dies over a credential called “dies”, falls silent over “hangs”, fails over “fails”."""

    issuer: str

    def judge(self, credential: Credential, results: Sequence[CheckResult]) -> CheckResult:
        name = credential.document.get("name")
        if name == "dies":
            os._exit(9)
        if name == "hangs":
            time.sleep(600)
        if name == "fails":
            raise ZeroDivisionError
        return TrustedIssuers(self.issuer).judge(credential, results)
