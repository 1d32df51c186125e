"""Dashboards as people see them: the figures of the last 30 days, and where each comes from."""

from datetime import datetime

from mkdocs_gitguard.model.record import Record


class FigureDay(Record, frozen=True, kw_only=True):
    """One day of a figure."""

    day: str
    """`2026-11-28`, UTC."""
    last: float
    least: float
    most: float
    total: float
    number: int
    """How often it was measured."""


class FigureLine(Record, frozen=True, kw_only=True):
    """One figure over time."""

    label: str = ""
    """What tells it from the others of its panel; `""`: it is the only one."""
    page: str = ""
    """Path of the portal's page that is about it alone; `""`: there is none."""
    value: float | None
    """The newest; of what is counted, all that was ever counted; None: it is of the moment at which one looks."""
    on: str
    """Day on which it was last measured."""
    days: tuple[FigureDay, ...] = ()
    """Those with something measured, the oldest first; none where it is a figure of the present only."""


class FigurePanel(Record, frozen=True, kw_only=True):
    """What one chart shows."""

    title: str
    unit: str
    """`s`, `ms`, `bytes`, `share` or `""`."""
    is_counter: bool = False
    """A day's figure is how many there were on it."""
    source: str
    """What measures it, a sentence."""
    metric: str
    """Its name in `metrics/gitguard.prom`."""
    page: str = ""
    """Path of the portal's page that shows what is counted; `""`: there is none."""
    lines: tuple[FigureLine, ...]
    """None where nothing was measured."""
    left_out: int = 0
    """Lines beyond those that are shown."""


class SlowRepository(Record, frozen=True, kw_only=True):
    """How long one repository took the last time that it was fetched and read."""

    repository: str
    """Node id."""
    seconds: float
    on: str
    """Day of it, UTC."""


class Dashboard(Record, frozen=True, kw_only=True):
    """One of the rollout plan's dashboards."""

    name: str
    title: str
    panels: tuple[FigurePanel, ...]


class Dashboards(Record, frozen=True, kw_only=True):
    """All of them. The same measurements and objectives, the same dashboards."""

    at: datetime | None
    """When the newest measurement was made; None: there is none."""
    first: str
    """First day that is shown, UTC."""
    last: str
    stale_after: int
    """Seconds after which `at` is too old to say anything of the present."""
    boards: tuple[Dashboard, ...]
    slowest: tuple[SlowRepository, ...] = ()
    """The repositories that took longest to read, the slowest first. One of them may be left out since."""
