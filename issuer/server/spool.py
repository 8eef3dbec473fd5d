"""What bodies and their senders may hold in one process."""

from __future__ import annotations

import ipaddress
import threading
from collections import Counter

#: So much of every body is outside the allowance, in memory: forms and sign-in go on when the allowance is used up.
SMALL_BODY = 64 * 1024
#: What all bodies of one process may hold on disk beyond that, those being received included.
MAX_SPOOLED = 2 * 1024 * 1024 * 1024


class Spooled:
    """The bytes of bodies on disk, all together and by address. Added by the loop, taken off by the threads.

    One address may use half of the allowance. Beyond that half each has an eighth of the whole, or one body of the
    largest kind if that is more: a school behind one address gets far, and nobody gets everything.
    """

    def __init__(self, most: int = MAX_SPOOLED, largest: int = 0) -> None:
        self._most = most
        self._share = max(most // 8, largest)
        self._held: Counter[str] = Counter()
        self._bytes = 0
        self._lock = threading.Lock()

    def add(self, address: str, size: int) -> bool:
        """False if that would be too many; they are then not counted."""
        with self._lock:
            together, own = self._bytes + size, self._held[address] + size
            if together > self._most or (together > self._most // 2 and own > self._share):
                return False
            self._bytes, self._held[address] = together, own
            return True

    def drop(self, address: str, size: int) -> None:
        with self._lock:
            self._bytes -= size
            self._held[address] -= size
            if not self._held[address]:
                del self._held[address]


def client(peer: str, forwarded: str, proxies: int) -> str:
    """Who sends: the address that the outermost proxy of ours saw, else the peer's; of IPv6 the network (/64).

    Args:
        forwarded: the header X-Forwarded-For; what is left of our own proxies' entries is anybody's word.
    """
    entries = [each.strip() for each in forwarded.split(",")]
    text = entries[-proxies] if 0 < proxies <= len(entries) and entries[-proxies] else peer
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address):
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return text
