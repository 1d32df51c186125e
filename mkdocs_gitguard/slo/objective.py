"""An objective: which measurements are good, and what part of them has to be. Read from OpenSLO, see `openslo`."""

import operator
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final, Literal, NamedTuple

from mkdocs_gitguard.model import Record
from mkdocs_gitguard.slo.metrics import Metric, metric_of

Operator = Literal["lt", "lte", "gt", "gte"]
_HOLDS: Final[Mapping[Operator, Callable[[float, float], bool]]] = {
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
SIGNS: Final = {"lt": "<", "lte": "≤", "gt": ">", "gte": "≥"}

LEAST_BURNT: Final = 0.93
"""A burn rate of 14.4 cannot be had where more than 1/14.4 of all may fail: a target below is alerted on plainly."""


class Threshold(Record, frozen=True, kw_only=True):
    """Every measured value is judged by itself."""

    measurement: str
    operator: Operator
    value: float

    @property
    def holds(self) -> Callable[[float, float], bool]:
        """What a good value and the limit are to each other."""
        return _HOLDS[self.operator]

    def is_good(self, value: float) -> bool:
        """Tell whether a value is good."""
        return self.holds(value, self.value)


class Ratio(Record, frozen=True, kw_only=True):
    """Measured values are numbers of things: of good or of bad ones, and of all."""

    part: str
    """The measurement of the good ones, or of the bad ones."""
    is_bad: bool
    total: str


class Objective(Record, frozen=True, kw_only=True):
    """What part of all that is measured in a window has to be good."""

    name: str
    title: str
    description: str = ""
    indicator: Threshold | Ratio
    target: float
    """0 to 1, the ends left out."""
    window: timedelta
    alert_below: float
    """Where it has no burn rates: the part of the last day below which somebody is alerted."""
    phases: tuple[str, ...] = ()
    """Of the rollout, in which it is in force; none: in all."""
    file: str = ""
    line: int = 0

    @property
    def measurements(self) -> tuple[str, ...]:
        """The names of what it is judged by."""
        match self.indicator:
            case Threshold(measurement=name):
                return (name,)
            case Ratio(part=part, total=total):
                return (part, total)

    @property
    def metric(self) -> Metric | None:
        """What the first of its measurements is."""
        return metric_of(self.measurements[0])

    @property
    def burns(self) -> bool:
        """Whether it is alerted on by burn rates, and not plainly."""
        return self.target >= LEAST_BURNT

    @property
    def condition(self) -> str:
        """What is good, in words: `< 10 s`."""
        if isinstance(self.indicator, Threshold):
            unit = self.metric.unit if self.metric and self.metric.unit != "share" else ""
            value = f"{self.indicator.value:.12g}"
            return f"{SIGNS[self.indicator.operator]} {value}{f' {unit}' if unit else ''}"
        return ""


class Window(NamedTuple):
    """A pair of windows that both have to burn, as https://sre.google/workbook/alerting-on-slos/ has them (its 6)."""

    factor: float
    long: timedelta
    short: timedelta
    severity: Literal["page", "ticket"]


WINDOWS: Final = (
    Window(14.4, timedelta(hours=1), timedelta(minutes=5), "page"),
    Window(6.0, timedelta(hours=6), timedelta(minutes=30), "page"),
    Window(3.0, timedelta(days=1), timedelta(hours=2), "ticket"),
    Window(1.0, timedelta(days=3), timedelta(hours=6), "ticket"),
)
"""For a window of four weeks or 30 days; as Sloth's windows (github.com/slok/sloth, `google-30d`)."""
PLAIN: Final = Window(1.0, timedelta(days=1), timedelta(days=1), "page")
"""Of an objective that is alerted on plainly."""


def in_words(span: timedelta) -> str:
    """Return a span of time as OpenSLO writes it: `28d`, `90m`."""
    seconds = int(span.total_seconds())
    for letter, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % length == 0:
            return f"{seconds // length}{letter}"
    return f"{seconds}s"
