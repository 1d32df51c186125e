"""What is remembered of the pages of a site, as files."""

import os
from pathlib import Path

from mkdocs_gitguard.site_build.keep import MEMORY_VERSION, Memory, load, save


def memory_of(site: Path) -> Memory:
    return Memory(MEMORY_VERSION, str(site), {}, (), b"", "", "", ())


def test_memories_of_folders_that_nobody_builds_into_any_more_go(tmp_path: Path) -> None:
    sites = [tmp_path / f"site{number}" for number in range(6)]
    for number, site in enumerate(sites):
        save(memory_of(site), site, tmp_path / "state")
        for path in (tmp_path / "state").glob("pages-*"):
            os.utime(path, ns=(0, path.stat().st_mtime_ns - 10**9))
        assert load(site, tmp_path / "state") == memory_of(site), number
    assert [load(site, tmp_path / "state") is None for site in sites] == [True, True, False, False, False, False]
    save(None, sites[5], tmp_path / "state")
    assert load(sites[5], tmp_path / "state") is None
    assert load(sites[4], tmp_path / "state") is not None
