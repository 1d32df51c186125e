"""What happened beside breaches: releases, steps of the rollout, drills; and what is planned next."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mkdocs_gitguard.model import Forge, RolloutStatus
    from mkdocs_gitguard.model.drill import DrillResult
    from mkdocs_gitguard.model.service_levels import Breach


class Happened(NamedTuple):
    """One thing that happened."""

    at: datetime
    what: str
    how: str
    """How it went, or why it was done."""
    page: str
    """Path of the portal's page that tells of it."""
    anchor: str = ""
    is_bad: bool = False


class ReleaseInForce(NamedTuple):
    """What readers saw when a breach began."""

    id: str
    commit: str
    """Of the portal's own repository; `""`: the site stands in none."""
    forge: Forge | None = None
    """Where the commit can be seen."""


def health_history(rollout: RolloutStatus | None, drills: Sequence[DrillResult], *, most: int) -> tuple[Happened, ...]:
    """Return the newest of what happened, newest first.

    Args:
        rollout: its steps and releases; None: there are none.
        drills: that were run.
        most: how many.
    """
    happened = [*_drill_days(drills)]
    if rollout is not None:
        happened += [
            Happened(step.at, f"{_STEPS[step.action]} phase {step.after}", step.why, "rollout", "history")
            for step in rollout.changes
        ]
        happened += [
            Happened(event.at, f"{_RELEASES[event.action]} {event.release.id}", event.why, "rollout", "releases")
            for event in rollout.releases
        ]
    happened.sort(key=lambda one: (one.at, one.what), reverse=True)
    return tuple(happened[:most])


_STEPS = {"promote": "Step to", "rollback": "Step back to"}
_RELEASES = {"publish": "Release", "rollback": "Back to release"}


def _drill_days(drills: Sequence[DrillResult]) -> Iterator[Happened]:
    """Yield the drills of each day as one: a set is some twenty."""
    by_day: defaultdict[str, list[DrillResult]] = defaultdict(list)
    for result in drills:
        if result.outcome != "not run":
            by_day[result.began.astimezone(UTC).date().isoformat()].append(result)
    for results in by_day.values():
        failed = sorted({result.about.title for result in results if result.outcome == "failed"})
        how = f"failed: {', '.join(failed)}" if failed else "all passed"
        last = max(result.began for result in results)
        yield Happened(last, count(len(results), "drill"), how, "drill", is_bad=bool(failed))


def planned_features(rollout: RolloutStatus | None) -> Mapping[str, tuple[str, ...]]:
    """Return by phase of the plan what it will turn on, in the plan's order."""
    planned: defaultdict[str, list[str]] = defaultdict(list)
    if rollout is None:
        return {}
    for feature in rollout.features:
        if not feature.is_shown and feature.arrives:
            planned[feature.arrives].append(feature.name)
    order = [checklist.phase for checklist in rollout.checklists]
    phases = sorted(planned, key=lambda phase: order.index(phase) if phase in order else len(order))
    return {phase: tuple(planned[phase]) for phase in phases}


def releases_in_force(rollout: RolloutStatus | None, breaches: Sequence[Breach]) -> Mapping[str, ReleaseInForce]:
    """Return what was published last before each breach began, by `breach_key`; nothing for those before the first."""
    in_force: dict[str, ReleaseInForce] = {}
    if rollout is None:
        return in_force
    events = sorted(rollout.releases, key=lambda event: event.at)
    for breach in breaches:
        before = [event.release for event in events if event.at <= breach.began]
        if before:
            in_force[breach_key(breach)] = ReleaseInForce(before[-1].id, before[-1].commit, rollout.forge)
    return in_force


def breach_key(breach: Breach) -> str:
    """Return what tells a breach from others."""
    return f"{breach.objective} {breach.alerted.isoformat()}"
