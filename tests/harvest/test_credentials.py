"""A password in a clone URL, in whatever form, is shown nowhere: not in findings, names, URLs or errors."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from make.git import git, make_repository

from mkdocs_gitguard.errors import SettingError, SourceError, mask_credentials
from mkdocs_gitguard.git.forges import find_forge
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.run import harvest
from mkdocs_gitguard.harvest.sources import expand

TOKEN = "zqtok"
users = st.sampled_from(["u", "mira", "x-access-token", "", "a.b"])
odd = st.text(st.sampled_from("@/?#: %&=;\\.!a1\t\n[]'\"é"), max_size=4)
# A token between odd characters: before it, after it, both.
passwords = st.tuples(odd, odd).map(lambda parts: f"{parts[0]}{TOKEN}{parts[1]}")
hosts = st.sampled_from(["localhost:1", "github.com", "[::1]:8443", "git.example.org", "h"])
schemes = st.sampled_from(
    ["https://", "HTTPS://", "http://", "ssh://", "git+ssh://", "git://", "ftp://", "https:/", "//", ""]
)


def written(scheme: str, user: str, password: str, host: str) -> str:
    return f"{scheme}{user}:{password}@{host}{'/' if scheme else ':'}acme/billing.git"


urls = st.one_of(
    st.builds(written, schemes, users, passwords, hosts),
    # The user alone is the token.
    st.builds(lambda scheme, host: f"{scheme}{TOKEN}@{host}{'/' if scheme else ':'}acme/x", schemes, hosts),
    st.builds(lambda sign, key: f"https://git.example.org/acme/x.git{sign}{key}{TOKEN}", st.sampled_from("?#"), st.sampled_from(["", "token=", "a=1&key=", "x&"])),
)  # fmt: skip


def everything(folder: Path, entry: Any) -> str:
    expanded = expand(HarvestOptions(repositories=(entry,), folder=folder))
    # Git itself is given the user of an ssh URL; nobody is shown it.
    shown = [(source.id, source.entry, source.forge) for source in expanded.sources]
    return f"{shown} {[msgspec.to_builtins(finding) for finding in expanded.findings]}"


def as_given(url: str) -> list[Any]:
    return [url, {"url": url}, {"path": url}, {url: "x"}, {"ulr": url}, {"url": url, "nmae": "x"}, [url]]


@given(urls)
def test_no_form_of_entry_shows_its_credentials(url: str) -> None:
    folder = Path("/nonexistent")
    for entry in as_given(url):
        texts = everything(folder, entry)
        assert TOKEN not in texts, (entry, texts)


@given(urls)
def test_no_error_shows_them(url: str) -> None:
    # In a text whose words are separated by blanks a password without blanks is masked whole.
    if any(character.isspace() for character in url) or "@" not in url or "://" not in url:
        return
    authority = url.partition("://")[2]
    if authority.startswith("a.b") and "/" in authority.partition("@")[0] and ":" not in authority.partition("/")[0]:
        return
    for text in (f"fatal: unable to access '{url}/': no", f"see {url} and https://unpkg.com/react@18"):
        assert TOKEN not in mask_credentials(text), text
        assert TOKEN not in str(SourceError(text, hint=text))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("https://u:p@zqtok@h/x", "https://***@h/x"),
        ("https://u:a/zqtok@h:1/x", "https://***@h:1/x"),
        ("https://u:8/zqtok@h/x", "https://***@h/x"),
        ("https://u?zqtok@h/x https://v#zqtok@h/y", "https://***@h/x https://***@h/y"),
        ("ssh://git@h/x", "ssh://***@h/x"),
        ("u:zqtok@h.org:acme/x", "***@h.org:acme/x"),
        ("https://h.org/x?token=zqtok&a=1#key=zqtok", "https://h.org/x?token=***&a=1#key=***"),
        ("https://h.org/u:zqtok@acme/x", "https://h.org/***@acme/x"),
        # None of these holds any.
        ("https://ghcr.io/acme/x:1.2@sha256:0123456789ab", "https://ghcr.io/acme/x:1.2@sha256:0123456789ab"),
        ("https://unpkg.com/react@18/index.js", "https://unpkg.com/react@18/index.js"),
        ("nginx:1.25@sha256:0123456789ab", "nginx:1.25@sha256:0123456789ab"),
        ("oci://localhost:5000/b@sha256:0123456789ab", "oci://localhost:5000/b@sha256:0123456789ab"),
        ("git@github.com:acme/x", "git@github.com:acme/x"),
        ("mail mira@example.org: see https://example.org/a", "mail mira@example.org: see https://example.org/a"),
    ],
)
def test_what_is_masked(text: str, masked: str) -> None:
    assert mask_credentials(text) == masked


@given(st.text(max_size=200))
def test_masking_takes_any_text(text: str) -> None:
    assert mask_credentials(mask_credentials(text)) == mask_credentials(text)


def test_a_remote_of_a_clone_shows_none(tmp_path: Path) -> None:
    for number, url in enumerate(
        [
            "https://u:a/zqtok@h.org/acme/x",
            "https://u:p@zqtok@h.org/acme/x",
            "u:t/zqtok@h.org:x",
            "u:zqtok@h.org:acme/x",
            "zqtok@h.org:a/b",
        ]
    ):
        folder = make_repository(tmp_path / str(number), {"a": "1"})
        git(folder, "config", "remote.origin.url", url)
    result = harvest(HarvestOptions(repositories=("*",), folder=tmp_path))
    assert len(result.facts) == 5
    assert TOKEN not in repr(result.facts) + repr(result.findings)


def test_a_home_page_is_shown_without_them() -> None:
    forge = find_forge(None, name="github", web_url="https://u:zqtok@github.com/acme/x")
    assert forge is not None
    assert forge.web_url == "https://github.com/acme/x"
    for url in ("https://u:a/zqtok@github.com/acme/x", "https://u:p zqtok@github.com/x", "zqtok@x"):
        with pytest.raises(SettingError) as raised:
            find_forge(None, web_url=url)
        assert TOKEN not in str(raised.value)


def test_a_folder_may_have_an_at_sign(tmp_path: Path) -> None:
    make_repository(tmp_path / "team@home" / "b:1", {"a": "1"})
    for entry in ("team@home/b:1", f"file://{tmp_path}/team@home/b:1", "team@home/*", "*@*/b:1"):
        [source] = expand(HarvestOptions(repositories=(entry,), folder=tmp_path)).sources
        assert source.entry == entry
