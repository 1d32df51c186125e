"""Sharing one rendering of the theme must not show in a single byte."""

import json

import pytest
import yaml
from bs4 import BeautifulSoup
from make.git import commit, make_repository
from make.site import Site
from make.snapshot import hostile, likely

from mkdocs_gitguard.plugins import own_pages, portal_build, shared_theme
from mkdocs_gitguard.plugins.lean_frame import LeanFrame
from mkdocs_gitguard.site_build.wishes import CLEAN

FEATURES = [
    "navigation.tabs",
    "navigation.path",
    "navigation.footer",
    "navigation.indexes",
    "content.action.edit",
    "toc.integrate",
]
THEMES = {
    "material": {"name": "material", "font": False},
    "material with everything": {"name": "material", "font": False, "features": FEATURES},
    "mkdocs": {"name": "mkdocs", "color_mode": "auto"},
    "readthedocs": {"name": "readthedocs"},
}


def outputs(site: Site) -> dict[str, bytes]:
    paths = {str(path.relative_to(site.output)): path for path in site.output.rglob("*.html")}
    # Status pages and dashboards show what was measured before a build: at the second, the first.
    return {name: path.read_bytes() for name, path in paths.items() if not name.startswith(("status/", "dashboards/"))}


def count_renderings(monkeypatch) -> list[str]:
    rendered: list[str] = []
    fill = shared_theme._fill

    def spy(parts, values):
        rendered.append(values["title"])
        return fill(parts, values)

    monkeypatch.setattr(shared_theme, "_fill", spy)
    return rendered


@pytest.mark.parametrize("snapshot", [likely(repositories=2, pull_requests=8), hostile()], ids=["likely", "hostile"])
@pytest.mark.parametrize("theme", THEMES)
def test_the_same_bytes_as_the_theme_itself(site: Site, monkeypatch, theme, snapshot) -> None:
    site.write(
        snapshot, theme=THEMES[theme], site_url="https://portal.example.org/x/", repo_url="https://github.com/acme/site"
    )
    rendered = count_renderings(monkeypatch)
    shared = outputs(site.__class__(site.build().parent))
    assert len(rendered) > 10 or theme == "readthedocs"
    monkeypatch.setattr(shared_theme, "_ENOUGH", 10**9)
    assert shared == outputs(site.__class__(site.build().parent))


def write_policies(site: Site, theme: dict[str, object]) -> None:
    """Lay down a site of policies whose rules are called differently, some of them as no theme prints them."""
    names = [f"no-secret-{number}" for number in range(7)] + ["a <b> & 'c'", "two  spaces", "Ä &lt; {{ x }}", "x" * 300]
    rules = [
        f"rules:\n- id: {json.dumps(name)}\n  message: Do not.\n  severity: ERROR\n  languages: [python]\n  pattern: x\n"
        for name in names
    ]
    files = {f"semgrep/policy{number}.yaml": rule for number, rule in enumerate(rules)}
    commit(make_repository(site.folder / "acme/guardrails"), "Guard", files)
    (site.folder / "docs").mkdir(exist_ok=True)
    plugins = ["search", {"gitguard": {"repositories": ["acme/*"], "strict_findings": "never"}}]
    config = {"site_name": "Acme", "theme": theme, "plugins": plugins}
    (site.folder / "mkdocs.yml").write_text(yaml.safe_dump(config))


@pytest.mark.parametrize("shouts", [False, True], ids=["as it is", "in capitals"])
@pytest.mark.parametrize("theme", THEMES)
def test_pages_with_headings_of_their_own_share_a_rendering(
    site: Site, monkeypatch, theme: str, *, shouts: bool
) -> None:
    overrides = site.folder / "overrides" / "partials"
    overrides.mkdir(parents=True)
    if shouts:
        (overrides / "toc-item.html").write_text(
            '<li><a href="{{ toc_item.url }}">{{ toc_item.title | upper }}</a></li>'
        )
    write_policies(site, {**THEMES[theme], "custom_dir": str(overrides.parent)})
    filled = count_renderings(monkeypatch)
    shared = outputs(site.__class__(site.build().parent))
    assert any("no-secret" in name for name in shared)
    own = [title for title in filled if title.startswith("policy")]
    shows_headings = theme == "material"  # Integrated, it stands in the navigation, where these pages are not.
    assert bool(own) == (theme != "readthedocs" and not (shouts and shows_headings))
    monkeypatch.setattr(shared_theme, "_ENOUGH", 10**9)
    assert shared == outputs(site.__class__(site.build().parent))


