"""The plugin in real builds by MkDocs."""

import json
import sys
from datetime import UTC, datetime
from urllib.parse import unquote

import msgspec
import pytest
from bs4 import BeautifulSoup
from make.git import make_repository
from make.site import Site
from make.snapshot import likely
from mkdocs.exceptions import Abort

from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build.options import GitGuardConfig
from mkdocs_gitguard.site_build.read import read_site

SMALL = likely(repositories=2, pull_requests=3, files=5)


def groups_of(soup: BeautifulSoup) -> dict[str, list[str]]:
    """Return by title the entries of each section that stands open in Material's navigation."""
    return {
        item.label.get_text(strip=True): [a.get_text(strip=True) for a in item.select("nav > ul > li > a")]
        for item in soup.select(".md-nav--primary > ul > li.md-nav__item--section")
    }


def test_one_plugin_entry_gives_a_portal(site: Site) -> None:
    site.write(SMALL).build()
    soup = BeautifulSoup(site.page(""), "html.parser")
    assert soup.h1.text == "Acme"
    assert groups_of(soup)["Browse"][:2] == ["Repositories", "Pull requests"]
    assert "acme/billing" in site.page("repository/acme/billing")
    assert soup.select_one("link[href='assets/gitguard/portal.css']")


def test_a_build_without_findings_is_clean_when_strict(site: Site) -> None:
    site.write(likely(repositories=0)).build(strict=True)


def test_findings_fail_a_strict_build(site: Site, caplog) -> None:
    site.write(SMALL)
    with pytest.raises(Abort, match="1 warning"):
        site.build(strict=True)
    assert "shallow-clone" in caplog.text
    assert "git fetch --unshallow" in caplog.text


def test_findings_that_the_site_does_not_count_pass(site: Site) -> None:
    site.write(SMALL, options={"strict_findings": "error"}).build(strict=True)


@pytest.mark.parametrize(
    ("owners", "title"),
    [(["acme"], "acme"), (["acme", "acme", "globex"], "acme"), (["acme", "globex"], "Our portal"), ([], "Our portal")],
)
def test_a_portal_is_called_by_whose_most_of_its_repositories_are(tmp_path, owners: list[str], title: str) -> None:
    for number, owner in enumerate(owners):
        make_repository(tmp_path / f"r{number}", {"a": "1"}, remote=f"https://github.com/{owner}/r{number}.git")
    options = GitGuardConfig()
    options.load_dict({"repositories": ["r*"]})
    options.validate()
    settings = resolve_settings(environ={}, root=tmp_path)
    assert read_site(options, tmp_path, settings, site_name="Our portal").snapshot.organization.name == title


def test_mkdocs_index_holds_the_site_s_own_pages_alone(site: Site) -> None:
    site.write(SMALL, docs={"about.md": "# About us\n"}).build()
    index = json.loads((site.output / "search" / "search_index.json").read_text())
    assert {doc["location"].partition("#")[0] for doc in index["docs"]} == {"about/"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"repository": ["."]}, "There is no option 'repository'. Did you mean 'repositories'?"),
        ({"pull_request_pages": -1}, "Expected a whole number of 0 or more but received: -1"),
        ({"strict_findings": "some"}, "strict_findings"),
        ({"diagrams": "mermaid2"}, "`plugins:` does not list mermaid2"),
        ({"home": "../../elsewhere"}, "'home': Expected a path inside the site"),
        ({"home": "over?view"}, "'home': Expected a path inside the site"),
        ({"state_dir": "mkdocs.yml"}, "state_dir"),
        ({"snapshot": "gone.json"}, "gone.json, which cannot be read"),
    ],
)
def test_a_wrong_option_is_named_without_a_traceback(site: Site, options, message) -> None:
    done = site.write(SMALL, options=options).run("mkdocs", "build")
    assert done.returncode != 0
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_diagrams_drawn_in_the_browser_name_the_extra_that_they_need(site: Site, monkeypatch, caplog) -> None:
    monkeypatch.setitem(sys.modules, "mermaidx", None)
    with pytest.raises(Abort):
        site.write(SMALL, options={"diagrams": "client"}).build()
    assert "needs Mermaid on the site. Install it: pip install 'mkdocs-gitguard[offline]'" in caplog.text


