"""The figures of a snapshot by repository, and the lines that they make from day to day. Pure functions."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import partial
from itertools import pairwise
from operator import add, attrgetter, sub
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from mkdocs_gitguard.model import Record
from mkdocs_gitguard.model.trend import RepositoryFigures, figures_on

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mkdocs_gitguard.model import Flags, Graph, Ownership
    from mkdocs_gitguard.model.trend import Entries, Trend
    from mkdocs_gitguard.scorecards.score import ResultState, Scorecard

_REFUSED: Final = frozenset({"deny", "error"})


class TrendDay(Record, frozen=True, kw_only=True):
    """The sums of one day."""

    day: str
    repositories: int
    """How many were shown."""
    files: int = 0
    """0, as for all that follow: there is nothing to judge, or nothing is shown."""
    owned: int = 0
    errors: int = 0
    warnings: int = 0
    decided: int = 0
    allowed: int = 0
    asked: int = 0
    passed: int = 0
    held: int = 0
    """Files of the team that the line is of."""


class CheckChange(Record, frozen=True, kw_only=True):
    """What became of a repository's checks on one day."""

    day: str
    gained: tuple[str, ...]
    """Names of the checks that hold now and did not."""
    lost: tuple[str, ...]
    """Names of those that held and do not."""


class FindingsChange(Record, frozen=True, kw_only=True):
    """How many findings of a repository came or went between two days."""

    repository: str
    """Node id."""
    errors: int
    """More than before; less than 0: so many fewer."""
    warnings: int


class TrendLine(Record, frozen=True, kw_only=True):
    """What a page shows."""

    days: tuple[TrendDay, ...]
    """The oldest first."""


_SUMMED: Final = tuple(name for name in TrendDay.__struct_fields__ if name not in ("day", "repositories", "held"))
_COLUMNS: Final = ("repositories", "held", *_SUMMED)
_summed_of: Final = attrgetter(*_SUMMED)
_OF_CHECK: Final = ("passed", "asked")


def figures_of(graph: Graph, flags: Flags, cards: Iterable[Scorecard]) -> Mapping[str, RepositoryFigures]:
    """Return what is counted of each repository, by id, and under `""` of none; what the flags hide is not counted."""
    findings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for finding in graph.snapshot.findings:
        findings[finding.repository][finding.severity] += 1
    decisions: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for decision in graph.snapshot.decisions if flags.policy_transparency else ():
        decisions[decision.subject.repository][decision.outcome] += 1
    checks = {card.repository.id: card for card in cards}
    figures: dict[str, RepositoryFigures] = {}
    for key in ("", *graph.repositories):
        outcomes, card = decisions[key], checks.get(key)
        ownership = graph.ownership.get(key) if flags.owners else None
        allowed, refused = outcomes["allow"], sum(outcomes[outcome] for outcome in _REFUSED)
        passed, failed = (card.number("passed"), card.number("failed")) if card else (0, 0)
        figures[key] = RepositoryFigures(
            files=ownership.files if ownership else None,
            owned=ownership.owned if ownership else None,
            errors=findings[key]["error"],
            warnings=findings[key]["warning"],
            decided=allowed + refused or None,
            allowed=allowed if allowed + refused else None,
            asked=passed + failed or None,
            passed=passed if passed + failed else None,
            holds=_names(card, "passed"),
            lacks=_names(card, "failed"),
            teams=_teams(graph, ownership) if ownership else {},
        )
    return figures


def findings_between(trend: Trend, first: str, last: str) -> tuple[FindingsChange, ...]:
    """Return of which repositories findings came or went from before a day until another, the worst first.

    The last build up to `last` is compared with the last before `first`; a repository that either did not show is left
    out, and so is all where no build was made in between.

    Args:
        trend: what was counted.
        first: day, `2026-11-23`.
        last: day.
    """
    before = max((day for day in trend.days if day < first), default="")
    after = max((day for day in trend.days if first <= day <= last), default="")
    changes: list[FindingsChange] = []
    for key, entries in trend.repositories.items() if before and after else ():
        one, other = figures_on(entries, before), figures_on(entries, after)
        if key and one is not None and other is not None:
            errors, warnings = other.errors - one.errors, other.warnings - one.warnings
            if errors or warnings:
                changes.append(FindingsChange(repository=key, errors=errors, warnings=warnings))
    return tuple(sorted(changes, key=lambda one: (-one.errors, -one.warnings, one.repository)))


def _names(card: Scorecard | None, state: ResultState) -> tuple[str, ...]:
    return tuple(result.check.name for result in card.results if result.state == state) if card else ()


def _teams(graph: Graph, ownership: Ownership) -> Mapping[str, int]:
    return {
        share.owner: share.files
        for share in ownership.owners
        if share.files and (owner := graph.owners.get(share.owner)) is not None and owner.type == "team"
    }


