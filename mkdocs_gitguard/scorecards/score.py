"""Scorecards: what the checks of a site come to for each repository. Pure functions."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Literal, NamedTuple

from mkdocs_gitguard.model.kept_work import KeptWork
from mkdocs_gitguard.scorecards.check import LEVELS
from mkdocs_gitguard.scorecards.facts import facts_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from mkdocs_gitguard.model import Graph, Repository
    from mkdocs_gitguard.scorecards.check import CardCheck, Level
    from mkdocs_gitguard.scorecards.facts import Fact

ResultState = Literal["passed", "failed", "not known", "not applicable"]
"""not applicable: the check is not asked of this repository, or it cannot be told whether it is."""


class Result(NamedTuple):
    """What one check comes to for one repository."""

    check: CardCheck
    state: ResultState
    facts: tuple[tuple[str, Fact], ...]
    """What it was told by: names and facts, in the order of the condition."""

    @property
    def why(self) -> str:
        """The facts in words."""
        return " ".join(dict.fromkeys(fact.why for _, fact in self.facts))

    @property
    def place(self) -> tuple[str, int]:
        """The file and line that tell it, `""` and 0 where none does."""
        return next(((fact.path, fact.line) for _, fact in self.facts if fact.path), ("", 0))


class Scorecard(NamedTuple):
    """What all checks come to for one repository."""

    repository: Repository
    results: tuple[Result, ...]
    """By level and name."""

    @property
    def level(self) -> Level | Literal[""]:
        """The highest level whose checks, and those of the levels below, all hold where they are asked; `""`: none.

        What is not known holds nothing up and lets nothing pass: it ends the climb.
        """
        reached: Level | Literal[""] = ""
        for level in LEVELS:
            states = [result.state for result in self.results if result.check.level == level]
            if "failed" in states or "not known" in states:
                break
            if "passed" in states:
                reached = level
        return reached

    def number(self, state: ResultState) -> int:
        """Return how many checks come to that."""
        return sum(result.state == state for result in self.results)


def scorecards(
    graph: Graph, checks: Sequence[CardCheck], moment: datetime, kept: KeptWork | None = None
) -> tuple[Scorecard, ...]:
    """Return the scorecard of each repository, by id.

    Args:
        graph: of the snapshot.
        checks: of the site.
        moment: of the build.
        kept: what was worked out for the build before.
    """
    kept = kept or KeptWork()
    compared = tuple(check.said for check in checks)

    def made(repository: str) -> Scorecard:
        return kept.once(
            "scorecard",
            repository,
            graph,
            lambda asked: _scorecard(asked, repository, checks, moment),
            # A fact counts whole days (UTC).
            inputs=(compared, moment.astimezone(UTC).date()),
        )

    return tuple(map(made, graph.repositories))


def _scorecard(graph: Graph, key: str, checks: Sequence[CardCheck], moment: datetime) -> Scorecard:
    repository = graph.repositories[key]
    return Scorecard(repository, results_of(facts_of(graph, repository, moment), checks))


def results_of(facts: Mapping[str, Fact], checks: Sequence[CardCheck]) -> tuple[Result, ...]:
    """Return what each check comes to for a repository of which these facts are known."""
    values = {name: fact.value for name, fact in facts.items()}
    results: list[Result] = []
    for check in checks:
        if check.when is not None and check.when.holds(values) is not True:
            names, state = check.when.names, _NOT_APPLICABLE
        else:
            names, state = check.check.names, _STATES[check.check.holds(values)]
        results.append(Result(check, state, tuple((name, facts[name]) for name in names)))
    return tuple(results)


_NOT_APPLICABLE: ResultState = "not applicable"
_STATES: Mapping[bool | None, ResultState] = {True: "passed", False: "failed", None: "not known"}
