"""From what reports say to the snapshot's decisions and relations. Pure."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from types import MappingProxyType
from typing import Final, NamedTuple

from mkdocs_gitguard.decisions.policy_index import PolicyIndex, PolicySet, is_changed, is_commit, lookups_of
from mkdocs_gitguard.decisions.redaction import redact_text
from mkdocs_gitguard.decisions.relations import relations_of
from mkdocs_gitguard.decisions.report import ReportedDecision
from mkdocs_gitguard.decisions.resolve import Resolved, link_decision
from mkdocs_gitguard.decisions.subjects import PullRequestIndex, PullRequests, RepositoryNames, subject_of
from mkdocs_gitguard.git.spellings import Spellings, Unnameable
from mkdocs_gitguard.model import (
    Decision,
    Finding,
    Policy,
    PullRequest,
    Relation,
    Repository,
    Rule,
    SourceText,
    Subject,
    node_id,
)

_MOST_UNKNOWN: Final = 20
"""Unknown repositories that get a finding of their own."""
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


class DecisionParts(NamedTuple):
    """What decisions add to a snapshot."""

    decisions: tuple[Decision, ...]
    """Newest first."""
    relations: tuple[Relation, ...]
    """By source, type, target."""
    findings: tuple[Finding, ...]
    sources: tuple[SourceText, ...]
    """Texts of older commits that spans of decisions stand in."""


class DecisionContext(NamedTuple):
    """What reports are read against: the snapshot without its decisions, and what the rollout leaves out."""

    repositories: Sequence[Repository]
    """Those of the snapshot, after the rollout's selection."""
    pull_requests: Mapping[str, Sequence[PullRequest]] = MappingProxyType({})
    """By repository id."""
    policies: Sequence[Policy] = ()
    """At the head of each repository, `changes` filled in."""
    rules: Sequence[Rule] = ()
    sources: Sequence[SourceText] = ()
    applications: Sequence[Relation] = ()
    """The `subject_to` relations that are known. A decision adds others, and is further evidence for these."""
    older: Sequence[PolicySet] = ()
    """Policies as they stood at earlier commits, where they were read (`assembly/older_policies.py`)."""
    left_out: Iterable[str | Spellings] = ()
    """Names of repositories that the site has and the rollout leaves out, or all that they are called. Decisions about
    them, and those of their policies, are dropped whole, and nothing names them."""


