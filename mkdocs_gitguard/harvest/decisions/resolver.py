"""From a decision to the rules that made it, at the decision's commit.

No report carries policy file, lines and commit together, so the way leads over keys (`model/policy_keys.py`), over the
text in force at the time, and where rules share a key over what they can have said. What is not certain is said to be
so: `exact` means one rule for each voice of the decision, `candidates` that it is one of several, `unresolved` that
nothing here is called so. Each comes with its reason in one sentence.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from mkdocs_gitguard.harvest.decisions.reported import Claim, Place, ReportedDecision
from mkdocs_gitguard.harvest.decisions.wording import could_say, reached_text, rule_text
from mkdocs_gitguard.model import Change, Policy, Resolution, Rule, SourceSpan

_COMMIT: Final = re.compile(r"[0-9a-f]{7,64}\Z")
_MOST_SHOWN: Final = 50
"""Rules of one decision that are named."""
_LINTERS: Final = frozenset({"sarif", "regal"})
"""Formats of tools that bring rules of their own."""
_JUDGES: Final = re.compile(r"(?:deny|violation|warn)(?:_\w+)?\Z")
"""Names of the rules that Conftest asks, and whose silence is a verdict."""
_DEFAULT_RULE: Final = re.compile(r"\s*default\b")


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
    paths: frozenset[str] | None = None
    """The only files that were read at that commit; None: all."""


class Resolved(NamedTuple):
    """What a decision leads to."""

    resolution: Resolution
    reason: str
    rules: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    spans: tuple[SourceSpan, ...] = ()


class _Hit(NamedTuple):
    """A rule or, where a policy counts as a whole, a policy."""

    policy: Policy
    rule: Rule | None
    source: str
    """Text of the file; `""` where it is not at hand."""
    when: str
    """Which text it is, in words: `at its head, unchanged since the decision`."""
    is_in_force: bool
    """The text is known to be the one that decided, or nothing speaks against it."""

    @property
    def span(self) -> SourceSpan:
        return self.rule.span if self.rule else self.policy.span

    @property
    def text(self) -> str:
        return rule_text(self.source, self.span.first_line, self.span.last_line)

    @property
    def reached(self) -> str:
        """The rule's text and that of all it uses in its file."""
        return reached_text(self.source, self.span.first_line, self.span.last_line)


class _Voice(NamedTuple):
    """Who can be one voice of a decision."""

    hits: Sequence[_Hit]
    reason: str
    is_sure: bool = False


class _Indexed:
    """One set's policies and rules by what they are looked up by."""

    def __init__(self, set_: PolicySet) -> None:
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
    """Policies by key, at the head of every repository and at the older commits that were read."""

    def __init__(self, sets: Iterable[PolicySet], name_of_repository: Callable[[str], str] = lambda _: "") -> None:
        """Index the sets.

        Args:
            sets: the head of each repository, and what was read of older commits.
            name_of_repository: node id of the repository that a report calls so; `""` for one that is not here.
        """
        self.repository_of = name_of_repository
        self._sets = tuple(sets)
        self._indexed = [_Indexed(set_) for set_ in self._sets]
        self._heads = [number for number, set_ in enumerate(self._sets) if set_.is_head]
        self._by_commit: defaultdict[str, list[int]] = defaultdict(list)
        for number, set_ in enumerate(self._sets):
            self._by_commit[set_.commit].append(number)
        self._commits = sorted(self._by_commit)

    def at_commit(self, revision: str) -> list[int]:
        """Return the sets whose commit is `revision` or starts with it."""
        if revision in self._by_commit:
            return self._by_commit[revision]
        if not is_commit(revision):
            return []
        return [
            number
            for commit in self._commits
            if commit.startswith(revision)
            for number in self._by_commit[commit]
            if self._sets[number].paths is None
        ]

    def heads(self) -> list[int]:
        """Return the sets that are the heads of repositories."""
        return self._heads

    def find(self, numbers: Iterable[int], key: str) -> list[tuple[int, Policy, Rule | None]]:
        """Return what `key` names in the given sets: rules, or policies where no rule carries it."""
        found = [(number, *hit) for number in numbers for hit in self._indexed[number].keys.get(key, ())]
        return [hit for hit in found if hit[2]] or found

    def at_place(self, numbers: Iterable[int], place: Place) -> list[tuple[int, Policy, Rule | None]]:
        """Return what stands at a line of a file, or all of the file where there is no line."""
        found: list[tuple[int, Policy, Rule | None]] = []
        for number in numbers:
            for policy in self._indexed[number].paths.get(place.path, ()):
                rules = self.rules_of(number, policy)
                found += [(number, policy, rule) for rule in rules if not place.line or _holds(rule, place.line)] or [
                    (number, policy, None)
                ]
        return [hit for hit in found if hit[2]] or found

    def rules_of(self, number: int, policy: Policy) -> Sequence[Rule]:
        """Return the rules of a policy in one set."""
        return self._indexed[number].rules.get(policy.id, ())

    def set_of(self, number: int) -> PolicySet:
        """Return a set by its number."""
        return self._sets[number]

    def older(self, policy: Policy, commit: str) -> list[int]:
        """Return the sets that hold the policy's file as `commit` left it."""
        return [
            number
            for number in self._by_commit.get(commit, ())
            if self._sets[number].repository == policy.repository
            and ((paths := self._sets[number].paths) is None or policy.span.path in paths)
        ]