@pytest.mark.parametrize(
    ("looks_at", "shown"),
    [("page.url", "pull-request/acme/billing/2/"), ("(page.meta.title or page.title)[:4] if page", "#2 ")],
    ids=["url", "cut title"],
)
def test_a_theme_that_needs_the_page_itself_renders_every_page(site: Site, looks_at, shown) -> None:
    overrides = site.folder / "overrides"
    overrides.mkdir()
    (overrides / "main.html").write_text(
        f'{{% extends "base.html" %}}{{% block extrahead %}}<meta name="t" content="{{{{ {looks_at} }}}}">{{% endblock %}}'
    )
    site.write(
        likely(repositories=1, pull_requests=9), theme={**THEMES["material"], "custom_dir": str(overrides)}
    ).build()
    soup = BeautifulSoup(site.page("pull-request/acme/billing/2"), "html.parser")
    assert soup.select_one("meta[name=t]")["content"].startswith(shown)


def test_what_another_plugin_puts_into_the_context_is_kept(site: Site) -> None:
    hook = "def on_page_context(context, page, config, nav):\n    context['mine'] = page.url\n"
    (site.folder / "hook.py").write_text(hook)
    overrides = site.folder / "overrides"
    overrides.mkdir()
    (overrides / "main.html").write_text(
        '{% extends "base.html" %}{% block extrahead %}<i id="{{ mine }}">{% endblock %}'
    )
    snapshot = likely(repositories=1, pull_requests=9)
    site.write(snapshot, theme={**THEMES["material"], "custom_dir": str(overrides)}, hooks=["hook.py"]).build()
    assert 'id="pull-request/acme/billing/2/"' in site.page("pull-request/acme/billing/2")


@pytest.mark.parametrize("directory_urls", [True, False])
@pytest.mark.parametrize("theme", THEMES)
def test_pages_made_beside_mkdocs_are_those_that_mkdocs_makes(
    site: Site, monkeypatch, theme: str, *, directory_urls: bool
) -> None:
    site.write(
        likely(repositories=2, pull_requests=8),
        theme=THEMES[theme],
        site_url="https://portal.example.org/x/",
        use_directory_urls=directory_urls,
        docs={"about.md": "# About\n\n[a link](repository/acme/billing.md)\n"},
    )

    def built() -> tuple[dict[str, bytes], list[str], list[str]]:
        pages = outputs(site.__class__(site.build().parent))
        entries = json.loads((site.output / "search/search_index.json").read_text())["docs"]
        urls = (site.output / "sitemap.xml").read_text().split("<url>")[1:]
        return pages, sorted(map(json.dumps, entries)), sorted(url.partition("</url>")[0] for url in urls)

    # What of the theme's stands in files instead: tests/plugins/test_lean_frame.py and tests/browser/test_lean_frame.py.
    monkeypatch.setattr(LeanFrame, "lean", lambda _self, html, _base: html)
    beside = built()
    monkeypatch.setattr(portal_build, "page_hooks", lambda *_: ["a plugin that takes part"])
    assert beside == built()


@pytest.mark.parametrize("theme", ["material", "mkdocs"])
def test_pages_made_side_by_side_are_those_made_one_after_the_other(site: Site, monkeypatch, caplog, theme) -> None:
    overrides = site.folder / "overrides" / "gitguard"
    overrides.mkdir(parents=True)
    (overrides / "pull_request.html").write_text(
        "{% if change.number == 3 %}{{ 1 // 0 }}{% endif %}<p>{{ ui.name(change.title) }}</p>"
    )
    custom = {**THEMES[theme], "custom_dir": str(overrides.parent)}
    site.write(likely(repositories=3, pull_requests=8), theme=custom)
    monkeypatch.setenv(CLEAN, "1")

    def built(enough: int) -> tuple[dict[str, bytes], list[str]]:
        caplog.clear()
        monkeypatch.setattr(own_pages, "_ENOUGH", enough)
        files = outputs(site.__class__(site.build().parent))
        files["search"] = (site.output / "search/search_index.json").read_bytes()
        return files, [record.getMessage() for record in caplog.records if "cannot be made" in record.getMessage()]

    monkeypatch.setattr(own_pages, "cores", lambda: 3)
    monkeypatch.setattr(own_pages, "may_copy", lambda: True)
    copied = []
    side_by_side = own_pages.side_by_side
    monkeypatch.setattr(
        own_pages,
        "side_by_side",
        lambda make, paths, copies: (copied.append(copies), side_by_side(make, paths, copies))[1],
    )
    apart, one_by_one = built(2), built(10**9)
    assert copied == [3]
    assert len(one_by_one[1]) == 3
    assert apart == one_by_one
