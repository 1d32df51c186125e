"""Which policies apply to which repositories, as a graph answers it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mkdocs_gitguard.model.graph_answers import Applying, ApplyingPolicy
from mkdocs_gitguard.model.policy import Policy, gravest_first
from mkdocs_gitguard.model.snapshot import Snapshot

if TYPE_CHECKING:
    from mkdocs_gitguard.model.relation import Relation


def applying_by_repository(snapshot: Snapshot, policies: Mapping[str, Policy]) -> dict[str, tuple[Applying, ...]]:
    """Return by repository id the policies that apply to it, the gravest first.

    Args:
        snapshot: with its relations.
        policies: by id.
    """
    relations: defaultdict[str, defaultdict[str, list[Relation]]] = defaultdict(lambda: defaultdict(list))
    for relation in snapshot.relations:
        if relation.type == "subject_to" and relation.target in policies:
            relations[relation.source][relation.target].append(relation)
    shown = {
        policy.id: ApplyingPolicy(policy.id, policy.repository, policy.format, policy.severity)
        for policy in policies.values()
    }
    return {
        repository: tuple(
            Applying(shown[policy.id], tuple(of_policy[policy.id]))
            for policy in gravest_first(policies[policy] for policy in of_policy)
        )
        for repository, of_policy in relations.items()
    }


def evidence_commits(snapshot: Snapshot) -> dict[str, str]:
    """Return by repository id, a NUL and a path the commit that last changed each file by which a policy applies.

    A file whose last change is not known, such as in a shallow clone, is left out.
    """
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    scopes = (scope.evidence for policy in snapshot.policies for scope in policy.scopes)
    for one in (*scopes, *(one for relation in snapshot.relations for one in relation.evidence)):
        if one.path:
            wanted[one.repository].add(one.path)
    return {
        f"{repository.id}\0{file.path}": file.last_commit
        for repository in snapshot.repositories
        if repository.id in wanted
        for file in repository.files
        if file.last_commit and file.path in wanted[repository.id]
    }
