"""Unit tests run in a sealed room: no sockets, so that nothing can depend on the network or a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import pytest_socket


@pytest.fixture(autouse=True)
def _no_sockets() -> Iterator[None]:
    # Processes of our own talk over Unix sockets; those lead nowhere outside.
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()
