"""Policies, grouped and ordered as pages show them. Pure functions over a graph."""

from __future__ import annotations

from collections import Counter, defaultdict
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import Policy, Rule, rule_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mkdocs_gitguard.model import Graph, PullRequest

FORMAT_TITLES: Final[Mapping[str, str]] = {
    "rego": "OPA Rego",
    "gatekeeper": "OPA Gatekeeper",
    "kyverno": "Kyverno",
    "semgrep": "Semgrep",
    "cedar": "Cedar",
    "custodian": "Cloud Custodian",
    "checkov": "Checkov",
    "github-ruleset": "GitHub ruleset",
    "workflow": "GitHub Actions",
}
"""What people call a format; another one is called by its name."""
SEVERITIES: Final = ("critical", "high", "medium", "low", "info")
_WITHOUT_RULE_PAGES: Final = frozenset({"workflow", "github-ruleset", "checkov"})
"""Formats whose rules are settings or jobs: their policy's page says all there is to say."""


class Places(NamedTuple):
    """What the policies of a snapshot look like, by the things they belong to."""

    policies: Mapping[str, Policy]
    rules: Mapping[str, Sequence[Rule]]
    """By policy, in source order."""
    texts: Mapping[str, str]
    """By blob."""
    by_repository: Mapping[str, Sequence[Policy]]
    by_owner: Mapping[str, Sequence[Policy]]
    governing: Mapping[str, Sequence[tuple[Policy, Sequence[Sequence[str]]]]]
    """By governed repository, the policies, the gravest first, each with the patterns of paths of each relation."""


@lru_cache(maxsize=2)
def places(graph: Graph) -> Places:
    """Return a graph's policies by what they belong to."""
    snapshot = graph.snapshot
    rules: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in snapshot.rules:
        rules[rule.policy].append(rule)
    for group in rules.values():
        group.sort(key=lambda rule: (rule.span.first_line, rule.id))
    by_repository: defaultdict[str, list[Policy]] = defaultdict(list)
    by_owner: defaultdict[str, list[Policy]] = defaultdict(list)
    for policy in ordered(snapshot.policies):
        by_repository[policy.repository].append(policy)
        for owner in policy.owners:
            by_owner[owner].append(policy)
    policies = {policy.id: policy for policy in snapshot.policies}
    return Places(
        policies=policies,
        rules=rules,
        texts={source.blob: source.text for source in snapshot.sources},
        by_repository=by_repository,
        by_owner=by_owner,
        governing={repository.id: _governing(graph, repository.id, policies) for repository in snapshot.repositories},
    )


def _governing(
    graph: Graph, repository: str, policies: Mapping[str, Policy]
) -> list[tuple[Policy, list[tuple[str, ...]]]]:
    patterns: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for seen in graph.relations.get(repository, ()):
        if seen.type == "governed_by" and seen.other in policies:
            patterns[seen.other].append(seen.relation.paths)
    return [(policy, patterns[policy.id]) for policy in ordered(policies[policy] for policy in patterns)]


def ordered(policies: Iterable[Policy]) -> list[Policy]:
    """Return policies, the gravest first, then by title."""
    return sorted(
        policies, key=lambda policy: (_gravity(policy.severity), (policy.title or policy.name).lower(), policy.id)
    )


def _gravity(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def groups_of(rules: Sequence[Rule]) -> dict[str, list[Rule]]:
    """Return a policy's rules by name, in source order."""
    groups: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        groups[rule.name].append(rule)
    return dict(groups)


def has_page(policy: Policy, group: Sequence[Rule]) -> bool:
    """Return whether a rule group gets a page: it decides or is described. Mere helpers get none."""
    if policy.format in _WITHOUT_RULE_PAGES:
        return False
    is_helper = group[0].name.startswith("_") or all(rule.type in ("function", "default") for rule in group)
    return any(rule.title or rule.description or (rule.keys and not is_helper) for rule in group)


def group_id(rule: Rule) -> str:
    """Return the id that stands for a rule's whole group, whose page shows them all."""
    return rule_id(rule.policy, rule.name)


class Counts(NamedTuple):
    """How policies spread over one of their sides: value and number, the most first."""

    title: str
    rows: tuple[tuple[str, int], ...]


def spread(policies: Sequence[Policy]) -> tuple[Counts, ...]:
    """Return how policies spread over formats, severities and categories."""
    severities = Counter(policy.severity or "not stated" for policy in policies)
    by_gravity = sorted(severities.items(), key=lambda item: (_gravity(item[0]), item[0]))
    return (
        Counts("Format", _most_first(Counter(FORMAT_TITLES.get(p.format, p.format) for p in policies))),
        Counts("Severity", tuple(by_gravity)),
        Counts("Category", _most_first(Counter(p.category or "not stated" for p in policies))),
    )


def _most_first(counter: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def governing(graph: Graph, change: PullRequest) -> list[Policy]:
    """Return the policies that govern the files which a pull request touched, the gravest first."""
    paths = [file.path for file in change.files]
    known = places(graph).governing.get(change.repository, ())
    return [policy for policy, relations in known if any(_covers(patterns, paths) for patterns in relations)]


def _covers(patterns: Sequence[str], paths: Sequence[str]) -> bool:
    """Return whether any path fits any pattern: a shell's, whose `*` also stands for `/`; `x/` is all below it."""
    return not patterns or any(
        fnmatchcase(path, f"{pattern}*" if pattern.endswith("/") else pattern) for pattern in patterns for path in paths
    )
