"""Where a site keeps its state: in a folder of our own making, and below nothing that is watched."""

import atexit
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from shutil import rmtree

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.tracked import tracked_names
from mkdocs_gitguard.state.folder import refuse_links
from mkdocs_gitguard.state.user_folders import cache_folder_for


def state_folder_of(folder: Path, state_dir: str) -> Path:
    """Return a site's state folder, absolute. What is there already was made by us, as far as can be told.

    Args:
        folder: that of `mkdocs.yml`.
        state_dir: the plugin's option, a path from there.

    Raises:
        SettingError: it is not a folder; git tracks it, so that it came with the repository; or it is, holds or lies
            behind a symbolic link of the site's folder.
        SourceError: git cannot tell what it tracks.
    """
    path = Path(os.path.normpath(folder.absolute() / state_dir))
    if folder.absolute().is_relative_to(path):
        raise SettingError(
            f"The option `state_dir` is {state_dir!r}, which holds the site itself.", hint="Choose a folder of its own."
        )
    real_folder = os.path.realpath(folder)
    if path.is_relative_to(folder.absolute()):
        inside = path.parent.relative_to(folder.absolute())
        if os.path.realpath(path.parent) != os.path.normpath(os.path.join(real_folder, inside)):  # noqa: PTH118 - text
            refuse_links(next(part for part in (path.parent, *path.parent.parents) if part.is_symlink()))
    if not os.path.lexists(path):
        return path
    refuse_links(path)
    if not path.is_dir():
        raise SettingError(
            f"The option `state_dir` is {state_dir!r}, which is not a folder.", hint="Choose a folder of its own."
        )
    if path.parent.is_dir() and tracked_names(path.parent, (path.name,)):
        raise SettingError(
            f"{path} is tracked by git: it came with the repository, and is not used.",
            hint=f"Take it out with `git rm -r --cached {path.name}` and delete it, or choose another folder by the "
            "option `state_dir`.",
        )
    return path


def unwatched_folder(state: Path, watched: Iterable[str]) -> Path:
    """Return where to keep the state while MkDocs serves: what is written below a watched folder builds it again.

    Args:
        state: the site's own folder, taken unless it is watched; else one in the user's cache, else a temporary one.
        watched: files and folders.
    """
    tops = [Path(os.path.realpath(path)) for path in watched]
    for candidate in (state, cache_folder_for(state)):
        if not any(Path(os.path.realpath(candidate)).is_relative_to(top) for top in tops):
            return candidate
    temporary = tempfile.mkdtemp(prefix="gitguard-serve-")
    atexit.register(rmtree, temporary, ignore_errors=True)
    return Path(temporary)
