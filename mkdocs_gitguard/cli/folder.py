"""Writing files into a folder that others use too: only what changed, and only what is ours."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.state.folder import refuse_links_on_the_way

if TYPE_CHECKING:
    from collections.abc import Iterable

LIST_NAME = ".gitguard-files.json"
"""Names the files of the last export, so that the next one can remove what is gone and nothing else."""
_LARGEST_LIST: Final = 1 << 28
"""Bytes; a million files."""


class Synced(NamedTuple):
    """How many files were written, left alone and removed."""

    written: int
    unchanged: int
    removed: int


def sync_folder(folder: Path, files: Iterable[tuple[str, bytes]]) -> Synced:
    """Make `folder` hold `files`; leave unchanged files untouched; remove those of the last export that are gone.

    Raises:
        SettingError: a path leads out of the folder, would overwrite a file that no export wrote, or cannot be written.
    """
    listed = _inside(folder, LIST_NAME)
    before = _listed(listed)
    now: list[str] = []
    written = 0
    try:
        for path, data in files:
            target = _inside(folder, path)
            now.append(path)
            if target.is_file():
                if target.read_bytes() == data:
                    continue
                if path not in before:
                    raise SettingError(
                        f"{target} is there already and no export wrote it.", hint="Export to a folder of its own."
                    )
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            written += 1
        gone = [path for path in before if path not in set(now)]
        for path in gone:
            _inside(folder, path).unlink(missing_ok=True)
        _remove_empty(folder, gone)
        content = json.dumps(sorted(now), indent=0)
        if not listed.is_file() or listed.read_text(encoding="utf-8") != content:
            listed.write_text(content, encoding="utf-8")
    except OSError as error:
        raise SettingError(
            f"{folder} cannot be written: {error.strerror}.", hint="Export to another folder."
        ) from error
    return Synced(written, len(now) - written, len(gone))


def _remove_empty(folder: Path, gone: Iterable[str]) -> None:
    """Remove the folders that nothing stands in any more: their names tell of what is gone."""
    parents = {parent for path in gone for parent in PurePosixPath(path).parents if parent.parts}
    for parent in sorted(parents, key=lambda path: len(path.parts), reverse=True):
        # A link may lead to somebody else's folder, and what is not empty is somebody's.
        if not any((folder / path).is_symlink() for path in (parent, *parent.parents)):
            with suppress(OSError):
                (folder / parent).rmdir()


def _listed(path: Path) -> frozenset[str]:
    try:
        names = json.loads(read_file(path, _LARGEST_LIST))
    except FileNotFoundError:
        return frozenset()
    except (OSError, ValueError, RecursionError) as error:
        raise SettingError(f"{path} cannot be read.", hint="Delete it, or export to another folder.") from error
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()


def _inside(folder: Path, path: str) -> Path:
    if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
        raise SettingError(f"{path!r} leads out of {folder}.", hint=f"Delete {folder / LIST_NAME}.")
    refuse_links_on_the_way(folder, folder / path)
    return folder / path