class DecisionLinks:
    """What leads decisions back to policies. A process that stays keeps it as long as `made_of` gives the same."""

    def __init__(self, context: DecisionContext, names: RepositoryNames, before: "DecisionLinks | None" = None) -> None:
        """Index the policies; decisions are led back when they are asked for.

        Args:
            context: the policies.
            names: of the context's repositories.
            before: of an earlier context: what asks for none of the policies that have changed since leads where it
                led.
        """
        self.names = names
        self._heads = {one.repository: one for one in _heads(context)}
        self._older = tuple(context.older)
        self._index = PolicyIndex([*self._heads.values(), *self._older], names.find)
        self._known = before.known_without(self._changed_since(before), names, self._older) if before else {}
        """By the number of an object, the object, so that no other takes its number."""
        self._made: dict[int, tuple[ReportedDecision, Placement, Decision]] = {}
        self._digests: dict[int, tuple[ReportedDecision, str]] = {}
        self._subjects: dict[int, tuple[ReportedDecision, str, PullRequestIndex | None, Subject]] = {}
        self._pull_requests: PullRequests | None = None
        self._related: tuple[Sequence[Decision], Sequence[Relation], tuple[Relation, ...]] = ((), (), ())
        """The last decisions and applications that were related, and the relations."""
        if before is not None:
            self._made |= before._made  # noqa: SLF001 - of the same class
            self._digests |= before._digests  # noqa: SLF001 - as above
            self._subjects |= before._subjects  # noqa: SLF001 - as above
            self._pull_requests = before._pull_requests  # noqa: SLF001 - as above
            self._related = before._related  # noqa: SLF001 - as above

    @staticmethod
    def made_of(context: DecisionContext, names: RepositoryNames) -> tuple[object, ...]:
        """Return all of a context that has a part in where a decision leads."""
        holders = {policy.repository for policy in context.policies}
        heads = {one.id: one.head for one in context.repositories if one.id in holders}
        policies = (tuple(context.policies), tuple(context.rules), tuple(context.sources), tuple(context.older))
        return *policies, heads, names.known

    def of(self, decision: ReportedDecision) -> Resolved:
        """Return the rules and policies that made a decision."""
        known = self._known.get(id(decision))
        if known is None:
            known = self._known[id(decision)] = (decision, link_decision(decision, self._index))
        return known[1]

    def pull_requests(self, by_repository: Mapping[str, Sequence[PullRequest]]) -> PullRequests:
        """Return pull requests to be looked up; what was indexed of the last ones is taken where it holds."""
        self._pull_requests = PullRequests(by_repository, self._pull_requests)
        return self._pull_requests

    def subject(self, decision: ReportedDecision, repository: str, index: PullRequestIndex | None) -> Subject:
        """Return the subject of a decision. Arguments as for `subject_of`."""
        known = self._subjects.get(id(decision))
        if known is None or known[2] is not index or known[1] != repository:
            subject = subject_of(decision, repository, index)
            known = self._subjects[id(decision)] = (decision, repository, index, subject)
        return known[3]

    def made(self, decision: ReportedDecision, place: "Placement") -> Decision:
        """Return the decision of the snapshot that a reported one is; the very one of the last time if it is equal."""
        known = self._made.get(id(decision))
        if known is None or known[1] != place:
            known = self._made[id(decision)] = (decision, place, _made(decision, place))
        return known[2]

    def digest_of(self, decision: ReportedDecision) -> str:
        """Return the digest of a decision's content, by which it is told from others."""
        known = self._digests.get(id(decision))
        if known is None:
            known = self._digests[id(decision)] = (decision, _digest_of(decision))
        return known[1]

    def relations(self, decisions: Sequence[Decision], applications: Sequence[Relation]) -> tuple[Relation, ...]:
        """Return the relations of decisions (newest first) and of what applies; those of the last time for the same."""
        if self._related[:2] != (decisions, applications):
            self._related = (decisions, applications, tuple(relations_of(decisions, applications)))
        return self._related[2]

    def forget_others(self, decisions: Iterable[ReportedDecision]) -> None:
        """Let go what is known of decisions that no report holds any more."""
        there = set(map(id, decisions))
        for known in (self._known, self._made, self._digests, self._subjects):
            for number in known.keys() - there:
                del known[number]

    def known_without(
        self, changed: frozenset[str] | None, names: RepositoryNames, older: Sequence[PolicySet]
    ) -> dict[int, tuple[ReportedDecision, Resolved]]:
        """Return where those decisions lead that ask for nothing that has changed.

        Args:
            changed: what policies are looked up by that have changed; None: it cannot be told.
            names: of the repositories now.
            older: the policies of earlier commits now.
        """
        if changed is None or names.known != self.names.known or older != self._older:
            return {}
        return {
            number: (decision, resolved)
            for number, (decision, resolved) in self._known.items()
            # A revision may be that of any repository's head.
            if not decision.named_revisions and changed.isdisjoint(_asked(decision))
        }

    def _changed_since(self, before: "DecisionLinks") -> frozenset[str] | None:
        """Return what policies are looked up by that have changed, come or gone; None where other repositories are."""
        heads, heads_before = self._heads, before._heads  # noqa: SLF001 - of the same class
        if [*heads] != [*heads_before]:
            return None
        changed = [pair for one in heads if is_changed(*(pair := (heads[one], heads_before[one])))]
        return frozenset(key for pair in changed for one in pair for key in lookups_of(one))


class Placement(NamedTuple):
    """What is found out about a reported decision."""

    identity: str
    subject: Subject
    resolved: Resolved
    rules: tuple[str, ...]
    """Those that it leads to and the snapshot has."""
    policies: tuple[str, ...]


def _made(decision: ReportedDecision, place: Placement) -> Decision:
    resolved = place.resolved
    return Decision(
        id=place.identity,
        format=decision.format,
        outcome=decision.outcome,
        message=redact_text(decision.message),
        at=decision.at,
        subject=place.subject,
        policy_key=redact_text(decision.name),
        policy_revision=decision.revision if is_commit(decision.revision) else redact_text(decision.revision),
        resolution=resolved.resolution,
        reason=redact_text(resolved.reason),
        rules=place.rules,
        policies=place.policies,
        spans=resolved.spans,
        input=decision.input or "",
        source=decision.source,
    )


def _asked(decision: ReportedDecision) -> Iterator[str]:
    """Yield all that policies may be looked up by for a decision: see `resolve.link_decision`."""
    for claim in decision.claims:
        yield claim.family
        yield from claim.keys
        if claim.place:
            yield claim.place.path


def add_decisions(
    reported: Sequence[ReportedDecision], context: DecisionContext, links: DecisionLinks | None = None
) -> DecisionParts:
    """Return the decisions with subjects, rules and relations found.

    Args:
        reported: what the reports say, redacted by `decisions.read`.
        context: what they are about, and what decided.
        links: made of this context or of one that is the same to it; None: they are made here.
    """
    links = links or DecisionLinks(context, RepositoryNames(context.repositories))
    names, policies, rules, sources = links.names, context.policies, context.rules, context.sources
    pulls = links.pull_requests(context.pull_requests)
    hidden = Unnameable(Spellings(names=(item,)) if isinstance(item, str) else item for item in context.left_out)
    known_rules, known_policies = {rule.id for rule in rules}, {policy.id for policy in policies}
    unknown, dropped = Counter[str](), 0
    decisions: dict[str, Decision] = {}
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for decision in reported:
        repository = names.find(decision.subject.repository) if decision.subject.repository else ""
        if hidden and _is_hidden(decision, hidden, names):
            dropped += 1
            continue
        if decision.subject.repository and not repository:
            unknown[redact_text(decision.subject.repository)] += 1
        identity = _identity(decision, links.digest_of(decision), seen)
        if identity in decisions:
            continue
        resolved = links.of(decision)
        place = Placement(
            identity,
            links.subject(decision, repository, pulls.of(repository) if repository else None),
            resolved,
            tuple(rule for rule in resolved.rules if rule in known_rules),
            tuple(policy for policy in resolved.policies if policy in known_policies),
        )
        decisions[identity] = links.made(decision, place)
    links.forget_others(reported)
    ordered = sorted(decisions.values(), key=attrgetter("id"))
    ordered.sort(key=lambda decision: decision.at or _EARLIEST, reverse=True)
    shown = {span.blob for decision in ordered for span in decision.spans}
    held = {source.blob for source in sources}
    texts = {
        blob: SourceText(blob=blob, text=text)
        for set_ in context.older
        for blob, text in set_.texts.items()
        if blob in shown and blob not in held
    }
    return DecisionParts(
        decisions=tuple(ordered),
        relations=links.relations(ordered, context.applications),
        findings=tuple(_findings(unknown, dropped)),
        sources=tuple(texts[blob] for blob in sorted(texts)),
    )


