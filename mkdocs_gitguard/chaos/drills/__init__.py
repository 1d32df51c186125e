"""The set of drills. A new one is a file here and a line in `DRILLS`."""

from typing import Final

from mkdocs_gitguard.chaos.drills import (
    broker_kill,
    build_kill,
    corrupt_repository,
    event_flood,
    event_kill,
    memory_limit,
    moved_harvest,
    publish_kill,
    state_lost,
    two_builders,
)
from mkdocs_gitguard.chaos.trial import Drill

DRILLS: Final[tuple[Drill, ...]] = (
    publish_kill.DRILL,
    event_flood.DRILL,
    event_kill.DRILL,
    broker_kill.DRILL,
    build_kill.HARVEST,
    build_kill.DRILL,
    state_lost.DRILL,
    moved_harvest.DRILL,
    corrupt_repository.DRILL,
    two_builders.DRILL,
    memory_limit.DRILL,
)
BY_NAME: Final = {drill.about.name: drill for drill in DRILLS}
