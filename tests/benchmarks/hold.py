"""Who can hold the service: hostile and slow requests by the hundred, and how long everybody else waits meanwhile.

python -m tests.benchmarks.hold            every attack, against `badgewright serve` with 8 threads

The server runs as it does for an operator, with one difference: its verifier may reach a slow server on this machine.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from rich.console import Console
from rich.table import Table

from tests.simulator import Issuer, World
from verifier.formats.digests import sri

ATTACKERS = 200
SECONDS = 12.0
#: Lets the verifier of the server reach this machine. Read by every interpreter that finds it on its path.
_LET_IN = "import verifier.fetch\nverifier.fetch.HttpsFetcher.__init__.__kwdefaults__['allow'] = lambda address: True\n"
_EXTENSIONS = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"


class Outside:
    """A server of the attacker: `/slow` never ends, `/schema` is hostile, everything else does not exist."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.certificate, private = folder / "outside.pem", folder / "outside.key"
        self.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(self.certificate, private)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listening.getsockname()[1]
        patterns = [{"pattern": rf"\p{{L}}{{20}}{number}"} for number in range(1_000)]
        self._schema = json.dumps({"allOf": patterns}).encode()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with suppress(OSError), self._context.wrap_socket(connection, server_side=True) as secured:
            asked = secured.recv(4096)
            if b"/schema" in asked:
                secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(self._schema) + self._schema)
            elif b"/slow" in asked:
                secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while True:
                    secured.sendall(b" ")
                    time.sleep(1)


@contextmanager
def service(folder: Path, outside: Outside) -> Iterator[tuple[int, int]]:
    """The port of a service with a demo district, and the process that runs it."""
    (folder / "sitecustomize.py").write_text(_LET_IN)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("BADGEWRIGHT_")},
        **{"BADGEWRIGHT_VAR": str(folder / "var"), "BADGEWRIGHT_PROXIES": "1", "BADGEWRIGHT_LOG_LEVEL": "error"},
        **{"PYTHONPATH": str(folder), "SSL_CERT_FILE": str(outside.certificate)},
    }
    command = [sys.executable, "-m", "verifier", "serve", "--demo", "--no-worker", "--port", str(port)]
    log = folder / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, env=environ, stdout=out, stderr=subprocess.STDOUT)
    try:
        while "kept in" not in log.read_text():
            if process.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.2)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


class Attack:
    """Many clients that each send one request and wait for its answer, each from an address of its own."""

    def __init__(self, port: int, request: Callable[[int], Iterator[bytes]], count: int = ATTACKERS) -> None:
        self._port, self._request, self._over = port, request, threading.Event()
        self.statuses: list[str] = []
        self.longest = 0.0
        self._threads = [threading.Thread(target=self._one, args=(n,), daemon=True) for n in range(count)]

    def _one(self, number: int) -> None:
        began = time.monotonic()
        status = "still open"
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=120) as connection:
            try:
                for piece in self._request(number):
                    if self._over.is_set():
                        break
                    connection.sendall(piece)
                found = connection.recv(20)
                status = found.split(b" ")[1].decode() if found else "closed"
            except ConnectionError:
                status = "closed"
        if not self._over.is_set():
            self.longest = max(self.longest, time.monotonic() - began)
            self.statuses.append(status)

    def __enter__(self) -> Attack:
        for thread in self._threads:
            thread.start()
        time.sleep(1.0)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    @property
    def outcome(self) -> str:
        counted = {status: self.statuses.count(status) for status in sorted(set(self.statuses))}
        counted["open"] = len(self._threads) - len(self.statuses)
        return ", ".join(f"{count}x {status}" for status, count in counted.items() if count)


def _post(path: str, number: int, body: bytes, kind: str = "application/json") -> bytes:
    address = f"203.0.{number // 250}.{number % 250 + 1}"
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        f"X-Forwarded-For: {address}\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: localhost\r\n\r\n"
    )
    return head.encode() + body


