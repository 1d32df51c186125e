"""A branch that GitHub Pages serves, `gh-pages` by default: one commit a release, made by ghp-import, then pushed.

The commit is made on a branch of our own beside the work tree, and the push is not forced, so that a crash or a refusal
leaves the published branch as it was: it moves in one step on the server, or not at all. The user's branches, index and
work tree are never touched.
"""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import PublishError, SettingError
from mkdocs_gitguard.model import Release
from mkdocs_gitguard.publish.release import (
    MANIFEST,
    Manifest,
    after,
    damage_in_archive,
    decode_manifest,
    earlier,
    encode_manifest,
)
from mkdocs_gitguard.publish.target import Published

_TRAILER: Final = "GitGuard-Release"
_SCRATCH: Final = "gitguard/publish"
_TIMEOUT: Final = 600
_REMOTE: Final = "origin"
_TELLING: Final = ("fatal:", "error:", "remote:", "[rejected]", "[remote rejected]")
"""How the lines start in which git says why it failed."""


class BranchTarget:
    """Releases as commits of a branch of the site's own repository."""

    def __init__(self, argument: str, *, root: Path, keep: int = 5, wait: float = 60) -> None:
        """Name the branch; nothing is touched yet. A branch keeps every release, and a push never waits.

        Raises:
            SettingError: git does not take the name for a branch.
        """
        del keep, wait
        self.branch = argument or "gh-pages"
        if self.branch.startswith("-") or not _is_ref(f"refs/heads/{self.branch}"):
            raise SettingError(
                f"The target gh-pages:{argument} names no branch that git allows.",
                hint="Write gh-pages or gh-pages:NAME.",
            )
        self.label = f"branch {self.branch}"
        self._root = root

    def current(self) -> Manifest | None:
        """Return the manifest at the tip of the branch on the server.

        Raises:
            PublishError: git fails, or the tip is not a release of ours.
        """
        with self._fetched() as tip:
            return self._manifest(tip) if tip else None

    def releases(self) -> tuple[Release, ...]:
        """Return the releases of the branch, newest first."""
        with self._fetched() as tip:
            commits = self._history(tip) if tip else []
            return tuple(self._manifest(commit).release for commit, _ in commits)

    def publish(self, site: Path, manifest: Manifest) -> Published:
        """Commit the site and push.

        Raises:
            PublishError: the branch's tip is not a release of ours, git fails, or the push is refused.
        """
        with self._fetched() as tip:
            before = self._manifest(tip) if tip else None
            if before and before.release.digest == manifest.release.digest:
                return Published(before, is_new=False, location=self.label, linked=len(before.files))
            manifest = after(manifest, [before.release.id] if before else [])
            release = manifest.release
            (site / MANIFEST).write_bytes(encode_manifest(manifest))
            message = f"Publish release {release.id}\n\n{_TRAILER}: {release.id}\n"
            if release.commit:
                message += f"GitGuard-Commit: {release.commit}\n"
            self._import(site, message, f"{int(release.created_at.astimezone(UTC).timestamp())} +0000")
            made = self._git("rev-parse", "--verify", f"refs/heads/{_SCRATCH}").strip()
            if made == tip:
                raise PublishError(f"ghp-import made no commit for the {self.label}.", hint="See its output above.")
            self._push(made)
        old = set(before.files) if before else set()
        linked = sum(1 for file in manifest.files if file in old)
        return Published(manifest, is_new=True, location=self.label, written=release.files - linked, linked=linked)

    def damage(self, manifest: Manifest) -> list[str]:
        """Compare the files at the tip of the branch on the server with the manifest."""
        with self._fetched() as tip:
            archive = self._git_bytes("archive", "--format=tar", tip)
        with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
            return damage_in_archive(opened, manifest)

    def rollback(self, to: str = "") -> Release:
        """Commit the files of an earlier release on top, and push. History is kept.

        Raises:
            PublishError: there is no such release, git fails, or the push is refused.
        """
        with self._fetched() as tip:
            if not tip:
                raise PublishError(f"The {self.label} holds no release.")
            current = self._manifest(tip).release.id
            by_release = {release: commit for commit, release in reversed(self._history(tip))}
            to = to or earlier(by_release, current)
            if not to:
                raise PublishError(f"The {self.label} holds no earlier release to go back to.")
            if to not in by_release:
                held = ", ".join(sorted(by_release, reverse=True))
                raise PublishError(f"The {self.label} holds no release {to!r}.", hint=f"It holds {held}.")
            release = self._manifest(by_release[to]).release
            if to != current:
                message = f"Roll back to release {to}\n\n{_TRAILER}: {to}\n"
                made = self._git("commit-tree", f"{by_release[to]}^{{tree}}", "-p", tip, "-m", message).strip()
                self._push(made)
        return release

    @contextmanager
    def _fetched(self) -> Iterator[str]:
        """Fetch the branch into a scratch branch of ours, give its commit (`""`: there is none), and clean up."""
        try:
            listed = self._git("ls-remote", _REMOTE, f"refs/heads/{self.branch}").split()
        except PublishError as error:
            raise PublishError(
                f"The {self.label} cannot be looked up: {error.message}",
                hint=f"It is pushed to the remote `{_REMOTE}` of the site's repository: see `git remote -v`, and that "
                "this user can reach it.",
            ) from error
        scratch = f"refs/heads/{_SCRATCH}"
        self._git("update-ref", "-d", scratch)
        try:
            if listed:
                self._git("fetch", "--no-tags", _REMOTE, f"+refs/heads/{self.branch}:{scratch}")
            yield listed[0] if listed else ""
        finally:
            self._git("update-ref", "-d", scratch)

    def _history(self, tip: str) -> list[tuple[str, str]]:
        """Return commit and release id of each commit that bears our trailer, newest first."""
        text = self._git("log", f"--format=%H %(trailers:key={_TRAILER},valueonly,separator=%x20)", tip)
        rows = [line.split() for line in text.splitlines()]
        return [(row[0], row[1]) for row in rows if len(row) == 2]  # noqa: PLR2004 commit and id

    def _manifest(self, commit: str) -> Manifest:
        """Read a commit's manifest, and refuse a commit that is not ours."""
        trailer = self._git("log", "-1", f"--format=%(trailers:key={_TRAILER},valueonly)", commit).strip()
        if not trailer:
            raise PublishError(
                f"The {self.label} is dirty: its commit {commit[:12]} was not made by gitguard, and publishing would "
                "take its files away.",
                hint="Move that commit to another branch, or publish to another branch with gh-pages:NAME.",
            )
        return decode_manifest(
            self._git_bytes("show", f"{commit}:{MANIFEST}"), label=f"the release {trailer} of the {self.label}"
        )

    def _import(self, site: Path, message: str, when: str) -> None:
        command = [
            sys.executable,
            "-m",
            "ghp_import",
            "--no-jekyll",
            "-b",
            _SCRATCH,
            "-m",
            message,
            str(site.resolve()),
        ]
        try:
            done = subprocess.run(
                command, cwd=self._root, env=self._environment(when), capture_output=True, timeout=_TIMEOUT, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise PublishError(f"ghp-import took longer than {_TIMEOUT} seconds.") from error
        if done.returncode:
            told = done.stderr.decode(errors="replace").strip().splitlines()
            if told and "No module named" in told[-1]:
                raise PublishError("ghp-import is not installed.", hint="pip install 'mkdocs-gitguard[publish]'")
            raise PublishError(f"ghp-import failed: {told[-1] if told else done.returncode}.")

    def _push(self, commit: str) -> None:
        try:
            self._git("push", _REMOTE, f"{commit}:refs/heads/{self.branch}")
        except PublishError as error:
            raise PublishError(
                f"The push to the {self.label} was refused: {error.message}",
                hint="If someone else has published meanwhile, publish again; else give this user the right to push.",
            ) from error

    def _environment(self, when: str = "") -> dict[str, str]:
        environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        for variable, value in (("NAME", "gitguard"), ("EMAIL", "gitguard@localhost")):
            for role in ("AUTHOR", "COMMITTER"):
                environment.setdefault(f"GIT_{role}_{variable}", value)
        if when:
            environment |= {"GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when}
        return environment

    def _git(self, *arguments: str) -> str:
        return self._git_bytes(*arguments).decode(errors="replace")

    def _git_bytes(self, *arguments: str) -> bytes:
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self._root,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PublishError(f"git {arguments[0]} took longer than {_TIMEOUT} seconds.") from error
        if done.returncode:
            lines = [line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
            wanted = [line.strip() for line in lines if line.lstrip(" !").startswith(_TELLING)]
            told = "; ".join(line.rstrip(".") for line in (wanted or lines)[-3:])
            raise PublishError(f"git {arguments[0]} failed: {told}.")
        return done.stdout


def _is_ref(name: str) -> bool:
    """Tell whether git allows a name (https://git-scm.com/docs/git-check-ref-format)."""
    return not subprocess.run(["git", "check-ref-format", name], capture_output=True, check=False).returncode


def head_commit(root: Path) -> str:
    """Return the commit of the repository that a site stands in, `""` where it stands in none."""
    done = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", "HEAD"],
        cwd=root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_TIMEOUT,
        check=False,
    )
    return done.stdout.decode().strip() if done.returncode == 0 else ""
