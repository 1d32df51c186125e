import pytest
from make.site import Site
from make.snapshot import NOW


@pytest.fixture
def site(tmp_path, monkeypatch) -> Site:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))
    return Site(tmp_path)
