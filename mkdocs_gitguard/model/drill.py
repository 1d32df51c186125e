"""A drill and how it went: what the journal keeps, the command tells and the portal shows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from math import sqrt
from typing import Final, Literal

from mkdocs_gitguard.model.record import Record

_Z: Final = 1.959963984540054
"""The normal distribution's quantile of 97.5 %."""

DrillOutcome = Literal["passed", "failed", "not run"]
"""`not run`: this machine lacks what the drill needs. It says nothing of the system, neither good nor bad."""


class DrillAbout(Record, frozen=True, kw_only=True):
    """What a drill is, whether it was run or not."""

    name: str
    title: str
    component: str
    """The part of the system that it tries."""
    hypothesis: str
    """What must hold, in one sentence."""
    fault: str
    """What is done to it, in one sentence."""
    blast_radius: str
    """What it may touch, in one sentence."""
    time_limit: int
    """Seconds after which it is ended, and has failed."""
    is_short: bool = False
    """Whether it belongs to the short set, which takes seconds."""


class DrillStep(Record, frozen=True, kw_only=True):
    """One thing that happened in a drill."""

    after: float
    """Seconds from its beginning."""
    words: str


class Tally(Record, frozen=True, kw_only=True):
    """The answers to the three questions that every drill ends with."""

    looked_at: int
    """How many things were compared."""
    lost: int = 0
    doubled: int = 0
    """How many had their effect twice."""
    differing: int | None = None
    """Files that are not those of a clean build; None: nothing that readers see has a part in the drill."""
    examples: tuple[str, ...] = ()
    """The first of what is wrong, a sentence each."""

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.doubled or self.differing)


class DrillResult(Record, frozen=True, kw_only=True):
    """How one drill went once."""

    about: DrillAbout
    outcome: DrillOutcome
    why: str
    """The outcome in one sentence."""
    began: datetime
    seconds: float
    seed: int
    """That all its chance came from."""
    before: Tally | None = None
    """The steady state before the fault; None: the drill did not come so far."""
    after: Tally | None = None
    detected: float | None = None
    """Seconds from the fault until the system had noticed it; None: nothing is to be noticed, or nothing was."""
    recovered: float | None = None
    """Seconds from the end of the fault until all was well again."""
    steps: tuple[DrillStep, ...] = ()
    log: tuple[str, ...] = ()
    """The last lines that the parts logged."""
    versions: Mapping[str, str] = {}


class DrillRate(Record, frozen=True, kw_only=True):
    """How many of a number of drills passed."""

    passed: int
    run: int
    least: float
    """The success rate that 95 % of such samples lie above: what the number of drills proves."""

    @property
    def share(self) -> float:
        """The part that passed."""
        return self.passed / self.run if self.run else 0.0


def by_drill(results: Iterable[DrillResult]) -> Mapping[str, Sequence[DrillResult]]:
    """Return results by the name of their drill, each in the order in which they are given."""
    by_name: dict[str, list[DrillResult]] = {}
    for result in results:
        by_name.setdefault(result.about.name, []).append(result)
    return by_name


def rate_of(results: Iterable[DrillResult]) -> DrillRate:
    """Return how many drills passed, those that were not run left out, and what that proves."""
    outcomes = [result.outcome == "passed" for result in results if result.outcome != "not run"]
    return DrillRate(passed=sum(outcomes), run=len(outcomes), least=wilson_least(sum(outcomes), len(outcomes)))


def wilson_least(passed: int, number: int) -> float:
    """Return the lower end of the 95 % interval of a share: Wilson's score interval.

    Of 20 of 20 it is 0.84, and 73 of 73 are the fewest that prove more than 0.95. E. B. Wilson, JASA 22 (1927),
    209-212; recommended for small numbers by Brown, Cai and DasGupta, Statistical Science 16 (2001), 101-133.
    """
    if not number:
        return 0.0
    share, square = passed / number, _Z * _Z
    middle = share + square / (2 * number)
    half = _Z * sqrt(share * (1 - share) / number + square / (4 * number * number))
    return max(0.0, (middle - half) / (1 + square / number))
