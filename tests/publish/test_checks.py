"""Before a publish: links and anchors lead somewhere, and there is no secret in any byte."""

import gzip
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mkdocs_gitguard.errors import PublishError, SettingError
from mkdocs_gitguard.publish.checks import check_site
from mkdocs_gitguard.publish.link_memory import recall
from mkdocs_gitguard.publish.links import check_links, read_pages
from mkdocs_gitguard.publish.release import describe_site
from mkdocs_gitguard.publish.secrets import read_baseline, scan_secrets

# Put together here, so that no scanner takes this file for a leak.
AWS = "AKIA" + "Z7Q2M4N6P8R1T3V5"
GITHUB = "ghp_" + "a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4e5F6"


def broken(folder: Path, **pages: str) -> list[str]:
    for name, html in {"index": "", **pages}.items():
        path = name.replace("__", "/") + ".html"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(html)
    (folder / "logo.svg").touch()
    files = describe_site(folder)
    found = check_links(read_pages(folder, files, {}), [file.path for file in files])
    return [f"{finding.path} {finding.message}" for finding in found]


@pytest.mark.parametrize(
    "html",
    [
        '<a href="b/">',
        "<a href=b/index.html#here>",
        "<a href='b'>",
        '<a href="b/?q=1#here">',
        '<a href="./#top"><a href="#">',
        '<a href="/b/#here">',
        '<a href="https://example.org/none"><a href="//x/y"><a href="mailto:a@b"><img src="data:,x">',
        '<img src="logo.svg">',
        '<!-- <a href="none"> -->',
        "<script>const x = '<a href=\"none\">'</script>",
        "<p title='<a href=\"none\">'>",
        '<a href="b/#node=x">',
        '<base href="/x/"><a href="none">',
        '<a href="b/#%C3%A9">',
        '<p id="a&amp;b"><a href="#a&b">',
    ],
)
def test_good_links(tmp_path: Path, html: str) -> None:
    assert broken(tmp_path, index=html, b__index='<h2 id="here"><a name="é">') == []


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="none/">', "'none/', which is not there"),
        ('<a class=x href = "../none.html">', "'../none.html', which is not there"),
        ('<a href="b/#there">', "'b/#there', where there is no such anchor"),
        ("<a href=#there>", "'#there', where there is no such anchor"),
        ('<a href="/none">', "'/none', which is not there"),
        ('<script src="none.js"></script>', "'none.js', which is not there"),
        ('<link rel="stylesheet" href="none.css">', "'none.css', which is not there"),
        ("<img src=none.png>", "'none.png', which is not there"),
    ],
)
def test_broken_links(tmp_path: Path, html: str, problem: str) -> None:
    assert broken(tmp_path, index=html, b__index='<h2 id="here">') == [f"index.html links to {problem}."]


def test_a_site_below_a_path(tmp_path: Path) -> None:
    pages = {
        "index": '<link rel="canonical" href="https://acme.github.io/portal/">',
        "404": '<a href="/portal/b/"><a href="/portal/none"><a href="/elsewhere">',
        "b__index": "",
    }
    assert broken(tmp_path, **pages) == ["404.html links to '/portal/none', which is not there."]


@pytest.mark.parametrize(
    "secret", [AWS, GITHUB, "-----BEGIN RSA " + "PRIVATE KEY-----", "https://u:hunter22" + "@example.org"]
)
def test_a_secret_is_found_and_not_shown(tmp_path: Path, secret: str) -> None:
    (tmp_path / "index.html").write_text(f"<p>\n<code>{secret}</code>\n")
    (found,) = scan_secrets(tmp_path, ["index.html"])
    assert (found.path, found.line, found.severity) == ("index.html", 2, "error")
    assert secret not in found.message + found.hint


def test_secrets_in_packed_and_binary_files(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(json.dumps({"key": AWS}).encode()))
    (tmp_path / "b.sqlite").write_bytes(b"\x00\xff\x00" + AWS.encode() + b"\x00")
    assert [found.path for found in scan_secrets(tmp_path, ["a.json.gz", "b.sqlite"])] == ["a.json.gz", "b.sqlite"]


def test_digests_and_words_are_no_secrets(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"{'0a1b2c3d' * 8}\nsha256-{'q1W2' * 11}=\npassword: required\n10.0.0.1 8.8.8.8\n")
    assert scan_secrets(tmp_path, ["a"]) == []


def test_what_somebody_looked_at_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"{AWS}\n{GITHUB} # pragma: allowlist secret\n")
    (found,) = scan_secrets(tmp_path, ["a"])
    fingerprint = found.message.split()[-1].rstrip(".")
    baseline = tmp_path / ".secrets.baseline"
    baseline.write_text(json.dumps({"results": {"docs/a.md": [{"hashed_secret": fingerprint}]}}))
    assert scan_secrets(tmp_path, ["a"], accepted=read_baseline(baseline)) == []
    assert read_baseline(tmp_path / "none") == frozenset()
    baseline.write_text("[]")
    with pytest.raises(SettingError, match="is not a detect-secrets baseline"):
        read_baseline(baseline)


def test_pages_that_have_not_changed_are_not_read_again(tmp_path: Path) -> None:
    """What they link to is remembered, and judged anew: a page may go that an old page links to."""
    site, state = tmp_path / "site", tmp_path / "state.db"
    (site / "b").mkdir(parents=True)
    (site / "index.html").write_text('<a href="b/#here">')
    (site / "b/index.html").write_text('<p id="here"><a href="../">')

    def check() -> list[str]:
        found = check_site(site, describe_site(site), root=tmp_path, state_file=state).findings
        return [f"{finding.path} {finding.message}" for finding in found]

    assert check() == []
    known = recall(state)
    assert {page.links for page in known.values()} == {("b/#here",), ("../",)}
    files = describe_site(site)
    shutil.rmtree(site)
    assert {page.content.links for page in read_pages(site, files, known).values()} == {("b/#here",), ("../",)}
    (site / "b").mkdir(parents=True)
    (site / "index.html").write_text('<a href="b/#here">')
    (site / "b/index.html").write_text('<p id="there">')
    assert check() == ["index.html links to 'b/#here', where there is no such anchor."]
    assert {page.anchors for page in recall(state).values()} == {frozenset(), frozenset({"there"})}


def test_a_memory_that_is_broken_costs_nothing_but_time(tmp_path: Path) -> None:
    site, state = tmp_path / "site", tmp_path / "state.db"
    site.mkdir()
    (site / "index.html").write_text('<a href="none">')
    files = describe_site(site)

    def check(state_file: Path) -> int:
        return len(check_site(site, files, root=tmp_path, state_file=state_file).findings)

    assert check(state) == 1
    with closing(sqlite3.connect(state)) as database, database:
        database.execute("UPDATE page_links SET links = x'c1'")
    assert recall(state) == {}
    assert check(state) == 1
    state.with_name("state.db-wal").unlink(missing_ok=True)
    state.write_bytes(b"no database at all" * 100)
    assert check(state) == 1
    assert check(tmp_path / "missing" / "state.db") == 1


def test_a_page_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "index.html").touch()
    files = describe_site(tmp_path)
    (tmp_path / "index.html").unlink()
    with pytest.raises(PublishError, match=r"index\.html cannot be read: No such file"):
        read_pages(tmp_path, files, {})
