"""A disk that loses its power: an ext4 image behind a loop device, copied while it is mounted.

What the kernel still holds in memory is not in the copy, as with the power. Needs root.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from mkdocs_gitguard.chaos.trial import NotRunError

_MEGABYTES: Final = 24
_PROGRAMS: Final = ("mkfs.ext4", "mount", "umount")
_PATHS: Final = f"{os.defpath}:/usr/sbin:/sbin"


class Disk:
    """One disk, mounted."""

    def __init__(self, folder: Path) -> None:
        """Make and mount it.

        Raises:
            NotRunError: this machine does not allow it.
        """
        if os.geteuid():
            raise NotRunError("only root may mount a loop device")
        if missing := [name for name in _PROGRAMS if not shutil.which(name, path=_PATHS)]:
            raise NotRunError(f"{missing[0]} is not installed")
        self._folder = folder
        self._image = folder / "disk.img"
        self.root = folder / "disk"
        self.after = folder / "after"
        """Where a copy is mounted."""
        self._copies: list[Path] = []
        for place in (self.root, self.after):
            place.mkdir()
        with self._image.open("wb") as file:
            file.truncate(_MEGABYTES << 20)
        _run("mkfs.ext4", "-q", "-F", str(self._image))
        _run("mount", "-o", "loop", str(self._image), str(self.root))

    def lose_power(self, name: str) -> Path:
        """Copy what is on the disk now; return the copy's image."""
        copy = self._folder / f"{name}.img"
        # Holes stay holes.
        _run("cp", "--sparse=always", str(self._image), str(copy))
        return copy

    def mount_copy(self, copy: Path) -> Path:
        """Mount a copy, and return where; `unmount_copy` ends it."""
        _run("mount", "-o", "loop", str(copy), str(self.after))
        return self.after

    def unmount_copy(self) -> None:
        """Unmount the copy that is mounted."""
        _run("umount", str(self.after))

    def unmount(self) -> None:
        """Unmount the disk, and a copy that is still mounted."""
        for place in (self.after, self.root):
            if os.path.ismount(place):
                _run("umount", "--lazy", str(place))


def _run(*command: str) -> None:
    done = subprocess.run(
        command, env={**os.environ, "PATH": _PATHS}, capture_output=True, text=True, check=False, errors="replace"
    )
    if done.returncode:
        raise NotRunError(f"{command[0]} ended with code {done.returncode}: {done.stderr.strip()}")
