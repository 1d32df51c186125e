"""Beside the plugins that users combine with ours: whole strict builds, by the real command lines."""

import json
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from make.search_index import searchable
from make.site import Site
from make.snapshot import likely

FACTS = likely(repositories=2, pull_requests=5, files=6)
QUIET = {"strict_findings": "never"}
DOCS = {"index.md": "# Hello\n", "about.md": "# About\n", "guide/index.md": "# Guide\n", "guide/more.md": "# More\n"}


def build(site: Site, *, tool: str = "mkdocs", **config) -> None:
    site.write(FACTS, options=QUIET, **config)
    done = site.run(tool, "build", "--strict")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


def check_portal(site: Site) -> None:
    assert BeautifulSoup(site.page("repository/acme/billing"), "html.parser").h1.text == "acme/billing"
    assert BeautifulSoup(site.page("pull-request/acme/billing/5"), "html.parser").select_one(".gg-merged")
    assert "pull-request/acme/billing/5" in {entry.url.rstrip("/") for entry in searchable(site.output)}
    index = json.loads((site.output / "search" / "search_index.json").read_text())
    assert not [doc for doc in index["docs"] if doc["location"].startswith(("pull-request", "repository"))]


def nav_of(site: Site, url: str = "") -> list[str]:
    soup = BeautifulSoup(site.page(url), "html.parser")
    links = soup.select(".md-nav--primary > ul > li")
    return [item.find(["a", "label"]).get_text(" ", strip=True) for item in links]


@pytest.mark.parametrize("tool", ["mkdocs", "properdocs"])
def test_command_lines(site: Site, tool) -> None:
    build(site, tool=tool, docs=DOCS)
    check_portal(site)


@pytest.mark.parametrize("theme", ["mkdocs", "readthedocs"])
def test_plain_themes(site: Site, theme) -> None:
    build(site, theme={"name": theme}, docs={"about.md": "# About\n"})
    check_portal(site)
    home = BeautifulSoup(site.page(""), "html.parser")
    assert home.find("a", string="Repositories")


def test_without_directory_urls(site: Site) -> None:
    build(site, use_directory_urls=False)
    soup = BeautifulSoup((site.output / "pull-request/acme/billing/5.html").read_text(), "html.parser")
    targets = [a["href"] for a in soup.select(".gg a[href]") if not a["href"].startswith(("http", "#"))]
    assert targets
    for target in targets:
        path = (site.output / "pull-request/acme/billing" / target.split("#")[0].replace("%21", "!")).resolve()
        assert path.is_file(), target


def test_every_inner_link_leads_to_a_page(site: Site) -> None:
    build(site)
    for page in site.output.rglob("*.html"):
        soup = BeautifulSoup(page.read_text(), "html.parser")
        anchors = {element["id"] for element in soup.find_all(id=True)}
        for a in soup.select(".gg a[href]"):
            path, _, anchor = unquote(a["href"]).partition("#")
            if path.startswith("http"):
                continue
            target = site.output / path[1:] if path[:1] == "/" else (page.parent / path).resolve() if path else page
            assert target.exists(), (page, a["href"])
            assert path or anchor in anchors


def test_awesome_nav(site: Site) -> None:
    nav = "nav:\n  - index.md\n  - All code: repository/index.md\n  - guide\n"
    build(site, plugins=["search", "gitguard", "awesome-nav"], docs={**DOCS, ".nav.yml": nav}, not_in_nav="/about.md")
    check_portal(site)
    assert nav_of(site)[:3] == ["Hello", "Repositories", "Guide"] or nav_of(site)[:3] == ["Hello", "All code", "Guide"]
    assert nav_of(site)[3:] == ["Overview", "Browse", "Policy", "Health", "About"]
    assert site.page("").count("Pull requests\n") == 1


def test_literate_nav(site: Site) -> None:
    summary = "* [Hello](index.md)\n* [All code](repository/index.md)\n* [About](about.md)\n* [Guide](guide/)\n"
    build(site, plugins=["search", "gitguard", "literate-nav"], docs={**DOCS, "SUMMARY.md": summary})
    check_portal(site)
    assert nav_of(site)[:3] == ["Hello", "All code", "About"]


def test_section_index(site: Site) -> None:
    nav = [{"Hello": "index.md"}, {"Guide": ["guide/index.md", "guide/more.md"]}, {"About": "about.md"}]
    build(site, plugins=["search", "gitguard", "section-index"], docs=DOCS, nav=nav)
    check_portal(site)


def test_redirects(site: Site) -> None:
    moved = {"redirects": {"redirect_maps": {"old.md": "about.md", "code.md": "repository/index.md"}}}
    build(site, plugins=["search", "gitguard", moved], docs=DOCS)
    check_portal(site)
    assert "../repository/" in site.page("code")


def test_macros(site: Site) -> None:
    build(site, plugins=["search", "macros", "gitguard"], docs={**DOCS, "about.md": "# About\n\n{{ 6 * 7 }}\n"})
    check_portal(site)
    assert "42" in site.page("about")


def test_user_hooks_see_our_pages(site: Site) -> None:
    hook = "def on_post_page(output, page, config):\n    return output.replace('</body>', '<!--seen--></body>')\n"
    (site.folder / "hook.py").write_text(hook)
    build(site, hooks=["hook.py"])
    for url in ("repository/acme/billing", *(f"pull-request/acme/billing/{number}" for number in range(1, 6))):
        assert site.page(url).count("<!--seen-->") == 1


TAKES_THE_SITE = """
from pathlib import Path
from urllib.parse import unquote

def on_post_build(config):
    pages = sorted(Path(config.site_dir).rglob("*.html"))
    for page in pages:
        page.write_text(page.read_text() + "<!-- seen -->")
    names = [page.relative_to(config.site_dir).as_posix() for page in pages]
    Path(config.site_dir, "list.txt").write_text("\\n".join(names))
"""


def test_a_hook_that_takes_the_whole_site_finds_every_page_once_in_every_build(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLO_MONITORING_ENABLED", "false")
    (site.folder / "hook.py").write_text(TAKES_THE_SITE)
    contents = []
    for _ in range(2):
        build(site, docs=DOCS, hooks=["hook.py"])
        contents.append({path: path.read_bytes() for path in site.output.rglob("*.html")})
        assert len(site.page("list.txt").splitlines()) == len(contents[-1])
        assert all(data.count(b"<!-- seen -->") == 1 for data in contents[-1].values())
    assert contents[0] == contents[1]


def test_redirects_leave_pages_as_they_are(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLO_MONITORING_ENABLED", "false")
    moved = {"redirects": {"redirect_maps": {"old.md": "about.md"}}}
    for words in ("because there is no memory", "Pages: 0 made"):
        site.write(FACTS, options=QUIET, plugins=["search", "gitguard", moved], docs=DOCS)
        assert words in site.run("mkdocs", "build").stderr
