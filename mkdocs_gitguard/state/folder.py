"""The folder of what need not be read or made again, `.gitguard` unless the site says otherwise."""

import os
from pathlib import Path

from mkdocs_gitguard.errors import SettingError


def make_state_folder(folder: Path) -> None:
    """Make the folder if it is not there, and have git pass it over, as caches of other tools are.

    It often lies in a repository.

    Raises:
        OSError: it cannot be made.
    """
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".gitignore").write_text("*\n", encoding="ascii")


def find_link_out(folder: Path) -> Path | None:
    """Return a symbolic link that `folder` is, or one in it, however deep, that leads out of it; None: there is none.

    What cannot be entered or goes away meanwhile holds none: nothing can be written through it either.
    """
    if folder.is_symlink():
        return folder
    real = Path(os.path.realpath(folder))
    waiting = [str(folder)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink():
                # A release that is current, as a rehearsal keeps it here, is a link to its neighbour.
                if not Path(os.path.realpath(entry.path)).is_relative_to(real):
                    return Path(entry.path)
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
    return None


def refuse_links_on_the_way(folder: Path, path: Path) -> None:
    """Refuse to write to a path in a folder where it or anything between the two is a link.

    Args:
        folder: may be a link itself: whoever names it knows where it leads.
        path: in the folder.

    Raises:
        SettingError: there is one.
    """
    for part in (path, *path.parents):
        if part == folder:
            return
        if part.is_symlink():
            raise SettingError(
                f"{part} is a symbolic link, and nothing is written through one: it could lead anywhere.",
                hint="Delete it, or choose another folder.",
            )


def refuse_links(folder: Path) -> None:
    """Refuse a folder that is a link or holds one that leads out: what is written or deleted through it lies elsewhere.

    Raises:
        SettingError: there is one.
    """
    link = find_link_out(folder)
    if link is not None:
        raise SettingError(
            f"{link} is a symbolic link, and nothing is written through one: it could lead anywhere.",
            hint="Delete it; to keep the state elsewhere, set the option `state_dir` to that folder.",
        )
