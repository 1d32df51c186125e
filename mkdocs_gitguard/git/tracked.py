"""Which files of a folder came with its repository: what git tracks there."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import SourceError
from mkdocs_gitguard.git.directory import GitDirectory
from mkdocs_gitguard.git.environment import environment_for_refs
from mkdocs_gitguard.git.process import run

_TIME_LIMIT: Final = 60.0
"""Seconds: an index of a million files is listed in one."""


def work_tree_of(folder: Path) -> Path | None:
    """Return the top folder of the work tree that `folder` is or lies in, links followed; None: it is in none."""
    here = folder.resolve()
    return next((top for top in (here, *here.parents) if _directory_at(top) is not None), None)


def tracked_names(folder: Path, names: Sequence[str]) -> frozenset[str]:
    """Return those of `names` that git tracks in `folder`, as files or as folders with tracked files below.

    Capitals do not count: where the file system passes over them, `.GitGuard` is `.gitguard`.

    Args:
        folder: one that is there.
        names: of files and folders directly in it.

    Raises:
        SourceError: the repository's index cannot be read.
    """
    top = work_tree_of(folder)
    directory = _directory_at(top) if top is not None else None
    if top is None or directory is None:
        return frozenset()
    prefix = folder.resolve().relative_to(top).as_posix().removeprefix(".")
    prefix = f"{prefix}/" if prefix else ""
    environment = {
        **environment_for_refs(directory),
        "GIT_WORK_TREE": str(top),
        "GIT_INDEX_FILE": str(directory.git_dir / "index"),
    }
    pathspecs = [f":(top,literal,icase){prefix}{name}" for name in names]
    listing = b"".join(
        run(
            ("--no-pager", "ls-files", "-z", "--cached", "--full-name", "--", *pathspecs),
            folder=top,
            environment=environment,
            label=str(top),
            time_limit=_TIME_LIMIT,
        )
    )
    depth = prefix.count("/")
    first = {path.split("/")[depth].casefold() for path in listing.decode("utf-8", "replace").split("\0") if path}
    return frozenset(name for name in names if name.casefold() in first)


def _directory_at(folder: Path) -> GitDirectory | None:
    """Return the repository whose work tree begins at `folder`; git passes over a `.git` that is none, too."""
    if not (folder / ".git").exists():
        return None
    try:
        return GitDirectory.find(folder, label=str(folder))
    except SourceError:
        return None
