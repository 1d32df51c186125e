"""Policies by key, by commit and by place, at the heads of all repositories and at the older commits that were read."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from mkdocs_gitguard.decisions.cel_messages import validation_in
from mkdocs_gitguard.decisions.messages import Pattern, fits
from mkdocs_gitguard.decisions.rego_values import definition_in, text_lines
from mkdocs_gitguard.decisions.report import ReportPlace
from mkdocs_gitguard.decisions.rule_values import UNKNOWN_DEFINITION, Definition
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Policy, Rule, SourceSpan, rego_segments

_IN_REGO: Final = frozenset({"rego", "gatekeeper"})
_RULE_KEY: Final = "rego:"
_COMMIT: Final = late_pattern(r"[0-9a-f]{7,64}\Z")


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


def lookups_of(one: PolicySet) -> Iterator[str]:
    """Yield all that a set's policies and rules are looked up by: their keys, and the paths that they stand in."""
    for policy in one.policies:
        yield policy.span.path
        yield from policy.keys
    for rule in one.rules:
        yield from rule.keys


def is_changed(one: PolicySet, other: PolicySet) -> bool:
    """Tell whether two sets differ in anything but texts that their policies do not stand in."""
    if [*one.policies] != [*other.policies] or [*one.rules] != [*other.rules]:
        return True
    return any(one.texts.get(policy.span.blob) != other.texts.get(policy.span.blob) for policy in one.policies)


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
    def reference(self) -> tuple[str, ...]:
        """Segments of the Rego reference that its rule defines, `data` first; empty for what has none."""
        key = next((key for key in self.rule.keys if key.startswith(_RULE_KEY)), "") if self.rule else ""
        return rego_segments(key.removeprefix(_RULE_KEY))

    @cached_property
    def text(self) -> str:
        """Its own lines."""
        return "\n".join(text_lines(self._source)[self.span.first_line - 1 : self.span.last_line])

    @cached_property
    def definition(self) -> Definition:
        """What it can give, as far as its source tells."""
        if self.rule is None or not self._source:
            return UNKNOWN_DEFINITION
        if self.rule.type == "cel":
            return validation_in(self.text)
        if self.policy.format not in _IN_REGO:
            return UNKNOWN_DEFINITION
        return definition_in(self._source, self.span.first_line, self.span.last_line)


class Hits(tuple[Hit, ...]):  # noqa: SLOT001 - what is told of them all is kept beside them
    """Hits in the order of their sources, which are asked together."""

    @cached_property
    def deciding(self) -> "Hits":
        """Those that can decide: functions are only called, unless there is nothing else."""
        others = Hits(hit for hit in self if hit.definition.kind != "function")
        return self if not others or len(others) == len(self) else others

    def giving(self, text: str, is_able: Callable[[Definition, str], bool]) -> "Hits":
        """Return those that can give a text.

        Of the rules that give nothing but texts, only those are compared that begin as the text does; `is_able` tells
        it of the others.
        """
        lengths, by_beginning, others = self._by_beginning
        able = {number for number in others if is_able(self[number].definition, text)}
        for length in lengths:
            begun = by_beginning.get(text[:length], ())
            able.update(number for number, pattern in begun if len(text) >= length and fits(pattern, text))
        return Hits(self[number] for number in sorted(able))

    @cached_property
    def _by_beginning(self) -> tuple[Sequence[int], Mapping[str, Sequence[tuple[int, Pattern]]], Sequence[int]]:
        """Return the lengths of all fixed beginnings, the patterns by them, and the hits that are not plain texts."""
        by_beginning: defaultdict[str, list[tuple[int, Pattern]]] = defaultdict(list)
        others: list[int] = []
        for number, hit in enumerate(self):
            texts = hit.definition.texts
            if texts is None:
                others.append(number)
            for pattern in texts or ():
                by_beginning[pattern[0]].append((number, pattern))
        return sorted(set(map(len, by_beginning))), by_beginning, others


class Group(NamedTuple):
    """What one policy of one set has for a key."""

    set: PolicySet
    policy: Policy
    hits: Hits


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
        placed = [
            (number, policy, rule)
            for number in numbers
            for policy, rule in self._sets[number].keys.get(key, ())
            if policy.span.path.startswith(start)
        ]
        return self._groups([hit for hit in placed if hit[2]] or placed)

    def at_place(self, numbers: Iterable[int], place: ReportPlace) -> Sequence[Group]:
        """Return what stands at a line of a file, or all of the file where there is no line."""
        placed: list[tuple[int, Policy, Rule | None]] = []
        for number in numbers:
            for policy in self._sets[number].paths.get(place.path, ()):
                rules = self._sets[number].rules.get(policy.id, ())
                placed += [(number, policy, rule) for rule in rules if not place.line or _holds(rule, place.line)] or [
                    (number, policy, None)
                ]
        return self._groups([hit for hit in placed if hit[2]] or placed)

    def older(self, policy: Policy, commit: str) -> tuple[int, ...]:
        """Return the sets that are the policy's repository at `commit`."""
        return self.of_repository(self._by_commit.get(commit, ()), policy.repository)

    def _groups(self, placed: Iterable[tuple[int, Policy, Rule | None]]) -> Sequence[Group]:
        groups: dict[tuple[int, str], Group] = {}
        hits: defaultdict[tuple[int, str], list[Hit]] = defaultdict(list)
        for number, policy, rule in placed:
            one = self._sets[number]
            source = one.set.texts.get(policy.span.blob, "")
            at = number, policy.id
            rules: Sequence[Rule | None] = [rule] if rule else (one.rules.get(policy.id) or [None])
            hits[at] += [Hit(policy, other, source if other else "") for other in rules]
            groups[at] = Group(one.set, policy, Hits())
        return [group._replace(hits=Hits(hits[at])) for at, group in groups.items()]


def _holds(rule: Rule, line: int) -> bool:
    return (rule.metadata_line or rule.span.first_line) <= line <= rule.span.last_line
