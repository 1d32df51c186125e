"""What holds for every test: the user's own folders are a test's own, and nothing is judged by how long it takes."""

import gc

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is: figures are measured by the benchmarks.
settings.register_profile("without-deadline", deadline=None)
settings.load_profile("without-deadline")


def pytest_collection_finish() -> None:
    """Let the collector of garbage pass over thousands of tests and their modules, which stay to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory, monkeypatch) -> None:
    folder = tmp_path_factory.mktemp("user")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
