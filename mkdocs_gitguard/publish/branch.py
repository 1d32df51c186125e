"""A branch that GitHub Pages serves, `gh-pages` by default: one commit a release, pushed.

Each file's bytes are compared with the manifest while they become objects of the site's repository, and the push is
not forced, so that what is pushed is what was checked, and a crash or a refusal leaves the published branch as it
was: it moves in one step on the server, or not at all. The user's refs, index and work tree are never touched.

GitHub's settings page commits the file `CNAME` to the branch itself, which holds the domain that the site is served
at (https://docs.github.com/en/pages/configuring-a-custom-domain-for-your-github-pages-site). Such commits, which
change nothing else, are the host's: the file is kept, and it is not part of a release.
"""

import time
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import GitCommandError, PublishError, SettingError
from mkdocs_gitguard.git.site_repository import REMOTE, SiteRepository, TreeFile, is_branch_name, plain_file
from mkdocs_gitguard.model import Release
from mkdocs_gitguard.publish.release import (
    MANIFEST,
    Manifest,
    after,
    checked_content,
    decode_manifest,
    earlier,
    encode_manifest,
)
from mkdocs_gitguard.publish.target import Published, no_file, no_release

_TRAILER: Final = "GitGuard-Release"
_HOSTS_FILE: Final = "CNAME"
_NO_JEKYLL: Final = ".nojekyll"
"""Its being there has GitHub serve the files as they are: https://docs.github.com/en/pages (static site generators)."""
_MOST_OF_THE_HOST: Final = 100
"""Commits of the host above a release that are looked through."""


