"""The site's entries become an ordered list of named sources."""

import re
from pathlib import Path

import pytest
from make.git import git, make_repository

from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.sources import RepositorySource, expand


def sources(folder: Path, *entries: object, **options: object) -> tuple[RepositorySource, ...]:
    expanded = expand(HarvestOptions(repositories=entries, folder=folder, **options))  # type: ignore[arg-type]
    assert expanded.findings == ()
    return expanded.sources


def complaint(folder: Path, *entries: object, **options: object) -> str:
    expanded = expand(HarvestOptions(repositories=entries, folder=folder, **options))  # type: ignore[arg-type]
    return " ".join(f"[{finding.code}] {finding.message} {finding.hint}" for finding in expanded.findings)


def test_a_folder_is_named_by_its_remote(tmp_path: Path) -> None:
    make_repository(tmp_path / "x", remote="git@github.com:acme/billing.git")
    [source] = sources(tmp_path, "x")
    assert source.id == "repository:acme/billing"
    assert source.folder == tmp_path / "x"
    assert source.url == ""
    assert source.forge is not None
    assert source.forge.web_url == "https://github.com/acme/billing"


def test_without_a_remote_the_folder_names_it(tmp_path: Path) -> None:
    make_repository(tmp_path / "billing")
    assert [source.id for source in sources(tmp_path, "billing")] == ["repository:local/billing"]
    [source] = sources(tmp_path, "billing", namespace="acme")
    assert (source.id, source.forge) == ("repository:acme/billing", None)


@pytest.mark.parametrize(
    ("folder", "name"),
    [("acme+billing/repo", "acme/billing"), ("billing.git", "local/billing"), ("acme+billing.git", "acme/billing")],
)
def test_layouts_of_mirrors(tmp_path: Path, folder: str, name: str) -> None:
    (tmp_path / folder).mkdir(parents=True)
    git(tmp_path / folder, "init", "--quiet", "--bare")
    assert [source.id for source in sources(tmp_path, folder)] == [f"repository:{name}"]


def test_a_glob_gives_repositories_only_and_by_path(tmp_path: Path) -> None:
    for name in ("site", "b", "a"):
        make_repository(tmp_path / name)
    (tmp_path / "notes").mkdir()
    (tmp_path / "file").write_text("")
    expanded = sources(tmp_path / "site", ".", "../*")
    assert [source.name for source in expanded] == ["site", "a", "b"]


def test_a_linked_work_tree_is_its_repository(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "main", {"a": "1"})
    git(folder, "worktree", "add", "-q", "../linked", "-b", "side")
    assert [(source.name, source.folder) for source in sources(tmp_path, "linked", "main")] == [
        ("main", tmp_path / "linked")
    ]


def test_a_link_to_a_repository_is_that_repository(tmp_path: Path) -> None:
    make_repository(tmp_path / "real", {"a": "1"})
    (tmp_path / "link").symlink_to("real")
    assert [source.name for source in sources(tmp_path, "link", "real")] == ["real"]


def test_a_clone_url_has_a_mirror(tmp_path: Path) -> None:
    expanded = sources(
        tmp_path, "https://github.com/Acme/billing.git", "git@gitlab.com:g/s/p", "ssh://git@h.org:22/x/y"
    )
    assert [source.url for source in expanded] == [
        "https://github.com/Acme/billing.git",
        "git@gitlab.com:g/s/p",
        "ssh://git@h.org:22/x/y",
    ]
    mirrors = tmp_path / ".gitguard/mirrors"
    assert [source.folder for source in expanded] == [
        mirrors / "github.com/!acme/billing.git",
        mirrors / "gitlab.com/g/s/p.git",
        mirrors / "h.org~3a22/x/y.git",
    ]


def test_what_a_mapping_says(tmp_path: Path) -> None:
    make_repository(tmp_path / "x")
    [source] = sources(
        tmp_path,
        {
            "path": "x",
            "name": "acme/billing",
            "web_url": "https://git.acme.org/{namespace}/{name}",
            "forge": "gitea",
            "branch": "stable",
            "description": "Bills",
        },
    )
    assert (source.id, source.branch, source.description) == ("repository:acme/billing", "stable", "Bills")
    assert source.forge is not None
    assert source.forge.commit == "https://git.acme.org/acme/billing/commit/{sha}"


