"""What Acme's portal would have measured, had it been built for two months: made up, and said to be.

One afternoon the forge did not answer. So the portal of a newcomer has a past, with a breach that is over.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.model.trend import RepositoryFigures, Trend, with_day

_DAYS: Final = 60
_BETWEEN: Final = timedelta(hours=4)
_BAD_DAY: Final = 11
"""So many days before the end nothing could be fetched for an afternoon."""
_BAD_HOURS: Final = range(12, 18)
_SUNDAY: Final = 6
_QUIET: Final = 0.8
_EVIDENCE: Final = "made up for the demo"
_OUTAGE: Final = "made up for the demo: the forge did not answer"

_Figure = tuple[str, float, str]


def measurements(repositories: int, *, seed: int, end: int) -> Iterator[Measurement]:
    """Yield what builds of the last two months measured, the oldest first; the last was four hours ago.

    Args:
        repositories: how many Acme has.
        seed: the same seed and end give the same figures.
        end: Unix seconds.
    """
    dice = random.Random(f"measured {seed}")
    last = datetime.fromtimestamp(end, UTC) - _BETWEEN
    bad_day = (last - timedelta(days=_BAD_DAY)).date()
    builds = _DAYS * (timedelta(days=1) // _BETWEEN)
    for number in reversed(range(builds)):
        at = last - number * _BETWEEN
        is_bad = at.date() == bad_day and at.hour in _BAD_HOURS
        grown = 1 - number / builds
        for name, value, unit in _figures(repositories, dice, is_bad=is_bad, grown=grown):
            yield Measurement(name=name, value=value, unit=unit, at=at, evidence=_OUTAGE if is_bad else _EVIDENCE)


def _figures(repositories: int, dice: random.Random, *, is_bad: bool, grown: float) -> Iterator[_Figure]:
    harvest = repositories * dice.uniform(0.02, 0.05) * (40 if is_bad else 1)
    render, export = dice.uniform(0.4, 0.9), dice.uniform(0.1, 0.3)
    duration = harvest + render + export
    pages = repositories * 95
    made = dice.randint(3, 40)
    asked = round(200 + 84 * grown)
    yield "harvest.duration", harvest, "s"
    yield "render.duration", render, "s"
    yield "export.duration", export, "s"
    yield "build.duration", duration, "s"
    yield "build.update", duration, "s"
    yield "build.latency", duration * 1000 / repositories, "ms"
    yield "build.errors", 0, ""
    yield "work.attempts", repositories + 1, ""
    yield "work.failures", max(1, repositories // 2) if is_bad else 0, ""
    yield "repositories.shown", repositories, ""
    yield "pages.made", made, ""
    yield "pages.kept", pages - made, ""
    yield "diagrams.all", 224, ""
    yield "diagrams.failed", 0, ""
    yield "decisions.all", asked, ""
    yield "decisions.exact", round(asked * (0.38 + 0.08 * grown)), ""
    yield "policies.coverage", 0.38 + 0.08 * grown, "share"
    yield "storage.site", repositories * 2_400_000 * (0.8 + 0.2 * grown), "bytes"
    if not is_bad:
        for _ in range(dice.randint(1, 3)):
            yield "freshness", dice.uniform(0.8, 3.5), "s"


def counted(now: Mapping[str, RepositoryFigures], *, seed: int, end: int) -> Trend:
    """Return what builds of the last two months counted of the repositories: made up from what is there now.

    More and more files got an owner, findings were mended, more checks of the scorecards hold. No build was made on
    most Sundays.

    Args:
        now: by repository id, what is there.
        seed: the same seed and end give the same figures.
        end: Unix seconds; the last day is the one before.
    """
    dice = random.Random(f"counted {seed}")
    last = datetime.fromtimestamp(end, UTC).date() - timedelta(days=1)
    trend = Trend()
    for back in reversed(range(_DAYS)):
        day = last - timedelta(days=back)
        grown = 1 - back / _DAYS
        if day.weekday() == _SUNDAY and dice.random() < _QUIET:
            continue
        trend = with_day(trend, day.isoformat(), {key: _earlier(one, grown) for key, one in now.items()})
    return trend


def _earlier(one: RepositoryFigures, grown: float) -> RepositoryFigures:
    """Return the figures of a repository when it had come so far of the way to what it is now."""
    return replace(
        one,
        owned=_part(one.owned, 0.7 + 0.3 * grown),
        warnings=one.warnings + round(2 * (1 - grown)) if one.files else one.warnings,
        decided=_part(one.decided, 0.7 + 0.3 * grown),
        allowed=_part(one.allowed, 0.64 + 0.36 * grown),
        passed=_part(one.passed, 0.86 + 0.14 * grown),
        teams={team: _part(files, 0.7 + 0.3 * grown) or 0 for team, files in one.teams.items()},
    )


def _part(number: int | None, share: float) -> int | None:
    return None if number is None else round(number * share)
