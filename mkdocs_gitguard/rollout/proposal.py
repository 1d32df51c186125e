"""Proposing repositories for the canary by the plan's criteria, each choice and refusal explained.

The plan, "Repository Selection (10%)": low to medium traffic, non-critical business impact, good test coverage,
active maintenance. What each means here, from facts that a harvest has:

- traffic: pull requests merged a month, mean of the last three full months. High: above 10, and above three quarters
  of the portfolio.
- business impact: the site's own criticality file says it; nothing is guessed. High is refused.
- test coverage: files that are tests by their name or folder. None is refused. (Git does not know line coverage.)
- maintenance: a commit on the default branch in the last 90 days.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import yaml

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.bounded_yaml import load_documents
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Record, Repository
from mkdocs_gitguard.rollout.selection import how_many, matches, stable_rank

CRITICALITY_FILE: Final = "config/rollout/criticality.yml"
"""Where a site says which of its repositories are critical."""

_LARGEST_CRITICALITY: Final = 1 << 22
"""Bytes; a hundred thousand repositories."""
_MONTHS: Final = 3
_BUSY: Final = 10.0
_ACTIVE: Final = timedelta(days=90)
_LEVELS: Final = ("low", "medium", "high")
_ORDER: Final = {"low": 0, "medium": 1, "": 2}
_TEST: Final = late_pattern(
    r"(?:^|/)(?:tests?|__tests__|specs?|testdata|e2e|testing)/"
    r"|(?:^|/)(?:test_[^/]+|[^/]+_(?:test|spec)|[^/]+[.-](?:test|spec|cy)|[^/]*Tests?)\.[A-Za-z0-9]+$"
)


class CanaryCandidate(Record, frozen=True, kw_only=True):
    """A repository judged for the canary."""

    name: str
    is_proposed: bool
    reason: str
    """Why it is proposed or not, one sentence."""
    pull_requests_a_month: float
    criticality: str
    """`low`, `medium`, `high`, or `""` where the site's file does not say."""
    test_files: int
    days_since_commit: int | None
    """None for a repository without commits."""


class Proposal(Record, frozen=True, kw_only=True):
    """The canary that the plan's criteria give."""

    wanted: int
    candidates: tuple[CanaryCandidate, ...]
    """Proposed ones first, then in the order in which they would follow, then the refused by name."""

    @property
    def names(self) -> tuple[str, ...]:
        """The proposed repositories."""
        return tuple(candidate.name for candidate in self.candidates if candidate.is_proposed)


def read_criticality(path: Path) -> dict[str, str]:
    """Read the site's criticality file: YAML, a name or glob on the left, `low`, `medium` or `high` on the right.

    Raises:
        SettingError: the file cannot be read or says something else.
    """
    try:
        documents = list(load_documents(read_file(path, _LARGEST_CRITICALITY)))
    except OSError as error:
        raise SettingError(
            f"The criticality file {path} cannot be read: {error.strerror}.", hint="Fix the path or the file."
        ) from error
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise SettingError(
            f"The criticality file {path} is not YAML: {reason}.", hint="Write lines such as `acme/billing: high`."
        ) from error
    if not documents:
        return {}
    if len(documents) > 1:
        raise SettingError(f"{path} holds several documents.", hint="Write all lines in one.")
    [content] = documents
    if not isinstance(content, dict):
        raise SettingError(f"{path} is not a mapping.", hint="Write lines such as `acme/billing: high`.")
    for name, level in content.items():
        if level not in _LEVELS:
            raise SettingError(f"{path}: {name} is {level!r}.", hint=f"Write one of {', '.join(_LEVELS)}.")
    return {str(name): level for name, level in content.items()}


def propose(
    repositories: Sequence[Repository], *, share: Decimal, criticality: Mapping[str, str], now: datetime
) -> Proposal:
    """Propose a share of the repositories for the canary.

    Args:
        repositories: the whole portfolio.
        share: percent, rounded up to whole repositories.
        criticality: by name or glob; of several that match, the highest counts.
        now: the moment that "the last three months" and "90 days" count from.

    Returns:
        As many as asked for if so many meet the criteria, else fewer: one that does not meet them is never proposed.
        A larger share keeps what a smaller one proposed.
    """
    months = _full_months(now)
    traffic = {item.id: _traffic(item, months) for item in repositories}
    busy = max(_BUSY, _third_quartile(list(traffic.values())))
    wanted = how_many(share, len(repositories))
    judged: list[tuple[Repository, str, str]] = []
    for item in repositories:
        level = _criticality(f"{item.namespace}/{item.name}", criticality)
        judged.append((item, level, _refusal(item, level, traffic[item.id], busy, now)))
    judged.sort(key=lambda row: (bool(row[2]), _ORDER.get(row[1], 3), stable_rank(f"{row[0].namespace}/{row[0].name}")))
    candidates = []
    for place, (item, level, refusal) in enumerate(judged, start=1):
        is_proposed = not refusal and place <= wanted
        candidates.append(
            CanaryCandidate(
                name=f"{item.namespace}/{item.name}",
                is_proposed=is_proposed,
                reason=refusal or _praise(level, is_proposed=is_proposed, place=place, wanted=wanted),
                pull_requests_a_month=round(traffic[item.id], 1),
                criticality=level,
                test_files=_tests(item),
                days_since_commit=(now - item.head_at).days if item.head_at else None,
            )
        )
    return Proposal(wanted=wanted, candidates=tuple(candidates))


def _praise(level: str, *, is_proposed: bool, place: int, wanted: int) -> str:
    impact = f"criticality {level}" if level else "criticality not said"
    if is_proposed:
        return f"low to medium traffic, {impact}, has tests, is maintained."
    return f"meets the criteria ({impact}), but is number {place} and {wanted} are wanted."


def _refusal(item: Repository, level: str, traffic: float, busy: float, now: datetime) -> str:
    against = []
    if item.is_shallow:
        against.append("its clone is shallow, so its traffic is unknown")
    if traffic > busy:
        against.append(f"high traffic: {traffic:.1f} pull requests a month, above {busy:.1f}")
    if level == "high":
        against.append("its criticality is high")
    if not _tests(item):
        against.append("no test files")
    if item.head_at is None:
        against.append("no commits")
    elif now - item.head_at > _ACTIVE:
        against.append(f"last commit {(now - item.head_at).days} days ago, more than {_ACTIVE.days}")
    return "; ".join(against) + "." if against else ""


def _full_months(now: datetime) -> tuple[str, ...]:
    """Return the names of the last full months before `now`."""
    index = now.year * 12 + now.month - 1
    return tuple(f"{(index - back) // 12:04}-{(index - back) % 12 + 1:02}" for back in range(1, _MONTHS + 1))


def _traffic(item: Repository, months: Sequence[str]) -> float:
    return sum(month.pull_requests for month in item.activity if month.month in months) / _MONTHS


def _third_quartile(values: list[float]) -> float:
    return sorted(values)[len(values) * 3 // 4] if values else 0.0


def _tests(item: Repository) -> int:
    return sum(1 for entry in item.files if _TEST.search(entry.path))


def _criticality(name: str, level_of: Mapping[str, str]) -> str:
    levels = [level for pattern, level in level_of.items() if matches(pattern, name)]
    return max(levels, key=_LEVELS.index, default="")
