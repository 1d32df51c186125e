"""Nodes with awkward ids, and graphs of any size."""

import random

from make.snapshot.organization import ACME, NOW

from mkdocs_gitguard.model import (
    Decision,
    Owner,
    Policy,
    PolicyException,
    Relation,
    Repository,
    Rule,
    Snapshot,
    SourceSpan,
    Subject,
)

AWKWARD = (
    "Mira",
    "mira",
    "MIRA",
    "caf\u00e9",
    "cafe\u0301",
    "a/b",
    "a%2Fb",
    "a/b/c",
    ".",
    "..",
    "../../etc/passwd",
    ".hidden",
    "dot.",
    "x.json",
    "x.neighbours",
    "x.neighbours/2",
    "x.neighbours.json",
    "x",
    "index",
    "con",
    "100%",
    "a b+c&d=e?f#g",
    '<script>alert("1")</script>',
    "line\nbreak\ttab\x01",
    "\U0001f600",
    "\u202eevil",
    "l" * 300,
    "l" * 299 + "m",
    "/".join(["deep"] * 60),
    "",
)


def owner(name: str) -> Owner:
    return Owner(id=f"owner:user/{name}", type="user", name=name)


def awkward() -> Snapshot:
    """Owners with awkward ids, each related to one repository."""
    repository = Repository(id="repository:acme/billing", namespace="acme", name="billing")
    owners = tuple(sorted((owner(name) for name in AWKWARD), key=lambda item: item.id))
    return Snapshot(
        organization=ACME,
        repositories=(repository,),
        owners=owners,
        relations=tuple(Relation(type="owned_by", source=repository.id, target=item.id) for item in owners),
    )


def hub(neighbours: int) -> Snapshot:
    """One repository that everybody owns."""
    repository = Repository(id="repository:acme/monorepo", namespace="acme", name="monorepo")
    owners = tuple(owner(f"u{number:06}") for number in range(neighbours))
    return Snapshot(
        organization=ACME,
        repositories=(repository,),
        owners=owners,
        relations=tuple(Relation(type="owned_by", source=repository.id, target=item.id) for item in owners),
    )


def every_kind() -> Snapshot:
    """One node of every kind but pull requests, and relations among them."""
    span = SourceSpan(
        repository="repository:acme/guardrails",
        path="p.rego",
        first_line=1,
        last_line=9,
        commit="0" * 40,
        blob="1" * 40,
    )
    policy = Policy(
        id="policy:acme/guardrails/rego/repo.guard",
        repository="repository:acme/guardrails",
        format="rego",
        type="package",
        name="repo.guard",
        title="Guard & <protect>",
        description="Every workflow pins its actions.",
        span=span,
        rules=("rule:acme/guardrails/rego/repo.guard#deny",),
    )
    rule = Rule(id=policy.rules[0], policy=policy.id, name="deny", span=span)
    decision = Decision(
        id="decision:acme/1",
        format="conftest",
        outcome="deny",
        message="not pinned",
        at=NOW,
        subject=Subject(repository="repository:acme/guardrails"),
    )
    exception = PolicyException(
        id="exception:acme/guardrails/semgrep/p.py/every rule",
        repository=span.repository,
        format="semgrep",
        type="skip",
        name="every rule",
        span=span,
    )
    repository = Repository(id=span.repository, namespace="acme", name="guardrails")
    mira = owner("mira")
    relations = (
        Relation(type="subject_to", source=repository.id, target=policy.id, paths=(".github/**",), files=3),
        Relation(type="owned_by", source=repository.id, target=mira.id),
        Relation(type="part_of", source=rule.id, target=policy.id),
        Relation(type="decided_by", source=decision.id, target=rule.id),
        Relation(type="excepts", source=exception.id, target=policy.id),
        Relation(type="owned_by", source=mira.id, target=mira.id),
        Relation(type="owned_by", source=repository.id, target="owner:user/left-out-by-the-rollout"),
    )
    return Snapshot(
        organization=ACME,
        repositories=(repository,),
        owners=(mira,),
        policies=(policy,),
        rules=(rule,),
        exceptions=(exception,),
        decisions=(decision,),
        relations=tuple(sorted(relations, key=lambda item: (item.source, item.type, item.target))),
    )


def random_graph(nodes: int, edges: int, seed: int = 1) -> Snapshot:
    """Return a graph of repositories and owners with so many nodes and edges."""
    rng = random.Random(seed)
    count = max(1, nodes // 2)
    repositories = tuple(
        Repository(id=f"repository:acme/r{number:06}", namespace="acme", name=f"r{number:06}", description="A service")
        for number in range(count)
    )
    owners = tuple(owner(f"u{number:06}") for number in range(nodes - count - 1))
    relations = [
        Relation(type="owned_by", source=rng.choice(repositories).id, target=rng.choice(owners).id)
        for _ in range(edges)
    ]
    relations.sort(key=lambda item: (item.source, item.type, item.target))
    return Snapshot(organization=ACME, repositories=repositories, owners=owners, relations=tuple(relations))
