"""No test of the verifier opens a socket."""

import pytest
import pytest_socket


@pytest.fixture(autouse=True)
def _sealed_room():
    pytest_socket.disable_socket()
    yield
    pytest_socket.enable_socket()
