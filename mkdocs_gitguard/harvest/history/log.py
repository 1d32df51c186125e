"""The one log pass: what git is asked for, and how the bytes that it writes are cut into commits.

Fields are separated by NUL, the one byte that no commit's text and no path can hold; texts start with `=` and moments
with a 0, so that none is empty and two NULs in a row are the border between commits.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from mkdocs_gitguard.git.problems import RepositoryError

FIELDS: Final = 8
"""Of a commit, before the statuses and paths that it touched: its id and those of its parents, author's name, address
and moment, committer's name, address and moment, message."""
_FORMAT: Final = "%x00%H %P%x00=%an%x00=%ae%x000%at%x00=%cn%x00=%ce%x000%ct%x00=%B"
LARGEST_COMMIT: Final = 1 << 28
"""Bytes of one commit, message and paths. Imports of a million files have a third of it."""
_BLOCK: Final = 1 << 20
"""Bytes that are cut at a time: enough for little to be done per commit, too few to show in Python's memory."""


def log_arguments(new: str, old: str = "") -> tuple[str, ...]:
    """Return the arguments of the `git log` whose output `blocks` cuts, from commit `old` (excluded) to `new`.

    `--name-status` gives half of `--raw`'s bytes and is a third faster; `--topo-order` costs nothing and makes sure
    that a commit never comes before its children, whatever their clocks said. What a repository's own configuration
    could change is set here.
    """
    return (
        "log",
        "-z",
        "--name-status",
        "--root",
        "--topo-order",
        "--diff-merges=first-parent",
        "--no-renames",
        "--no-relative",
        "--no-ext-diff",
        "--no-show-signature",
        "--no-notes",
        "--no-color",
        "--ignore-submodules=none",
        "--encoding=UTF-8",
        f"--format={_FORMAT}",
        "--end-of-options",
        new,
        *([f"^{old}"] if old else []),
        "--",
    )


def blocks(chunks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield the fields of whole commits, many at a time, each commit with an empty field before and after it.

    Args:
        chunks: the output of `git log` with `log_arguments`, cut anywhere.

    Raises:
        RepositoryError: one commit has more than `LARGEST_COMMIT` bytes.
    """
    pending: list[bytes] = []
    size, enough = 0, _BLOCK
    for chunk in chunks:
        pending.append(chunk)
        size += len(chunk)
        if size < enough:
            continue
        if size > LARGEST_COMMIT:
            raise RepositoryError(
                "too-large",
                f"A commit's message and the files that it touches have more than {LARGEST_COMMIT:,} bytes, which "
                "are not read.",
                hint="Leave the repository out, or name a branch that holds less.",
            )
        data = b"".join(pending)
        border = data.rfind(b"\0\0") + 1
        if border:
            yield data[:border].split(b"\0")
            data = data[border:]
        pending, size = [data], len(data)
        # A commit that is larger than a block is not searched for its end again at every chunk.
        enough = max(_BLOCK, 2 * size)
    if size:
        fields = b"".join(pending).split(b"\0")
        yield fields if not fields[-1] else [*fields, b""]
