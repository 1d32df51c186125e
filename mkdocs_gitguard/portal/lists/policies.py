"""Policies, grouped and ordered as pages show them. Pure functions over a graph."""

from __future__ import annotations

from collections import Counter, defaultdict
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.model import FormatTraits, gravity, rule_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mkdocs_gitguard.model import Graph, Policy, PullRequest, Rule


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
    return [name for name, group in groups.items() if traits.has_rule_pages and _is_notable(group)]


def _is_notable(group: Sequence[Rule]) -> bool:
    """Return whether a rule group decides or is described. Mere helpers do not."""
    is_helper = group[0].name.startswith("_") or all(rule.type in ("function", "default") for rule in group)
    return any(rule.title or rule.description or (rule.keys and not is_helper) for rule in group)


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


class Counts(NamedTuple):
    """How policies spread over one of their sides: value and number, the most first."""

    title: str
    rows: tuple[tuple[str, int], ...]


def spread(policies: Sequence[Policy], formats: Formats) -> tuple[Counts, ...]:
    """Return how policies spread over formats, severities and categories."""
    severities = Counter(policy.severity or "not stated" for policy in policies)
    by_gravity = sorted(severities.items(), key=lambda item: (gravity(item[0]), item[0]))
    return (
        Counts("Format", _most_first(Counter(formats[p.format].title for p in policies))),
        Counts("Severity", tuple(by_gravity)),
        Counts("Category", _most_first(Counter(p.category or "not stated" for p in policies))),
    )


def _most_first(counter: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def governing_policies(graph: Graph, change: PullRequest) -> list[Policy]:
    """Return the policies that govern the files which a pull request touched, the gravest first."""
    paths = [file.path for file in change.files]
    return [
        governing.policy
        for governing in graph.governing_by_repository.get(change.repository, ())
        if any(_covers(patterns, paths) for patterns in governing.paths)
    ]


def _covers(patterns: Sequence[str], paths: Sequence[str]) -> bool:
    """Return whether any path fits any pattern: a shell's, whose `*` also stands for `/`; `x/` is all below it."""
    return not patterns or any(
        fnmatchcase(path, f"{pattern}*" if pattern.endswith("/") else pattern) for pattern in patterns for path in paths
    )