def test_a_folder_may_say_where_it_came_from(tmp_path: Path) -> None:
    make_repository(tmp_path / "x")
    [source] = sources(tmp_path, {"path": "x", "url": "https://gitlab.com/acme/billing"})
    assert (source.id, source.url, source.folder) == ("repository:acme/billing", "", tmp_path / "x")


def test_mirrors_of_a_known_forge(tmp_path: Path) -> None:
    (tmp_path / "acme+billing/repo").mkdir(parents=True)
    git(tmp_path / "acme+billing/repo", "init", "--quiet", "--bare")
    [source] = sources(tmp_path, {"path": "*/repo", "forge": "github"})
    assert source.forge is not None
    assert source.forge.web_url == "https://github.com/acme/billing"


def test_two_repositories_with_one_name(tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        make_repository(tmp_path / folder, remote="https://github.com/acme/billing")
    expanded = expand(HarvestOptions(repositories=("a", "b", "a", "c"), folder=tmp_path))
    assert [source.id for source in expanded.sources] == [
        "repository:acme/billing",
        "repository:acme/billing-2",
        "repository:acme/billing-3",
    ]
    assert [(finding.code, finding.repository, finding.source) for finding in expanded.findings] == [
        ("duplicate-repository", "repository:acme/billing-2", "b"),
        ("duplicate-repository", "repository:acme/billing-3", "c"),
    ]


def test_two_repositories_of_one_glob_are_told_apart(tmp_path: Path) -> None:
    for folder in ("a/one", "a/two"):
        make_repository(tmp_path / folder, remote="https://github.com/acme/billing")
    (tmp_path / "site").mkdir()
    [finding] = expand(HarvestOptions(repositories=("../a/*",), folder=tmp_path / "site")).findings
    assert finding.message == (
        "acme/billing stands for two repositories; the one of ../a/two is shown as acme/billing-2, "
        "the one of ../a/one keeps the name."
    )


def test_credentials_are_dropped_and_never_shown(tmp_path: Path) -> None:
    expanded = expand(HarvestOptions(repositories=("https://me:hunter2@github.com/acme/billing",), folder=tmp_path))
    assert [source.url for source in expanded.sources] == ["https://github.com/acme/billing"]
    assert [finding.code for finding in expanded.findings] == ["credentials-in-url"]
    assert "hunter2" not in repr(expanded)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("", r"\[setting\] An entry of `repositories` is empty"),
        ("http://github.com/acme/b", r"is http, which anybody .* `allow_http: true`"),
        ("ftp://github.com/acme/b", "cannot be cloned"),
        ("ext::https://github.com/acme/b", "cannot be cloned"),
        ("ext::sh -c touch% /tmp/pwned", "cannot be cloned"),
        ("ssh://-oProxyCommand=touch${IFS}pwned/x", "cannot be cloned"),
        ("https://example.org/acme/b?private_token=hunter2", r"b\?private_token=\*\*\* is not a clone URL"),
        ("nothing/*", r"\[no-match\] nothing/\* matches no repository"),
        ({"branch": "x"}, "names neither `path` nor `url`"),
        ({"path": "x", "brnch": "y"}, "unknown key 'brnch'"),
        ({"path": "x", "branch": ""}, "`branch` of x is not text"),
        ({"path": "x", "forge": "sourceforge"}, "not a forge that is known"),
        (7, "neither text nor a mapping"),
    ],
)
def test_an_entry_that_cannot_be(tmp_path: Path, entry: object, message: str) -> None:
    make_repository(tmp_path / "good")
    expanded = expand(HarvestOptions(repositories=(entry, "good"), folder=tmp_path))  # type: ignore[arg-type]
    assert expanded.sources[-1].name == "good"
    assert re.search(message, complaint(tmp_path, entry))


def test_one_name_for_many(tmp_path: Path) -> None:
    make_repository(tmp_path / "a")
    make_repository(tmp_path / "b")
    assert "cannot all be called" in complaint(tmp_path, {"path": "*", "name": "acme/x"})
