"""Releases for drills: a small site made from a word, a folder that it is published to, and readers of it."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.chaos.processes import fork
from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.model import Flags
from mkdocs_gitguard.model.drill import Tally
from mkdocs_gitguard.publish.directory import DirectoryTarget
from mkdocs_gitguard.publish.release import (
    MANIFEST,
    Manifest,
    damage,
    decode_manifest,
    describe_site,
    make_manifest,
)

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess
    from pathlib import Path

_CHANGED: Final = 10
_FORK: Final = multiprocessing.get_context("fork")
OVERTAKEN: Final = "overtaken by two publishes"
WHOLE: Final = "whole"


def make_site(folder: Path, content: str, files: int, changed: int = _CHANGED) -> None:
    """Write a site of which the first pages differ with `content`; the same words, the same bytes."""
    for number in range(files):
        path = folder / f"part-{number % 100}" / f"page-{number}" / "index.html" if number else folder / "index.html"
        if number < changed or not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"<title>{content if number < changed else number}</title>\n" + "lorem ipsum " * 800)


def manifest_of(site: Path) -> Manifest:
    """Return the manifest of a built site."""
    return make_manifest(describe_site(site), created_at=system_clock(), phase="canary", flags=Flags())


class MadeReleases:
    """A site, the directory that it is published to, and what it should hold."""

    def __init__(self, folder: Path, *, files: int = 40, keep: int = 3, wait: float = 60) -> None:
        """Take an empty folder."""
        self.site = folder / "site"
        self.target = DirectoryTarget("public", root=folder, keep=keep, wait=wait)
        self.link = folder / "public" / "current"
        self.releases = folder / "public" / "releases"
        self.files = files
        self._folder = folder
        self._acknowledged = ""
        """The content of the last publish that came to its end."""

    def make(self, content: str) -> Manifest:
        """Build the site anew."""
        make_site(self.site, content, self.files)
        return manifest_of(self.site)

    def publish(self, content: str) -> Manifest:
        """Build and publish to the end."""
        published = self.target.publish(self.site, self.make(content))
        self._acknowledged = content
        return published.manifest

    def acknowledge(self, content: str) -> None:
        """Have the content count as published: a process said so, or it was gone back to."""
        self._acknowledged = content

    def tally(self, seen: Counter[str] | None = None) -> Tally:
        """Compare what readers see with a clean build of what was published, and each release with its manifest.

        Args:
            seen: what readers saw meanwhile; a look that was neither whole nor overtaken is a page lost.
        """
        wrong = [what for what, number in (seen or {}).items() if what not in (WHOLE, OVERTAKEN) and number]
        lost = sum((seen or Counter())[what] for what in wrong)
        examples = [f"A reader saw: {what}." for what in wrong]
        clean = self._folder / "clean"
        make_site(clean, self._acknowledged, self.files)
        expected = {file.path: file.sha256 for file in describe_site(clean)}
        try:
            actual = {file.path: file.sha256 for file in describe_site(self.link.resolve())}
        except GitGuardError as error:
            actual, examples = {}, [*examples, error.message]
        differing = [path for path in sorted(expected.keys() | actual.keys()) if expected.get(path) != actual.get(path)]
        examples += [f"{path} is not that of a clean build." for path in differing[:3]]
        try:
            kept = self.target.releases()
        except GitGuardError as error:
            kept, examples, lost = (), [*examples, error.message], lost + 1
        for release in kept:
            problems = self._problems_of(release.id)
            lost += len(problems)
            examples += problems[:3]
        digests = Counter(release.digest for release in kept)
        left = [path.name for path in self.releases.glob(".*") if path.name != ".spare"]
        examples += [f"{name} was left behind." for name in left[:3]]
        return Tally(
            looked_at=len(expected) + len(kept) + (seen or Counter())[WHOLE],
            lost=lost,
            doubled=sum(number - 1 for number in digests.values()) + len(left),
            differing=len(differing),
            examples=tuple(examples),
        )

    def _problems_of(self, release_id: str) -> list[str]:
        folder = self.releases / release_id
        manifest = decode_manifest((folder / MANIFEST).read_bytes(), label=release_id)
        paths = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
        strangers = paths - {file.path for file in manifest.files} - {MANIFEST}
        return damage(folder, manifest) + [f"{path} is not in the manifest." for path in sorted(strangers)]


class Readers:
    """A process that looks at a published site again and again, as readers through a web server do."""

    def __init__(self, link: Path) -> None:
        """Begin to look."""
        self._link = link
        self._is_over = _FORK.Value("i", 0)
        self._seen: multiprocessing.Queue[Counter[str]] = _FORK.Queue()
        self._process: BaseProcess | None = fork(self._look)

    def stop(self) -> Counter[str]:
        """End it, and return what it saw, and how often; nothing where it has been ended before."""
        if self._process is None:
            return Counter()
        self._is_over.value = 1
        seen = self._seen.get(timeout=60)
        self._process.join()
        self._process = None
        return seen

    def _look(self) -> None:
        seen: Counter[str] = Counter()
        while not self._is_over.value:
            seen[self._seen_once()] += 1
        self._seen.put(seen)

    def _seen_once(self) -> str:
        try:
            root = self._link.resolve(strict=True)
            damages = damage(root, decode_manifest((root / MANIFEST).read_bytes(), label=root.name))
        except (OSError, GitGuardError) as error:
            with suppress(UnboundLocalError):
                if not root.exists() and root != self._link:
                    return OVERTAKEN
            return f"missing: {type(error).__name__}"
        if not damages:
            return WHOLE
        return OVERTAKEN if not root.exists() and all("No such file" in sentence for sentence in damages) else "mixed"
