"""Real git repositories made for a test, with fixed people and times, in milliseconds."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.facts import RepositoryAbout

EPOCH = 1_700_000_000
ABOUT = RepositoryAbout(id="repository:acme/billing", namespace="acme", name="billing")

_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "Mira",
    "GIT_AUTHOR_EMAIL": "mira@example.org",
    "GIT_COMMITTER_NAME": "Mira",
    "GIT_COMMITTER_EMAIL": "mira@example.org",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
}


def environment() -> dict[str, str]:
    """Return an environment in which nobody's own git configuration counts, and people and times are fixed."""
    return {**os.environ, **_ENVIRONMENT}


def git(folder: Path, *args: str, stdin: bytes = b"") -> str:
    """Run git in `folder` and return what it prints."""
    result = subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *args],
        cwd=folder,
        env=environment(),
        input=stdin,
        capture_output=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr.decode(errors="replace")
    return result.stdout.decode("utf-8", "surrogateescape").strip()


def make_repository(folder: Path, files: Mapping[str, str | bytes] | None = None, *, remote: str = "") -> Path:
    """Make a repository with one commit that holds `files`, or none where `files` is None."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet")
    if remote:
        git(folder, "remote", "add", "origin", remote)
    if files is not None:
        import_commits(folder, [("Begin", files)])
        git(folder, "reset", "--quiet", "--hard")
    return folder


def import_commits(folder: Path, commits: list[tuple[str, Mapping[str, str | bytes]]], branch: str = "main") -> None:
    """Add commits to a branch by fast-import, one hour apart, each with a message and files set."""
    parts: list[bytes] = []
    has_parent = bool(git(folder, "for-each-ref", f"refs/heads/{branch}"))
    start = 1_767_323_045 + int(git(folder, "rev-list", "--count", branch) if has_parent else 0) * 3600
    for number, (message, files) in enumerate(commits):
        who = f"Mira <mira@example.org> {start + number * 3600} +0000"
        parts.append(f"commit refs/heads/{branch}\nauthor {who}\ncommitter {who}\n".encode())
        parts.append(b"data %d\n%s\n" % (len(message.encode()), message.encode()))
        if number == 0 and has_parent:
            parts.append(f"from refs/heads/{branch}^0\n".encode())
        for path, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            quoted = path if path.isascii() and path.isprintable() and not {'"', "\\"} & {*path} else _quoted(path)
            parts.append(b'M 100644 inline "%s"\ndata %d\n%s\n' % (quoted.encode(), len(data), data))
    git(folder, "fast-import", "--quiet", "--force", stdin=b"".join(parts))


def _quoted(path: str) -> str:
    return "".join(
        chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03o}"
        for byte in path.encode("utf-8", "surrogateescape")
    )


class Scratch:
    """A repository under construction. Every commit has its own second."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = EPOCH
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(
        self, *args: str, author: str = "Mira Hansen <mira@acme.example>", committer: str = "", stdin: str = ""
    ) -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "maintenance.auto",
            "GIT_CONFIG_VALUE_0": "false",
        }
        for role, person in (("AUTHOR", author), ("COMMITTER", committer or author)):
            name, _, email = person.partition(" <")
            environment |= {
                f"GIT_{role}_NAME": name,
                f"GIT_{role}_EMAIL": email.rstrip(">"),
                f"GIT_{role}_DATE": f"{self.clock} +0000",
            }
        done = subprocess.run(
            ["git", *args], cwd=self.folder, env=environment, input=stdin, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(
        self, message: str, *, author: str = "Mira Hansen <mira@acme.example>", committer: str = "", **files: str | None
    ) -> str:
        """Write files (None: delete; `__` in a name is `/`, and a last `_x` stands for `.x`) and commit them."""
        return self.write(
            message, {_path(name): text for name, text in files.items()}, author=author, committer=committer
        )

    def write(
        self,
        message: str,
        files: dict[str, str | None],
        *,
        author: str = "Mira Hansen <mira@acme.example>",
        committer: str = "",
    ) -> str:
        for path, text in files.items():
            target = self.folder / path
            if text is None:
                target.unlink(missing_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
        self.clock += 60
        self.git("add", "--all")
        self.git(
            "commit",
            "--quiet",
            "--allow-empty",
            "--allow-empty-message",
            "-m",
            message,
            author=author,
            committer=committer,
        )
        return self.git("rev-parse", "HEAD")

    def merge(
        self, branch: str, message: str, *, author: str = "Ola Nord <ola@acme.example>", committer: str = ""
    ) -> str:
        self.clock += 60
        self.git(
            "merge", "--quiet", "--no-ff", "-X", "theirs", "-m", message, branch, author=author, committer=committer
        )
        return self.git("rev-parse", "HEAD")

    def open(self) -> GitRepository:
        return GitRepository.open(self.folder)


def _path(name: str) -> str:
    stem, dot, ending = name.replace("__", "/").rpartition("_")
    return f"{stem}.{ending}" if dot else ending
