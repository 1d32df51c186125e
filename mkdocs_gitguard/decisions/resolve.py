"""From a decision to the rules that made it, at the decision's commit.

No report carries policy file, lines and commit together, so the way leads over keys (`model/policy_keys.py`), over the
text in force at the time, and where rules share a key over what they can have said. What is not certain is said to be
so: `exact` means one rule for each voice of the decision, `candidates` that it is one of several, `unresolved` that
nothing here is called so. Each comes with its reason in one sentence.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from mkdocs_gitguard.decisions.messages import fits
from mkdocs_gitguard.decisions.policy_index import Group, Hit, PolicyIndex, is_commit
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportedReason
from mkdocs_gitguard.model import Change, Policy, Resolution, SourceSpan

_MOST_SHOWN: Final = 50
"""Rules of one decision that are named."""
_LINTERS: Final = frozenset({"sarif", "regal"})
"""Formats of tools that bring rules of their own."""
_JUDGES: Final = re.compile(r"(?:deny|violation|warn)(?:_\w+)?\Z")
"""Names of the rules that Conftest asks, and whose silence is a verdict."""
_DEFAULT_RULE: Final = re.compile(r"\s*default\b")


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

    hits: Sequence[Hit]
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
    if decision.revision:
        at_commit = index.at_commit(decision.revision)
        numbers = at_commit or numbers
        if not at_commit and is_commit(decision.revision):
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
    for key in claim.keys if not groups else ():
        groups, named = index.find(numbers, key, decision.policies_path), key
        if groups:
            break
    if not groups:
        built_in = " A rule that is built into its tool has no source here." if decision.format in _LINTERS else ""
        return _Voice((), f"No policy of this portal is called {decision.name or claim.keys[0]}.{built_in}")
    states = [_as_of(group, key, decision, index) for group in groups]
    hits = states[0].hits if len(states) == 1 else [hit for state in states for hit in state.hits]
    if claim.is_silent:
        hits = [hit for hit in hits if hit.rule is None or _JUDGES.match(hit.rule.name)] or hits
    if len(hits) > 1 and _is_silence(claim, hits) and _is_one_body(hits):
        reason = f"None of the {len(hits)} rules of {named} held, {states[0].when}."
        return _Voice(hits, reason, is_sure=all(state.is_in_force for state in states))
    narrowed, how = _narrowed(hits, claim)
    if len(narrowed) == 1:
        hit = narrowed[0]
        state = next(state for state in states if hit in state.hits)
        reason = f"{named} is {'one rule' if hit.rule else 'one policy'}{how}, {state.when}."
        return _Voice(narrowed, reason, is_sure=state.is_in_force)
    where = len({hit.policy.id for hit in narrowed})
    of_policies = f" of {where} policies" if where > 1 else ""
    return _Voice(narrowed, f"{named} stands for {len(narrowed)} rules{of_policies}{how}.")


def _as_of(group: Group, key: str, decision: ReportedDecision, index: PolicyIndex) -> _AsOf:
    """Return a policy's rules as they stood when the decision was made."""
    set_, policy = group.set, group.policy
    if decision.revision and (set_.commit.startswith(decision.revision) or not set_.is_head):
        return _AsOf(group.hits, f"at commit {set_.commit[:10]}, which the report names")
    if decision.at is None:
        return _AsOf(group.hits, "at its head, as the report has no time")
    if not policy.changes:
        return _AsOf(group.hits, "at its head, as the file's history is not known")
    if policy.changes[0].at <= decision.at:
        return _AsOf(group.hits, "unchanged since the decision")
    if change := change_in_force(policy, decision.at):
        then = index.find(index.older(policy, change.commit), key)
        hits = [hit for old in then if old.policy.span.path == policy.span.path for hit in old.hits]
        if hits:
            return _AsOf(hits, f"at commit {change.commit[:10]}, the last before the decision")
    return _AsOf(group.hits, "at its head, though the file changed after the decision", is_in_force=False)


def _is_silence(claim: ReportedReason, hits: Sequence[Hit]) -> bool:
    """Tell whether the voice says that no rule held: not one objected, or none allowed and no default is written."""
    return claim.is_silent or (claim.verdict is False and not any(_DEFAULT_RULE.match(hit.text) for hit in hits))


def _is_one_body(hits: Sequence[Hit]) -> bool:
    """Tell whether the rules can have been asked together: of one repository, and none of them a copy of another."""
    return len({hit.policy.repository for hit in hits}) == 1 and len({hit.text for hit in hits}) == len(hits)


def _narrowed(hits: Sequence[Hit], claim: ReportedReason) -> tuple[Sequence[Hit], str]:
    """Return those of several rules that can have said what was said, and how that was told."""
    if len(hits) == 1:
        return hits, ""
    if message := claim.message:
        able = [hit for hit in hits if any(fits(pattern, message) for pattern in hit.said)]
        able = able or [hit for hit in hits if any(fits(pattern, message) for pattern in hit.reached)]
        return (able, " that can say this message") if able else (hits, "")
    if claim.verdict is not None:
        defaults = [hit for hit in hits if _DEFAULT_RULE.match(hit.text)]
        others = [hit for hit in hits if not _DEFAULT_RULE.match(hit.text)]
        if claim.verdict and others:
            return others, " that can hold"
        if not claim.verdict and defaults:
            return defaults, " that stands where no other holds"
    return hits, ""
