"""Files of a git folder, opened so that none can hold the reader up.

Where git keeps a file, a folder that comes from elsewhere may hold a named pipe, a device, a socket or a link to one:
opening it waits for ever, or reading it never ends. So only regular files are read, and no more of them than a limit.
Git itself has no such guard: `check_files` looks before git is started.
"""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from mkdocs_gitguard.bounded_file import read_start
from mkdocs_gitguard.git.problems import RepositoryError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model.printable import printable

LARGEST_CONFIG: Final = 1 << 20
"""Bytes of a configuration file; those of clones with ten thousand branches have a tenth of it."""
LARGEST_PACKED_REFS: Final = 1 << 29
"""Bytes; eight million refs. The largest public repositories have some hundred thousands."""
_LARGEST_REF: Final = 1 << 16
"""Bytes of a file that holds one ref; git writes less than 200."""
_LARGEST_SHALLOW: Final = 1 << 26
"""Bytes of `shallow`; a million and a half commits."""
_LIMITS: Final = {
    "HEAD": _LARGEST_REF,
    "commondir": _LARGEST_REF,
    "config": LARGEST_CONFIG,
    "config.worktree": LARGEST_CONFIG,
    "info/grafts": _LARGEST_SHALLOW,
    "packed-refs": LARGEST_PACKED_REFS,
    "shallow": _LARGEST_SHALLOW,
}
"""Bytes of those files of a git folder that git reads as a whole when it lists refs."""


_QUOTED: Final = late_pattern(rb'"((?>(?:[^"\\]|\\(?:[abfnrtv"\\]|[0-3][0-7]{2}))*))"')
"""What git takes for a path in quotes; it may stand on several lines."""
_ESCAPE: Final = late_pattern(rb"\\([0-3][0-7]{2}|.)")
_CONTROLS: Final = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def read_whole(path: Path, limit: int) -> bytes:
    """Return the content of a regular file.

    Raises:
        OSError: it is not there, or cannot be read.
        RepositoryError: it is not a regular file, or has more than `limit` bytes.
    """
    _check_file(path, path.stat(), limit)
    return read_start(path, limit)


def check_files(git_dir: Path, common_dir: Path) -> None:
    """Look at all files that git may open when it lists refs or reads objects.

    Args:
        git_dir: holds `HEAD`.
        common_dir: holds refs and objects.

    Raises:
        RepositoryError: git would wait for ever at one of them, or read without end.
    """
    for folder in dict.fromkeys((git_dir, common_dir)):
        for name, limit in _LIMITS.items():
            with suppress(OSError):
                _check_file(folder / name, (folder / name).stat(), limit)
    seen: set[tuple[int, int]] = set()
    _check_tree(common_dir / "refs", seen, _LARGEST_REF)
    _check_tree(common_dir / "reftable", seen, LARGEST_PACKED_REFS)
    waiting = [common_dir / "objects"]
    while waiting:
        objects = waiting.pop()
        if _check_tree(objects, seen, None):
            waiting.extend(_alternates(objects))


def _alternates(objects: Path) -> Iterator[Path]:
    """Yield the folders of further objects that git would look into (gitrepository-layout, `info/alternates`)."""
    try:
        content = read_whole(objects / "info" / "alternates", LARGEST_CONFIG)
    except OSError:
        return
    for name in alternates_in(content):
        yield objects / name


def alternates_in(content: bytes) -> Iterator[str]:
    """Yield the paths that an `info/alternates` names, as git reads them (`object-file.c`, `parse_alt_odb_entry`).

    A path in quotes has C's escapes (`quote.c`, `unquote_c_style`), and ends with the quote: it need not stand there
    as it is. What follows a NUL byte git does not see.
    """
    at = 0
    while at < len(content):
        if quoted := _QUOTED.match(content, at):
            name, end = _ESCAPE.sub(_unescaped, quoted[1]), quoted.end()
        else:
            line = content.find(b"\n", at)
            end = line if line >= 0 else len(content)
            name = content[at:end]
        if (path := name.partition(b"\0")[0]) and content[at : at + 1] != b"#":
            yield os.fsdecode(path)
        at = end + 1


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return bytes([int(code, 8)]) if code.isdigit() and len(code) > 1 else _CONTROLS.get(code, code)


def _check_tree(top: Path, seen: set[tuple[int, int]], limit: int | None) -> bool:
    """Check all below a folder, links followed; say whether it was there and had not been seen."""
    waiting = [top]
    is_new = False
    while waiting:
        folder = waiting.pop()
        try:
            status = folder.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = list(os.scandir(folder))
        except OSError:
            continue
        is_new = True
        for entry in entries:
            # A link that leads nowhere is passed over by git, too.
            with suppress(OSError):
                if entry.is_dir():
                    waiting.append(Path(entry.path))
                elif limit is not None or not entry.is_file(follow_symlinks=False):
                    _check_file(Path(entry.path), entry.stat(), limit)
    return is_new


def _check_file(path: Path, status: os.stat_result, limit: int | None) -> None:
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise RepositoryError(
            "special-file",
            f"{printable(str(path))} is a {_kind(status.st_mode)}, where git expects a file: git would wait for ever.",
            hint="Fix the repository's folder: clone it again.",
        )
    if limit is not None and status.st_size > limit and stat.S_ISREG(status.st_mode):
        raise RepositoryError(
            "too-large",
            f"{printable(str(path))} has {status.st_size:,} bytes; more than {limit:,} are not read.",
            hint="Fix the repository's folder: clone it again.",
        )


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "named pipe"
    return "socket" if stat.S_ISSOCK(mode) else "device"
