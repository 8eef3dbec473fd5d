"""The fetcher that goes out, against a real TLS server on the loopback interface that misbehaves in every way."""

import datetime
import http.server
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from verifier.fetch import FetchFailed, FetchRefused, HttpsFetcher
from verifier.limits import Limits

pytestmark = pytest.mark.network
#: A busy machine may take long over a handshake, which is not what these tests are about.
LIMITS = Limits(redirects=2, fetch_seconds=60.0)
HASTY = Limits(redirects=2, fetch_seconds=0.5)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        name = self.path.partition("?")[0].strip("/").replace("-", "_")
        getattr(self, f"answer_{name}", self.answer_missing)()

    def _send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for header, value in headers.items():
            self.send_header(header.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_good(self) -> None:
        self._send(
            200, b'{"host":"%b"}' % self.headers["Host"].encode(), Content_Type="Application/LD+JSON; charset=utf-8"
        )

    def answer_asked(self) -> None:
        self._send(200, str(sorted(name.lower() for name in self.headers)).encode())

    def answer_missing(self) -> None:
        self._send(404)

    def answer_moved(self) -> None:
        self._send(302, Location="/good")

    def answer_moved_to_http(self) -> None:
        self._send(302, Location=f"http://localhost:{self.server.server_address[1]}/good")

    def answer_moved_inside(self) -> None:
        self._send(302, Location="https://inside.test/good")

    def answer_loop(self) -> None:
        self._send(302, Location="/loop")

    def answer_large(self) -> None:
        self._send(200, b"x" * 100_001)

    def answer_endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        with_body = b"x" * 65_536
        try:
            while True:
                self.wfile.write(with_body)
        except OSError:
            return

    def answer_packed(self) -> None:
        self._send(200, b"\x1f\x8b", Content_Encoding="gzip")

    def answer_slow_body(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        self._drip(b"x")

    def answer_slow_head(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        self.close_connection = True
        self._drip(b"X-A: b\r\n")

    def _drip(self, drop: bytes) -> None:
        try:
            for _ in range(100):
                self.wfile.write(drop)
                self.wfile.flush()
                time.sleep(0.1)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is what these tests are about."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.DNSName("inside.test"), x509.DNSName("two.test")]
    )
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture(scope="module")
def port(certificate: Path) -> Iterator[int]:
    server = _Server(("127.0.0.1", 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def fetcher(certificate: Path) -> HttpsFetcher:
    return _fetcher(certificate, LIMITS)


def _fetcher(certificate: Path, limits: Limits) -> HttpsFetcher:
    return HttpsFetcher(
        limits=limits,
        allow=lambda address: address == ipaddress.ip_address("127.0.0.1"),
        ssl_context=ssl.create_default_context(cafile=str(certificate)),
    )


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that the tests may look up, and a record of look-ups."""
    asked: list[str] = []
    table = {
        "localhost": ["127.0.0.1"],
        "inside.test": ["10.0.0.7"],
        "two.test": ["127.0.0.1", "10.0.0.7"],
    }

    def getaddrinfo(host: str, port: int, *_: object, **__: object) -> list[object]:
        if host == "127.0.0.1":  # the connection itself, to the address that was checked
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        asked.append(host)
        if host not in table:
            raise socket.gaierror("unknown")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in table[host]]

    monkeypatch.setattr("verifier.fetch.socket.getaddrinfo", getaddrinfo)
    return asked


def test_a_document_is_fetched_by_its_name(fetcher: HttpsFetcher, port: int, names: list[str]) -> None:
    found = fetcher.get(f"https://localhost:{port}/good#key-1", max_bytes=1_000)
    assert found.body == b'{"host":"localhost:%d"}' % port
    assert found.media_type == "application/ld+json"
    assert names == ["localhost"], "looked up once, so that a second answer cannot differ from the checked one"


def test_nothing_about_us_is_sent(fetcher: HttpsFetcher, port: int) -> None:
    asked = fetcher.get(f"https://localhost:{port}/asked", max_bytes=1_000).body.decode()
    assert asked == "['accept', 'accept-encoding', 'host', 'user-agent']"


def test_a_redirect_is_followed_and_checked_again(fetcher: HttpsFetcher, port: int) -> None:
    assert fetcher.get(f"https://localhost:{port}/moved", max_bytes=1_000).url == f"https://localhost:{port}/good"


@pytest.mark.parametrize(
    ("path", "kind", "code"),
    [
        ("missing", FetchFailed, "http_status"),
        ("moved-to-http", FetchRefused, "url_not_https"),
        ("moved-inside", FetchRefused, "address_not_public"),
        ("loop", FetchRefused, "too_many_redirects"),
        ("large", FetchRefused, "response_too_large"),
        ("endless", FetchRefused, "response_too_large"),
        ("packed", FetchRefused, "response_compressed"),
    ],
)
def test_what_servers_do(fetcher: HttpsFetcher, port: int, path: str, kind: type[Exception], code: str) -> None:
    with pytest.raises(kind) as caught:
        fetcher.get(f"https://localhost:{port}/{path}", max_bytes=100_000)
    assert caught.value.code == code


@pytest.mark.parametrize("path", ["slow-body", "slow-head"])
def test_a_server_that_drips_is_given_up(certificate: Path, port: int, path: str) -> None:
    """Each drop comes in time; only a deadline for the whole ends it."""
    with pytest.raises(FetchFailed) as caught:
        _fetcher(certificate, HASTY).get(f"https://localhost:{port}/{path}", max_bytes=100_000)
    assert caught.value.code == "fetch_timeout"


@pytest.mark.parametrize(
    ("host", "code"),
    [("inside.test", "address_not_public"), ("two.test", "address_not_public"), ("unknown.test", "host_not_found")],
)
def test_where_names_lead(fetcher: HttpsFetcher, port: int, host: str, code: str) -> None:
    with pytest.raises((FetchRefused, FetchFailed)) as caught:
        fetcher.get(f"https://{host}:{port}/good", max_bytes=1_000)
    assert caught.value.code == code


def test_by_default_our_own_machine_is_out_of_reach(certificate: Path, port: int) -> None:
    guarded = HttpsFetcher(limits=LIMITS, ssl_context=ssl.create_default_context(cafile=str(certificate)))
    with pytest.raises(FetchRefused) as caught:
        guarded.get(f"https://localhost:{port}/good", max_bytes=1_000)
    assert caught.value.code == "address_not_public"


def test_a_certificate_of_nobody_is_not_believed(port: int) -> None:
    trusting_the_system = HttpsFetcher(limits=LIMITS, allow=lambda _: True)
    with pytest.raises(FetchFailed) as caught:
        trusting_the_system.get(f"https://localhost:{port}/good", max_bytes=1_000)
    assert caught.value.code == "fetch_failed"


def test_a_silent_name_server_does_not_hold_us_up(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    released = threading.Event()

    def silent(*_: object, **__: object) -> list[object]:
        released.wait(60)
        return []

    monkeypatch.setattr("verifier.fetch.socket.getaddrinfo", silent)
    try:
        with pytest.raises(FetchFailed) as caught:
            HttpsFetcher(limits=HASTY).get(f"https://slow.test:{port}/good", max_bytes=1_000)
        # The name server has not answered to this moment.
        assert not released.is_set()
    finally:
        released.set()
    assert caught.value.code == "fetch_timeout"
