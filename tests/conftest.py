"""What holds for every test: the user's own folders are a test's own, and nothing is judged by how long it takes."""

import asyncio
import gc
import itertools
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is: figures are measured by the benchmarks.
settings.register_profile("without-deadline", deadline=None)
settings.load_profile("without-deadline")
_NUMBERS = itertools.count()


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over thousands of tests and their modules, which stay to the end."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each worker begin with some of the slow tests: for one that is left to the end all others would wait."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers == 1:
        return
    # A module stays with one worker, which makes what the module's tests share.
    slow: dict[Path, list[pytest.Item]] = {}
    others = []
    for item in items:
        (slow.setdefault(item.path, []) if item.get_closest_marker("slow") else others).append(item)
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        for group in [*slow.values()][worker::workers]:
            ordered += group
        # `--dist worksteal` begins with as many tests for each worker.
        room = max(0, len(items) * (worker + 1) // workers - len(ordered))
        ordered += others[:room]
        del others[:room]
    items[:] = ordered


@pytest.fixture(scope="session")
def _users(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("users")


@pytest.fixture(autouse=True)
def _own_folders(_users, monkeypatch) -> None:
    # `tmp_path_factory` looks through all the folders that there are for the next number.
    folder = _users / str(next(_NUMBERS))
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """Give MkDocs' log back as it was: builds within a test make it silent, or keep it from being heard."""
    logger = logging.getLogger("mkdocs")
    level, propagates, handlers = logger.level, logger.propagate, [*logger.handlers]
    yield
    logger.setLevel(level)
    logger.propagate = propagates
    logger.handlers[:] = handlers


@pytest.fixture(autouse=True)
def _own_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hide the loop of a browser that another test has left open: Playwright leaves it the thread's running one."""
    loop = asyncio._get_running_loop()
    if loop is None or request.node.get_closest_marker("browser"):
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)
