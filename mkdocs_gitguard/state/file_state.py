"""How a file stands: told without reading it, and by its bytes."""

import hashlib
import os
from pathlib import Path

from mkdocs_gitguard.model import Record


class FileState(Record, frozen=True, array_like=True):
    """A file as a build left it. Where it is the same, the file is; where it is not, its bytes are looked at."""

    size: int
    modified: int
    """Nanoseconds."""
    changed: int
    """Nanoseconds; whoever sets the time of modification back cannot set this one."""
    inode: int

    def is_file_of(self, other: "FileState") -> bool:
        """Tell whether this is the very file that stood so before: it may have been moved since, and not written."""
        return (self.size, self.modified, self.inode) == (other.size, other.modified, other.inode)


def state_of(path: Path | str) -> FileState | None:
    """Return how a file stands, None where there is no plain file."""
    try:
        return state_in(os.lstat(path))
    except OSError:
        return None


def state_in(status: os.stat_result) -> FileState:
    """Return how a file stands by what the system says of it."""
    return FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def sha256_of_file(path: Path) -> bytes:
    """Return the SHA-256 of a file's bytes, `b""` where there is no plain file."""
    content = content_of(path)
    return b"" if content is None else hashlib.sha256(content).digest()


def content_of(path: Path) -> bytes | None:
    """Return a file's bytes, None where there is no plain file."""
    try:
        return path.read_bytes() if path.is_file() and not path.is_symlink() else None
    except OSError:
        return None
