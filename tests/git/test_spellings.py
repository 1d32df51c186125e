"""One repository has many names; a veto and a report may use any of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.git.spellings import ListEntry, Spellings, Unnameable, spellings_of

BASE = Path("/srv/git/site")
SECRET = Spellings(
    names=("acme/Secret", "acme/secret-2"),
    urls=("github.com/acme/Secret",),
    places=("/srv/git/secret", "/srv/git/secret/.git"),
)
AZURE = spellings_of("https://dev.azure.com/acme/proj/_git/zqsecret")
ALIAS = Spellings(names=("acme/zqalias", "acme/zqreal"), urls=("github.com/acme/zqreal",))


@pytest.mark.parametrize(
    "entry",
    [
        "acme/secret", "ACME/SECRET", "secret", "acme/s*", "acme/secret.git", "acme/secret/", "acme%2Fsecret",
        "acme/secret-2", "https://github.com/acme/secret", "https://github.com/acme/secret.git/",
        "https://GitHub.com:443/acme/secret", "git@github.com:acme/secret.git", "git@github.com-work:acme/secret",
        "ssh://git@ssh.github.com:443/acme/secret", "https://me:pw@github.com/acme/secret", "github.com/acme/secret",
        "https://github.com/acme/secret/tree/main", "/srv/git/secret", "/srv/git/secret/", "../secret", "../x/../secret",
    ],
)  # fmt: skip
def test_a_veto_means_the_repository(entry: str) -> None:
    assert ListEntry(entry, loosely=True, base=BASE).means(SECRET)


@pytest.mark.parametrize(
    "entry",
    ["acme/secrets", "other/secret", "https://gitlab.com/acme/secret", "../secrets", "g*/secret", "https://github.com/acme"],
)  # fmt: skip
def test_a_veto_means_no_other(entry: str) -> None:
    assert not ListEntry(entry, loosely=True, base=BASE).means(SECRET)


def test_a_glob_of_names_includes_no_folder_and_no_host() -> None:
    lies_in_acme = Spellings(
        names=("umbrella/x",), urls=("github.com/umbrella/x",), places=("/srv/git/site/acme/x", "/srv/acme/x")
    )
    for entry in ("acme/*", "acme/x", "g*/x", "*acme/x"):
        assert not ListEntry(entry, base=BASE).means(lies_in_acme), entry
    for entry in ("umbrella/*", "./acme/x", "/srv/acme/*", "https://github.com/umbrella/*", "github.com/umbrella/x"):
        assert ListEntry(entry, base=BASE).means(lies_in_acme), entry


def nobody(_: str) -> str:
    return ""


@pytest.mark.parametrize(
    "text",
    [
        "https://dev.azure.com/acme/proj/_git/zqsecret", "https://acme@dev.azure.com/acme/proj/_git/zqsecret",
        "https://acme.visualstudio.com/proj/_git/zqsecret", "git@ssh.dev.azure.com:v3/acme/proj/zqsecret",
        "acme/proj/zqsecret", "acme/proj/zqsecret@0123456789ab", "proj/zqsecret", "zqsecret", "ZQSecret.git",
        "https://DEV.azure.com:443/acme/proj/_git/zqsecret/", "https://dev.azure.com/acme/proj/_git/zqsecret/pullrequest/5",
        "https://dev.azure.com/acme/proj/_git/zqsecret?path=/a&version=GBmain", "acme%2Fproj%2Fzqsecret",
        "https%3A%2F%2Fdev.azure.com%2Facme%2Fproj%2F_git%2Fzqsecret", "https://github.com/acme/zqreal", "acme/zqreal",
        "acme/zqalias", "https://github.com/acme/zqreal/tree/main", "https://github.com/acme/zqreal/pull/5",
        "git@github.com:acme/zqreal.git", "github.com/acme/zqreal", "https://api.github.com/repos/acme/zqreal",
        "https://github.com/acme/zqreal@0123456789abcdef", "pkg:github/acme/zqreal@v1", "  acme/zqreal  ", "acme\\zqreal",
        "https://mirror.example.org:8443/github/acme/zqreal", "repository:acme/zqalias", "zqreal@0123456789abcdef",
        "https://dev.azure.com/acme/proj/_apis/git/repositories/zqsecret", "acme/zqreal!3", "acme/zqreal#3",
        "https://github.com/acme/zqreal.wiki.git", "acme/zqreal.wiki", "/home/runner/work/zqreal", "./zqreal/",
        "C:\\agents\\zqreal", "file:///srv/zqreal.git", "acme/zq\u200breal", "acme\u2215zqreal", "acme/\uff5aqreal",
        "acme/zq\u00adreal", "acme%252Fzqreal", "*acme/zqreal*", "acme\u00b7zqreal",
    ],
)  # fmt: skip
def test_whatever_a_report_calls_it(text: str) -> None:
    assert Unnameable([AZURE, ALIAS]).is_meant(text, is_known=nobody)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("acme/.github", [".github", "acme/.github", "https://github.com/acme/.github/blob/main/a", "/srv/.github"]),
        ("acme/My Project/zq repo", ["zq repo", "My%20Project/zq%20repo", "acme/My Project/zq repo@0123456789ab"]),
        ("acme/proj/a&b", ["a&b", "proj/a&b", "acme/proj/a%26b"]),
        ("acme/x.", ["acme/x.", "x."]),
        ("größe/straße", ["größe/straße", "gro\u0308ße/straße", "Straße"]),
    ],
)  # fmt: skip
def test_names_that_hold_more_than_letters(name: str, texts: list[str]) -> None:
    hidden = Unnameable([Spellings(names=(name,))])
    for text in texts:
        assert hidden.is_meant(text, is_known=nobody), text
    assert not hidden.is_meant("acme/billing", is_known=nobody)


@pytest.mark.parametrize("text", ["", "acme/billing", "https://github.com/acme/billing", "zqrealm", "acme/x/zqreal2"])
def test_other_names_are_others(text: str) -> None:
    assert not Unnameable([AZURE, ALIAS]).is_meant(text, is_known=nobody)


def test_what_is_shown_may_be_named_but_not_on_the_host_of_the_other() -> None:
    hidden = Unnameable([Spellings(names=("platform/acme/billing",), urls=("gitlab.com/platform/acme/billing",))])
    shown = {"acme/billing", "https://github.com/acme/billing", "billing"}
    assert not hidden.is_meant("acme/billing", is_known=shown.__contains__)
    assert not hidden.is_meant("https://github.com/acme/billing", is_known=shown.__contains__)
    assert hidden.is_meant("https://gitlab.com/platform/acme/billing/-/issues/1", is_known=lambda _: True)
    # Which of the two it is, nobody can tell.
    assert hidden.is_meant("billing", is_known=shown.__contains__)


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_means_it_or_not(text: str, name: str) -> None:
    hidden = Unnameable([AZURE, Spellings(names=(name,))])
    assert hidden.is_meant(text, is_known=nobody) in (True, False)
    assert ListEntry(text, loosely=True, base=BASE).means(AZURE) in (True, False)
    assert not Unnameable([]).is_meant(text, is_known=nobody)
