"""Beside plugins that look at every page: the site is built twice, and what holds is kept."""

import logging
import re

import pytest
from bs4 import BeautifulSoup
from make.built import contents, dead_links, searched_by_mkdocs
from make.git import git, make_repository
from make.search_index import searchable
from make.site import Site
from make.snapshot import NOW, guardrails, likely
from msgspec.structs import replace

from mkdocs_gitguard.model import Snapshot

# What other plugins warn of is their own affair.
pytestmark = pytest.mark.filterwarnings("ignore")

FACTS = likely(repositories=1, pull_requests=2, files=3)
DOCS = {
    "index.md": "# Hello\n\n[code](repository/acme/billing.md)\n",
    "about.md": "# About\n",
    "guide/index.md": "# Guide\n",
    "guide/more.md": "# More\n",
}
OF_PORTAL = ["Overview", "Browse", "Policy", "Health", "About"]
KEPT = re.compile(r"Pages: 0 made, (\d+) kept")
LANGUAGES = [
    {"locale": "en", "name": "English", "default": True, "build": True},
    {"locale": "de", "name": "Deutsch", "build": True, "nav_translations": {"Browse": "Stöbern"}},
]


@pytest.fixture(autouse=True)
def _same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOW.timestamp())))
    monkeypatch.setenv("SLO_MONITORING_ENABLED", "false")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Mira")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "mira@example.org")


def lay_down(
    site: Site, plugin: str | dict, docs: dict[str, str] | None = None, facts: Snapshot = FACTS, **config
) -> None:
    options = {"strict_findings": "never"}
    site.write(
        facts, options=options, plugins=["search", "gitguard", plugin], docs=DOCS if docs is None else docs, **config
    )
    (site.folder / ".gitignore").write_text("site\n.gitguard\n")
    make_repository(site.folder)
    git(site.folder, "add", "--all")
    git(site.folder, "commit", "--quiet", "--message", "Write it down")


def check_two_builds(site: Site, caplog: pytest.LogCaptureFixture | None, *, root: str = "/") -> None:
    """Build it from nothing, and again with nothing moved: the same bytes, and no page is made.

    Without `caplog` in processes of their own, for plugins that leave things behind when they end.
    """
    build(site, caplog)
    first = contents(site.output)
    assert dead_links(site.output, root=root) == []
    assert "pull-request/acme/billing/2" in {entry.url.rstrip("/") for entry in searchable(site.output)}
    output = build(site, caplog)
    assert contents(site.output) == first
    kept = KEPT.search(output)
    assert kept, output
    assert int(kept[1]) > 10
    of_mkdocs = searched_by_mkdocs(site.output)
    assert "" in of_mkdocs
    assert not [page for page in of_mkdocs if page.startswith(("pull-request", "repository"))]


def build(site: Site, caplog: pytest.LogCaptureFixture | None) -> str:
    if caplog is None:
        done = site.run("mkdocs", "build", "--strict")
        assert done.returncode == 0, done.stderr
        return done.stderr
    caplog.clear()
    caplog.set_level(logging.INFO, "mkdocs")
    site.build(strict=True)
    return caplog.text


def nav_of(site: Site, url: str) -> list[str]:
    soup = BeautifulSoup(site.page(url), "html.parser")
    return [item.find(["a", "label"]).get_text(" ", strip=True) for item in soup.select(".md-nav--primary > ul > li")]


