"""A small repository of policies, as records."""

from datetime import UTC, datetime

from mkdocs_gitguard.decisions.policy_index import PolicySet
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportedReason, ReportedSubject
from mkdocs_gitguard.model import Change, Policy, Repository, Rule, SourceSpan

REPOSITORY = "repository:acme/guardrails"
HEAD, OLD = "a" * 40, "b" * 40
TEXT = """package repo.guard

default allow := false

allow if count(deny) == 0

deny contains msg if {
	not input.owner
	msg := sprintf("Path %q has no owner: see %s", [input.path, "docs/owners.md"])
}

deny contains "A licence is missing" if not input.licence

warn contains msg if {
	msg := $"Branch {input.branch} is {input.age} days old"
}
"""
PACKAGE = "policy:acme/guardrails/rego/repo.guard"


def day(number):
    return datetime(2026, 1, number, tzinfo=UTC)


def span(first, last, *, blob="blob-1", commit=HEAD, path="policies/guard.rego", repository=REPOSITORY):
    return SourceSpan(repository=repository, path=path, first_line=first, last_line=last, commit=commit, blob=blob)


def rule(name, first, last, *, policy=PACKAGE, group="", **changes):
    return Rule(
        id=f"rule:{policy.partition(':')[2]}#{name}",
        policy=policy,
        name=group or name,
        span=span(first, last, **changes),
        keys=(f"rego:data.repo.guard.{group or name}",),
    )


RULES = (
    rule("allow~default", 3, 3, group="allow"),
    rule("allow", 5, 5),
    rule("deny~1", 7, 10, group="deny"),
    rule("deny~2", 12, 12, group="deny"),
    rule("warn", 14, 16),
)
POLICY = Policy(
    id=PACKAGE,
    repository=REPOSITORY,
    format="rego",
    type="package",
    name="repo.guard",
    span=span(1, 16),
    rules=tuple(one.id for one in RULES),
    changes=(Change(commit=HEAD, at=day(20)), Change(commit=OLD, at=day(10))),
    keys=("rego-package:repo.guard",),
)
SET = PolicySet(REPOSITORY, HEAD, (POLICY,), RULES, {"blob-1": TEXT})
GUARDRAILS = Repository(id=REPOSITORY, namespace="acme", name="guardrails", head=HEAD)


def decision(*keys, message="", verdict=None, **fields):
    return ReportedDecision(
        format=fields.pop("format", "opa"),
        outcome="deny",
        claims=(ReportedReason(keys=keys, message=message, verdict=verdict),),
        name=fields.pop("name", "repo.guard.deny"),
        message=message,
        subject=ReportedSubject(**fields.pop("subject", {})),
        source=fields.pop("source", "report.json:1"),
        **fields,
    )
