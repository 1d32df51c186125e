"""Settles which commit brought which pull request, when all that a history's messages claim is known."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from mkdocs_gitguard.harvest.facts import RepositoryFacts
from mkdocs_gitguard.harvest.history import LineCommit
from mkdocs_gitguard.harvest.pull_requests import DIALECTS, FORGE_DIALECTS, Dialect

_CONFIDENCES: Final = ("high", "medium", "low")
_SHORTEST_COMMIT: Final = 7


class Settled(NamedTuple):
    """Pull requests of one repository."""

    numbers: Mapping[str, int]
    """Commit to number: each number once, each commit once."""
    reverts: Mapping[str, int]
    """Commit to the number of the pull request that it takes back."""
    backports: Mapping[str, int]
    """Commit to the number of the pull request that it carries over from another branch."""


def settle(facts: RepositoryFacts) -> Settled:
    """Return which commit of a repository's first-parent line brought which pull request."""
    line = facts.history.line
    dialect = _dialect(facts, line)
    best: dict[int, LineCommit] = {}
    # Oldest first: a later commit that says the same number is a cherry-pick or speaks of the first.
    for commit in reversed(line):
        claim = commit.claim
        if not claim.number or DIALECTS.get(claim.evidence, "site") not in (dialect, "site"):
            continue
        known = best.get(claim.number)
        if known is None or _rank(commit) < _rank(known):
            best[claim.number] = commit
    numbers = {commit.commit: number for number, commit in best.items()}
    by_short = {commit[:_SHORTEST_COMMIT]: number for commit, number in numbers.items()}
    return Settled(
        numbers=numbers,
        reverts=_others(line, numbers, by_short, "reverts", "reverts_commit"),
        backports=_others(line, numbers, by_short, "backport_of", "backport_of_commit"),
    )


def _rank(commit: LineCommit) -> tuple[bool, int]:
    evidence = commit.claim.evidence
    return not evidence.startswith("site:"), _CONFIDENCES.index(commit.claim.confidence)


def _dialect(facts: RepositoryFacts, line: Iterable[LineCommit]) -> Dialect:
    """Return how this repository's pull requests are written: as its forge does, else as most are."""
    forge = facts.about.forge
    if forge and forge.name in FORGE_DIALECTS:
        return FORGE_DIALECTS[forge.name]
    spoken = Counter(
        DIALECTS[commit.claim.evidence]
        for commit in line
        if commit.claim.evidence in DIALECTS and commit.claim.confidence == "high"
    )
    return max(spoken, key=lambda dialect: (spoken[dialect], dialect), default="github")


def _others(
    line: Iterable[LineCommit], numbers: Mapping[str, int], by_short: Mapping[str, int], number: str, commit: str
) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in line:
        if one.commit not in numbers:
            continue
        told = getattr(one.claim, number)
        sha = getattr(one.claim, commit)
        other = told or (by_short.get(sha[:_SHORTEST_COMMIT], 0) if sha else 0)
        if other and other != numbers[one.commit]:
            found[one.commit] = other
    return found