def test_tags(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    docs = {**DOCS, "about.md": "---\ntags: [second]\n---\n# About\n", "tags.md": "# Tags\n\n<!-- material/tags -->\n"}
    lay_down(site, "tags", docs)
    check_two_builds(site, caplog)
    assert nav_of(site, "repository") == ["Hello", "About", "Tags", "Guide", *OF_PORTAL]
    assert BeautifulSoup(site.page("tags"), "html.parser").select_one('article a[href="../about/"]')
    assert "second" in BeautifulSoup(site.page("about"), "html.parser").select_one(".md-tag").text


def test_dates_of_the_history_stand_on_pages_that_have_one(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    lay_down(site, {"git-revision-date-localized": {"enable_creation_date": True}})
    check_two_builds(site, caplog)
    assert "git-revision-date-localized-plugin" in site.page("about")
    for url in ("overview", "repository/acme/billing"):
        assert "git-revision-date-localized-plugin" not in site.page(url)


def test_authors(site: Site, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(site.folder)
    lay_down(site, "git-authors", {**DOCS, "about.md": "# About\n\n{{ git_page_authors }}\n"})
    check_two_builds(site, caplog)
    assert "Mira" in BeautifulSoup(site.page("about"), "html.parser").select_one(".git-page-authors").text


def test_macros(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    lay_down(site, "macros", {**DOCS, "about.md": "# About\n\n{{ 6 * 7 }}\n"})
    check_two_builds(site, caplog)
    assert "42" in site.page("about")


@pytest.mark.parametrize("brackets", ["{{ %s }}", "[[ %s ]]"])
def test_macros_do_not_run_what_a_policy_is_called(site: Site, monkeypatch: pytest.MonkeyPatch, brackets: str) -> None:
    title = brackets % "cycler.__init__.__globals__.os.mkdir(dict(ran=1)|first)"
    facts = guardrails()
    facts = replace(facts, policies=tuple(replace(policy, title=title) for policy in facts.policies))
    macros = {"macros": {"j2_variable_start_string": brackets[:2], "j2_variable_end_string": brackets[-2:]}}
    lay_down(site, macros, {**DOCS, "index.md": "# Hello\n"}, facts)
    monkeypatch.chdir(site.folder)
    # With a hook that takes part in each page, MkDocs makes ours as well.
    site.write(facts, plugins=["search", "gitguard", macros], hooks=["hook.py"], options={"strict_findings": "never"})
    (site.folder / "hook.py").write_text("def on_post_page(output, page, config):\n    return output\n")
    site.build()
    policy = next(site.output.glob("policy/acme/guardrails/rego/hostile/index.html"))
    assert title in BeautifulSoup(policy.read_text(), "html.parser").title.text
    assert not (site.folder / "ran").exists()


def test_monorepo(site: Site) -> None:
    (site.folder / "sub" / "docs").mkdir(parents=True)
    (site.folder / "sub" / "docs" / "index.md").write_text("# Sub\n")
    (site.folder / "sub" / "mkdocs.yml").write_text("site_name: sub\nnav:\n  - Sub home: index.md\n")
    nav = [{"Hello": "index.md"}, {"About": "about.md"}, {"Sub": "!include sub/mkdocs.yml"}]
    lay_down(site, "monorepo", nav=nav)
    check_two_builds(site, None)
    assert nav_of(site, "repository") == ["Hello", "About", "Sub", *OF_PORTAL]
    assert nav_of(site, "sub") == ["Hello", "About", "Sub", *OF_PORTAL]


def test_multirepo(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    other = site.folder / "other"
    files = {"docs/index.md": "# Other\n", "mkdocs.yml": "edit_uri: /blob/main/\nnav:\n  - Other home: index.md\n"}
    make_repository(other, files)
    nav = [{"Hello": "index.md"}, {"Other": f"!import file://{other}?branch=main"}]
    lay_down(site, {"multirepo": {"cleanup": True}}, nav=nav)
    check_two_builds(site, caplog)
    assert nav_of(site, "repository") == ["Hello", "Other", *OF_PORTAL]
    assert nav_of(site, "other") == ["Hello", "Other", *OF_PORTAL]


@pytest.mark.parametrize(
    ("structure", "docs"),
    [
        ("suffix", {**DOCS, "about.de.md": "# Über uns\n"}),
        ("suffix", {"index.en.md": DOCS["index.md"], "index.de.md": "# Hallo\n", "about.md": "# About\n"}),
        ("folder", {"en/index.md": "# Hello\n", "de/index.md": "# Hallo\n", "de/about.md": "# Über uns\n"}),
    ],
    ids=["default as it is", "all by suffix", "folders"],
)
def test_languages_have_one_portal(site: Site, caplog: pytest.LogCaptureFixture, structure: str, docs: dict) -> None:
    i18n = {"i18n": {"docs_structure": structure, "languages": LANGUAGES}}
    lay_down(site, i18n, docs, site_url="https://docs.example.org/acme/")
    if structure == "suffix" and "index.md" in docs:
        check_two_builds(site, caplog, root="/acme/")
    else:
        build(site, caplog)
        assert dead_links(site.output, root="/acme/") == []
    for url in ("", "repository/acme/billing", "overview"):
        assert nav_of(site, url.removesuffix("/acme/billing"))[-5:] == OF_PORTAL
        page = BeautifulSoup(site.page(url), "html.parser")
        assert [link["href"] for link in page.select("a[hreflang]")] == ["/acme/", "/acme/de/"]
    german = BeautifulSoup(site.page("de"), "html.parser")
    assert nav_of(site, "de")[-5:] == ["Overview", "Browse" if structure == "folder" else "Stöbern", *OF_PORTAL[2:]]
    assert german.select_one('.md-nav--primary a[href="../repository/"]')
    assert not (site.output / "de" / "repository").exists()
    sitemap = (site.output / "sitemap.xml").read_text()
    for path in ("", "de/", "overview/", "repository/acme/billing/", "pull-request/acme/billing/2/"):
        assert sitemap.count(f"<loc>https://docs.example.org/acme/{path}</loc>") == 1
    assert "data-gg-search-missing" in site.page("404.html")
