"""What the last build made and the last publish came to, kept in the state folder for the step that follows."""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from mkdocs_gitguard.errors import PublishError, SettingError
from mkdocs_gitguard.model import Record, Release
from mkdocs_gitguard.rollout.settings import DECLARATIONS, Settings
from mkdocs_gitguard.state.files import replace_file
from mkdocs_gitguard.state.folder import make_state_folder

_SHAPING: Final = ("CODEX_REPO_INCLUDE_LIST", "CODEX_REPO_EXCLUDE_LIST")
"""Settings beside the flags that decide what a build shows."""


class BuildRecord(Record, frozen=True, kw_only=True):
    """A build that ended well."""

    at: datetime
    site: str
    """The folder that was built into, absolute."""
    phase: str
    shape: str
    """Digest of the settings that decide what is shown: see `shape_of`."""
    snapshot: str
    duration: float
    """Seconds."""
    selected: int
    """Repositories that the phase chooses."""
    vetoes: tuple[str, ...]
    """The exclude list that was in force. Never put it into a page."""
    shown: str
    """Digest of the repositories that stand in it: see `shown_of`."""
    is_whole: bool
    """Everything in the folder is of this build: it was emptied before. One of `--dirty` keeps what stood there."""
    counts: Mapping[str, int]
    """What the portal shows, by the plural word for it: `repositories`, `pull requests`, ..."""


class PublishOutcome(Record, frozen=True, kw_only=True):
    """What a publish came to."""

    at: datetime
    published: bool
    reasons: tuple[str, ...]
    """What allowed it, or every word against it."""
    release: Release | None = None
    location: str = ""
    """Where readers find it."""
    artifact: str = ""
    """The file that was made for somebody else to deploy, absolute; `""` where none was."""
    written: int = 0
    linked: int = 0


R = TypeVar("R", BuildRecord, PublishOutcome)

_FILES: Final[dict[type[Record], str]] = {BuildRecord: "build.json", PublishOutcome: "publish.json"}


def shape_of(settings: Settings) -> str:
    """Return a digest of all that decides what a portal shows: phase, feature flags, repository lists."""
    names = [item.name for item in DECLARATIONS.values() if item.flag] + list(_SHAPING)
    text = "\n".join([settings.phase, *(f"{name}={settings.text(name)}" for name in names)])
    return hashlib.sha256(text.encode()).hexdigest()


def shown_of(repositories: Iterable[str]) -> str:
    """Return a digest of the node ids of repositories."""
    return hashlib.sha256("\n".join(sorted(repositories)).encode("utf-8", "surrogatepass")).hexdigest()


def keep(state_folder: Path, record: BuildRecord | PublishOutcome) -> None:
    """Keep a record, in place of the last one of its kind.

    Raises:
        SettingError: the folder cannot be written.
    """
    path = state_folder / _FILES[type(record)]
    try:
        make_state_folder(state_folder)
        replace_file(path, msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
    except OSError as error:
        raise SettingError(f"{path} cannot be written: {error.strerror}.") from error


def forget(state_folder: Path, kind: type[Record]) -> None:
    """Forget the last record of a kind: what it tells of is being written over.

    Raises:
        SettingError: it cannot be removed.
    """
    path = state_folder / _FILES[kind]
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            path.unlink()
    except OSError as error:
        raise SettingError(f"{path} cannot be removed: {error.strerror}.") from error


def kept(state_folder: Path, kind: type[R]) -> R | None:
    """Return the last record of a kind, None where there is none that can be read."""
    try:
        record = msgspec.json.decode((state_folder / _FILES[kind]).read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return record if record.at.tzinfo is not None else None


def built_for(record: BuildRecord | None, site: Path, settings: Settings) -> BuildRecord:
    """Return the record if `site` is what was built last, under the settings in force.

    A site built in `preview`, or with other repositories chosen, must not be published under the flags of a canary.

    Raises:
        PublishError: it is not.
    """
    again = "Run `gitguard build`, then publish."
    if record is None or Path(record.site) != site.resolve():
        raise PublishError(f"{site} is not what `gitguard build` built last.", hint=again)
    if record.phase != settings.phase:
        raise PublishError(
            f"{site} was built in the phase {record.phase}, and now it is {settings.phase}.",
            hint=f"Run `gitguard build`, or `gitguard build --phase {settings.phase}`, then publish.",
        )
    if not record.is_whole:
        raise PublishError(f"{site} was built with --dirty, which leaves what an earlier build made.", hint=again)
    if record.shape != shape_of(settings):
        raise PublishError(f"{site} was built with other feature flags or repository lists.", hint=again)
    return record
