"""Processes talk to each other over Unix sockets; the internet stays shut."""

import pytest
import pytest_socket


@pytest.fixture(autouse=True)
def _sealed_room():
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()
