"""The option `site_budget`: read, kept to by a real build, and by `gitguard publish`."""

import logging
from pathlib import Path

import pytest
from make.site import Site
from make.snapshot import likely

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import HOSTS, HostLimits
from mkdocs_gitguard.site_build.budget import read_budget


def test_github_is_the_host_unless_the_site_names_another() -> None:
    assert read_budget({}) == ("github", HOSTS["github"], False)
    assert read_budget({"host": "none"}) == ("none", HostLimits(), True)


@pytest.mark.parametrize(
    ("given", "number"), [(5, 5), ("5", 5), ("800 MB", 800_000_000), ("1.5 GB", 1_500_000_000), ("20kB", 20_000)]
)
def test_bytes_may_be_written_as_people_do(given: object, number: int) -> None:
    assert read_budget({"host": "azure", "bytes": given}).limits == HostLimits(bytes=number)


def test_files_count_beside_the_hosts_own_limits() -> None:
    assert read_budget({"files": 20_000}).limits == HostLimits(bytes=1_000_000_000, files=20_000)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"hots": "github"}, "no key 'hots'. Did you mean host?"),
        ({1: "github"}, "no key 1. Choose from host, bytes, files."),
        ({"host": "gitub"}, "names the host 'gitub', which is not known. Choose one of github,"),
        ({"host": ["github"]}, "names the host"),
        (
            {"bytes": "many"},
            "The key `bytes` of the option `site_budget` is 'many'. Set it to a number such as 500 MB.",
        ),
        ({"bytes": -1}, "is -1."),
        ({"bytes": True}, "is True."),
        ({"bytes": "1 TB"}, "is '1 TB'."),
        ({"bytes": None}, "is None."),
        ({"bytes": "9" * 5000}, "such as 500 MB."),
        ({"files": "20 MB"}, "such as 20000."),
        ({"files": "1.5"}, "such as 20000."),
    ],
)
def test_what_is_wrong_is_named(option: dict, message: str) -> None:
    with pytest.raises(SettingError) as raised:
        read_budget(option)
    assert message in str(raised.value)


def test_a_build_keeps_to_the_budget_and_tells_its_size(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    snapshot = likely(repositories=3, pull_requests=20)
    site = Site(tmp_path).write(snapshot, options={"site_budget": {"host": "none", "files": 520}})
    with caplog.at_level(logging.INFO):
        site.build()
    pages = list((site.output / "pull-request").glob("*/*/[0-9]*/index.html"))
    assert 0 < len(pages) < len(snapshot.pull_requests)
    [message] = [record.getMessage() for record in caplog.records if "Size: " in record.getMessage()]
    lines = [record.getMessage() for record in caplog.records if "have a page" in record.getMessage()]
    assert [line.partition("Pull requests: ")[2].partition(",")[0] for line in lines] == [
        f"{len(pages)} of {len(snapshot.pull_requests)} have a page"
    ]
    files = [path for path in site.output.rglob("*") if path.is_file()]
    assert f" in {len(files):,} files, " in message
    assert f"{len(files) / 520:.0%} of what none takes" in message
    assert len(files) <= 520
