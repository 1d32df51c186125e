"""Real git repositories made for a test, with fixed people and times."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.facts import RepositoryAbout

START = 1_767_323_045
"""When all begins, in seconds: 2026-01-02T03:04:05Z."""
MIRA = "Mira Hansen <mira@acme.example>"
OLA = "Ola Nord <ola@acme.example>"
ABOUT = RepositoryAbout(id="repository:acme/billing", namespace="acme", name="billing")

_CONFIG = {"init.defaultBranch": "main", "maintenance.auto": "false"}


def environment(*, author: str = MIRA, committer: str = "", at: int = START) -> dict[str, str]:
    """Return an environment in which nobody's own git configuration counts, and people and times are fixed."""
    result = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    result |= {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_COUNT": str(len(_CONFIG)),
        **{f"GIT_CONFIG_KEY_{number}": key for number, key in enumerate(_CONFIG)},
        **{f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(_CONFIG.values())},
    }
    for role, person in (("AUTHOR", author), ("COMMITTER", committer or author)):
        name, _, email = person.partition(" <")
        result |= {
            f"GIT_{role}_NAME": name,
            f"GIT_{role}_EMAIL": email.rstrip(">"),
            f"GIT_{role}_DATE": f"{at} +0000",
        }
    return result


def git(
    folder: Path, *args: str, author: str = MIRA, committer: str = "", at: int = START, stdin: str | bytes = b""
) -> str:
    """Run git in `folder` and return what it prints."""
    result = subprocess.run(
        ["git", *args],
        cwd=folder,
        env=environment(author=author, committer=committer, at=at),
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr.decode(errors="replace")
    return result.stdout.decode("utf-8", "surrogateescape").strip()


def make_repository(
    folder: Path, files: Mapping[str, str | bytes] | None = None, *, remote: str = "", is_bare: bool = False
) -> Path:
    """Make a repository with one commit that holds `files`, or none where `files` is None."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", *(["--bare"] if is_bare else []))
    if remote:
        git(folder, "remote", "add", "origin", remote)
    if files is not None:
        import_commits(folder, [("Begin", files)])
        git(folder, "reset", "--quiet", "--hard")
    return folder


def commit(
    folder: Path,
    message: str,
    files: Mapping[str, str | None] | None = None,
    *,
    author: str = MIRA,
    committer: str = "",
    at: int = START,
) -> str:
    """Write files (None: delete), commit all that is in the work tree, and return the commit's id."""
    for path, text in (files or {}).items():
        target = folder / path
        if text is None:
            target.unlink(missing_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    options = ("--quiet", "--allow-empty", "--allow-empty-message")
    git(folder, "commit", *options, "-m", message, author=author, committer=committer, at=at)
    return git(folder, "rev-parse", "HEAD")


def import_commits(folder: Path, commits: list[tuple[str, Mapping[str, str | bytes]]], branch: str = "main") -> None:
    """Add commits to a branch by fast-import, one hour apart, each with a message and files set."""
    parts: list[bytes] = []
    has_parent = bool(git(folder, "for-each-ref", f"refs/heads/{branch}"))
    start = START + int(git(folder, "rev-list", "--count", branch) if has_parent else 0) * 3600
    for number, (message, files) in enumerate(commits):
        who = f"{MIRA} {start + number * 3600} +0000"
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
    """A repository under construction. Every commit has its own minute."""

    def __init__(self, folder: Path) -> None:
        self.folder = make_repository(folder)
        self.clock = START

    def git(self, *args: str, author: str = MIRA, committer: str = "", stdin: str = "") -> str:
        return git(self.folder, *args, author=author, committer=committer, at=self.clock, stdin=stdin)

    def commit(self, message: str, *, author: str = MIRA, committer: str = "", **files: str | None) -> str:
        """Write files (None: delete; `__` in a name is `/`, and a last `_x` stands for `.x`) and commit them."""
        return self.write(
            message, {_path(name): text for name, text in files.items()}, author=author, committer=committer
        )

    def write(self, message: str, files: Mapping[str, str | None], *, author: str = MIRA, committer: str = "") -> str:
        self.clock += 60
        return commit(self.folder, message, files, author=author, committer=committer, at=self.clock)

    def merge(self, branch: str, message: str, *, author: str = OLA, committer: str = "") -> str:
        self.clock += 60
        options = ("--quiet", "--no-ff", "-X", "theirs")
        self.git("merge", *options, "-m", message, branch, author=author, committer=committer)
        return self.git("rev-parse", "HEAD")

    def open(self) -> GitRepository:
        return GitRepository.open(self.folder)


def _path(name: str) -> str:
    stem, dot, ending = name.replace("__", "/").rpartition("_")
    return f"{stem}.{ending}" if dot else ending
