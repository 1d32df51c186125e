"""One nats-server for the tests of a session; each test has streams of its own."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from make.nats_server import nats_server
from make.workers import Portal


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with nats_server(tmp_path_factory.mktemp("nats")) as running:
        yield running


@pytest.fixture
def portal(tmp_path, server) -> Iterator[Portal]:
    with closing(Portal(tmp_path, server.url)) as made:
        yield made
