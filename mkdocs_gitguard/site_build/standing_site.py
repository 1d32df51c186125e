"""A site that stands as it would be built again, so that it need not be.

It does where all that goes into it is as it was for the build that made it, which a key says, and every file is as that
build left it. What cannot be told by a key is built.
"""

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from mkdocs_gitguard.model import Record
from mkdocs_gitguard.rollout.build_record import BuildRecord
from mkdocs_gitguard.site_build.build_measures import Figure
from mkdocs_gitguard.state.file_state import FileState
from mkdocs_gitguard.state.keyed_file import read_keyed, write_keyed

_FILE: Final = "standing-site.memory"


class StandingSite(Record, frozen=True, kw_only=True):
    """A site as a build left it."""

    record: BuildRecord
    """Of that build."""
    files: bytes
    """Digest of how its files stand: see `digest_of_files`."""
    pages: int
    """Of the portal, without those that MkDocs makes."""
    figures: tuple[Figure, ...]
    """What is measured of it."""


def digest_of_files(states: Mapping[str, FileState]) -> bytes:
    """Return the digest of how files stand, by their paths."""
    return sha256(msgspec.msgpack.encode(sorted(states.items()))).digest()


def keep_standing(state_folder: Path, key: bytes, site: StandingSite) -> None:
    """Keep a site under a key, in place of what is kept. Losing it costs time only."""
    with suppress(OSError):
        write_keyed(state_folder / _FILE, state_folder, key, msgspec.msgpack.encode(site))


def kept_standing(state_folder: Path, key: bytes) -> StandingSite | None:
    """Return the site that is kept under a key; None where there is none that can be read."""
    data = read_keyed(state_folder / _FILE, key)
    try:
        return _DECODER.decode(data) if data is not None else None
    except msgspec.MsgspecError:
        return None


_DECODER: Final = msgspec.msgpack.Decoder(StandingSite)
