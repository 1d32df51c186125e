"""Scorecards as plain values: what a page was made of can be told."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import index_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_gitguard.model import Graph
    from mkdocs_gitguard.portal.portal import Portal
    from mkdocs_gitguard.scorecards.check import CardCheck
    from mkdocs_gitguard.scorecards.score import Scorecard

INDEX: Final = "scorecard"
STATES: Final = ("failed", "not known", "passed", "not applicable")
"""In the order in which results are listed."""


class ShownCheck(NamedTuple):
    """A check."""

    name: str
    title: str
    level: str
    condition: str
    when: str
    why: str
    hint: str
    severity: str

    @property
    def path(self) -> str:
        """Of its page: no name of a repository is `-`."""
        return f"{INDEX}/-/{self.name}"


class ShownResult(NamedTuple):
    """What one check comes to for one repository."""

    check: ShownCheck
    repository: str
    state: str
    why: str
    path: str
    line: int
    commit: str
    """That last changed the file, which holds what the head holds; `""`: it is not known."""


class ShownCard(NamedTuple):
    """The results of one repository."""

    repository: str
    level: str
    results: tuple[ShownResult, ...]
    """What failed first, within a state by level and name."""

    @property
    def path(self) -> str:
        """Of its page."""
        return index_path(INDEX, self.repository)

    def of(self, state: str) -> list[ShownResult]:
        """Return the results of one state."""
        return [result for result in self.results if result.state == state]


class CardRow(NamedTuple):
    """The results of one repository as a table shows them: equal as long as the same checks hold."""

    repository: str
    path: str
    """Of its scorecard."""
    level: str
    passed: int
    unknown: int
    failed: tuple[ShownCheck, ...]


def row_of(card: ShownCard) -> CardRow:
    """Return a scorecard as a row of a table."""
    failed = tuple(result.check for result in card.of("failed"))
    return CardRow(card.repository, card.path, card.level, len(card.of("passed")), len(card.of("not known")), failed)


def shown_checks(portal: Portal) -> dict[str, ShownCheck]:
    """Return the checks of the site by name."""
    return {check.name: _check(check) for check in portal.options.checks}


def shown_cards(portal: Portal) -> Iterator[ShownCard]:
    """Yield the scorecard of each repository, by id."""
    checks, options = shown_checks(portal), portal.options
    for card in portal.scorecards:
        made = partial(_card, card, checks)
        yield options.kept_work.once("shown card", card.repository.id, portal.graph, made, inputs=(card, checks))


def _check(check: CardCheck) -> ShownCheck:
    when = check.when.text if check.when else ""
    return ShownCheck(
        check.name, check.title, check.level, check.check.text, when, check.why, check.hint, check.severity
    )


def _card(card: Scorecard, checks: dict[str, ShownCheck], _: Graph) -> ShownCard:
    repository = card.repository.id
    commits = {file.path: file.last_commit for file in card.repository.files}
    results = [
        ShownResult(checks[one.check.name], repository, one.state, one.why, path, line, commits.get(path, ""))
        for one in card.results
        for path, line in [one.place]
    ]
    results.sort(key=lambda result: STATES.index(result.state))
    return ShownCard(repository, card.level, tuple(results))
