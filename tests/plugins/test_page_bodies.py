"""Bodies wait on disk, and nobody who asks for them notices."""

import resource
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make.site import Site
from make.snapshot import likely

from mkdocs_gitguard.plugins.page_bodies import PageBodies

HOOK = """
import gc
from mkdocs_gitguard.plugins.mkdocs_pages import GeneratedPage

held = []

def on_page_content(html, page, config, files):
    return html.replace('</h1>', '</h1><p>seen by on_page_content</p>', 1)

def on_env(env, config, files):
    pages = [file.page for file in files.documentation_pages() if isinstance(file.page, GeneratedPage)]
    config.extra['held'] = sum(len(page.__dict__['_content'] or '') for page in pages)
    assert all('seen by on_page_content' in page.content for page in pages)
    pages[0].content += '<p>seen by on_env</p>'
    config.extra['changed'] = pages[0].file.dest_uri

def on_post_build(config):
    from pathlib import Path
    Path(config.site_dir, 'told.txt').write_text(f"{config.extra['held']} {config.extra['changed']}")
"""


@given(st.lists(st.text(st.characters(codec=None)) | st.just("\ud800\U0001f600")))
def test_texts_come_back(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    spool = PageBodies(tmp_path_factory.getbasetemp() / "state")
    places = [spool.write(text) for text in texts]
    assert [spool.read(place) for place in reversed(places)] == texts[::-1]


def test_without_a_folder_to_write_in_they_are_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    spool = PageBodies(tmp_path / "state" / "below")
    assert spool.read(spool.write("x")) == "x"


def test_what_a_full_disk_refuses_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    spool = PageBodies(tmp_path)
    kept = spool.write("a" * 60_000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OSError, match=r"No space left|File too large"):
            spool.write("b" * 60_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    later = spool.write("c" * 60_000)
    assert (spool.read(kept), spool.read(later)) == ("a" * 60_000, "c" * 60_000)


def test_plugins_see_and_change_bodies_that_wait(tmp_path: Path) -> None:
    site = Site(tmp_path).write(likely(repositories=1, pull_requests=5), hooks=["hook.py"])
    (tmp_path / "hook.py").write_text(HOOK)
    done = site.run("mkdocs", "build")
    assert done.returncode == 0, done.stderr
    held, changed = (site.output / "told.txt").read_text().split()
    assert held == "0", "when the first page is built, no body is in memory"
    assert "seen by on_env" in site.page(changed)
    pages = list(site.output.glob("**/repository/**/index.html"))
    assert pages
    assert all("seen by on_page_content" in page.read_text(encoding="utf-8") for page in pages)
    assert (tmp_path / ".gitguard/.gitignore").read_text() == "*\n"
