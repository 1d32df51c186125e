"""What holds for every test: the user's own folders are a test's own, and nothing is judged by how long it takes."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is: figures are measured by the benchmarks.
settings.register_profile("without-deadline", deadline=None)
settings.load_profile("without-deadline")


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let processes that tests start find modules compiled, where nothing may be written beside them.

    Without, each start of a command compiles half a thousand modules anew. The folder is one for all workers.
    """
    with pytest.MonkeyPatch.context() as patched:
        if "PYTHONDONTWRITEBYTECODE" in os.environ:
            folder = tmp_path_factory.getbasetemp()
            shared = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
            patched.delenv("PYTHONDONTWRITEBYTECODE")
            patched.setenv("PYTHONPYCACHEPREFIX", str(shared / "compiled"))
        yield


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory, monkeypatch) -> None:
    folder = tmp_path_factory.mktemp("user")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