def shown_by(trend: Trend, flags: Flags) -> Trend:
    """Return a trend without what the flags hide, which it may know of days on which they did not."""
    hidden: dict[str, object] = {} if flags.owners else {"files": None, "owned": None, "teams": {}}
    hidden |= {} if flags.policy_transparency else {"decided": None, "allowed": None}
    hidden |= (
        {} if flags.owners or flags.policy_transparency else {"asked": None, "passed": None, "holds": (), "lacks": ()}
    )
    if not hidden:
        return trend
    return replace(
        trend,
        repositories={
            key: tuple((day, one and replace(one, **hidden)) for day, one in entries)
            for key, entries in trend.repositories.items()
        },
    )


def line_of(trend: Trend, repositories: Iterable[str], *, until: str, team: str = "") -> TrendLine:
    """Return the sums of some repositories for each day with a build.

    Args:
        trend: of all that are shown.
        repositories: their ids.
        until: the last day; what is later is of a clock that was ahead.
        team: whose files are counted, `""` for none.
    """
    changes = _Changes(trend.days, _COLUMNS)
    for key in repositories:
        changes.add(trend.repositories.get(key, ()), partial(_counted, is_counted=int(bool(key)), team=team))
    return changes.line(until)


def lines_of_checks(trend: Trend, checks: Iterable[str], *, until: str) -> Mapping[str, TrendLine]:
    """Return by check for each day with a build in how many repositories it held, of those where that was known.

    Args:
        trend: of all that are shown.
        checks: their names.
        until: as in `line_of`.
    """
    names = tuple(checks)
    changes = _Changes(trend.days, ["repositories", *(f"{column} {name}" for name in names for column in _OF_CHECK)])
    for entries in trend.repositories.values():
        changes.add(entries, partial(_counted_by_check, checks=names))
    shown = {name: {f"{column} {name}": column for column in _OF_CHECK} for name in names}
    return {name: changes.line(until, {"repositories": "repositories", **shown[name]}) for name in names}


def check_changes(trend: Trend, repository: str, *, until: str) -> tuple[CheckChange, ...]:
    """Return on which days checks of a repository came to hold, or ceased to, the newest first.

    Args:
        trend: of all that are shown.
        repository: its id.
        until: as in `line_of`.
    """
    entries = [(day, one) for day, one in trend.repositories.get(repository, ()) if one is not None and day <= until]
    changes = [
        CheckChange(
            day=day,
            gained=tuple(name for name in after.holds if name in before.lacks),
            lost=tuple(name for name in after.lacks if name in before.holds),
        )
        for (_, before), (day, after) in pairwise(entries)
    ]
    return tuple(change for change in reversed(changes) if change.gained or change.lost)


def _counted(one: RepositoryFigures, *, is_counted: int, team: str) -> Sequence[int]:
    return [is_counted, one.teams.get(team, 0), *(number or 0 for number in _summed_of(one))]


def _counted_by_check(one: RepositoryFigures, *, checks: Sequence[str]) -> Sequence[int]:
    holds, lacks = frozenset(one.holds), frozenset(one.lacks)
    return [1, *(number for name in checks for number in (name in holds, name in holds or name in lacks))]


class _Changes:
    """What the sums of some columns change by on each day, the first of them how many repositories there are."""

    def __init__(self, days: Iterable[str], columns: Sequence[str]) -> None:
        self._columns = columns
        self._nothing = [0] * len(columns)
        self._by_day = {day: [*self._nothing] for day in days}

    def add(self, entries: Entries, count: Callable[[RepositoryFigures], Sequence[int]]) -> None:
        """Add what one repository changes. Its entries are of days of the trend; of any other nothing is said."""
        before: Sequence[int] = self._nothing
        for day, one in entries:
            if day in self._by_day:
                after = count(one) if one is not None else self._nothing
                self._by_day[day][:] = map(add, self._by_day[day], map(sub, after, before))
                before = after

    def line(self, until: str, shown: Mapping[str, str] | None = None) -> TrendLine:
        """Return the sums of each day up to the last.

        Args:
            until: the last.
            shown: what a line calls each column that it has; None: all of them, as they are called.
        """
        named = [
            (place, name if shown is None else shown[name])
            for place, name in enumerate(self._columns)
            if shown is None or name in shown
        ]
        sums: Sequence[int] = self._nothing
        days: list[TrendDay] = []
        for day, changes in self._by_day.items():
            if day > until:
                break
            sums = [*map(add, sums, changes)]
            if sums[0]:
                days.append(TrendDay(day=day, **{name: sums[place] for place, name in named}))
        return TrendLine(days=tuple(days))
