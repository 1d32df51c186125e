"""Which drills are due: those that were not run for as long as an interval, the longest waiting first."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from mkdocs_gitguard.chaos.trial import Drill
from mkdocs_gitguard.model.drill import DrillResult


def due(drills: Iterable[Drill], journal: Sequence[DrillResult], *, every: timedelta, now: datetime) -> list[Drill]:
    """Return the drills that are due, those that were never run first.

    Args:
        drills: the set.
        journal: how drills went.
        every: how often each is to be run.
        now: the moment.
    """
    never = datetime.min.replace(tzinfo=UTC)
    last: dict[str, datetime] = {}
    for result in journal:
        last[result.about.name] = max(result.began, last.get(result.about.name, never))
    waiting = [drill for drill in drills if last.get(drill.about.name, never) + every <= now]
    return sorted(waiting, key=lambda drill: last.get(drill.about.name, never))


def next_due(drills: Iterable[Drill], journal: Sequence[DrillResult], *, every: timedelta, now: datetime) -> float:
    """Return the seconds until a drill is due; 0: one is."""
    last = {result.about.name: result.began for result in sorted(journal, key=lambda result: result.began)}
    moments = [last.get(drill.about.name, now - every) + every for drill in drills]
    return max(0.0, (min(moments) - now).total_seconds()) if moments else every.total_seconds()
