"""From a decision to the rules that made it, at the decision's commit.

No report carries policy file, lines and commit together, so the way leads over keys (`model/policy_keys.py`), over the
text in force at the time, and where rules share a key over what they can have said. What is not certain is said to be
so: `exact` means one rule for each voice of the decision, `candidates` that it is one of several, `unresolved` that
nothing here is called so. Each comes with its reason in one sentence.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from mkdocs_gitguard.decisions.policy_index import Group, Hit, Hits, PolicyIndex, is_commit
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportedReason
from mkdocs_gitguard.decisions.rule_values import can_give, can_say
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Change, Policy, Resolution, SourceSpan, rego_segments

_MOST_SHOWN: Final = 20
"""Rules of one decision that are named."""
_LINTERS: Final = frozenset({"sarif", "regal"})
"""Formats of tools that bring rules of their own."""
_JUDGES: Final = late_pattern(r"(?:deny|violation|warn)(?:_\w+)?\Z")
"""Names of the rules that Conftest asks, and whose silence is a verdict."""
_RULE_KEY: Final = "rego:"
_HOW: Final = (" that can give this value", " that can say this message")
_MOST_COMPARED: Final = 1_000
"""Rules of one name that are compared with what was said."""


class Resolved(NamedTuple):
    """What a decision leads to."""

    resolution: Resolution
    reason: str
    rules: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    spans: tuple[SourceSpan, ...] = ()


class _Voice(NamedTuple):
    """Who can be one voice of a decision."""

    hits: Sequence[Hit]
    reason: str
    is_sure: bool = False


class _AsOf(NamedTuple):
    """A policy's rules as they stood when the decision was made."""

    hits: Hits
    when: str
    """Which text it is, in words: `unchanged since the decision`."""
    is_in_force: bool = True
    """The text is known to be the one that decided, or nothing speaks against it."""


def change_in_force(policy: Policy, at: datetime) -> Change | None:
    """Return the last change of the policy's file up to `at`; None where none is known."""
    return next((change for change in policy.changes if change.at <= at), None)


def link_decision(decision: ReportedDecision, index: PolicyIndex) -> Resolved:
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


def _scope(decision: ReportedDecision, index: PolicyIndex) -> tuple[tuple[int, ...], str]:
    """Return the sets to look in, and what is to be said about them."""
    numbers, note = index.heads, ""
    if decision.named_revisions:
        # Of several bundles one holds the package; their roots never overlap.
        sets = [index.at_commit(revision) for revision in decision.named_revisions]
        numbers = tuple(dict.fromkeys(number for at_commit in sets for number in at_commit)) or numbers
        if any(not one and is_commit(name) for one, name in zip(sets, decision.named_revisions, strict=True)):
            note = "The policies' commit that the report names was not read."
    if decision.policies:
        repository = index.repository_of(decision.policies)
        numbers = index.of_repository(numbers, repository) if repository else ()
        if not numbers:
            return (), "The repository that holds the policies is not in this portal."
    return numbers, note if numbers else "No repository of this portal holds policies."


def _voice(claim: ReportedReason, decision: ReportedDecision, numbers: tuple[int, ...], index: PolicyIndex) -> _Voice:
    """Return the rules that can be the one voice, and the reason for what they are."""
    groups: Sequence[Group] = ()
    named = key = ""
    if claim.place:
        groups, named = index.at_place(numbers, claim.place), f"{claim.place.path}:{claim.place.line or 1}"
    for key in filter(None, (claim.family, *claim.keys)) if not groups else ():
        groups = index.find(numbers, key, decision.policies_path)
        groups = [group for group in groups if key != claim.family or _family(group.hits, claim)]
        named = claim.keys[0] if key == claim.family else key
        if groups:
            break
    if not groups:
        built_in = " A rule that is built into its tool has no source here." if decision.format in _LINTERS else ""
        called = decision.name or next(iter(claim.keys), "")
        missing = f"is called {called}" if called else f"stands at {named}"
        return _Voice((), f"No policy of this portal {missing}.{built_in}")
    states = [_as_of(group, key, decision, index) for group in groups]
    hits = _judges(states[0].hits if len(states) == 1 else Hits(hit for state in states for hit in state.hits), claim)
    if claim.is_unknown:
        return _Voice(hits, f"What {named} gave is not in the report.")
    able = None if claim.is_undefined or len(hits) > _MOST_COMPARED else _able(hits, claim, key)
    # A reader that knows no difference between false and undefined gives a verdict alone.
    can_be_undefined = claim.is_silent or claim.is_undefined or (claim.verdict is False and claim.value is None)
    if can_be_undefined and not able:
        return _silence(hits, named, states)
    if able is not None and not able and (len(hits) > 1 or claim.verdict is not None):
        rules = f"{len(hits)} rules, none of which" if len(hits) > 1 else "one rule, which does not seem to be what"
        return _Voice(hits, f"{named} stands for {rules} gives what the report says, as the text is known here.")
    how = _HOW[claim.value is None and claim.verdict is None] if able and len(able) < len(hits) else ""
    return _named_rules(able or hits, named, how, states)


def _named_rules(hits: Sequence[Hit], named: str, how: str, states: "Sequence[_AsOf]") -> _Voice:
    """Return the voice of the rules that are left, `how` being what set the others aside."""
    if len(hits) == 1:
        hit = hits[0]
        state = next(state for state in states if hit in state.hits)
        reason = f"{named} is {'one rule' if hit.rule else 'one policy'}{how}, {state.when}."
        is_in_force = all(other.is_in_force for other in states) if how else state.is_in_force
        return _Voice(hits, reason, is_sure=is_in_force)
    where = len({hit.policy.id for hit in hits})
    of_policies = f" of {where} policies" if where > 1 else ""
    return _Voice(hits, f"{named} stands for {len(hits)} rules{of_policies}{how}.")


