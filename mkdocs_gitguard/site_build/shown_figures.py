"""What the pages show of measurements, and for how long: every build measures, so its figures would differ every time.

The rule: figures stay on the pages for ten minutes, and are worked out anew at the first build after that, or at once
where what somebody has to know has changed: which objectives there are, a state, a breach that began or ended.
So a build in which nothing has moved touches no page; one that nothing at all has moved for is not made for an hour
(`BuildWatch.stands`). What a page says of its age stays true: it names the moment of
the newest measurement that it shows. `metrics/` is written by each build that has made a page, else after ten minutes,
as by a round of a watch that takes the short path: events come by the dozen.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from mkdocs_gitguard.model import Record
from mkdocs_gitguard.model.dashboards import Dashboards, SlowRepository
from mkdocs_gitguard.model.service_levels import ServiceLevels
from mkdocs_gitguard.site_build.epoch import package_digest
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.slo.figures import dashboards_of
from mkdocs_gitguard.state.files import replace_file
from mkdocs_gitguard.state.folder import make_state_folder
from mkdocs_gitguard.state.measurements import Measurements

STAY: Final = timedelta(minutes=10)
"""How long figures stay on the pages."""
STAY_WHERE_NOTHING_MOVES: Final = timedelta(hours=1)
"""How long they stay where nothing else that the site is made of has changed: then it is not built at all."""
_FILE: Final = "shown-figures.msgpack"


class ShownFigures(Record, frozen=True, kw_only=True):
    """What the pages of one build have shown."""

    at: datetime
    """When it was worked out."""
    epoch: str
    """Digest of the code that did."""
    levels: ServiceLevels
    dashboards: Dashboards


_decoder = msgspec.msgpack.Decoder(ShownFigures)


def figures_to_show(
    levels: ServiceLevels,
    state: Measurements,
    state_folder: Path,
    *,
    now: datetime,
    slowest: tuple[SlowRepository, ...] = (),
) -> ShownFigures:
    """Return what was shown the last time where the rule says so, else what is to be shown now, and keep that.

    Args:
        levels: the objectives, judged now.
        state: by which they were.
        state_folder: where it is kept.
        now: the moment.
        slowest: the repositories that took longest to read.

    Raises:
        SettingError: the state file is damaged.
    """
    path = state_folder / _FILE
    before = _read(path)
    if before is not None and _still_holds(before, levels, now):
        return before
    shown = ShownFigures(
        at=now, epoch=package_digest(), levels=levels, dashboards=dashboards_of(levels, state, slowest)
    )
    data = msgspec.msgpack.encode(shown)
    try:
        make_state_folder(state_folder)
        replace_file(path, data)
    except OSError:
        log.debug("%s cannot be written; the next build works its figures out again.", path)
    # As the next build reads them: 0 and 0.0 are told apart by what digests pages.
    return _decoder.decode(data)


def is_fresh(written: datetime | None, now: datetime, stay: timedelta = STAY) -> bool:
    """Tell whether what was written at a moment may stay; a clock that was set back says nothing."""
    return written is not None and timedelta() <= now - written < stay


def _read(path: Path) -> ShownFigures | None:
    try:
        return _decoder.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _still_holds(before: ShownFigures, levels: ServiceLevels, now: datetime) -> bool:
    return (
        before.at.tzinfo is not None
        and is_fresh(before.at, now)
        and before.epoch == package_digest()
        and news_of(before.levels) == news_of(levels)
    )


def news_of(levels: ServiceLevels) -> object:
    """Return what somebody has to know at once where it has changed."""
    objectives = sorted(
        (one.name, one.title, one.description, one.state, one.target, one.condition, one.window)
        for one in levels.objectives
    )
    return levels.state, objectives, [(one.objective, one.alerted, one.ended) for one in levels.breaches]
