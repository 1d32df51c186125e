"""How large a site is, and what hosts would refuse."""

import pytest

from mkdocs_gitguard.model import HOSTS, HostLimits, beyond, in_bytes, largest_parts, share_of, site_size

FILES = [
    ("index.html", 10),
    ("api/v1/a.json", 5),
    ("api/v1/b.json", 7),
    ("api/index.json", 1),
    ("page/x/index.html", 90),
]


def test_a_site_is_counted_in_bytes_files_and_folders() -> None:
    size = site_size(FILES)
    assert (size.bytes, size.files, size.folders) == (113, 5, 4)
    assert size.largest == ("page/x/index.html", 90)
    assert size.fullest == ("api/v1", 2)
    assert [(part.name, part.bytes, part.files) for part in size.parts] == [
        ("page", 90, 1),
        ("api", 13, 3),
        ("index.html", 10, 1),
    ]


def test_an_empty_site_has_no_size() -> None:
    size = site_size([])
    assert (size.bytes, size.files, size.folders, size.parts) == (0, 0, 0, ())
    assert share_of(size, HOSTS["github"]) == 0


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (HostLimits(bytes=112), "It has 113 B, of 112 B at most."),
        (HostLimits(files=4), "It has 5 files, of 4 at most."),
        (HostLimits(entries=8), "It has 9 files and folders, of 8 at most."),
        (HostLimits(file_bytes=89), "page/x/index.html has 90 B, of 89 B at most for one file."),
        (HostLimits(folder_files=1), "The folder api/v1 has 2 files, of 1 at most."),
    ],
)
def test_what_a_host_would_refuse_is_said(limits: HostLimits, words: str) -> None:
    assert beyond(site_size(FILES), limits) == (words,)


def test_a_limit_may_be_reached() -> None:
    limits = HostLimits(bytes=113, files=5, entries=9, file_bytes=90, folder_files=2)
    assert beyond(site_size(FILES), limits) == ()
    assert share_of(site_size(FILES), limits) == 1


def test_no_limits_no_share() -> None:
    assert share_of(site_size(FILES), HOSTS["none"]) is None
    assert beyond(site_size(FILES), HOSTS["none"]) == ()


def test_sizes_are_told_as_hosts_count_them() -> None:
    shown = [in_bytes(number) for number in (0, 999, 1000, 812_300_000, 1_000_000_000, 25 * 1024 * 1024)]
    assert shown == ["0 B", "999 B", "1 kB", "812 MB", "1 GB", "26.2 MB"]
    assert largest_parts(site_size(FILES)).startswith("page 90 B in 1 files, api 13 B in 3 files")
