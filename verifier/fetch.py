"""Documents from elsewhere: the protocol, and the three ways of having them.

`Offline` is the default everywhere: nothing is fetched unless the caller hands in a fetcher that may. `Documents`
answers from what the caller already holds. `HttpsFetcher` goes out, and only to public addresses.

Both errors are `CouldNotCheck`: that a document could not be had never makes a credential wrong.
"""

from __future__ import annotations

import ipaddress
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit

import httpcore

from verifier.allowance import require_time, seconds_left
from verifier.errors import CouldNotCheck
from verifier.limits import DEFAULT_LIMITS, Limits

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_ACCEPT = b"application/vc+ld+json, application/did+ld+json, application/ld+json, application/json, */*;q=0.5"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_URL = 2_048
_URL_CHARACTERS = re.compile(r"[!#$%&'()*+,./0-9:;=?@A-Z_a-z~\[\]-]+", re.ASCII)

#: Labels of 1 to 63 characters; an underscore is met in names that work.
_HOST = re.compile(r"(?=.{1,253}\.?$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?", re.ASCII)


class FetchRefused(CouldNotCheck):
    """A rule of ours forbids it."""


class FetchFailed(CouldNotCheck):
    """The world did not answer, or not with a document."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One document. `url` is where it was found in the end; `media_type` is lower case without parameters, or ""."""

    url: str
    body: bytes
    media_type: str = ""


class Fetcher(Protocol):
    def get(self, url: str, *, max_bytes: int) -> Fetched:
        """The document at `url`, at most `max_bytes` long.

        Raises:
            FetchRefused: by rule.
            FetchFailed: by the world.
        """
        ...


class Offline:
    """Fetches nothing."""

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        raise FetchRefused("offline", f"{url} was not fetched, because this check runs offline.", details={"url": url})


class Documents:
    """Documents that the caller holds, by URL (without fragment), in front of another fetcher.

    Args:
        documents: URL to bytes. The caller vouches only for having them from that URL; what they say is still checked.
        otherwise: asked for every other URL.
    """

    def __init__(self, documents: Mapping[str, bytes], otherwise: Fetcher | None = None) -> None:
        self._documents = {urldefrag(url).url: body for url, body in documents.items()}
        self._otherwise: Fetcher = otherwise or Offline()

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        body = self._documents.get(urldefrag(url).url)
        if body is None:
            return self._otherwise.get(url, max_bytes=max_bytes)
        if len(body) > max_bytes:
            raise _too_large(url, max_bytes)
        return Fetched(url=urldefrag(url).url, body=body)


class BudgetUsed(FetchRefused):
    """One verification asked for too much. It says nothing about the document that was asked for last."""


class Budgeted:
    """Another fetcher, for one verification: only so many documents, only so much time.

    A credential may hold hundreds of others, each with an issuer and a status list at an address of its own; without
    this, one small file could send us around the world for hours.
    """

    def __init__(self, fetcher: Fetcher, limits: Limits) -> None:
        self._fetcher = fetcher
        self._limits = limits
        self.begin()

    def begin(self) -> None:
        """A new verification, with the whole budget."""
        self._count = 0
        self._seconds = 0.0

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        if self._count >= self._limits.fetches or self._seconds >= self._limits.all_fetches_seconds:
            raise BudgetUsed(
                "too_many_fetches",
                "The credential asks for more documents, or slower ones, than are fetched for one verification.",
                details={"url": url[:200]},
            )
        require_time()
        self._count += 1
        began = time.monotonic()
        try:
            return self._fetcher.get(url, max_bytes=max_bytes)
        finally:
            self._seconds += time.monotonic() - began


def _too_large(url: str, max_bytes: int) -> FetchRefused:
    return FetchRefused(
        "response_too_large",
        f"The document at {url} is larger than {max_bytes} bytes.",
        details={"url": url, "max_bytes": max_bytes},
    )


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NEVER = tuple(
    ipaddress.ip_network(net)
    for net in ("192.88.99.0/24", "100.64.0.0/10", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10", "::/96")
)


def is_public_address(address: _Address) -> bool:
    """Whether strangers may send us there (RFC 6890). Addresses that carry an IPv4 address are judged by that one."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public_address(inner)
    if address.is_multicast or address.is_unspecified or address.is_reserved or not address.is_global:
        return False
    return not any(address.version == net.version and address in net for net in _NEVER)


def check_url(url: str) -> str:
    """`url` without its fragment, if it is one that may be fetched at all: https, a host, no user information.

    Raises:
        FetchRefused: `url_invalid`, `url_not_https`, `url_has_userinfo`.
    """
    unusable = FetchRefused(
        "url_invalid", "An address in this credential is not a usable URL.", details={"url": url[:200]}
    )
    if not url or len(url) > _MAX_URL or not _URL_CHARACTERS.fullmatch(url):
        raise unusable
    try:
        bare = urldefrag(url).url
        parts = urlsplit(bare)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise unusable from None
    if parts.scheme != "https":
        raise FetchRefused(
            "url_not_https", f"{url[:200]} was not fetched: only https addresses are.", details={"url": url[:200]}
        )
    if not host or port == 0 or not (_HOST.fullmatch(host) or ":" in host) or "%" in host:
        raise unusable
    if "@" in parts.netloc:
        raise FetchRefused(
            "url_has_userinfo", "An address with a user name in it is not fetched.", details={"host": host}
        )
    return bare


def split(url: str) -> SplitResult:
    """The parts of an address by a stranger; `hostname` and `port` of what comes back can be read.

    Raises:
        FetchRefused: `url_invalid`.
    """
    try:
        parts = urlsplit(urldefrag(url).url)
        _ = parts.hostname, parts.port
    except ValueError:
        raise FetchRefused(
            "url_invalid", "An address in this credential is not a usable URL.", details={"url": url[:200]}
        ) from None
    return parts


class _DeadlineStream(httpcore.NetworkStream):
    """A connection on which every operation gets only what is left of the total time."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("total time used up")
        return left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, self._left()), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class _GuardedBackend(httpcore.NetworkBackend):
    """Looks a name up once, checks every address, and connects to a checked one: DNS cannot change its mind between."""

    def __init__(self, allow: Callable[[_Address], bool], deadline: float, lookup_seconds: float) -> None:
        self._allow = allow
        self._deadline = deadline
        self._lookup_seconds = lookup_seconds
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _addresses_of(host, port, min(self._deadline, time.monotonic() + self._lookup_seconds))
        if not addresses or not all(self._allow(ipaddress.ip_address(a)) for a in addresses):
            raise FetchRefused(
                "address_not_public",
                f"{host} is not on the public internet, so it was not contacted.",
                details={"host": host},
            )
        failure: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in addresses:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise httpcore.ConnectTimeout("total time used up")
            try:
                stream = self._backend.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _DeadlineStream(stream, self._deadline)
        raise failure or httpcore.ConnectError("no address")


