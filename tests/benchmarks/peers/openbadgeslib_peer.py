"""openbadgeslib: reads what to do from a file, prints seconds for one issue and one verification as JSON."""

import json
import statistics
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from openbadgeslib.ob3.ldp import OB3LdpVerifier, add_data_integrity_proof


def median(operation, seconds):
    operation()
    rounds, until = [], time.perf_counter() + seconds
    while time.perf_counter() < until or len(rounds) < 5:
        start = time.process_time()
        operation()
        rounds.append(time.process_time() - start)
    return statistics.median(rounds)


def main():
    task = json.loads(Path(sys.argv[1]).read_text())
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(task["seed"]))
    private_pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    verifier = OB3LdpVerifier(public_pem)
    method = task["secured"]["proof"][0]["verificationMethod"]
    text = json.dumps(task["secured"])
    seconds = task["seconds"]
    result = {
        "issue": median(lambda: add_data_integrity_proof(task["unsigned"], private_pem, method), seconds),
        "verify": median(lambda: verifier.verify(text), seconds),
    }
    sys.stdout.write(json.dumps(result))


main()
