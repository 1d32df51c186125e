"""Real git repositories made for a test, with fixed people and times, in milliseconds."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

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
