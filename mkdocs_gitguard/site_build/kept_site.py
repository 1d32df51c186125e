"""The site's folder over a build: what still holds is not touched, what is new moves in, what is gone goes.

MkDocs deletes every file of the site before a build and writes all of it again. Of a portal of 15,000 pages nearly all
hold from one build to the next. So the folder is moved out of the way as a whole before MkDocs looks at it, the build
writes into an empty one, and afterwards the new files move into the old folder, which goes back to its place. A file
that has not changed keeps its inode and its times.

It waits in the state folder, or beside its place where that is on another file system, as temporary files are that live
in memory, and a volume of a container: a folder cannot be moved there without writing every file anew.

A build that fails gives the old site back as it was. One that is killed leaves it where it waits, and the next build
takes it up again.
"""

import errno
import shutil
from collections.abc import Callable, Collection
from contextlib import suppress
from filecmp import cmp
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.state.folder import make_state_folder
from mkdocs_gitguard.state.tree import files_below, remove_empty

_ASIDE: Final = "site-of-last-build"
_OWNER: Final = "site-of-last-build.path"
_LEAVING: Final = "site-leaving"


class FileCounts(NamedTuple):
    """What a build did to the site's folder, counted in files."""

    written: int
    unchanged: int
    """Made again, and the same; what was held is not counted."""
    deleted: int


class _Place(NamedTuple):
    """Where an old site may wait."""

    aside: Path
    leaving: Path
    """Where what is in the site's place meanwhile goes first."""

    @property
    def is_taken(self) -> bool:
        """Whether one waits there."""
        return self.aside.is_dir() and not self.aside.is_symlink()


class KeptSite:
    """The folder of one site, from before a build to after it."""

    def __init__(self, site: Path, state: Path) -> None:
        """Tell where things are; nothing is touched yet.

        Args:
            site: the folder that is built into.
            state: the plugin's state folder, where the old site waits.
        """
        self._site = site
        self._state = state
        self._owner = state / _OWNER
        self._in_state = _Place(state / _ASIDE, state / _LEAVING)
        self._beside = _Place(site.with_name(f".{site.name}.{_ASIDE}"), site.with_name(f".{site.name}.{_LEAVING}"))

    @property
    def is_aside(self) -> bool:
        """Whether an old site waits."""
        return self._in_state.is_taken or self._beside.is_taken

    @property
    def folder(self) -> Path:
        """Where the files of the last build are now."""
        return self._place.aside if self.is_aside else self._site

    @property
    def _place(self) -> _Place:
        return self._in_state if self._in_state.is_taken else self._beside

    def set_aside(self) -> None:
        """Move the old site out of the way; where it can't be moved it stays, and MkDocs deletes it as ever.

        What a killed build left waiting is the better copy: what stands in the site's folder then is half a site.
        """
        with suppress(OSError):
            if self._in_state.is_taken:
                if self._owner.read_text(encoding="utf-8") == str(self._site):
                    return
                self._remove(self._in_state.aside)
            if self._beside.is_taken:
                return
            if not self._site.is_dir() or self._site.is_symlink() or _holds(self._site, self._state):
                return
            make_state_folder(self._state)
            self._owner.write_text(str(self._site), encoding="utf-8")
            try:
                self._site.rename(self._in_state.aside)
            except OSError:
                self._owner.unlink(missing_ok=True)
                _move(self._site, self._beside.aside)

    def give_back(self) -> None:
        """Put the old site back as it was, in place of what a failed build has left."""
        if self.is_aside:
            with suppress(OSError):
                self._change_places()

    def settle(self, is_held: Callable[[str], bool], *, folders: Collection[str] = ()) -> FileCounts:
        """Move what was built into the old site, delete what is in neither, and put it back in its place.

        Args:
            is_held: tells of a path (relative, with `/`) whether the file of the last build still holds.
            folders: paths of folders that are kept whole, whatever is in them.

        Raises:
            OSError: a file cannot be moved or deleted.
        """
        if not self.is_aside:
            return FileCounts(0, 0, 0)
        aside = self._place.aside
        written = unchanged = deleted = 0
        made = set()
        for path, _ in files_below(self._site):
            made.add(path)
            source, target = self._site / path, aside / path
            if _is_same(source, target):
                unchanged += 1
                continue
            _make_room(target, aside)
            source.replace(target)
            written += 1
        for path in [path for path, _ in files_below(aside, frozenset(folders))]:
            # MkDocs leaves hidden entries at the top where they are (mkdocs/utils: clean_directory).
            if path not in made and not path.startswith(".") and not is_held(path):
                (aside / path).unlink()
                deleted += 1
                remove_empty(aside, path.rpartition("/")[0])
        self._change_places()
        return FileCounts(written, unchanged, deleted)

    def _change_places(self) -> None:
        place = self._place
        self._remove(place.leaving)
        if self._site.is_dir():
            _move(self._site, place.leaving)
        self._site.parent.mkdir(parents=True, exist_ok=True)
        _move(place.aside, self._site)
        self._owner.unlink(missing_ok=True)
        self._remove(place.leaving)

    @staticmethod
    def _remove(folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)


def _move(folder: Path, target: Path) -> None:
    """Rename a folder to where nothing stands, entry by entry where the folder itself cannot be renamed.

    One of a lower layer cannot, as a container's image has it
    (https://docs.kernel.org/filesystems/overlayfs.html#renaming-directories).

    Raises:
        OSError: neither can be; what was moved is back in its place.
    """
    try:
        folder.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV or target.is_symlink():
            raise
        moved: list[str] = []
        target.mkdir(exist_ok=True)
        try:
            for name in sorted(entry.name for entry in folder.iterdir()):
                (folder / name).rename(target / name)
                moved.append(name)
        except OSError:
            for name in moved:
                (target / name).rename(folder / name)
            target.rmdir()
            raise
        # What cannot be removed is a place where something is mounted, and may stay empty.
        with suppress(OSError):
            folder.rmdir()


def _make_room(target: Path, aside: Path) -> None:
    """See that `target` can be written: its folders in the old site are folders, and it is not one itself."""
    for folder in [*target.parents][::-1]:
        if folder.is_relative_to(aside) and (folder.is_symlink() or folder.is_file()):
            folder.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)


def _holds(site: Path, state: Path) -> bool:
    return state.resolve().is_relative_to(site.resolve())


def _is_same(source: Path, target: Path) -> bool:
    with suppress(OSError):
        return not target.is_symlink() and target.is_file() and cmp(source, target, shallow=False)
    return False
