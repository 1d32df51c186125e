"""Policies by key, by commit and by place, at the heads of all repositories and at the older commits that were read."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from mkdocs_gitguard.decisions.messages import Pattern, patterns, reached_text, rule_text
from mkdocs_gitguard.decisions.report import ReportPlace
from mkdocs_gitguard.model import Policy, Rule, SourceSpan

_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}\Z")


def is_commit(revision: str) -> bool:
    """Tell whether a revision looks like a commit's id or the beginning of one, and not like a tag or a counter."""
    return _COMMIT.match(revision) is not None


class PolicySet(NamedTuple):
    """Policies of one repository as they stood at one commit."""

    repository: str
    """Node id."""
    commit: str
    policies: Sequence[Policy]
    rules: Sequence[Rule]
    texts: Mapping[str, str]
    """Source texts by blob."""
    is_head: bool = True


class Hit:
    """A rule or, where a policy counts as a whole, a policy, with what it can say. Shared by all decisions."""

    def __init__(self, policy: Policy, rule: Rule | None, source: str) -> None:
        """Keep them; `source` is the text of the file, `""` where it is not at hand."""
        self.policy = policy
        self.rule = rule
        self._source = source

    @property
    def span(self) -> SourceSpan:
        """Where it stands."""
        return self.rule.span if self.rule else self.policy.span

    @cached_property
    def text(self) -> str:
        """Its own lines."""
        return rule_text(self._source, self.span.first_line, self.span.last_line)

    @cached_property
    def said(self) -> Sequence[Pattern]:
        """The forms of messages that stand in its own lines."""
        return patterns(self.text)

    @cached_property
    def reached(self) -> Sequence[Pattern]:
        """The forms of messages that it can write with the help of what else stands in its file."""
        return patterns(reached_text(self._source, self.span.first_line, self.span.last_line))


class Group(NamedTuple):
    """What one policy of one set has for a key."""

    set: PolicySet
    policy: Policy
    hits: Sequence[Hit]


class _Indexed:
    """One set's policies and rules by what they are looked up by."""

    def __init__(self, set_: PolicySet) -> None:
        self.set = set_
        policies = {policy.id: policy for policy in set_.policies}
        self.rules: defaultdict[str, list[Rule]] = defaultdict(list)
        self.paths: defaultdict[str, list[Policy]] = defaultdict(list)
        self.keys: defaultdict[str, list[tuple[Policy, Rule | None]]] = defaultdict(list)
        for rule in set_.rules:
            if rule.policy in policies:
                self.rules[rule.policy].append(rule)
                for key in dict.fromkeys(rule.keys):
                    self.keys[key].append((policies[rule.policy], rule))
        for policy in set_.policies:
            self.paths[policy.span.path].append(policy)
            for key in dict.fromkeys(policy.keys):
                self.keys[key].append((policy, None))


class PolicyIndex:
    """Looks policies up. A set is known by its number."""

    def __init__(self, sets: Iterable[PolicySet], name_of_repository: Callable[[str], str] = lambda _: "") -> None:
        """Index the sets.

        Args:
            sets: the head of each repository, and what was read of older commits.
            name_of_repository: node id of the repository that a report calls so; `""` for one that is not here.
        """
        self.repository_of = name_of_repository
        self._sets = [_Indexed(set_) for set_ in sets]
        self.heads: tuple[int, ...] = tuple(number for number, one in enumerate(self._sets) if one.set.is_head)
        """The sets that are the heads of repositories."""
        self._by_commit: defaultdict[str, list[int]] = defaultdict(list)
        for number, one in enumerate(self._sets):
            self._by_commit[one.set.commit].append(number)
        self._commits = sorted(self._by_commit)
        self._known: dict[tuple[tuple[int, ...], str, str], Sequence[Group]] = {}

    def at_commit(self, revision: str) -> tuple[int, ...]:
        """Return the sets whose commit is `revision` or starts with it."""
        if revision in self._by_commit:
            return tuple(self._by_commit[revision])
        if not is_commit(revision):
            return ()
        return tuple(
            number for commit in self._commits if commit.startswith(revision) for number in self._by_commit[commit]
        )

    def of_repository(self, numbers: Iterable[int], repository: str) -> tuple[int, ...]:
        """Return those of the sets that are of a repository, given by its node id."""
        return tuple(number for number in numbers if self._sets[number].set.repository == repository)

    def find(self, numbers: tuple[int, ...], key: str, folder: str = "") -> Sequence[Group]:
        """Return what `key` names in the given sets: rules, or all rules of the policies where no rule carries it.

        Args:
            numbers: the sets.
            key: in the words of `model/policy_keys.py`.
            folder: policies elsewhere do not count; `""` for all.
        """
        asked = (numbers, key, folder)
        if asked not in self._known:
            self._known[asked] = self._find(*asked)
        return self._known[asked]

    def _find(self, numbers: tuple[int, ...], key: str, folder: str) -> Sequence[Group]:
        start = f"{folder.strip('/')}/" if folder.strip("/") else ""
        found = [
            (number, policy, rule)
            for number in numbers
            for policy, rule in self._sets[number].keys.get(key, ())
            if policy.span.path.startswith(start)
        ]
        return self._groups([hit for hit in found if hit[2]] or found)

    def at_place(self, numbers: Iterable[int], place: ReportPlace) -> Sequence[Group]:
        """Return what stands at a line of a file, or all of the file where there is no line."""
        found: list[tuple[int, Policy, Rule | None]] = []
        for number in numbers:
            for policy in self._sets[number].paths.get(place.path, ()):
                rules = self._sets[number].rules.get(policy.id, ())
                found += [(number, policy, rule) for rule in rules if not place.line or _holds(rule, place.line)] or [
                    (number, policy, None)
                ]
        return self._groups([hit for hit in found if hit[2]] or found)

    def older(self, policy: Policy, commit: str) -> tuple[int, ...]:
        """Return the sets that are the policy's repository at `commit`."""
        return self.of_repository(self._by_commit.get(commit, ()), policy.repository)

    def _groups(self, found: Iterable[tuple[int, Policy, Rule | None]]) -> Sequence[Group]:
        groups: dict[tuple[int, str], Group] = {}
        hits: defaultdict[tuple[int, str], list[Hit]] = defaultdict(list)
        for number, policy, rule in found:
            one = self._sets[number]
            source = one.set.texts.get(policy.span.blob, "")
            at = number, policy.id
            rules: Sequence[Rule | None] = [rule] if rule else (one.rules.get(policy.id) or [None])
            hits[at] += [Hit(policy, other, source if other else "") for other in rules]
            groups[at] = Group(one.set, policy, hits[at])
        return list(groups.values())


def _holds(rule: Rule, line: int) -> bool:
    return (rule.metadata_line or rule.span.first_line) <= line <= rule.span.last_line
