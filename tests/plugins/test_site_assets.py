"""Which files of the theme stand in the site: none that no page loads, all that one does, and the user's own."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

import pytest
from bs4 import BeautifulSoup
from make.site import Site
from make.snapshot import likely

LUNR = "assets/javascripts/lunr"


def built(folder: Path, **config: Any) -> set[str]:
    site = Site(folder).write(likely(repositories=1, pull_requests=1), **config).build()
    return {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}


def maps(paths: set[str]) -> set[str]:
    return {path for path in paths if path.endswith(".map")}


def lunr(paths: set[str]) -> set[str]:
    return {path.removeprefix(f"{LUNR}/") for path in paths if path.startswith(LUNR)}


@pytest.mark.parametrize("theme", ["material", "mkdocs", "readthedocs"])
def test_every_file_that_a_page_loads_is_there_and_no_source_map(tmp_path: Path, theme: str) -> None:
    paths = built(tmp_path, theme={"name": theme}, site_url="https://host/")
    assert not maps(paths)
    assert not lunr(paths)
    loaded = set()
    for name in ("index.html", "repository/acme/billing/index.html", "404.html"):
        page = BeautifulSoup((tmp_path / "site" / name).read_bytes(), "html.parser")
        for element in page.select("script[src], link[rel=stylesheet], link[rel=icon], img[src]"):
            url = urljoin(f"https://host/{name}", str(element.get("src") or element.get("href")))
            if url.startswith("https://host/"):
                loaded.add(unquote(urldefrag(url)[0].removeprefix("https://host/").partition("?")[0]))
    assert len(loaded) > 3
    assert loaded <= paths


@pytest.mark.parametrize(
    ("languages", "wanted"),
    [
        ("en", set()),
        ("de", {"min/lunr.stemmer.support.min.js", "min/lunr.de.min.js"}),
        (["en", "de"], {"min/lunr.stemmer.support.min.js", "min/lunr.de.min.js", "min/lunr.multi.min.js"}),
        (
            ["ja", "th"],
            {
                *("min/lunr.stemmer.support.min.js", "min/lunr.ja.min.js", "min/lunr.th.min.js"),
                *("min/lunr.multi.min.js", "tinyseg.js", "wordcut.js"),
            },
        ),
    ],
)
def test_the_search_has_what_its_languages_need(tmp_path: Path, languages: str | list[str], wanted: set[str]) -> None:
    assert lunr(built(tmp_path, plugins=[{"search": {"lang": languages}}, "gitguard"])) == wanted


def test_the_language_of_the_theme_is_one_of_the_search(tmp_path: Path) -> None:
    paths = built(tmp_path, theme={"name": "material", "language": "fr"})
    assert lunr(paths) == {"min/lunr.stemmer.support.min.js", "min/lunr.fr.min.js"}


def test_what_an_unknown_search_may_need_stays(tmp_path: Path) -> None:
    assert {"wordcut.js", "min/lunr.de.min.js"} <= lunr(built(tmp_path, plugins=["gitguard"]))


def test_files_of_the_users_own_stay(tmp_path: Path) -> None:
    custom = tmp_path / "overrides" / LUNR
    custom.mkdir(parents=True)
    (custom / "wordcut.js").write_text("// theirs\n")
    docs = {"js/own.js.map": "{}", "assets/stylesheets/main.css.map": "{}", f"{LUNR}/min/lunr.de.min.js": "// theirs\n"}
    theme = {"name": "material", "custom_dir": str(tmp_path / "overrides")}
    paths = built(tmp_path, theme=theme, docs=docs)
    assert maps(paths) == {"js/own.js.map", "assets/stylesheets/main.css.map"}
    assert lunr(paths) == {"wordcut.js", "min/lunr.de.min.js"}
    assert (tmp_path / "site" / LUNR / "wordcut.js").read_text() == "// theirs\n"


OLD = """{% extends "base.html" %}{% block htmltitle %}
{% for style in extra_css %}<meta name="style" content="{{ style }}">{% endfor %}{% endblock %}"""
"""As themes from before the filter `url` name what pages load."""


@pytest.mark.parametrize("options", [{}, {"use_directory_urls": False}])
def test_each_page_loads_what_the_site_has_it_load(tmp_path: Path, options: dict[str, bool]) -> None:
    (tmp_path / "theme").mkdir()
    (tmp_path / "theme" / "main.html").write_text(OLD)
    snapshot, theme = likely(repositories=2, pull_requests=3), {"name": "mkdocs", "custom_dir": "theme"}
    site = Site(tmp_path).write(snapshot, theme=theme, **options)
    folders = sorted({path.name for path in site.build().iterdir() if path.is_dir()})
    styles = ["own.css", "repository/acme/own.css", *(f"{folder}/own.css" for folder in folders)]
    site.write(snapshot, docs=dict.fromkeys(styles, ""), theme=theme, extra_css=styles, **options)
    base = "https://portal.example.org/"
    site.build()
    pages = [path.relative_to(site.output).as_posix() for path in site.output.rglob("*.html")]
    assert len({path.count("/") for path in pages}) > 3
    for path in {*pages} - {"404.html"}:
        page = BeautifulSoup(site.page(path), "html.parser")
        given = [
            [link[name] for link in page.select(f"[{name}$='/own.css'], [{name}='own.css']")]
            for name in ("href", "content")
        ]
        assert [[urljoin(base + path, url) for url in urls] for urls in given] == [
            [urljoin(base, style) for style in styles]
        ] * 2, path
