"""Settles which commit brought which pull request, when all that a history's messages claim is known."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple

from mkdocs_gitguard.harvest.facts import RepositoryFacts
from mkdocs_gitguard.harvest.history.message_rules import DIALECTS, FORGE_DIALECTS, MessageDialect
from mkdocs_gitguard.harvest.history.records import LineCommit
from mkdocs_gitguard.model import Confidence

_ANY_FORGE: Final = ("site", "own")
"""Dialects that count on every forge: rules of the site, and lines that name the pull request by its address."""
_CONFIDENCES: Final = ("high", "medium", "low")
_SHORTEST_COMMIT: Final = 7
_RUN: Final = 12
"""So many pull requests before and after a border tell whether numbers began anew there."""
_FALL: Final = 8
_LEAST_BEFORE: Final = 200
_FEWEST_NEAR: Final = 6
_SLACK: Final = 50


class Numbered(NamedTuple):
    """The pull request that a commit brought, and how that is known."""

    number: int
    evidence: str
    confidence: Confidence


class Further(NamedTuple):
    """A pull request that a commit brought beside the one that it is named by."""

    commit: str
    named: Numbered
    title: str


class Settled(NamedTuple):
    """Pull requests of one repository."""

    named: Mapping[str, Numbered]
    """By commit; each number once."""
    further: tuple[Further, ...]
    """Of commits that brought several at once; each number once, and not in `named`."""
    reverts: Mapping[str, int]
    """Commit to the number of the pull request that it takes back."""
    backports: Mapping[str, int]
    """Commit to the number of the pull request that it carries over from another branch."""

    @property
    def numbers(self) -> dict[str, int]:
        """Commit to number."""
        return {commit: named.number for commit, named in self.named.items()}


def settle(facts: RepositoryFacts) -> Settled:
    """Return which commit of a repository's first-parent line brought which pull request.

    Messages in the manner of another forge do not count: on GitLab `(#12)` names an issue, and a history that
    came over from elsewhere has that forge's numbers. Of several commits that name one number the oldest has it, for
    the later ones carry it over or speak of it, unless a later one says it more surely. A pull request that was merged
    into another branch first counts from its own merge.
    """
    line = facts.history.line
    dialects = _dialects(facts, line)
    claiming = [
        commit
        for commit in reversed(line)
        if commit.claim.number and DIALECTS.get(commit.claim.evidence, "site") in dialects
    ]
    best: dict[int, LineCommit] = {}
    for commit in _of_this_repository(claiming):
        known = best.get(commit.claim.number)
        if known is None or _rank(commit) < _rank(known):
            best[commit.claim.number] = commit
    named = {
        commit.commit: Numbered(number, commit.claim.evidence, commit.claim.confidence)
        for number, commit in best.items()
    }
    for commit in _plausible(facts.history.nested, best.values()):
        number = commit.claim.number
        if number not in best and DIALECTS.get(commit.claim.evidence, "site") in dialects:
            best[number] = commit
            named[commit.commit] = Numbered(number, f"nested:{commit.claim.evidence}", "medium")
    for ref in facts.pull_refs:
        if ref.number not in best:
            named.setdefault(ref.commit, Numbered(ref.number, ref.evidence, ref.confidence))
    further = {
        number: Further(commit.commit, Numbered(number, commit.claim.evidence, commit.claim.confidence), title)
        for commit in (*line, *facts.history.nested)
        if commit.commit in named and commit.claim.number == named[commit.commit].number
        for number, title in commit.claim.more
        if number not in best
    }
    by_short = {commit[:_SHORTEST_COMMIT]: one.number for commit, one in named.items()}
    named_commits = [commit for commit in (*line, *facts.history.nested) if commit.commit in named]
    return Settled(
        named=named,
        further=tuple(further.values()),
        reverts=_others(named_commits, named, by_short, "reverts", "reverts_commit"),
        backports=_others(named_commits, named, by_short, "backport_of", "backport_of_commit"),
    )


def _of_this_repository(claiming: Sequence[LineCommit]) -> Sequence[LineCommit]:
    """Return the claims that are not of other repositories' histories.

    Where many lines name this repository's own by its address, they tell which numbers it has at a time: what only
    stands at a subject's end and does not fit came with code of others, as from one large repository into many.
    """
    own = [(place, commit.claim.number) for place, commit in enumerate(claiming) if _is_own(commit)]
    if len(own) < _RUN:
        return claiming[_beginning([commit.claim.number for commit in claiming]) :]
    sure = [commit for commit in claiming if commit.claim.confidence == "high"]
    numbers = [commit.claim.number for commit in sure]
    foreign = {commit.commit for commit in sure[: _beginning(numbers)] if not _is_own(commit)}
    kept: list[LineCommit] = []
    for place, commit in enumerate(claiming):
        nearest = bisect_left(own, (place, 0))
        usual = median(number for _, number in own[max(0, nearest - _RUN) : nearest + _RUN])
        is_fitting = commit.claim.confidence == "high" or usual <= 2 * commit.claim.number <= 3 * usual + 2 * _SLACK
        if is_fitting and commit.commit not in foreign:
            kept.append(commit)
    return kept


def _is_own(commit: LineCommit) -> bool:
    return DIALECTS.get(commit.claim.evidence) == "own"


def _plausible(nested: Sequence[LineCommit], line: Iterable[LineCommit]) -> Iterator[LineCommit]:
    """Yield those nested merges, oldest first, whose number fits the line's numbers of that time.

    Forks and histories that were merged in have pull requests of their own, whose numbers are mostly far lower. Of
    1,040 nested merges in 8 repositories that fit, the pull refs confirm 1,036; of 319 that do not, 32.
    """
    steps = sorted((commit.at, commit.claim.number) for commit in line)
    for commit in reversed(nested):
        place = bisect_left(steps, (commit.at, 0))
        near = [number for _, number in steps[max(0, place - _RUN) : place + _RUN]]
        usual = median(near) if len(near) >= _FEWEST_NEAR else 0
        if not usual or usual <= 2 * commit.claim.number <= 3 * usual + 2 * _SLACK:
            yield commit


def _rank(commit: LineCommit) -> tuple[bool, int]:
    evidence = commit.claim.evidence
    return not evidence.startswith("site:"), _CONFIDENCES.index(commit.claim.confidence)


def _dialects(facts: RepositoryFacts, line: Iterable[LineCommit]) -> tuple[MessageDialect, ...]:
    """Return how this repository's pull requests are written: as its forge does, else as most are."""
    forge = facts.about.forge
    if forge and forge.name in FORGE_DIALECTS:
        return (*FORGE_DIALECTS[forge.name], *_ANY_FORGE)
    spoken = Counter(
        dialect
        for commit in line
        if commit.claim.confidence == "high"
        and (dialect := DIALECTS.get(commit.claim.evidence, "site")) not in _ANY_FORGE
    )
    most_spoken = max(spoken, key=lambda dialect: (spoken[dialect], dialect), default="github")
    return (*(FORGE_DIALECTS["gitlab"] if most_spoken == "gitlab" else (most_spoken,)), *_ANY_FORGE)


def _beginning(numbers: Sequence[int]) -> int:
    """Return where a repository's own numbers begin, oldest first.

    Numbers only grow when a pull request is opened, so in the order of merging they climb, with stragglers. Where a
    whole run falls to a fraction of the run before, another repository's history ends and this one's begins.
    """
    for border in range(len(numbers) - _RUN, _RUN - 1, -1):
        if numbers[border] * _FALL > numbers[border - 1]:
            continue
        before, after = median(numbers[border - _RUN : border]), median(numbers[border : border + _RUN])
        if before >= _LEAST_BEFORE and after * _FALL <= before:
            return border
    return 0


def _others(
    line: Iterable[LineCommit], named: Mapping[str, Numbered], by_short: Mapping[str, int], number: str, commit: str
) -> dict[str, int]:
    other_of: dict[str, int] = {}
    for one in line:
        named_commits = getattr(one.claim, number)
        sha = getattr(one.claim, commit)
        other = named_commits or (by_short.get(sha[:_SHORTEST_COMMIT], 0) if sha else 0)
        if other and other != named[one.commit].number:
            other_of[one.commit] = other
    return other_of
