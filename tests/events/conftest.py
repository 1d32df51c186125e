"""Every test of the contract runs against each engine."""

import pytest
from make.nats_server import nats_server

from mkdocs_gitguard.events.jetstream.log import JetStreamLog
from mkdocs_gitguard.events.sqlite.log import SqliteLog


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with nats_server(tmp_path_factory.mktemp("nats")) as running:
        yield running


@pytest.fixture(params=["sqlite", "jetstream"])
def reopen(request, tmp_path):
    """Give what opens the same log once more, as another process does."""
    opened = []
    server = request.getfixturevalue("server") if request.param == "jetstream" else None
    name = f"log-{tmp_path.name}"

    def open_again():
        log = JetStreamLog(server.url, name) if server else SqliteLog(tmp_path / "events.db")
        opened.append(log)
        return log

    yield open_again
    for log in opened:
        log.close()


@pytest.fixture
def log(reopen):
    return reopen()