def is_commit(revision: str) -> bool:
    """Tell whether a revision looks like a commit's id or the beginning of one, and not like a tag or a counter."""
    return _COMMIT.match(revision) is not None


def change_in_force(policy: Policy, at: datetime) -> Change | None:
    """Return the last change of the policy's file up to `at`; None where none is known."""
    return next((change for change in policy.changes if change.at <= at), None)


def resolve(decision: ReportedDecision, index: PolicyIndex) -> Resolved:
    """Return the rules that made a decision. Pure."""
    claims = [claim for claim in decision.claims if claim.keys or claim.place]
    if not claims:
        return Resolved("unresolved", "The report names no rule.")
    numbers, note = _scope(decision, index)
    if not numbers:
        return Resolved("unresolved", note)
    voices = [_voice(claim, decision, numbers, index) for claim in claims]
    hits = [hit for voice in voices for hit in voice.hits]
    if not hits:
        return Resolved("unresolved", voices[0].reason)
    unsure = [voice.reason for voice in voices if not voice.is_sure]
    rules = tuple(dict.fromkeys(hit.rule.id for hit in hits if hit.rule))[:_MOST_SHOWN]
    return Resolved(
        "candidates" if unsure else "exact",
        " ".join(part for part in (unsure[0] if unsure else voices[0].reason, note) if part),
        rules=rules,
        policies=tuple(dict.fromkeys(hit.policy.id for hit in hits))[:_MOST_SHOWN],
        spans=tuple(dict.fromkeys(hit.span for hit in hits))[:_MOST_SHOWN],
    )


def _scope(decision: ReportedDecision, index: PolicyIndex) -> tuple[list[int], str]:
    """Return the sets to look in, and what is to be said about them."""
    numbers, note = index.heads(), ""
    if decision.revision:
        at_commit = index.at_commit(decision.revision)
        numbers = at_commit or numbers
        if not at_commit and is_commit(decision.revision):
            note = "The policies' commit that the report names was not read."
    if decision.policies:
        repository = index.repository_of(decision.policies)
        numbers = [number for number in numbers if repository and index.set_of(number).repository == repository]
        if not numbers:
            return [], "The repository that holds the policies is not in this portal."
    return numbers, note if numbers else "No repository of this portal holds policies."


def _voice(claim: Claim, decision: ReportedDecision, numbers: Sequence[int], index: PolicyIndex) -> _Voice:
    """Return the rules that can be the one voice, and the reason for what they are."""
    found: list[tuple[int, Policy, Rule | None]] = []
    named = ""
    if claim.place:
        found, named = index.at_place(numbers, claim.place), f"{claim.place.path}:{claim.place.line or 1}"
    for key in claim.keys if not found else ():
        found, named = _below(index.find(numbers, key), decision.policies_path), key
        if found:
            break
    if not found:
        built_in = " A rule that is built into its tool has no source here." if decision.format in _LINTERS else ""
        return _Voice((), f"No policy of this portal is called {decision.name or claim.keys[0]}.{built_in}")
    opened = _rules_of(found, index)
    if claim.is_silent:
        opened = [hit for hit in opened if hit[2] is None or _JUDGES.match(hit[2].name)] or opened
    hits = list(dict.fromkeys(_in_force(hit, claim, decision, index) for hit in opened))
    if _is_silence(claim, hits) and len(hits) > 1 and _is_one_body(hits):
        reason = f"None of the {len(hits)} rules of {named} held, {hits[0].when}."
        return _Voice(hits, reason, is_sure=all(hit.is_in_force for hit in hits))
    narrowed, how = _narrowed(hits, claim)
    if len(narrowed) == 1:
        hit = narrowed[0]
        reason = f"{named} is {'one rule' if hit.rule else 'one policy'}{how}, {hit.when}."
        return _Voice(narrowed, reason, is_sure=hit.is_in_force)
    where = len({hit.policy.id for hit in narrowed})
    of_policies = f" of {where} policies" if where > 1 else ""
    return _Voice(narrowed, f"{named} stands for {len(narrowed)} rules{of_policies}{how}.")