def _heads(context: DecisionContext) -> Iterator[PolicySet]:
    texts = {source.blob: source.text for source in context.sources}
    of_repository: defaultdict[str, list[Policy]] = defaultdict(list)
    for policy in context.policies:
        of_repository[policy.repository].append(policy)
    of_policy: defaultdict[str, list[Rule]] = defaultdict(list)
    for rule in context.rules:
        of_policy[rule.policy].append(rule)
    for repository in context.repositories:
        if own := of_repository.get(repository.id):
            yield PolicySet(
                repository=repository.id,
                commit=repository.head,
                policies=own,
                rules=[rule for policy in own for rule in of_policy.get(policy.id, ())],
                texts=texts,
            )


def _named(decision: ReportedDecision) -> Iterator[str]:
    """Yield what a report calls the repositories that it speaks of: what was judged, and where the policies are."""
    places = (claim.place.repository for claim in decision.claims if claim.place)
    yield from filter(None, (decision.subject.repository, decision.policies, *places))


def _is_hidden(decision: ReportedDecision, hidden: Unnameable, names: RepositoryNames) -> bool:
    """Tell whether a decision is about a repository that the rollout leaves out, or by one of its policies."""
    if any(hidden.is_meant(name, is_known=names.find) for name in _named(decision)):
        return True
    if decision.subject.repository and names.find(decision.subject.repository):
        return False
    # Whom it is about is not known: then nothing in it may speak of one that is left out.
    texts = (
        decision.subject.repository,
        decision.subject.name,
        decision.subject.path,
        decision.name,
        decision.message,
        decision.input or "",
    )
    return any(hidden.is_in(text if isinstance(text, str) else str(text)) for text in texts)


def _identity(decision: ReportedDecision, digest: str, seen: defaultdict[str, Counter[str]]) -> str:
    """Return a decision's id, of its content alone, so that it stays where the report moves.

    A format's own id makes a decision read twice one decision. Without one, the n-th of equal decisions in one report
    is the same as the n-th in another, because reports overlap where logs are rotated.
    """
    if decision.report_id:
        return node_id("decision", decision.format, digest)
    report = decision.source.rpartition(":")[0]
    seen[report][decision.format + digest] += 1
    number = seen[report][decision.format + digest]
    return node_id("decision", decision.format, digest if number == 1 else f"{digest}-{number}")


def _digest_of(decision: ReportedDecision) -> str:
    if decision.report_id:
        return _digest(decision.report_id)
    subject = decision.subject
    return _digest(
        decision.name,
        decision.outcome,
        decision.message,
        decision.at.isoformat() if decision.at else "",
        *(subject.repository, subject.name, subject.commit, str(subject.pull_request), subject.path, str(subject.line)),
        *(key for claim in decision.claims for key in claim.keys[:1]),
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _findings(unknown: Counter[str], dropped: int) -> Iterator[Finding]:
    for name, number in sorted(unknown.items(), key=lambda item: (-item[1], item[0]))[:_MOST_UNKNOWN]:
        yield _finding(
            f"{_decisions(number)} about {name}, which is not in this portal.",
            "Add the repository to `repositories:`, or take the report out of `decisions:`.",
        )
    if len(unknown) > _MOST_UNKNOWN:
        rest = sum(sorted(unknown.values(), reverse=True)[_MOST_UNKNOWN:])
        more = len(unknown) - _MOST_UNKNOWN
        yield _finding(f"{_decisions(rest)} about {more} more repositories that are not in this portal.", "")
    if dropped:
        yield _finding(
            f"{_decisions(dropped)} about repositories that this rollout phase leaves out, or of their policies, "
            "and not shown.",
            "Choose a phase that shows the repositories to see them.",
        )


def _decisions(number: int) -> str:
    return "1 decision is" if number == 1 else f"{number:,} decisions are"


def _finding(message: str, hint: str) -> Finding:
    return Finding(code="decision-subject", severity="info", message=message, hint=hint, source="decisions")
