"""What the last build made, kept beside the state so that a publish knows what it publishes."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from mkdocs_gitguard.errors import PublishError, SettingError
from mkdocs_gitguard.model import Record
from mkdocs_gitguard.rollout.settings import DECLARATIONS, Settings

_FILE: Final = "build.json"
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
    counts: Mapping[str, int]
    """What the portal shows, by the plural word for it: `repositories`, `pull requests`, ..."""


def shape_of(settings: Settings) -> str:
    """Return a digest of all that decides what a portal shows: phase, feature flags, repository lists."""
    names = [item.name for item in DECLARATIONS.values() if item.flag] + list(_SHAPING)
    text = "\n".join([settings.phase, *(f"{name}={settings.text(name)}" for name in names)])
    return hashlib.sha256(text.encode()).hexdigest()


def write_build_record(state_folder: Path, record: BuildRecord) -> None:
    """Keep the record.

    Raises:
        SettingError: the folder cannot be written.
    """
    try:
        state_folder.mkdir(parents=True, exist_ok=True)
        aside = state_folder / f"{_FILE}.next"
        aside.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1) + b"\n")
        aside.replace(state_folder / _FILE)
    except OSError as error:
        raise SettingError(f"{state_folder} cannot be written: {error.strerror}.") from error


def read_build_record(state_folder: Path) -> BuildRecord | None:
    """Return the last build's record, None where there is none that can be read."""
    try:
        return msgspec.json.decode((state_folder / _FILE).read_bytes(), type=BuildRecord)
    except (OSError, msgspec.MsgspecError):
        return None


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
        raise PublishError(f"{site} was built in the phase {record.phase}, and now it is {settings.phase}.", hint=again)
    if record.shape != shape_of(settings):
        raise PublishError(f"{site} was built with other feature flags or repository lists.", hint=again)
    return record
