"""One repository can have any number of pull requests: time grows with them, not with their square.

There are so many that the square would take minutes, on whatever machine.
"""

import time
from datetime import timedelta

from make.snapshot import NOW

from mkdocs_gitguard.model import (
    FileChange,
    Graph,
    Organization,
    Owner,
    OwnerShare,
    Ownership,
    Policy,
    PullRequest,
    PullRequestOwnership,
    Relation,
    Repository,
    Snapshot,
    SourceSpan,
)
from mkdocs_gitguard.portal.diagrams.subjects import of_pull_request

REPOSITORY = Repository(id="repository:acme/billing", namespace="acme", name="billing")
MIRA = Owner(id="owner:user/mira", type="user", name="Mira")
GUARD = Policy(
    id="policy:acme/billing/rego/guard",
    repository=REPOSITORY.id,
    format="rego",
    type="package",
    name="guard",
    span=SourceSpan(
        repository=REPOSITORY.id, path="guard.rego", first_line=1, last_line=2, commit="a" * 40, blob="b" * 40
    ),
)


def test_diagrams_of_all_pull_requests_of_a_repository() -> None:
    changes = tuple(
        PullRequest(
            id=f"pull-request:acme/billing/{number}",
            repository=REPOSITORY.id,
            number=number,
            title=f"Change {number}",
            author=MIRA.id,
            merged_at=NOW - timedelta(minutes=number),
            commit=f"{number:040x}",
            files=tuple(FileChange(path=path, status="modified") for path in ("src/a.py", "guard.rego")),
            evidence="github-merge-commit",
            confidence="high",
        )
        for number in range(1, 100_001)
    )
    share = OwnerShare(owner=MIRA.id, files=1)
    touched = tuple(PullRequestOwnership(pull_request=change.id, owners=(share,)) for change in changes)
    snapshot = Snapshot(
        organization=Organization(id="organization:acme", name="Acme"),
        repositories=(REPOSITORY,),
        owners=(MIRA,),
        pull_requests=changes,
        ownership=(Ownership(repository=REPOSITORY.id, path="CODEOWNERS", pull_requests=touched),),
        policies=(GUARD,),
        relations=tuple(
            Relation(type=relation, source=change.id, target=target)
            for change in changes
            for relation, target in (("authored_by", MIRA.id), ("touches", GUARD.id))
        ),
    )
    graph = Graph(snapshot)
    begun = time.process_time()
    diagrams = [of_pull_request(graph, change, lambda _: "") for change in changes]
    assert time.process_time() - begun < 40
    assert {(len(diagram.nodes), len(diagram.edges)) for diagram in diagrams} == {(6, 5)}
