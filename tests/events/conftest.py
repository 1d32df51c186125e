"""Every test of the contract runs against each engine."""

import pytest

from mkdocs_gitguard.events.sqlite.log import SqliteLog


@pytest.fixture(params=["sqlite"])
def reopen(request, tmp_path):
    """Give what opens the same log once more, as another process does."""
    opened = []

    def open_again():
        log = SqliteLog(tmp_path / "events.db")
        opened.append(log)
        return log

    yield open_again
    for log in opened:
        log.close()


@pytest.fixture
def log(reopen):
    return reopen()
