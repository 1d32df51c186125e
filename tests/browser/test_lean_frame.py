"""A page whose frame stands in files is, once it is read, the page that the theme made."""

import shutil

import pytest
from make.site import Site
from make.snapshot import likely

from mkdocs_gitguard.plugins.lean_frame import LeanFrame
from mkdocs_gitguard.site_build.wishes import CLEAN

# The scripts that put the page together have run; those that work on it are kept from it.
PAGE = """() => {
  const page = document.documentElement.cloneNode(true);
  for (const script of page.querySelectorAll("script:not([type])")) script.remove();
  for (const drawing of page.querySelectorAll("svg")) drawing.removeAttribute("xmlns");
  return page.outerHTML;
}"""
THEMES = {
    "material": {
        "name": "material",
        "features": ["navigation.tabs", "navigation.footer", "search.suggest", "search.share"],
        "palette": [{"scheme": "default", "toggle": {"icon": "material/weather-sunny", "name": "Dark"}}],
    },
    "mkdocs": {"name": "mkdocs", "color_mode": "auto"},
    "readthedocs": {"name": "readthedocs"},
}


@pytest.mark.browser
@pytest.mark.parametrize("theme", THEMES)
def test_the_page_is_the_themes(tmp_path, chromium, serve, monkeypatch, theme: str) -> None:
    site = Site(tmp_path)
    monkeypatch.setenv(CLEAN, "1")
    monkeypatch.setenv("SLO_MONITORING_ENABLED", "false")

    def pages(name: str) -> tuple[list[str], int]:
        site.write(likely(repositories=1, pull_requests=3), theme=THEMES[theme]).build()
        every = sorted(path.parent.relative_to(site.output) for path in site.output.rglob("*/*/*/index.html"))
        # The first and the last page of each kind and depth.
        ends = [{(url.parts[0], len(url.parts)): url for url in urls}.values() for urls in (every, every[::-1])]
        urls = sorted({url for end in ends for url in end})
        folder = shutil.move(site.output, site.folder / name / "portal")
        page = chromium.new_page()
        base = serve(folder.parent)
        idle = (".css", "portal.js", "base.js", "theme.js")
        page.route(
            lambda url: "bundle." in url or url.endswith(idle) or not url.startswith(base), lambda route: route.abort()
        )
        shown = [(page.goto(f"{base}portal/{url}/"), page.evaluate(PAGE))[1] for url in urls]
        named = page.locator("script[src*='gitguard/frame.']").count()
        page.close()
        return shown, named

    lean, files = pages("lean")
    monkeypatch.setattr(LeanFrame, "lean", lambda _self, html, _base: html)
    plain, none = pages("plain")
    assert len(plain) > 5
    assert lean == plain
    assert none == 0
    # The two others, of the settings and the dialog, have given their place to what they hold.
    assert files == (2 if theme == "material" else 0)
