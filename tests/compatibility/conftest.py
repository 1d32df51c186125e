import pytest
from plugins.sites import Site


@pytest.fixture
def site(tmp_path) -> Site:
    return Site(tmp_path)
