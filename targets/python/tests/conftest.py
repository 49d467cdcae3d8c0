"""The server that most tests share. `pytest --variant gevent` tests a variant."""

from collections.abc import Iterator

import pytest
from client import Client
from server import Server


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--variant", default=None, help="a variant of target.toml")


@pytest.fixture(scope="session")
def variant(pytestconfig: pytest.Config) -> str | None:
    name: str | None = pytestconfig.getoption("variant")
    return name


@pytest.fixture(scope="session")
def server(variant: str | None) -> Iterator[Server]:
    server = Server(variant)
    yield server
    server.kill()


@pytest.fixture(scope="module")
def stateful_server(variant: str | None) -> Iterator[Server]:
    """A server as it is started for scenarios that need one state; the tests of a module share its ledger."""
    server = Server(variant, stateful=True)
    yield server
    server.kill()


@pytest.fixture
def own_server(variant: str | None) -> Iterator[Server]:
    """A server that a test may end."""
    server = Server(variant)
    yield server
    server.kill()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with server.connect() as client:
        yield client
