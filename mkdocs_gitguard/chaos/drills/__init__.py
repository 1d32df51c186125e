"""The set of drills. A new one is a file here and a line in `DRILLS`."""

from typing import Final

from mkdocs_gitguard.chaos.drills import (
    api_switch,
    broker_kill,
    broker_network,
    build_kill,
    clock_jumps,
    corrupt_repository,
    disk_full,
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
    stream_frozen,
    target_refusing,
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
    broker_network.DRILL,
    stream_frozen.DRILL,
    publish_kill.DRILL,
    publish_syscalls.DRILL,
    power_loss.PUBLISH,
    disk_full.DRILL,
    target_refusing.DRILL,
    rollback_traffic.ROLLBACK,
    rollback_traffic.READER,
    api_switch.DRILL,
    build_kill.HARVEST,
    build_kill.DRILL,
    moved_harvest.DRILL,
    corrupt_repository.DRILL,
    state_lost.DRILL,
    two_builders.DRILL,
    memory_limit.DRILL,
)
BY_NAME: Final = {drill.about.name: drill for drill in DRILLS}