class BranchTarget:
    """Releases as commits of a branch of the site's own repository."""

    def __init__(self, argument: str, *, root: Path, keep: int = 5, wait: float = 60) -> None:
        """Name the branch; nothing is touched yet. A branch keeps every release, and a push never waits.

        Raises:
            SettingError: git does not take the name for a branch.
        """
        del keep, wait
        self.branch = argument or "gh-pages"
        if not is_branch_name(self.branch):
            raise SettingError(
                f"The target gh-pages:{argument} names no branch that git allows.",
                hint="Write gh-pages or gh-pages:NAME.",
            )
        self.label = f"branch {self.branch}"
        self._root = root
        self._opened: SiteRepository | None = None
        self._digests: dict[str, str] = {}
        """The SHA-256 of the last publish's blobs, which were computed from the same bytes."""

    @property
    def _repository(self) -> SiteRepository:
        if self._opened is None:
            self._opened = SiteRepository.find(self._root)
        if self._opened is None:
            raise PublishError(
                f"The {self.label} has no repository to be in: {self._root.absolute()} stands in none.",
                hint="Make one with `git init` and `git remote add`, or choose another target.",
            )
        return self._opened

    def current(self) -> Manifest | None:
        """Return the manifest of the release at the tip of the branch on the server.

        Raises:
            PublishError: the branch cannot be fetched, or its tip is not a release of ours.
            GitCommandError: git fails.
        """
        tip = self._fetch()
        return self._manifest(self._release_at(tip)) if tip else None

    def releases(self) -> tuple[Release, ...]:
        """Return the releases of the branch, newest first."""
        tip = self._fetch()
        commits = self._history(tip) if tip else []
        return tuple(self._manifest(commit).release for commit, _ in commits)

    def content(self, release: str, path: str) -> bytes:
        """Return a file of a release.

        Raises:
            PublishError: there is no such release, or no such file in it.
            GitCommandError: git fails.
        """
        tip = self._fetch()
        commits = {known: commit for commit, known in self._history(tip)} if tip else {}
        if release not in commits:
            raise no_release(self.label, release, sorted(commits))
        if path not in self._repository.files(commits[release]):
            raise no_file(release, self.label, path)
        return self._repository.content(commits[release], path)

    def publish(self, site: Path, manifest: Manifest) -> Published:
        """Commit the site and push.

        Raises:
            PublishError: the branch's tip is not a release of ours, a file is not what the manifest says, or the push
                is refused.
            GitCommandError: git fails.
        """
        repository = self._repository
        tip = self._fetch()
        before = self._manifest(self._release_at(tip)) if tip else None
        if before and before.release.digest == manifest.release.digest:
            return Published(before, is_new=False, location=self.label, linked=len(before.files))
        manifest = after(manifest, [before.release.id] if before else [])
        release = manifest.release
        at_tip = repository.files(tip) if tip else {}
        contents = {_NO_JEKYLL: b"", MANIFEST: encode_manifest(manifest)}
        ids = repository.write(
            self._checked(site, manifest, contents), known=frozenset(file.blob for file in at_tip.values())
        )
        self._digests = {ids[file.path]: file.sha256 for file in manifest.files}
        files = {**self._hosts(at_tip, before), **{path: plain_file(blob) for path, blob in ids.items()}}
        message = f"Publish release {release.id}\n\n{_TRAILER}: {release.id}\n"
        if release.commit:
            message += f"GitGuard-Commit: {release.commit}\n"
        when = f"{int(release.created_at.astimezone(UTC).timestamp())} +0000"
        self._push(repository.commit(files, parent=tip, message=message, when=when))
        old = set(before.files) if before else set()
        linked = sum(1 for file in manifest.files if file in old)
        return Published(manifest, is_new=True, location=self.label, written=release.files - linked, linked=linked)

    def damage(self, manifest: Manifest) -> list[str]:
        """Compare the files at the tip of the branch on the server with the manifest.

        Raises:
            PublishError: the branch cannot be fetched.
            GitCommandError: git fails.
        """
        tip = self._fetch()
        there = self._repository.files(tip) if tip else {}
        blobs = {file.path: there[file.path].blob for file in manifest.files if file.path in there}
        # A blob's id is the digest of its content; only those must be read that did not come from here.
        digests = {**self._digests, **self._repository.digests(set(blobs.values()) - self._digests.keys())}
        problems = []
        for file in manifest.files:
            if file.path not in blobs:
                problems.append(f"{file.path} is not there.")
            elif digests[blobs[file.path]] != file.sha256:
                problems.append(f"{file.path} has other content than the manifest says.")
        return problems

    def rollback(self, to: str = "") -> Release:
        """Commit the files of an earlier release on top, and push. History is kept.

        Raises:
            PublishError: there is no such release, or the push is refused.
            GitCommandError: git fails.
        """
        tip = self._fetch()
        if not tip:
            raise PublishError(f"The {self.label} holds no release.")
        now = self._manifest(self._release_at(tip))
        current = now.release.id
        by_release = {release: commit for commit, release in reversed(self._history(tip))}
        to = to or earlier(by_release, current)
        if not to:
            raise PublishError(f"The {self.label} holds no earlier release to go back to.")
        if to not in by_release:
            raise no_release(self.label, to, sorted(by_release))
        chosen = self._manifest(by_release[to])
        if to != current:
            own = {file.path for file in chosen.files}
            earlier_files = self._repository.files(by_release[to])
            files = {path: file for path, file in earlier_files.items() if path != _HOSTS_FILE or path in own}
            files = {**self._hosts(self._repository.files(tip), now), **files}
            message = f"Roll back to release {to}\n\n{_TRAILER}: {to}\n"
            self._push(self._repository.commit(files, parent=tip, message=message, when=f"{int(time.time())} +0000"))
        return chosen.release

    def _checked(self, site: Path, manifest: Manifest, more: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
        """Yield path and content of every file of the commit, each as the manifest says it is."""
        for file in manifest.files:
            if ".git" in file.path.lower().split("/"):
                raise PublishError(f"{file.path} cannot be in a branch: git keeps the name .git for itself.")
            yield file.path, checked_content(site, file)
        own = {file.path for file in manifest.files}
        yield from ((path, content) for path, content in more.items() if path not in own)

    def _hosts(self, at_tip: dict[str, TreeFile], release: Manifest | None) -> dict[str, TreeFile]:
        """Return the host's own file as it stands at the tip, if it is there and not the release's."""
        own = {file.path for file in release.files} if release else set()
        return {path: file for path, file in at_tip.items() if path == _HOSTS_FILE and path not in own}

    def _fetch(self) -> str:
        """Fetch the branch and return its commit, `""` where there is none."""
        try:
            return self._repository.fetch(self.branch)
        except GitCommandError as error:
            raise PublishError(
                f"The {self.label} cannot be looked up: {error.message}",
                hint=f"See with `git remote -v` that the site's repository has the remote `{REMOTE}`, and that this "
                "user can reach it.",
            ) from error

    def _history(self, tip: str) -> list[tuple[str, str]]:
        """Return commit and release id of each commit that bears our trailer, newest first."""
        return [(commit, release) for commit, release in self._repository.trailers(tip, _TRAILER) if release]

    def _release_at(self, tip: str) -> str:
        """Return the commit of the release that the tip shows: its own, or one below commits of the host.

        Raises:
            PublishError: something else was committed to the branch.
        """
        repository = self._repository
        above = repository.trailers(tip, _TRAILER, first_parent=True)[: _MOST_OF_THE_HOST + 1]
        release = next((commit for commit, value in above if value), "")
        if release and (release == tip or _is_of_host(repository.files(tip), repository.files(release))):
            return release
        raise PublishError(
            f"The {self.label} is dirty: its commit {tip[:12]} was not made by gitguard, and publishing would "
            "take its files away.",
            hint="Move that commit to another branch, or publish to another branch with gh-pages:NAME.",
        )

    def _manifest(self, commit: str) -> Manifest:
        """Read the manifest of a release's commit."""
        label = f"the release at {commit[:12]} of the {self.label}"
        return decode_manifest(self._repository.content(commit, MANIFEST), label=label)

    def _push(self, commit: str) -> None:
        try:
            self._repository.push(commit, self.branch)
        except GitCommandError as error:
            raise PublishError(
                f"The push to the {self.label} was refused: {error.message}",
                hint="Publish again if someone else has published meanwhile; else give this user the right to push.",
            ) from error


def _is_of_host(tip: dict[str, TreeFile], release: dict[str, TreeFile]) -> bool:
    """Say whether two commits differ in nothing but the host's own file."""
    return {key: file for key, file in tip.items() if key != _HOSTS_FILE} == {
        key: file for key, file in release.items() if key != _HOSTS_FILE
    }


def head_commit(root: Path) -> str:
    """Return the commit of the repository that a site stands in, `""` where it stands in none.

    Raises:
        GitCommandError: git cannot be started.
    """
    repository = SiteRepository.find(root)
    return repository.head() if repository else ""
