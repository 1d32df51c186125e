"""What a remote's address says, and the forges' pages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.forges import find_forge, read_forges
from mkdocs_gitguard.git.remote import parse_remote
from mkdocs_gitguard.model import commit_url, file_url, pull_request_url, tag_url, tree_url, user_url


@pytest.mark.parametrize(
    ("url", "namespace", "name", "forge", "web_url"),
    [
        ("https://github.com/acme/billing.git", "acme", "billing", "github", "https://github.com/acme/billing"),
        ("https://me:secret@github.com/acme/billing", "acme", "billing", "github", "https://github.com/acme/billing"),
        ("git@github.com:acme/billing.git", "acme", "billing", "github", "https://github.com/acme/billing"),
        ("git@github.com-work:acme/billing", "acme", "billing", "github", "https://github.com/acme/billing"),
        ("ssh://git@ssh.github.com:443/acme/billing", "acme", "billing", "github", "https://github.com/acme/billing"),
        ("https://gitlab.com/g/sub/p.git", "g/sub", "p", "gitlab", "https://gitlab.com/g/sub/p"),
        ("https://gitlab.acme.org:8443/g/p", "g", "p", "gitlab", "https://gitlab.acme.org:8443/g/p"),
        ("ssh://git@gitlab.acme.org:2222/g/p.git", "g", "p", "gitlab", "https://gitlab.acme.org/g/p"),
        ("git@bitbucket.org:acme/b.git", "acme", "b", "bitbucket", "https://bitbucket.org/acme/b"),
        (
            "https://bitbucket.acme.org/scm/PAY/b.git",
            "PAY",
            "b",
            "bitbucket",
            "https://bitbucket.acme.org/projects/PAY/repos/b",
        ),
        ("https://codeberg.org/acme/b", "acme", "b", "forgejo", "https://codeberg.org/acme/b"),
        (
            "https://acme@dev.azure.com/acme/pay/_git/b",
            "acme/pay",
            "b",
            "azure",
            "https://dev.azure.com/acme/pay/_git/b",
        ),
        ("git@ssh.dev.azure.com:v3/acme/pay/b", "acme/pay", "b", "azure", "https://dev.azure.com/acme/pay/_git/b"),
        ("https://acme.visualstudio.com/pay/_git/b", "acme/pay", "b", "azure", "https://dev.azure.com/acme/pay/_git/b"),
        (
            "https://acme.visualstudio.com/DefaultCollection/pay/_git/b",
            "acme/pay",
            "b",
            "azure",
            "https://dev.azure.com/acme/pay/_git/b",
        ),
        ("[git@gitlab.acme.org:2222]:team/b.git", "team", "b", "gitlab", "https://gitlab.acme.org/team/b"),
        ("git@[gitlab.acme.org]:team/b.git", "team", "b", "gitlab", "https://gitlab.acme.org/team/b"),
        ("https://git.acme.org./team/b.git", "team", "b", "other", "https://git.acme.org/team/b"),
        ("https://git.acme.org/x/../team/./b.git", "team", "b", "other", "https://git.acme.org/team/b"),
        ("https://git.acme.org/team/b.git", "team", "b", "other", "https://git.acme.org/team/b"),
    ],
)
def test_an_address_tells_name_and_forge(url: str, namespace: str, name: str, forge: str, web_url: str) -> None:
    remote = parse_remote(url)
    assert remote is not None
    assert (remote.namespace, remote.name) == (namespace, name)
    known = find_forge(remote)
    assert known is not None
    assert (known.name, known.web_url) == (forge, web_url)


@pytest.mark.parametrize("url", ["/srv/git/x.git", "../x", "file:///srv/x.git", "user@box:x.git", "https://", "::", ""])
def test_without_pages_there_is_no_forge(url: str) -> None:
    assert find_forge(parse_remote(url)) is None


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_none(url: str) -> None:
    remote = parse_remote(url)
    assert remote is None or remote.path
    find_forge(remote)


def test_links_of_each_forge() -> None:
    def links(url: str) -> list[str]:
        forge = find_forge(parse_remote(url))
        return [
            commit_url(forge, "c0ffee"),
            file_url(forge, "c0ffee", "a b/ü#.py", 3, 5),
            tree_url(forge, "c0ffee", "src"),
            pull_request_url(forge, 7),
            user_url(forge, "mira"),
            tag_url(forge, "v1"),
        ]

    assert links("https://github.com/acme/b") == [
        "https://github.com/acme/b/commit/c0ffee",
        "https://github.com/acme/b/blob/c0ffee/a%20b/%C3%BC%23.py#L3-L5",
        "https://github.com/acme/b/tree/c0ffee/src",
        "https://github.com/acme/b/pull/7",
        "https://github.com/mira",
        "https://github.com/acme/b/releases/tag/v1",
    ]
    assert links("https://gitlab.com/acme/b") == [
        "https://gitlab.com/acme/b/-/commit/c0ffee",
        "https://gitlab.com/acme/b/-/blob/c0ffee/a%20b/%C3%BC%23.py#L3-5",
        "https://gitlab.com/acme/b/-/tree/c0ffee/src",
        "https://gitlab.com/acme/b/-/merge_requests/7",
        "https://gitlab.com/mira",
        "https://gitlab.com/acme/b/-/tags/v1",
    ]
    assert links("https://bitbucket.org/acme/b")[:4] == [
        "https://bitbucket.org/acme/b/commits/c0ffee",
        "https://bitbucket.org/acme/b/src/c0ffee/a%20b/%C3%BC%23.py#lines-3:5",
        "https://bitbucket.org/acme/b/src/c0ffee/src",
        "https://bitbucket.org/acme/b/pull-requests/7",
    ]
    assert links("https://codeberg.org/acme/b")[1] == (
        "https://codeberg.org/acme/b/src/commit/c0ffee/a%20b/%C3%BC%23.py#L3-L5"
    )
    assert links("https://dev.azure.com/acme/pay/_git/b")[3] == "https://dev.azure.com/acme/pay/_git/b/pullrequest/7"
    assert links("https://git.acme.org/team/b") == [""] * 6


def test_a_site_names_its_own_forges() -> None:
    remote = parse_remote("git@git.acme.org:team/b.git")
    assert find_forge(remote) is None
    named = find_forge(remote, hosts={"git.acme.org": "gitea"})
    assert pull_request_url(named, 7) == "https://git.acme.org/team/b/pulls/7"
    own = find_forge(remote, web_url="https://code.acme.org/b", hosts={"code.acme.org": {"commit": "/c/{sha}"}})
    assert commit_url(own, "c0ffee") == "https://code.acme.org/b/c/c0ffee"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "sourceforge"}, "not a forge that is known"),
        ({"web_url": "javascript:alert(1)"}, "`web_url` is"),
        ({"hosts": {"git.acme.org": {"comit": "/c/{sha}"}}}, "unknown pattern 'comit'"),
        ({"hosts": {"git.acme.org": {"commit": "/c/{sha.real}"}}}, "cannot be filled in"),
        ({"hosts": {"git.acme.org": {"commit": "/c/{"}}}, "cannot be filled in"),
    ],
)
def test_what_a_site_says_wrongly(settings: dict, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        find_forge(parse_remote("https://git.acme.org/team/b"), **settings)


def test_the_option_is_read_whole_before_any_host_is_met() -> None:
    patterns = {"type": "gitea", "commit": "/c/{sha}"}
    assert read_forges({"Git.Acme.Org": "gitlab", "code.acme.org": patterns}) == {
        "git.acme.org": "gitlab",
        "code.acme.org": patterns,
    }


@pytest.mark.parametrize(
    ("hosts", "message"),
    [
        ({"git.acme.org": "githb"}, "'githb' is not a forge that is known. Did you mean 'github'?"),
        ({"git.acme.org": ["github"]}, r"`forges` has \['github'\] for git.acme.org"),
        ({"git.acme.org": None}, "`forges` has None for git.acme.org"),
        ({"https://git.acme.org/": "github"}, "Write its bare name"),
        ({7: "github"}, "`forges` has 7 for a host"),
        ({"git.acme.org": {"type": "gitea", "comit": "/c/{sha}"}}, "unknown pattern 'comit' for git.acme.org"),
        ({"git.acme.org": {"commit": "/c/{hash}"}}, "cannot be filled in"),
        ({"git.acme.org": {7: "/c/{sha}"}}, "unknown pattern 7"),
    ],
)
def test_an_option_that_cannot_be(hosts: dict[object, object], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        read_forges(hosts)
