"""`--dirty` writes what changed, and forgets nothing."""

import json
import os

import msgspec
from make.site import Site
from make.snapshot import likely

from mkdocs_gitguard.model import Snapshot

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
    index = json.loads((site.output / "search" / "search_index.json").read_text())
    return {doc["location"]: doc["title"] for doc in index["docs"]}


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
    assert after["pull-request/acme/billing/6/"] == "#6 Quite another title"


def test_a_page_that_is_gone_leaves_the_index(site: Site) -> None:
    site.write(FACTS).build()
    fewer = msgspec.structs.replace(FACTS, pull_requests=FACTS.pull_requests[1:])
    site.write(fewer).build(dirty=True)
    assert "pull-request/acme/billing/6/" not in titles(site)
    assert "pull-request/acme/billing/5/" in titles(site)


def test_a_dirty_build_into_nothing_writes_everything(site: Site) -> None:
    site.write(FACTS).build(dirty=True)
    assert "acme/billing" in site.page("repository/acme/billing")