def attacks(outside: Outside, port: int) -> Iterator[tuple[str, Callable[[int], Iterator[bytes]], int]]:
    school: Issuer = World().issuer("did:key")
    here = f"https://localhost:{outside.port}"
    document = school.badge(credentialSchema=[{"id": f"{here}/schema", "type": "1EdTechJsonSchemaValidator2019"}] * 8)
    document["@context"] = [*document["@context"], _EXTENSIONS]
    hostile = school.sign(document)
    slow_badge = school.badge(credentialStatus=[])
    slow_badge["credentialSubject"]["achievement"]["endorsement"] = [
        {
            "@context": slow_badge["@context"],
            "type": ["VerifiableCredential", "EndorsementCredential"],
            "issuer": {"id": f"{here}/slow/{n}", "type": ["Profile"]},
            "validFrom": "2026-01-01T00:00:00Z",
            "credentialSubject": {"id": "https://badges.example.org/a", "type": ["EndorsementSubject"]},
            "proof": {
                "type": "DataIntegrityProof",
                "cryptosuite": "eddsa-rdfc-2022",
                "verificationMethod": f"{here}/slow/{n}#k",
                "proofPurpose": "assertionMethod",
                "proofValue": "z1",
            },
        }
        for n in range(17)
    ]
    slow = school.sign(slow_badge)
    pieces = [{"type": ["Evidence"], "digestSRI": sri(str(number).encode())} for number in range(1_500)]
    many = school.sign(school.badge(evidence=pieces))
    token_page = HTTPConnection("127.0.0.1", port)
    token_page.request("GET", "/verify", headers={"X-Forwarded-Proto": "http", "X-Forwarded-Host": "localhost"})
    answer = token_page.getresponse()
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    found = re.search(rb'name="csrf_token" value="([^"]+)"', answer.read())
    token = found[1] if found else b""

    def form(number: int) -> Iterator[bytes]:
        parts = [(b'name="csrf_token"', token), (b'name="file"; filename="b.json"', many)]
        parts.append((b'name="evidence"; filename="plan.bin"', bytes(20_000_000)))
        body = b"".join(
            b"--b\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + data + b"\r\n" for head, data in parts
        )
        whole = _post("/verify", number, body + b"--b--\r\n", "multipart/form-data; boundary=b")
        yield whole.replace(b"Host:", b"Cookie: " + cookie.encode() + b"\r\nHost:", 1)

    def whole(body: bytes) -> Callable[[int], Iterator[bytes]]:
        return lambda number: iter([_post("/api/v1/verify", number, body)])

    def trickle(start: bytes) -> Callable[[int], Iterator[bytes]]:
        def send(_number: int) -> Iterator[bytes]:
            yield start
            while True:
                time.sleep(1)
                yield b"a"

        return send

    yield "a schema of hostile patterns", whole(hostile), ATTACKERS
    yield "an address that trickles", whole(json.dumps({"url": f"{here}/slow"}).encode()), ATTACKERS
    yield "17 slow hosts in one credential", whole(slow), ATTACKERS
    yield "1,500 digests and 20 MB of evidence", form, 20
    yield "slow headers", trickle(b"GET /verify HTTP/1.1\r\nHost: "), ATTACKERS
    yield (
        "slow bodies",
        trickle(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n"),
        ATTACKERS,
    )
    yield "bodies of 100 MB", lambda number: iter([_post("/verify", number, bytes(100_000_000), "text/plain")]), 8

    def unfinished(number: int) -> Iterator[bytes]:
        """All but the last byte of a body, from five addresses."""
        yield _post("/verify", number % 5, bytes(100_000_000), "text/plain")[:-1]

    def chunked(body: bytes) -> Callable[[int], Iterator[bytes]]:
        lines = b"POST /verify HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        return lambda _number: iter([lines, *([body] * 100)])

    yield "uploads of 100 MB without an end", unfinished, 22
    yield "a chunk size without an end", chunked(b"a" * 65_536), 20
    yield "chunks of one byte", chunked(b"1\r\nx\r\n" * 11_000), 20
    yield "half-open connections", _opened, 3_000
    # Who sends on does not read.
    yield "slow readers", trickle(b"GET /verify/codes HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50), ATTACKERS


def _opened(_number: int) -> Iterator[bytes]:
    yield b""


def _wait(port: int, path: str) -> float:
    """For sign-in a form is sent; what it says does not matter, only that it is answered, and not as too much."""
    began = time.monotonic()
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        method, body = ("POST", b"email=nobody@example.org") if path == "/sign-in" else ("GET", None)
        sent = {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "localhost", "X-Forwarded-For": "198.51.100.1"}
        connection.request(method, path, body, {**sent, "Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        answer.read()
        if answer.status == 503:
            return float("inf")
    except OSError:
        return float("inf")
    finally:
        connection.close()
    return time.monotonic() - began


def _memory(pid: int) -> int:
    """Bytes of a process and all below it."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            if parent == pid:
                total += _memory(int(entry.name))
    with suppress(OSError, StopIteration):
        status = (Path("/proc") / str(pid) / "status").read_text()
        total += 1024 * int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
    return total


PATHS = ("/healthz", "/catalogue", "/sign-in")


def table() -> Table:
    found = Table(
        title=f"Who can hold the service: the longest wait of others in {SECONDS:g} s (aim: 1 s)", title_justify="left"
    )
    for heading in ("", "at a time", *PATHS, "peak MB", "answers"):
        found.add_column(heading, justify="right" if heading else "left")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        outside = Outside(folder)
        with service(folder, outside) as (port, pid):
            for title, request, count in attacks(outside, port):
                worst, peak = dict.fromkeys(PATHS, 0.0), 0
                with Attack(port, request, count) as attack:
                    until = time.monotonic() + SECONDS
                    while time.monotonic() < until:
                        for path in PATHS:
                            worst[path] = max(worst[path], _wait(port, path))
                        peak = max(peak, _memory(pid))
                        time.sleep(0.1)
                    outcome = attack.outcome
                waits = (f"{seconds:.2f} s" for seconds in worst.values())
                found.add_row(title, str(count), *waits, f"{peak / 1e6:,.0f}", outcome)
    return found


if __name__ == "__main__":
    Console(width=150).print(table())
