"""`--dirty` writes what changed, and forgets nothing."""

import os
import shutil

import msgspec
import pytest
from make.search_index import searchable
from make.site import Site
from make.snapshot import likely

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.model import Snapshot
from mkdocs_gitguard.rollout.build_record import BuildRecord, built_for, kept
from mkdocs_gitguard.rollout.resolve import resolve_settings

FACTS = likely(repositories=2, pull_requests=6, files=5)


def renamed(snapshot: Snapshot) -> Snapshot:
    first, *rest = snapshot.pull_requests
    return msgspec.structs.replace(
        snapshot, pull_requests=(msgspec.structs.replace(first, title="Quite another title"), *rest)
    )


def age(site: Site) -> None:
    for path in site.output.rglob("*.html"):
        os.utime(path, (1, 1))


def rewritten(site: Site) -> set[str]:
    return {str(path.relative_to(site.output)) for path in site.output.rglob("*.html") if path.stat().st_mtime > 1}


def titles(site: Site) -> dict[str, str]:
    return {entry.url: entry.label for entry in searchable(site.output)}


def test_only_what_changed_is_written_and_all_stays_searchable(site: Site) -> None:
    site.write(FACTS).build()
    before = titles(site)
    age(site)
    site.write(renamed(FACTS)).build(dirty=True)
    written = rewritten(site)
    assert "pull-request/acme/billing/6/index.html" in written
    assert "pull-request/acme/billing/5/index.html" not in written
    assert "pull-request/acme/ledger/6/index.html" not in written
    assert "Quite another title" in site.page("pull-request/acme/billing/6")
    after = titles(site)
    assert after.keys() == before.keys()
    assert after["pull-request/acme/billing/6/"] == "Quite another title"


def test_a_page_that_is_gone_leaves_the_index(site: Site) -> None:
    site.write(FACTS).build()
    fewer = msgspec.structs.replace(FACTS, pull_requests=FACTS.pull_requests[1:])
    site.write(fewer).build(dirty=True)
    assert "pull-request/acme/billing/6/" not in titles(site)
    assert "pull-request/acme/billing/5/" in titles(site)


def test_a_dirty_build_into_nothing_writes_everything(site: Site) -> None:
    site.write(FACTS).build(dirty=True)
    assert "acme/billing" in site.page("repository/acme/billing")


def words(site: Site, word: str) -> list[str]:
    return [
        str(path.relative_to(site.output))
        for path in sorted(site.output.rglob("*"))
        if word in str(path.relative_to(site.output)) or (path.is_file() and word.encode() in path.read_bytes())
    ]


def test_a_page_that_is_gone_is_deleted(site: Site) -> None:
    site.write(FACTS, docs={"about.md": "# About"}).build()
    (site.output / "pull-request/acme/billing/6/mine.txt").write_text("mine")
    fewer = msgspec.structs.replace(FACTS, pull_requests=FACTS.pull_requests[2:])
    site.write(fewer).build(dirty=True)
    assert not (site.output / "pull-request/acme/billing/6/index.html").exists()
    assert (site.output / "pull-request/acme/billing/6/mine.txt").exists()
    assert not (site.output / "pull-request/acme/billing/5").exists()
    assert (site.output / "pull-request/acme/billing/4/index.html").exists()
    assert (site.output / "about/index.html").exists()


def test_after_a_change_of_repositories_everything_is_made_anew(site: Site) -> None:
    site.write(FACTS, docs={"about.md": "# About"}).build()
    # What another plugin made of the page, as social cards do.
    (site.output / "assets/card-ledger.png").write_bytes(b"ledger")
    assert words(site, "ledger")
    site.write(likely(repositories=1, pull_requests=6, files=5)).build(dirty=True)
    assert words(site, "ledger") == []
    assert (site.output / "about/index.html").exists()
    assert "acme/billing" in site.page("repository/acme/billing")


def test_after_a_change_of_flags_everything_is_made_anew(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPH_API_ENABLED", "true")
    site.write(FACTS).build()
    assert (site.output / "api/v1/index.json").is_file()
    monkeypatch.setenv("GRAPH_API_ENABLED", "false")
    site.write(FACTS).build(dirty=True)
    assert not (site.output / "api").exists()


def test_over_what_a_build_left_that_did_not_end_well_everything_is_made_anew(site: Site) -> None:
    one = likely(repositories=1, pull_requests=6, files=5)
    site.write(one).build()
    (site.folder / "broken.py").write_text("def on_post_build(config): raise RuntimeError('full disk')\n")
    with pytest.raises(RuntimeError):
        site.write(FACTS, hooks=["broken.py"]).build()
    assert words(site, "ledger") == [], "the site of before the failure stands"
    assert site.page("repository/acme/billing")
    site.write(one).build(dirty=True)
    assert words(site, "ledger") == []


def test_a_dirty_build_is_not_published_and_a_whole_one_is(site: Site) -> None:
    def record() -> BuildRecord:
        settings = resolve_settings("", environ={}, root=site.folder)
        return built_for(kept(site.folder / ".gitguard", BuildRecord), site.output, settings)

    site.write(FACTS).build()
    assert record().is_whole
    site.write(FACTS).build(dirty=True)
    with pytest.raises(PublishError, match="built with --dirty"):
        record()
    # Into an empty folder it is whole.
    shutil.rmtree(site.output)
    (site.folder / ".gitguard/build.json").unlink()
    site.write(FACTS).build(dirty=True)
    assert record().is_whole
