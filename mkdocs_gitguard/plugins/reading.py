"""What a site's options give: the snapshot, the flags, and what to watch for changes."""

from pathlib import Path
from typing import NamedTuple

import msgspec

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import ALL_VIEWS, Flags, Snapshot
from mkdocs_gitguard.plugins.options import GitGuardConfig


class Site(NamedTuple):
    """All that a build needs to know."""

    snapshot: Snapshot
    flags: Flags
    watch: tuple[Path, ...] = ()
    """Files and folders whose change means that the repositories have moved."""


def read_site(options: GitGuardConfig, folder: Path) -> Site:
    """Read what the options name; relative paths count from `folder`.

    Raises:
        SettingError: an option names what is not there.
    """
    if not options.snapshot:
        raise SettingError("No repositories can be read yet.", hint="Name a snapshot file with the option `snapshot`.")
    path = folder / options.snapshot
    return Site(read_snapshot(path), ALL_VIEWS, (path,))


def read_snapshot(path: Path) -> Snapshot:
    """Read a snapshot that `gitguard harvest --format json` wrote.

    Raises:
        SettingError: the file cannot be read, or holds something else.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Snapshot)
    except OSError as error:
        raise SettingError(
            f"The option `snapshot` names {path}, which cannot be read: {error.strerror}.",
            hint="Write one with: gitguard harvest --format json",
        ) from error
    except msgspec.MsgspecError as error:
        raise SettingError(
            f"{path} is not a snapshot of this version: {error}.",
            hint="Write it anew with: gitguard harvest --format json",
        ) from error
