"""Policies, grouped and ordered as pages show them. Pure functions over a graph."""

from __future__ import annotations

from collections import Counter, defaultdict
from fnmatch import fnmatchcase
from itertools import groupby, zip_longest
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Applying, FormatTraits, gravity, rule_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_gitguard.model import Graph, Policy, PolicyRole, PullRequest, Rule


class Formats(dict[str, FormatTraits]):
    """Policy formats by name. One that is not known, because its package is not installed, is called by its name."""

    def __missing__(self, name: str) -> FormatTraits:
        """Return what holds for a format of which nothing is known."""
        return FormatTraits(title=name)


def groups_of(rules: Sequence[Rule]) -> dict[str, list[Rule]]:
    """Return a policy's rules by name, in source order."""
    groups: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        groups[rule.name].append(rule)
    return dict(groups)


def notable_groups(traits: FormatTraits, groups: Mapping[str, Sequence[Rule]]) -> list[str]:
    """Return the names of the rule groups of which there is more to say than name and place.

    Each has a page of its own, but a single one stands on its policy's.
    """
    return [name for name, group in groups.items() if traits.has_rule_pages and is_notable(group)]


def is_notable(group: Sequence[Rule]) -> bool:
    """Return whether a rule group decides or is described. Mere helpers do not."""
    is_helper = group[0].name.startswith("_") or all(rule.type in ("function", "default") for rule in group)
    return any(rule.title or rule.description or (rule.keys and not is_helper) for rule in group)


class RuleOrder(NamedTuple):
    """The names of a policy's rule groups, in the order in which a page shows them."""

    rules: tuple[str, ...]
    """Those that decide first: `deny`, `warn`, `violation`, `allow`, ...; each in source order."""
    helpers: tuple[str, ...]
    """Those that others use."""


_ENTRY_POINT: Final = late_pattern(
    r"(?:deny|warn|violation|allow|forbid|permit|block|reject|approve|enforce)(?:_\w+|\.\w+)*|exception|main|decision"
)


def order_of(traits: FormatTraits, groups: Mapping[str, Sequence[Rule]]) -> RuleOrder:
    """Return what decides before what is described, and helpers apart; a format without rule pages has no helpers."""
    if not traits.has_rule_pages:
        return RuleOrder(tuple(groups), ())
    entries = [name for name, group in groups.items() if is_entry_point(group)]
    described = {name for name, group in groups.items() if any(rule.title or rule.description for rule in group)}
    others = [name for name in groups if name not in entries]
    if entries:
        rules = [name for name in others if name in described]
    else:
        rules = [name for name in others if is_notable(groups[name])]
    return RuleOrder((*entries, *rules), tuple(name for name in others if name not in rules))


def is_entry_point(group: Sequence[Rule]) -> bool:
    """Return whether a rule group's name is one that engines ask for. A function is asked by other rules only."""
    return _ENTRY_POINT.fullmatch(group[0].name) is not None and any(rule.type != "function" for rule in group)


def anchors_of(rules: Sequence[Rule]) -> dict[str, str]:
    """Return the anchor of each rule on one page, by id: its line, numbered where several begin on the same."""
    anchors: dict[str, str] = {}
    taken: Counter[int] = Counter()
    for rule in rules:
        line = rule.span.first_line
        taken[line] += 1
        anchors[rule.id] = f"line-{line}" if taken[line] == 1 else f"line-{line}-{taken[line]}"
    return anchors


def group_id(rule: Rule) -> str:
    """Return the id that stands for a rule's whole group, whose page shows them all."""
    return rule_id(rule.policy, rule.name)


class Columns(NamedTuple):
    """Which columns of a table of policies say something of any policy in the whole list; the others always do."""

    severity: bool
    category: bool


def columns_of(policies: Sequence[Policy]) -> Columns:
    """Return the columns that a table of all these policies, or of a part of them, needs."""
    return Columns(
        severity=any(policy.severity for policy in policies), category=any(policy.category for policy in policies)
    )


Side = Literal["format", "severity", "category"]
SIDES: Final[tuple[Side, ...]] = get_args(Side)
"""By what policies are counted and narrowed."""
NOT_STATED: Final = "not stated"


class Counts(NamedTuple):
    """How policies spread over one of their sides: value and number, the most first."""

    side: Side
    rows: tuple[tuple[str, int], ...]


def value_of(policy: Policy, side: Side, formats: Formats) -> str:
    """Return what a policy is on one of its sides, in words."""
    if side == "format":
        return formats[policy.format].title
    return (policy.severity if side == "severity" else policy.category) or NOT_STATED


def spread(policies: Sequence[Policy], formats: Formats) -> tuple[Counts, ...]:
    """Return how policies spread over formats, severities and categories."""
    return tuple(_counts(policies, side, formats) for side in SIDES)


def _counts(policies: Sequence[Policy], side: Side, formats: Formats) -> Counts:
    counter = Counter(value_of(policy, side, formats) for policy in policies)
    if side == "severity":
        return Counts(side, tuple(sorted(counter.items(), key=lambda item: (gravity(item[0]), item[0]))))
    return Counts(side, tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0]))))


def in_turns(policies: Sequence[Policy], number: int) -> list[Policy]:
    """Return the most severe of policies that come so ordered; of each severity, one of each repository in turn."""
    chosen: list[Policy] = []
    for _, group in groupby(policies, key=lambda policy: gravity(policy.severity)):
        by_repository: dict[str, list[Policy]] = {}
        for policy in group:
            by_repository.setdefault(policy.repository, []).append(policy)
        for turn in zip_longest(*by_repository.values()):
            chosen += (policy for policy in turn if policy is not None)
            if len(chosen) >= number:
                return chosen[:number]
    return chosen


def applying_policies(graph: Graph, change: PullRequest) -> list[Applying]:
    """Return the policies that apply to the files which a pull request touched, the most severe first.

    Each comes with those of its relations alone that hold for one of the files.
    """
    paths = [file.path for file in change.files]
    return [
        Applying(one.policy, relations)
        for one in graph.applying_by_repository.get(change.repository, ())
        if (relations := tuple(relation for relation in one.relations if _covers(relation.paths, paths)))
    ]


def _covers(patterns: Sequence[str], paths: Sequence[str]) -> bool:
    """Return whether any path fits any pattern: a shell's, whose `*` also stands for `/`; `x/` is all below it."""
    return not patterns or any(
        fnmatchcase(path, f"{pattern}*" if pattern.endswith("/") else pattern) for pattern in patterns for path in paths
    )


class RoleWords(NamedTuple):
    """What pages call sources that are not policies in their own right."""

    one: str
    several: str
    title: str


ROLE_WORDS: Final[Mapping[PolicyRole, RoleWords]] = MappingProxyType(
    {
        "automation": RoleWords("workflow or pipeline", "workflows and pipelines", "Automation"),
        "sample": RoleWords("sample", "samples", "Samples"),
        "test": RoleWords("piece of test data", "pieces of test data", "Test data"),
        "version": RoleWords("older version or copy", "older versions and copies", "Older versions and copies"),
    }
)


def by_role(asides: Sequence[Policy]) -> dict[PolicyRole, list[Policy]]:
    """Return what stands beside a repository's policies, by what it is for, in the order of `ROLE_WORDS`."""
    groups = {role: [policy for policy in asides if policy.role == role] for role in ROLE_WORDS}
    return {role: group for role, group in groups.items() if group}
