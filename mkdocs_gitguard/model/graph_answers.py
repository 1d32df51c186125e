"""What a graph answers with, where that is more than a node."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Self

from msgspec.structs import replace

from mkdocs_gitguard.model.decision import Coverage, Decision, Outcome, coverage
from mkdocs_gitguard.model.ownership import CodeownersDialect, Ownership, OwnershipRule
from mkdocs_gitguard.model.pull_request import PullRequest
from mkdocs_gitguard.model.relation import Relation
from mkdocs_gitguard.model.repository import Contribution


class Seen(NamedTuple):
    """A relation as one of its ends sees it: `type` is already the right name for that end."""

    type: str
    other: str
    relation: Relation


class Holding(NamedTuple):
    """What one owner has in one repository."""

    repository: str
    """Node id."""
    repository_files: int
    """How many files the repository has, owned or not."""
    files: int
    patterns: tuple[str, ...]
    """Of the lines that name the owner and decide for at least one file."""
    idle: tuple[OwnershipRule, ...]
    """Lines that name the owner and decide for no file."""


class PathRules(NamedTuple):
    """What a CODEOWNERS file says, without what is counted by it: equal as long as the file says the same."""

    dialect: CodeownersDialect
    rules: tuple[OwnershipRule, ...]
    """By line."""

    @classmethod
    def of(cls, ownership: Ownership) -> Self:
        """Return the rules of a repository, without what they are good for: that changes with any file."""
        uncounted = (replace(rule, files=0, examples=(), matched=0, state="wins", by=()) for rule in ownership.rules)
        return cls(ownership.dialect, tuple(uncounted))


class ApplyingPolicy(NamedTuple):
    """Of a policy, what pages of the repositories that it applies to show.

    Not the policy itself: that names the commit at which its source was read, so that each commit to a repository that
    holds policies would have the pages of all repositories made again.
    """

    id: str
    repository: str
    format: str
    severity: str


class Applying(NamedTuple):
    """A policy that applies to a repository."""

    policy: ApplyingPolicy
    relations: tuple[Relation, ...]
    """Those between the two, each with the patterns of paths that it holds for and with its evidence."""


class Work(NamedTuple):
    """What one owner did, over all repositories."""

    contributions: tuple[tuple[str, Contribution], ...] = ()
    """By id of the repository, in the snapshot's order."""
    authored: tuple[PullRequest, ...] = ()
    """Those that they wrote or helped to write, in the snapshot's order."""
    merged: int = 0
    """How many pull requests they merged."""

    @property
    def commits(self) -> int:
        """Commits in all repositories, merges left out."""
        return sum(contribution.commits for _, contribution in self.contributions)

    @property
    def last_at(self) -> datetime | None:
        """The last commit or pull request."""
        moments = [contribution.last_at for _, contribution in self.contributions]
        moments += [change.merged_at for change in self.authored]
        return max(moments, default=None)


class DecisionCounts(NamedTuple):
    """All decisions, counted."""

    coverage: Coverage
    outcomes: Mapping[Outcome, int]
    formats: tuple[tuple[str, int], ...]
    """Name of a report format and number, the most first."""

    @classmethod
    def of(cls, decisions: Sequence[Decision]) -> Self:
        """Count them."""
        return cls(
            coverage=coverage(decisions),
            outcomes=Counter(decision.outcome for decision in decisions),
            formats=tuple(Counter(decision.format for decision in decisions).most_common()),
        )
