"""A snapshot that a site shows instead of repositories: the option `snapshot`."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import msgspec

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.git.spellings import Spellings, spellings_of
from mkdocs_gitguard.model import Snapshot, name_of
from mkdocs_gitguard.rollout.selection import RepositoryCandidate, select

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_gitguard.rollout.settings import Settings

_LARGEST_SNAPSHOT: Final = 1 << 31
"""Bytes."""


def given_snapshot(path: Path, settings: Settings) -> tuple[Snapshot, bytes]:
    """Return the snapshot that a site names, and the digest of its file.

    Raises:
        SettingError: the phase shows repositories as they are read, the file cannot be read, or holds what is left out.
    """
    if settings.phase != "preview":
        raise SettingError(
            f"The option `snapshot` is set in the phase {settings.phase!r}, which selects repositories as they are "
            "read.",
            hint="Take the option out, or use the phase preview.",
        )
    snapshot, digest = read_snapshot(path)
    _check(snapshot, settings)
    return snapshot, digest


def read_snapshot(path: Path) -> tuple[Snapshot, bytes]:
    """Return a snapshot that `gitguard harvest --format json` wrote, and the digest of its file.

    Raises:
        SettingError: the file cannot be read, or holds something else.
    """
    try:
        data = read_file(path, _LARGEST_SNAPSHOT)
        return msgspec.json.decode(data, type=Snapshot), sha256(data).digest()
    except OSError as error:
        raise SettingError(
            f"The option `snapshot` names {path}, which cannot be read: {error.strerror}.",
            hint="Write one with: gitguard harvest --format json",
        ) from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SettingError(
            f"{path} is not a snapshot of this version: {error}.",
            hint="Write it anew with: gitguard harvest --format json",
        ) from error


def _check(snapshot: Snapshot, settings: Settings) -> None:
    """Refuse a snapshot that holds what the lists leave out: what else in it is of those, nobody can tell any more.

    Raises:
        SettingError: it does.
    """
    candidates = [
        RepositoryCandidate(
            name=name_of(repository.id),
            spellings=Spellings(names=(name_of(repository.id),))
            + spellings_of(repository.forge.web_url if repository.forge else ""),
        )
        for repository in snapshot.repositories
    ]
    include, exclude = settings.codex_repo_include_list, settings.codex_repo_exclude_list
    selection = select(candidates, include=include, exclude=exclude, suggest_hidden=False)
    if len(selection.kept) < len(candidates):
        raise SettingError(
            "The option `snapshot` names a file that holds repositories which CODEX_REPO_INCLUDE_LIST or "
            "CODEX_REPO_EXCLUDE_LIST leaves out.",
            hint="Write it anew under these lists with: gitguard harvest --format json",
        )
