"""One long-running process a state folder: two that build into one site would take turns at undoing each other."""

from __future__ import annotations

import fcntl
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.state.folder import make_state_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FILE: Final = "watch.lock"
_LONGEST: Final = 500


@contextmanager
def only_instance(state_folder: Path) -> Iterator[None]:
    """Hold a state folder for this process; the lock goes with the process, however it ends.

    Raises:
        SettingError: another process has it, or the folder cannot be written.
    """
    path = state_folder / _FILE
    try:
        make_state_folder(state_folder)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise SettingError(
            f"{path} cannot be written: {error.strerror}.", hint="Set `state_dir` to a folder that can be written."
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(descriptor, _LONGEST, 0).decode("utf-8", "replace").strip() or "another process"
            raise SettingError(
                f"{state_folder} is being watched already, by {holder}.",
                hint="Set `state_dir` to a folder of this site's own, or end that process.",
            ) from error
        os.ftruncate(descriptor, 0)
        since = system_clock().strftime("%Y-%m-%d %H:%M:%S UTC")
        os.pwrite(descriptor, f"process {os.getpid()} on {socket.gethostname()} since {since}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
