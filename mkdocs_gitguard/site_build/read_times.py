"""How long each repository took to be read, kept from the build that read it: most builds read a few.

Beside the measurements, which never name a repository: they are carried on and published. Nothing is kept here of what
the phase leaves out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from mkdocs_gitguard.model.dashboards import SlowRepository
from mkdocs_gitguard.state.memory_file import load_memory, save_memory

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from pathlib import Path

READ_TIMES_FILE: Final = "read-times.memory"
"""In the state folder."""
_SHOWN: Final = 20

_decode: Final = msgspec.msgpack.Decoder(dict[str, SlowRepository]).decode


def slowest_to_read(
    state_folder: Path, durations: Mapping[str, float], shown: Collection[str], *, at: datetime
) -> tuple[SlowRepository, ...]:
    """Keep how long repositories took, and return the slowest of all that are shown, the slowest first.

    Args:
        state_folder: where it is kept.
        durations: seconds by node id, of those that were read now.
        shown: node ids of the repositories that the phase shows; of others nothing stays.
        at: when they were read.
    """
    path = state_folder / READ_TIMES_FILE
    before = load_memory(path, _decode) or {}
    read = {
        repository: SlowRepository(repository=repository, seconds=seconds, on=at.date().isoformat())
        for repository, seconds in durations.items()
        # A process that stays says it again of each: to the last digit the same is the same reading.
        if repository not in before or before[repository].seconds != seconds
    }
    known = {repository: one for repository, one in (before | read).items() if repository in shown}
    if known != before:
        save_memory(path, msgspec.msgpack.encode(known))
    by_time = sorted(known.values(), key=lambda one: (-one.seconds, one.repository))
    return tuple(by_time[:_SHOWN])