def _is_silence(claim: Claim, hits: Sequence[_Hit]) -> bool:
    """Tell whether the voice says that no rule held: not one objected, or none allowed and no default is written."""
    return claim.is_silent or (claim.verdict is False and not any(_DEFAULT_RULE.match(hit.text) for hit in hits))


def _is_one_body(hits: Sequence[_Hit]) -> bool:
    """Tell whether the rules can have been asked together: of one repository, and none of them a copy of another."""
    return len({hit.policy.repository for hit in hits}) == 1 and len({hit.text for hit in hits}) == len(hits)


def _below(found: list[tuple[int, Policy, Rule | None]], folder: str) -> list[tuple[int, Policy, Rule | None]]:
    start = f"{folder.strip('/')}/" if folder.strip("/") else ""
    return [hit for hit in found if hit[1].span.path.startswith(start)]


def _rules_of(
    found: Sequence[tuple[int, Policy, Rule | None]], index: PolicyIndex
) -> list[tuple[int, Policy, Rule | None]]:
    """Return the hits with each policy that was named as a whole replaced by its rules, if it has any."""
    opened: list[tuple[int, Policy, Rule | None]] = []
    for number, policy, rule in found:
        own = () if rule else index.rules_of(number, policy)
        opened += [(number, policy, other) for other in own] or [(number, policy, rule)]
    return opened


def _in_force(
    hit: tuple[int, Policy, Rule | None], claim: Claim, decision: ReportedDecision, index: PolicyIndex
) -> _Hit:
    """Return the hit as it stood when the decision was made."""
    number, policy, rule = hit
    set_ = index.set_of(number)
    if decision.revision and (set_.commit.startswith(decision.revision) or not set_.is_head):
        return _hit(set_, policy, rule, f"at commit {set_.commit[:10]}, which the report names", is_in_force=True)
    if decision.at is None:
        return _hit(set_, policy, rule, "at its head, as the report has no time", is_in_force=True)
    if not policy.changes:
        return _hit(set_, policy, rule, "at its head, as the file's history is not known", is_in_force=True)
    if policy.changes[0].at <= decision.at:
        return _hit(set_, policy, rule, "unchanged since the decision", is_in_force=True)
    change = change_in_force(policy, decision.at)
    for older in index.older(policy, change.commit) if change else ():
        then = index.set_of(older)
        for key in claim.keys:
            same = [found for found in index.find([older], key) if found[1].span.path == policy.span.path]
            matching = [found for found in same if rule is None or (found[2] and found[2].id == rule.id)] or same
            if matching:
                _, old_policy, old_rule = matching[0]
                when = f"at commit {then.commit[:10]}, the last before the decision"
                return _hit(then, old_policy, old_rule, when, is_in_force=True)
    return _hit(set_, policy, rule, "at its head, though the file changed after the decision", is_in_force=False)


def _hit(set_: PolicySet, policy: Policy, rule: Rule | None, when: str, *, is_in_force: bool) -> _Hit:
    return _Hit(policy, rule, set_.texts.get(policy.span.blob, "") if rule else "", when, is_in_force)


def _narrowed(hits: list[_Hit], claim: Claim) -> tuple[list[_Hit], str]:
    """Return those of several rules that can have said what was said, and how that was told."""
    if len(hits) == 1:
        return hits, ""
    if claim.message:
        able = [hit for hit in hits if could_say(hit.text, claim.message)]
        able = able or [hit for hit in hits if could_say(hit.reached, claim.message)]
        return (able, " that can say this message") if able else (hits, "")
    if claim.verdict is not None:
        is_default = [bool(_DEFAULT_RULE.match(hit.text)) for hit in hits]
        defaults = [hit for hit, default in zip(hits, is_default, strict=True) if default]
        others = [hit for hit, default in zip(hits, is_default, strict=True) if not default]
        if claim.verdict and others:
            return others, " that can hold"
        if not claim.verdict and defaults:
            return defaults, " that stands where no other holds"
    return hits, ""


def _holds(rule: Rule, line: int) -> bool:
    return (rule.metadata_line or rule.span.first_line) <= line <= rule.span.last_line
