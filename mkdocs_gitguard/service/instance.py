"""One long-running process a state folder: two that build into one site would take turns at undoing each other."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.state.file_lock import holder_of, open_lock, sign_lock, take_lock
from mkdocs_gitguard.state.folder import make_state_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FILE: Final = "watch.lock"


@contextmanager
def only_instance(state_folder: Path) -> Iterator[None]:
    """Hold a state folder for this process; the lock goes with the process, however it ends.

    Raises:
        SettingError: another process has it, or the folder cannot be written.
    """
    path = state_folder / _FILE
    try:
        make_state_folder(state_folder)
        descriptor = open_lock(path, mode=0o644)
    except OSError as error:
        raise SettingError(
            f"{path} cannot be written: {error.strerror}.", hint="Set `state_dir` to a folder that can be written."
        ) from error
    try:
        try:
            is_ours = take_lock(descriptor)
        except OSError as error:
            raise SettingError(
                f"{path} cannot be locked: {error.strerror}.",
                hint="Set `state_dir` to a folder on a file system that knows locks.",
            ) from error
        if not is_ours:
            raise SettingError(
                f"{state_folder} is being watched already, by {holder_of(descriptor) or 'another process'}.",
                hint="Set `state_dir` to a folder of this site's own, or end that process.",
            )
        sign_lock(descriptor, also=f" since {system_clock():%Y-%m-%d %H:%M:%S} UTC")
        yield
    finally:
        os.close(descriptor)
