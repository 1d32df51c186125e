"""Before a publish: links and anchors lead somewhere, and there is no secret in any byte."""

import gzip
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import brotli
import pytest
from make.release import NOON

from mkdocs_gitguard.errors import PublishError, SettingError
from mkdocs_gitguard.model import Flags
from mkdocs_gitguard.portal.source_code import excerpt
from mkdocs_gitguard.publish import readable
from mkdocs_gitguard.publish.checks import check_site, refuse
from mkdocs_gitguard.publish.link_memory import recall
from mkdocs_gitguard.publish.links import check_links, read_pages
from mkdocs_gitguard.publish.release import describe_site, make_manifest
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
    findings = check_links(read_pages(folder, files, {}), [file.path for file in files])
    return [f"{finding.path} {finding.message}" for finding in findings]


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
    (finding,) = scan_secrets(tmp_path, ["index.html"])
    assert (finding.path, finding.line, finding.severity) == ("index.html", 2, "error")
    assert secret not in finding.message + finding.hint


def test_secrets_in_packed_and_binary_files(tmp_path: Path) -> None:
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(json.dumps({"key": AWS}).encode()))
    (tmp_path / "b.sqlite").write_bytes(b"\x00\xff\x00" + AWS.encode() + b"\x00")
    assert [finding.path for finding in scan_secrets(tmp_path, ["a.json.gz", "b.sqlite"])] == ["a.json.gz", "b.sqlite"]


COMMENTS = (
    "pragma: allowlist secret",
    "pragma: whitelist secret",
    "pragma: allowlist nextline secret",
    "gitleaks:allow",
    "noqa",
)


@pytest.mark.parametrize("comment", COMMENTS)
def test_no_comment_turns_the_scan_off(tmp_path: Path, comment: str) -> None:
    (tmp_path / "a").write_text(f"# {comment}\n{AWS} # {comment}\n// {comment} {AWS}\n")
    assert [finding.line for finding in scan_secrets(tmp_path, ["a"])] == [2, 3]


KEY = "-----BEGIN {}PRIVATE" + " KEY-----"
SECRETS = {
    "aws": AWS,
    "github": GITHUB,
    "url": "https://u:hun" + "ter22@db.acme.example",
    "rsa": KEY.format("RSA "),
    "plain": KEY.format(""),
    "encrypted": KEY.format("ENCRYPTED "),
    "openssh": KEY.format("OPENSSH "),
    "jwt": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxIn0.c2lnbmF0dXJlc2lnbmF0dXJl",
    "gitlab": "glpat" + "-a1B2c3D4e5F6a1B2c3D4",
    "slack": "xoxb-" + "123456789012-1234567890123-a1B2c3D4e5F6a1B2c3D4e5F6",
    "npm": "//registry.npmjs.org/:_authToken=npm_" + "a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4e5F6",
    "stripe": "sk_live_" + "a1B2c3D4e5F6a1B2c3D4e5F6",
}
SOURCES = {
    "plain.rego": "package x\n\n# {}\ndeny contains 1 if {{ true }}\n",
    "string.rego": 'package x\n\nkey := "{}"\n',
    "raw.rego": "package x\n\nkey := `{}`\n",
    "quoted.yaml": 'on: push\nenv:\n  KEY: "{}"\n',
    "bare.yaml": "on: push\nenv:\n  KEY: {}\n",
    "flow.yaml": "on: push\nenv: {{KEY: {}, OTHER: 1}}\n",
    "folded.yaml": "on: push\nenv:\n  KEY: >-\n    {}\n",
    "comment.yaml": "on: push\n\n\n# {}\n",
    "bare.tf": "\n\n{}\n",
    "string.tf": 'resource "x" "y" {{\n  key = "{}"\n}}\n',
    "heredoc.tf": "x = <<EOF\n\n{}\nEOF\n",
    "x.json": '{{\n"a": 1,\n"key": "{}"\n}}\n',
    "x.py": "a = 1\nb = 2\nkey = '{}'\n",
    "x.txt": "\n\nx {} y\n",
}


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("name", SOURCES)
def test_what_a_page_shows_of_a_source_is_scanned_as_readers_see_it(tmp_path: Path, kind: str, name: str) -> None:
    source = SOURCES[name].format(SECRETS[kind])
    line = source[: source.index(SECRETS[kind])].count("\n") + 1
    shown = excerpt(source, name, 1, 9, url=lambda number: f"https://acme.example/x?a=1&b=2#L{number}")
    (tmp_path / "index.html").write_text(f'<html>\n<body\nclass="x">\n{shown}\n</body>')
    findings = scan_secrets(tmp_path, ["index.html"])
    assert {item.line for item in findings} == {line + 3}
    for item in findings:
        assert f" in line {line} of the source (https://acme.example/x?a=1&b=2#L{line}): " in item.message
        assert SECRETS[kind] not in item.message + item.hint


