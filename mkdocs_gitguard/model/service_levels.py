"""Service levels as people see them: objectives, how far each is met, and when one was not."""

from datetime import datetime
from typing import Literal

from mkdocs_gitguard.model.record import Record

LevelState = Literal["alert", "missed", "no data", "met"]
"""`alert`: somebody must act now; `missed`: less is good than was to be, and nothing burns now."""


class BurnRate(Record, frozen=True, kw_only=True):
    """How fast the budget is used, over a long window and a short one that says whether it goes on."""

    factor: float
    """From which on somebody is alerted: 1 uses the whole budget in the objective's window."""
    severity: Literal["page", "ticket"]
    long: str
    """`1h`."""
    short: str
    long_rate: float | None
    """None: nothing was measured in the window."""
    short_rate: float | None
    long_number: float
    short_number: float
    fires: bool


class LevelDay(Record, frozen=True, kw_only=True):
    """One day of an objective."""

    day: str
    """`2026-11-28`, UTC."""
    good: float
    number: float


class Breach(Record, frozen=True, kw_only=True):
    """A stretch of time in which an objective's alert was on."""

    objective: str
    began: datetime
    """When the first of what was bad was measured."""
    alerted: datetime
    ended: datetime | None
    """When the alert went off; None: it is on."""
    good: float
    number: float
    """Of what was measured from its beginning to its end."""
    cause: str = ""
    """What the worst that was measured says of itself."""
    run: str = ""
    """URL of the run that it was measured in, `""` where none is known."""


class ObjectiveLevel(Record, frozen=True, kw_only=True):
    """One objective, and how far it is met."""

    name: str
    title: str
    description: str
    state: LevelState
    why: str
    """The state in one sentence."""
    target: float
    condition: str
    """What is good: `< 10 s`; `""` where good and bad things are counted."""
    window: str
    """`28d`."""
    measurements: tuple[str, ...]
    measured: float | None
    """The part of the window that is good; None: nothing was measured."""
    number: float
    """What it is a part of."""
    percentile: float | None
    """The value that the target's part of all values does not exceed, or does not fall below."""
    unit: str
    limit: float | None
    """The value that is good or not."""
    budget_left: float | None
    """Part of what may be bad that is left: 1 all, 0 none, less than 0: more than all is used."""
    burn_rates: tuple[BurnRate, ...]
    days: tuple[LevelDay, ...]
    """The last 90 days, those without anything measured too, the oldest first."""
    measured_at: datetime | None
    """When the newest of its measurements was made."""


class ServiceLevels(Record, frozen=True, kw_only=True):
    """Everything that the status pages show. The same measurements and objectives, the same levels."""

    at: datetime | None
    """When the newest measurement was made, which all windows end at; None: there is none."""
    state: LevelState
    sentence: str
    objectives: tuple[ObjectiveLevel, ...]
    """The worst first."""
    breaches: tuple[Breach, ...]
    """The newest first."""
    stale_after: int
    """Seconds after which `at` is too old to say anything of the present."""

    def is_stale(self, now: datetime) -> bool:
        """Tell whether nothing is known of a moment, because nothing was measured for too long before it."""
        return self.at is None or (now - self.at).total_seconds() > self.stale_after


def in_percent(share: float) -> str:
    """Return a share in per cent, never rounded up to one that it is not: 99.995 % is not 100 %."""
    shown = f"{share * 100:.2f}".rstrip("0").rstrip(".")
    return f"{share * 100:.4f} %" if shown == "100" and share < 1 else f"{shown} %"
