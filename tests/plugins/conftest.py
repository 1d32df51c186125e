import pytest
from plugins.sites import Site
from portal.snapshots import NOW


@pytest.fixture
def site(tmp_path, monkeypatch) -> Site:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))
    return Site(tmp_path)