def _judges(hits: Hits, claim: ReportedReason) -> Hits:
    """Return those of the definitions that can decide: of a family its own, of a silent package what Conftest asks."""
    if claim.family_names:
        return _family(hits, claim).deciding or hits
    if not claim.is_silent:
        return hits.deciding
    judges = Hits(hit for hit in hits.deciding if hit.rule is None or _JUDGES.match(hit.rule.name))
    return judges or hits.deciding


def _family(hits: Hits, claim: ReportedReason) -> Hits:
    """Return those of a package's rules that a tool means by less than their name."""
    if not claim.family_names:
        return hits
    begun = tuple(f"{name}_" for name in claim.family_names)
    return Hits(
        hit for hit in hits if hit.rule and (hit.rule.name in claim.family_names or hit.rule.name.startswith(begun))
    )


def _silence(hits: Sequence[Hit], named: str, states: "Sequence[_AsOf]") -> _Voice:
    """Return the voice of rules none of which held."""
    if any(hit.definition.is_default and not hit.definition.is_partial for hit in hits):
        return _Voice(hits, f"{named} gave nothing, though a default for it is written here.")
    is_sure = all(state.is_in_force for state in states) and _is_one_body(hits)
    if len(hits) == 1:
        return _Voice(hits, f"{named} is {'one rule' if hits[0].rule else 'one policy'}, {states[0].when}.", is_sure)
    if not is_sure:
        return _Voice(hits, f"{named} stands for {len(hits)} rules.")
    return _Voice(hits, f"None of the {len(hits)} rules of {named} held, {states[0].when}.", is_sure)


def _as_of(group: Group, key: str, decision: ReportedDecision, index: PolicyIndex) -> _AsOf:
    """Return a policy's rules as they stood when the decision was made."""
    set_, policy = group.set, group.policy
    is_named = any(set_.commit.startswith(revision) for revision in decision.named_revisions)
    if is_named or (decision.named_revisions and not set_.is_head):
        return _AsOf(group.hits, f"at commit {set_.commit[:10]}, which the report names")
    if decision.at is None:
        return _AsOf(group.hits, "at its head, as the report has no time")
    if not policy.changes:
        return _AsOf(group.hits, "at its head, as the file's history is not known")
    if policy.changes[0].at <= decision.at:
        return _AsOf(group.hits, "unchanged since the decision")
    if change := change_in_force(policy, decision.at):
        then = index.find(index.older(policy, change.commit), key)
        hits = Hits(hit for old in then if old.policy.span.path == policy.span.path for hit in old.hits)
        if hits:
            return _AsOf(hits, f"at commit {change.commit[:10]}, the last before the decision")
    return _AsOf(group.hits, "at its head, though the file changed after the decision", is_in_force=False)


def _is_one_body(hits: Sequence[Hit]) -> bool:
    """Tell whether the rules can have been asked together: of one repository, and none of them a copy of another."""
    return len({hit.policy.repository for hit in hits}) == 1 and len({hit.text for hit in hits}) == len(hits)


def _way(claim: ReportedReason, key: str) -> tuple[str, ...]:
    """Return the way from the rule that `key` names into its value, where the report shows only what stands there."""
    if key not in claim.keys[1:]:
        return ()
    longest = next(name for name in claim.keys if name.startswith(_RULE_KEY))
    asked, named = (rego_segments(name.removeprefix(_RULE_KEY)) for name in (longest, key))
    return asked[len(named) :]


def _can_give_below(hit: Hit, below: tuple[str, ...], value: object, entry: str | None, rest: tuple[str, ...]) -> bool:
    """Tell whether a rule can have given a value; `below` leads from what was asked for to what the rule defines."""
    if not below:
        return can_give(hit.definition, value, entry, rest)
    way = (*rest, *(() if entry is None else (entry,)))
    if way[: len(below)] != below[: len(way)]:
        return False
    for segment in below[len(way) :]:
        if not isinstance(value, Mapping) or segment not in value:
            return False
        value = value[segment]
    kind, way = hit.definition.kind, way[len(below) :]
    if kind == "set" and not way:
        return isinstance(value, list | tuple) and any(can_give(hit.definition, item) for item in value)
    if kind == "object" and not way:
        return isinstance(value, Mapping) and any(can_give(hit.definition, value[key], key) for key in value)
    return can_give(hit.definition, value, None, way)


def _able(hits: Hits, claim: ReportedReason, key: str) -> Sequence[Hit] | None:
    """Return those of the rules that can have given what was given; None where nothing tells.

    `key` is the one that led to the rules: it can be shorter than the first key, as a report's path can lead into a
    rule's value.
    """
    value = claim.verdict if claim.value is None else claim.value
    if value is not None and key.startswith(_RULE_KEY):
        rest = _way(claim, key)
        if claim.around is not None and rest:
            value, rest = claim.around, rest[:-1]
        asked = len(rego_segments(key.removeprefix(_RULE_KEY)))
        if (
            isinstance(value, str)
            and claim.entry is None
            and not rest
            and not any(hit.reference[asked:] for hit in hits)
        ):
            return hits.giving(value, can_give)
        able = [hit for hit in hits if _can_give_below(hit, hit.reference[asked:], value, claim.entry, rest)]
        # What is empty can be what a rule gave, or what is left where no part of a set or object was given.
        return [hit for hit in able if not hit.definition.is_partial] if claim.is_silent else able
    if claim.message:
        return hits.giving(claim.message, can_say)
    return None
