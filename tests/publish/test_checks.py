"""Before a publish: links and anchors lead somewhere, and there is no secret in any byte."""

import gzip
import json
from pathlib import Path

import pytest

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.publish.links import check_links
from mkdocs_gitguard.publish.secrets import read_baseline, scan_secrets

# Put together here, so that no scanner takes this file for a leak.
AWS = "AKIA" + "Z7Q2M4N6P8R1T3V5"
GITHUB = "ghp_" + "a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4e5F6"


def broken(folder: Path, **pages: str) -> list[str]:
    paths = []
    for name, html in {"index": "", **pages}.items():
        path = name.replace("__", "/") + ".html"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(html)
        paths.append(path)
    (folder / "logo.svg").touch()
    return [f"{found.path} {found.message}" for found in check_links(folder, [*paths, "logo.svg"])]


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
    with pytest.raises(SettingError, match="is no detect-secrets baseline"):
        read_baseline(baseline)
