"""What decisions add to the graph: whom they decided, what they lead to, and which policies they show to apply."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from mkdocs_gitguard.model import Decision, Evidence, Relation

_MOST_PATHS: Final = 50
"""Judged paths that one `subject_to` relation names."""


def relations_of(decisions: Sequence[Decision], applications: Sequence[Relation]) -> Iterator[Relation]:
    """Yield what decisions decided and led to, and to which policies they show a repository to be subject.

    Args:
        decisions: newest first.
        applications: the `subject_to` relations that are known; for these, decisions are further evidence.
    """
    relations: dict[tuple[str, str, str], Relation] = {}
    judged: defaultdict[tuple[str, str], list[Decision]] = defaultdict(list)
    for decision in decisions:
        subject = decision.subject.pull_request or decision.subject.repository
        pairs = [(subject, decision.id)] if subject else []
        # A decision by a policy as a whole leads to it; one by rules leads to them, and they to their policies.
        pairs += [(decision.id, other) for other in decision.rules or decision.policies]
        for source, target in pairs:
            relations[source, "decided_by", target] = Relation(type="decided_by", source=source, target=target)
        if decision.subject.repository and decision.resolution == "exact":
            for name in decision.policies:
                judged[decision.subject.repository, name].append(decision)
    known: defaultdict[tuple[str, str], list[Relation]] = defaultdict(list)
    for relation in applications:
        known[relation.source, relation.target].append(relation)
    for (repository, policy_id), proofs in judged.items():
        evidence = Evidence(basis="decided", what=_number_of(proofs), node=proofs[0].id)
        for relation in known.get((repository, policy_id), ()):
            yield replace(relation, evidence=(*relation.evidence, evidence))
        if (repository, policy_id) not in known:
            paths = {decision.subject.path for decision in proofs} - {""}
            relations[repository, "subject_to", policy_id] = Relation(
                type="subject_to",
                source=repository,
                target=policy_id,
                paths=tuple(sorted(paths)[:_MOST_PATHS]),
                files=len(paths) or None,
                evidence=(evidence,),
            )
    for key in sorted(relations):
        yield relations[key]


def _number_of(decisions: Sequence[Decision]) -> str:
    return "1 decision" if len(decisions) == 1 else f"{len(decisions):,} decisions"
