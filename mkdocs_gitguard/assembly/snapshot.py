"""From the raw facts of the kept repositories to the snapshot."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Final

from mkdocs_gitguard.assembly.core import Core, Parts, Stage
from mkdocs_gitguard.assembly.guard import Guard
from mkdocs_gitguard.assembly.kept_parts import KeptParts
from mkdocs_gitguard.assembly.people_file import Person
from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.harvest.facts import RepositoryFacts
from mkdocs_gitguard.harvest.failures import failure_of
from mkdocs_gitguard.model import SEVERITIES, Decision, Finding, Organization, Policy, Relation, Snapshot, name_of
from mkdocs_gitguard.model.relation import relation_key

_OTHERS: Final = ""
"""Stands for what is of no repository's pull requests."""
_ADDED: Final = "What code owners, policies and decisions say"


def assemble(
    facts: Sequence[RepositoryFacts],
    *,
    organization: Organization,
    people: Sequence[Person] = (),
    bots: Collection[str] = (),
    findings: Iterable[Finding] = (),
    stages: Sequence[Stage] = (),
    guard: Guard | None = None,
    digests: Mapping[str, bytes] = MappingProxyType({}),
    kept: KeptParts | None = None,
) -> Snapshot:
    """Return the snapshot of the kept repositories.

    Args:
        facts: of every kept repository, in any order.
        organization: whose portal this is.
        people: the site's people file.
        bots: names and logins of programs that commit, beside the known ones.
        findings: what went wrong before there were facts.
        stages: where further records come from.
        guard: collects what could not be put together, for who wants to know; all of it is among the findings.
        digests: by repository id, of its facts, for `kept`.
        kept: what was put together earlier in this process: only what has moved is put together again.
    """
    core = Core(facts, organization=organization, people=people, bots=bots, guard=guard, digests=digests, kept=kept)
    parts = [Parts(relations=tuple(_relations(core))), *(_parts(stage, core) for stage in stages)]
    owners = {owner.id: owner for part in parts for owner in part.owners} | dict(core.roster.owners)
    owners = core.kept.the_same("owners", owners)
    stated = [*chain.from_iterable(part.relations for part in parts)]
    others = core.kept.the_same("relations", dict(zip(map(relation_key, stated), stated, strict=True)))
    in_facts = (finding for one in core.facts.values() for finding in one.findings)
    all_findings = [*findings, *in_facts, *core.guard.findings]
    policies = _each_id_once((policy for part in parts for policy in part.policies), all_findings)
    policies_by_id = core.kept.the_same("policies", {policy.id: policy for policy in policies})
    # A rule's id holds its policy's: where that is taken, nothing more need be told.
    rules = {rule.id: rule for part in reversed(parts) for rule in reversed(part.rules)}
    rules = core.kept.the_same("rules", rules)
    return Snapshot(
        organization=organization,
        repositories=core.repositories,
        owners=tuple(owners[key] for key in sorted(owners)),
        pull_requests=core.pull_requests,
        policies=tuple(policies_by_id[key] for key in sorted(policies_by_id)),
        rules=tuple(rules[key] for key in sorted(rules)),
        decisions=tuple(sorted((x for part in parts for x in part.decisions), key=_newest_first)),
        exceptions=tuple(sorted((x for part in parts for x in part.exceptions), key=lambda one: one.id)),
        ownership=tuple(sorted((x for part in parts for x in part.ownership), key=lambda one: one.repository)),
        relations=core.kept.in_order({**core.relations_of_pull_requests(), _OTHERS: others.values()}),
        findings=tuple(sorted([*all_findings, *(x for part in parts for x in part.findings)], key=errors_first)),
        sources=tuple(sorted({x.blob: x for part in parts for x in part.sources}.values(), key=lambda text: text.blob)),
    )


def _parts(stage: Stage, core: Core) -> Parts:
    """Return what a stage adds; a stage that fails as a whole costs what it adds, and no other."""
    try:
        return stage(core)
    except GitGuardError:
        raise
    except Exception as error:  # noqa: BLE001 - the guard of what is about all repositories at once
        core.guard.findings.append(failure_of(error, label=_ADDED, repository="", task="added to the portal"))
        return Parts()


def _each_id_once(policies: Iterable[Policy], findings: list[Finding]) -> Iterator[Policy]:
    """Yield the policies; of two repositories whose names make one id, the first has it.

    `policy:acme/good/rego/x/rego/y` is y of the repository acme/good/rego/x and x/rego/y of acme/good.
    """
    taken: dict[str, str] = {}
    for policy in policies:
        if policy.id not in taken:
            taken[policy.id] = policy.repository
            yield policy
            continue
        findings.append(
            Finding(
                code="duplicate-id",
                severity="warning",
                message=f"The policy {policy.name} is not shown: {name_of(taken[policy.id])} has one of the same id.",
                hint="Set another `name` for one of the two in `repositories`.",
                repository=policy.repository,
                path=policy.span.path,
                line=policy.span.first_line,
            )
        )


def _newest_first(decision: Decision) -> tuple[float, str]:
    return (-decision.at.timestamp() if decision.at else 0.0, decision.id)


def errors_first(finding: Finding) -> tuple[int, str, str, str, str, int, str]:
    """Return the place of a finding among those of a snapshot."""
    severity = SEVERITIES.index(finding.severity)
    return severity, finding.repository, finding.source, finding.code, finding.path, finding.line, finding.message


def _relations(core: Core) -> Iterator[Relation]:
    for repository in core.facts:
        yield Relation(type="part_of", source=repository, target=core.organization.id)
    for owner in core.roster.owners.values():
        for team in owner.teams:
            yield Relation(type="member_of", source=owner.id, target=team)
