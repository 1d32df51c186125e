"""What drills tell gates, objectives and dashboards: measurements."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.model.drill import DrillResult, rate_of

RATED: Final = timedelta(days=30)
"""The success rate is that of the drills of this time."""


def measured_of(result: DrillResult, *, at: datetime) -> tuple[Measurement, ...]:
    """Return what one drill measures; nothing where it was not run.

    Args:
        result: how it went.
        at: when it ended.
    """
    if result.outcome == "not run":
        return ()
    passed = result.outcome == "passed"
    evidence = f"{result.about.name}, seed {result.seed}: {result.why}"
    measurements = [
        Measurement(name="drills.run", value=1, at=at, evidence=evidence),
        Measurement(name="drills.passed", value=float(passed), at=at, evidence=evidence),
        Measurement(name="drills.recovered", value=float(_has_recovered(result)), at=at, evidence=evidence),
    ]
    if result.recovered is not None:
        measurements.append(
            Measurement(name="drills.recovery", value=result.recovered, unit="s", at=at, evidence=result.about.name)
        )
    if result.detected is not None:
        measurements.append(
            Measurement(name="drills.detection", value=result.detected, unit="s", at=at, evidence=result.about.name)
        )
    return tuple(measurements)


def measured_of_all(
    results: Sequence[DrillResult], journal: Sequence[DrillResult], *, at: datetime
) -> tuple[Measurement, ...]:
    """Return what several drills measure together; nothing where none of them was run.

    Args:
        results: of this run.
        journal: all that are known, those of this run among them.
        at: when the last of them ended.
    """
    ran = [result for result in results if result.outcome != "not run"]
    if not ran:
        return ()
    whole = all(result.after is not None for result in ran)
    rate = rate_of(result for result in journal if result.began >= at - RATED)
    proven = f"{rate.passed} of {rate.run} of {RATED.days} days passed, which proves more than {rate.least:.1%}"
    return (
        Measurement(
            name="drills.completed", value=float(whole), at=at, evidence=f"{len(ran)} drills came to their end"
        ),
        Measurement(name="drills.success", value=rate.share, unit="share", at=at, evidence=proven),
    )


def _has_recovered(result: DrillResult) -> bool:
    return result.recovered is not None and result.after is not None and result.after.is_well