#: For all threads of this process; a lookup that nobody waits for any more still counts until it ends.
_lookups = threading.BoundedSemaphore(DEFAULT_LIMITS.lookups)


def _addresses_of(host: str, port: int, deadline: float) -> list[str]:
    """The addresses of a name, looked up in a thread, because a silent name server cannot be interrupted."""
    if not _lookups.acquire(blocking=False):
        raise FetchFailed(
            "too_many_lookups", "Too many names are being looked up at the moment.", details={"host": host}
        )
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put(list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found)))
        except (OSError, UnicodeError) as error:
            answers.put(error)
        finally:
            _lookups.release()

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = answers.get(timeout=max(deadline - time.monotonic(), 0.001))
    except queue.Empty:
        raise httpcore.ConnectTimeout("total time used up") from None
    if isinstance(answer, Exception):
        raise FetchFailed("host_not_found", f"The name {host} is not known.", details={"host": host}) from answer
    return answer


class HttpsFetcher:
    """Fetches over https from public addresses, with a cap on size, redirects and total time.

    No cookies, no credentials, no proxies from the environment, no compression (so nothing can be inflated).

    Args:
        limits: `redirects` and `fetch_seconds` are used.
        allow: which addresses may be contacted; a district may let its own network in.
        ssl_context: whom to believe; the system's authorities by default.
    """

    def __init__(
        self,
        *,
        limits: Limits = DEFAULT_LIMITS,
        allow: Callable[[_Address], bool] = is_public_address,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits
        self._allow = allow
        self._ssl_context = ssl_context or ssl.create_default_context()

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        deadline = time.monotonic() + min(self._limits.fetch_seconds, seconds_left())
        target = check_url(url)
        with self._pool(deadline) as pool, _network_errors(url):
            for _ in range(self._limits.redirects + 1):
                answer = self._one(pool, target, max_bytes, deadline)
                if isinstance(answer, Fetched):
                    return answer
                target = check_url(urljoin(target, answer))
        raise FetchRefused(
            "too_many_redirects",
            f"{url} leads on and on; after {self._limits.redirects} redirects we stopped.",
            details={"url": url},
        )

    @contextmanager
    def _pool(self, deadline: float) -> Iterator[httpcore.ConnectionPool]:
        backend = _GuardedBackend(self._allow, deadline, self._limits.lookup_seconds)
        with httpcore.ConnectionPool(
            ssl_context=self._ssl_context, network_backend=backend, max_connections=2, retries=0
        ) as pool:
            yield pool

    def _one(self, pool: httpcore.ConnectionPool, url: str, max_bytes: int, deadline: float) -> Fetched | str:
        headers = {b"accept": _ACCEPT, b"accept-encoding": b"identity", b"user-agent": b"badgewright-verifier"}
        with pool.stream("GET", url, headers=list(headers.items())) as response:
            got = {name.lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in _REDIRECTS and b"location" in got:
                return got[b"location"]
            if response.status != 200:
                raise FetchFailed(
                    "http_status",
                    f"{url} answered with HTTP {response.status}.",
                    details={"url": url, "status": response.status},
                )
            if got.get(b"content-encoding", "identity").strip().lower() != "identity":
                raise FetchRefused(
                    "response_compressed",
                    f"{url} sent a compressed answer that nobody asked for.",
                    details={"url": url},
                )
            body = bytearray()
            for chunk in response.iter_stream():
                body += chunk
                if len(body) > max_bytes:
                    raise _too_large(url, max_bytes)
                if time.monotonic() > deadline:
                    raise httpcore.ReadTimeout("total time used up")
        media_type = got.get(b"content-type", "").partition(";")[0].strip().lower()
        return Fetched(url=url, body=bytes(body), media_type=media_type)


@contextmanager
def _network_errors(url: str) -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise FetchFailed("fetch_timeout", f"{url} did not answer in time.", details={"url": url}) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError, ValueError) as error:
        raise FetchFailed("fetch_failed", f"{url} could not be reached.", details={"url": url}) from error
