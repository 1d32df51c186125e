"""What holds for every test: the user's own folders are a test's own."""

import pytest


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory, monkeypatch) -> None:
    folder = tmp_path_factory.mktemp("user")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "state"))
