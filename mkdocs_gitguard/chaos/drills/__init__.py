"""The set of drills. A new one is a file here and a line in `DRILLS`."""

from typing import Final

from mkdocs_gitguard.chaos.drills import (
    broker_kill,
    build_kill,
    clock_jumps,
    corrupt_repository,
    event_flood,
    event_kill,
    forged_webhooks,
    memory_limit,
    moved_harvest,
    power_loss,
    publish_kill,
    publish_syscalls,
    retention_ahead,
    rollback_traffic,
    state_lost,
    two_builders,
)
from mkdocs_gitguard.chaos.trial import Drill

DRILLS: Final[tuple[Drill, ...]] = (
    event_flood.DRILL,
    forged_webhooks.DRILL,
    event_kill.DRILL,
    retention_ahead.DRILL,
    clock_jumps.DRILL,
    power_loss.LOG,
    broker_kill.DRILL,
    publish_kill.DRILL,
    publish_syscalls.DRILL,
    power_loss.PUBLISH,
    rollback_traffic.ROLLBACK,
    rollback_traffic.READER,
    build_kill.HARVEST,
    build_kill.DRILL,
    moved_harvest.DRILL,
    corrupt_repository.DRILL,
    state_lost.DRILL,
    two_builders.DRILL,
    memory_limit.DRILL,
)
BY_NAME: Final = {drill.about.name: drill for drill in DRILLS}