def test_a_commit_from_a_far_future_does_not_stop_the_build(site: Site) -> None:
    first, *rest = SMALL.pull_requests
    late = msgspec.structs.replace(first, merged_at=datetime(5138, 11, 16, tzinfo=UTC))
    site.write(msgspec.structs.replace(SMALL, pull_requests=(late, *rest)), site_url="https://acme.example/").build()
    assert "5138-11-16" in site.page(f"pull-request/acme/billing/{first.number}")
    assert "<lastmod>2106-02-06</lastmod>" in site.page("sitemap.xml")


def test_a_page_of_the_users_own_wins(site: Site) -> None:
    site.write(SMALL, docs={"repository/index.md": "# Our repositories\n", "index.md": "# Hello\n"}).build()
    assert "Our repositories" in site.page("repository")
    assert "Hello" in site.page("")
    assert "Acme" in BeautifulSoup(site.page("overview"), "html.parser").h1.text


def test_a_nav_of_the_users_keeps_its_titles_and_gets_the_rest(site: Site) -> None:
    docs = {"index.md": "# Hello\n", "about.md": "# About\n"}
    nav = [{"Start": "index.md"}, {"All code": "repository/index.md"}, {"About us": "about.md"}]
    site.write(SMALL, docs=docs, nav=nav).build()
    soup = BeautifulSoup(site.page(""), "html.parser")
    titles = [a.text.strip() for a in soup.select(".md-nav--primary > ul > li > a")]
    assert titles[:4] == ["Start", "All code", "About us", "Overview"]
    assert titles.count("All code") == 1
    assert "Repositories" not in titles
    assert groups_of(soup)["Browse"][0] == "Pull requests"


def test_the_portal_stands_in_four_groups_and_pages_beside_it_in_the_last(site: Site) -> None:
    site.write(SMALL, docs={"about.md": "# About this portal\n"}).build()
    soup = BeautifulSoup(site.page("repository"), "html.parser")
    groups = groups_of(soup)
    assert [*groups] == ["Browse", "Policy", "Health", "About"]
    assert groups["About"][0] == "About this portal"
    assert "Decisions" not in groups["Policy"]
    assert "Repositories" in soup.select_one(".md-nav--primary .md-nav__item--active .md-nav__item--active").text


def test_sections_of_the_users_own_are_shown_as_the_theme_does(site: Site) -> None:
    site.write(SMALL, docs={"guide/a.md": "# A\n", "guide/b.md": "# B\n"}).build()
    assert not groups_of(BeautifulSoup(site.page(""), "html.parser"))


def test_a_group_is_led_by_none_of_its_pages(site: Site) -> None:
    site.write(SMALL, theme={"name": "material", "features": ["navigation.indexes"]}).build()
    assert "Repositories" in groups_of(BeautifulSoup(site.page(""), "html.parser"))["Browse"]


def test_two_builds_with_one_clock_are_the_same_bytes(site: Site, tmp_path) -> None:
    def files() -> dict:
        paths = {path.relative_to(site.output): path for path in site.output.rglob("*") if path.is_file()}
        # How long a build took stands in `metrics/`, and is another number each time.
        return {name: path.read_bytes() for name, path in paths.items() if name.parts[0] != "metrics"}

    site.write(SMALL, site_url="https://portal.example.org/").build()
    first = files()
    # The status pages show what was measured before a build: nothing, both times.
    for path in (site.folder / ".gitguard").glob("state.db*"):
        path.unlink()
    site.build()
    assert first == files()
    assert any(path.name == "sitemap.xml.gz" for path in first)


def test_pages_name_their_feed_in_the_head_whoever_makes_them(site: Site) -> None:
    built = site.write(likely(repositories=2, pull_requests=3), site_url="https://portal.example.org/x/").build()
    # The first is made by MkDocs, the second by the portal.
    for page in (built / "index.html", next(iter(sorted((built / "repository").glob("*/*/index.html"))))):
        [link] = BeautifulSoup(page.read_text(), "html.parser").select("head link[type='application/atom+xml']")
        # Material's script asks for a sitemap beside what is `alternate` and nothing else.
        assert link["rel"] == ["alternate", "feed"]
        assert (page.parent / unquote(str(link["href"]))).is_file()
    feed = (built / "feed" / "all.xml").read_text()
    assert '<link rel="self" type="application/atom+xml" href="https://portal.example.org/x/feed/all.xml"/>' in feed
