"""The set of drills. A new one is a file here and a line in `DRILLS`."""

from typing import Final

from mkdocs_gitguard.chaos.drills import broker_kill, event_flood, event_kill, publish_kill
from mkdocs_gitguard.chaos.trial import Drill

DRILLS: Final[tuple[Drill, ...]] = (
    publish_kill.DRILL,
    event_flood.DRILL,
    event_kill.DRILL,
    broker_kill.DRILL,
)
BY_NAME: Final = {drill.about.name: drill for drill in DRILLS}
