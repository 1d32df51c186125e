"""Folders of the user's own, where no repository can have put anything.

By the XDG Base Directory Specification 0.8: https://specifications.freedesktop.org/basedir-spec/0.8/
"""

import hashlib
import os
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.late_pattern import late_pattern

_NAME: Final = "mkdocs-gitguard"
_NOT_IN_A_NAME: Final = late_pattern(r"[^\w.-]+")
_LONGEST_NAME: Final = 40


def user_cache_folder() -> Path:
    """Return where caches live: deleting it loses time only.

    Raises:
        SettingError: the user has no home folder; so for `user_state_folder`.
    """
    return _user_folder("XDG_CACHE_HOME", ".cache")


def user_state_folder() -> Path:
    """Return where that lives which is remembered of the user's own words."""
    return _user_folder("XDG_STATE_HOME", ".local/state")


def cache_folder_for(folder: Path) -> Path:
    """Return the cache folder that belongs to another folder, by its path with links followed."""
    real = os.path.realpath(folder)
    name = _NOT_IN_A_NAME.sub("-", Path(real).name)[:_LONGEST_NAME] or "root"
    digest = hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
    return user_cache_folder() / "sites" / f"{name}-{digest}"


def _user_folder(variable: str, default: str) -> Path:
    given = Path(os.environ.get(variable, ""))
    # The specification: a path that is not absolute is to be passed over.
    if given.is_absolute():
        return given / _NAME
    try:
        return Path.home() / default / _NAME
    except RuntimeError as error:
        raise SettingError("There is no home folder.", hint=f"Set HOME, or {variable} to an absolute path.") from error