@pytest.mark.parametrize(
    "html",
    [
        f"<b>{AWS[:7]}</b><wbr>{AWS[7:]}",
        f"{AWS[:7]}<span\n class='a>b'\n>{AWS[7:]}</span>",
        f"{AWS[:7]}<!-- x\n -->{AWS[7:]}",
        "".join(f"&#{ord(letter)};" for letter in AWS),
        f'<img alt="{AWS[:7]}&#x{ord(AWS[7]):x};{AWS[8:]}">',
        f"<script>x = '\\u0041{AWS[1:]}'</script>",
        f"<svg><text><tspan x='1'>{AWS[:7]}</tspan><tspan>{AWS[7:]}</tspan></text></svg>",
        "-----BEGIN RSA\n   PRIVATE" + " KEY-----",
        "-----BEGIN</td>\n<td>EC PRIVATE" + " KEY-----",
    ],
)
def test_whatever_cuts_a_secret_in_two(tmp_path: Path, html: str) -> None:
    (tmp_path / "x.html").write_text(f"<p\nid='y'\n>&lt;&amp;\n<pre>\n&quot;\n</pre>{html}</p>\n")
    (finding,) = scan_secrets(tmp_path, ["x.html"])
    assert finding.line == 6


def test_what_stands_apart_is_not_put_together(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text(f"<td>{AWS[:7]}</td><td>{AWS[7:]}</td>{AWS[:7]}<br>{AWS[7:]}")
    assert scan_secrets(tmp_path, ["x.html"]) == []


def test_escapes_of_json(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a":\n"\\n\\tgh\\u0070_' + GITHUB[4:] + '\\n"}')
    (finding,) = scan_secrets(tmp_path, ["x.json"])
    assert finding.line == 2


def test_a_text_that_sqlite_has_cut(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.sqlite")) as database, database:
        database.execute('CREATE TABLE "a""b" (text TEXT)')
        for length in range(0, 9000, 10):
            database.execute('INSERT INTO "a""b" VALUES (?)', (" " * length + AWS + " " * (9000 - length),))
    data = (tmp_path / "x.sqlite").read_bytes()
    (tmp_path / "y.sqlite.gz").write_bytes(gzip.compress(data.replace(AWS.encode(), b"x" * len(AWS))))
    assert len(scan_secrets(tmp_path, ["x.sqlite"])) > 0
    (finding,) = scan_secrets(tmp_path, ["y.sqlite.gz"])
    assert (finding.path, finding.line) == ("y.sqlite.gz", 0)


def test_packed_files_are_scanned_wholly_or_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readable, "_BLOCK", 1 << 17)
    text = b"".join(b"%d\n" % number for number in range(200_000))
    for place, content in {
        "last": text + AWS.encode(),
        "one-line": b"x" * ((1 << 17) - 10) + AWS.encode() + b" " * (1 << 20),
        "first": AWS.encode() + b"\n" + text,
    }.items():
        (tmp_path / f"{place}.gz").write_bytes(gzip.compress(content))
        (tmp_path / f"{place}.br").write_bytes(brotli.compress(content, quality=1))
        (tmp_path / f"{place}.tgz").write_bytes(gzip.compress(content))
        for ending, line in (
            ("gz", content[: content.index(AWS.encode())].count(b"\n") + 1),
            ("br", None),
            ("tgz", None),
        ):
            (finding,) = scan_secrets(tmp_path, [f"{place}.{ending}"])
            assert line in {None, finding.line}
    monkeypatch.setattr(readable, "_MOST_UNPACKED", 1_000_000)
    (finding,) = scan_secrets(tmp_path, ["last.gz"])
    assert finding.code == "unreadable-output"
    assert finding.message == "holds more than 1,000,000 bytes, which is too much to look through."


def test_a_packed_sibling_of_other_content_is_scanned(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    for ending, data in (("gz", gzip.compress(AWS.encode())), ("br", brotli.compress(AWS.encode()))):
        (tmp_path / f"a.json.{ending}").write_bytes(data)
        assert len(scan_secrets(tmp_path, ["a.json", f"a.json.{ending}"])) == 1
    (tmp_path / "a.json").write_text(AWS)
    assert [finding.path for finding in scan_secrets(tmp_path, ["a.json", "a.json.gz", "a.json.br"])] == ["a.json"]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("x.gz", b"\x1f\x8b\x08\0\0broken", "is not a whole gzip file: "),
        ("x.gz", gzip.compress(b"a long text " * 99, mtime=0)[:40], "is not a whole gzip file: "),
        ("x.gz", gzip.compress(b"a", mtime=0)[:-1], "is not a whole gzip file: "),
        ("x.gz", gzip.compress(b"a", mtime=0) + b"more", "is not a whole gzip file: "),
        ("x.gz", b"hi", "is not a whole gzip file: "),
        ("x.gz", b"", "is empty, which no .gz file is."),
        ("x.svgz", b"\x1f\x8b\x08", "is not a whole gzip file: "),
        ("x.br", b"hi", "is not a"),
        ("x.br", brotli.compress(b"a long text " * 99)[:10], "is not a whole brotli file."),
        ("x.br", b"", "is empty, which no .br file is."),
    ],
)
def test_a_file_that_cannot_be_unpacked_is_named(tmp_path: Path, name: str, content: bytes, problem: str) -> None:
    (tmp_path / name).write_bytes(content)
    (finding,) = scan_secrets(tmp_path, [name])
    assert (finding.code, finding.path) == ("unreadable-output", name)
    assert finding.message.startswith(problem)
    with pytest.raises(PublishError, match=rf"findings and was not published:\n  {name} is "):
        refuse([finding])


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    (finding,) = scan_secrets(tmp_path, ["gone.txt"])
    assert finding.message == "cannot be read: No such file or directory."


def test_what_is_taken_out_of_the_baseline_is_scanned_again(tmp_path: Path) -> None:
    site, state = tmp_path / "site", tmp_path / "state.db"
    site.mkdir()
    (site / "index.html").write_text(AWS)
    files = describe_site(site)
    (finding,) = check_site(site, files, root=tmp_path, state_file=state).findings
    fingerprint = finding.message.split()[-1].rstrip(".")
    baseline = tmp_path / ".secrets.baseline"
    baseline.write_text(json.dumps({"results": {"x": [{"hashed_secret": fingerprint}]}}))
    passed = check_site(site, files, root=tmp_path, state_file=state)
    assert passed.findings == ()
    before = make_manifest(files, created_at=NOON, phase="canary", flags=Flags(), checks=passed.versions)
    assert check_site(site, files, root=tmp_path, state_file=state, before=before).scanned == 0
    baseline.unlink()
    again = check_site(site, files, root=tmp_path, state_file=state, before=before)
    assert (len(again.findings), again.scanned) == (1, 1)


def test_digests_and_words_are_no_secrets(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"{'0a1b2c3d' * 8}\nsha256-{'q1W2' * 11}=\npassword: required\n10.0.0.1 8.8.8.8\n")
    assert scan_secrets(tmp_path, ["a"]) == []


def test_what_somebody_looked_at_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(f"{AWS}\n")
    (finding,) = scan_secrets(tmp_path, ["a"])
    fingerprint = finding.message.split()[-1].rstrip(".")
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
        findings = check_site(site, describe_site(site), root=tmp_path, state_file=state).findings
        return [f"{finding.path} {finding.message}" for finding in findings]

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
    with closing(sqlite3.connect(state)) as database, database:
        # A list with a text that is not UTF-8.
        database.execute("UPDATE page_links SET links = x'9291a1ff90'")
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
