"""Policies and decisions of every outcome and resolution, some of it hostile."""

from datetime import timedelta

from make.snapshot.organization import NOW
from msgspec.structs import replace

from mkdocs_gitguard.model import (
    Change,
    Decision,
    Policy,
    Relation,
    Rule,
    Snapshot,
    SourceSpan,
    SourceText,
    Subject,
)

HOSTILE_MESSAGE = '<script>window.pwned=1</script><img src=x onerror="window.pwned=1">{{ 7*7 }}{% raw %}`**x**`'
TEXT = """package repo.guard

# METADATA
# title: Every path has an owner
deny contains msg if {
	not input.owner
	msg := sprintf("Path %q has no owner", [input.path])
}

warn contains "<b>Old</b> {{ branch }}" if input.age > 90
"""
REASONS = {
    "exact": "rego:data.repo.guard.deny is one rule that can say this message, unchanged since the decision.",
    "candidates": "rego:data.repo.guard.deny stands for 2 rules.",
    "unresolved": "No policy of this portal is called checkov:CKV_AWS_20.",
}
OUTCOMES = ("deny", "allow", "warn", "skip", "error")


def with_decisions(snapshot: Snapshot, *, number: int = 60, hostile: bool = False) -> Snapshot:
    """Return the snapshot with policies in its first repository and so many decisions about the others."""
    guardrails, *others = snapshot.repositories
    now = NOW - timedelta(hours=7)
    says = HOSTILE_MESSAGE if hostile else 'Path "src/app/api/money.py" has no owner'

    def span(first, last, path="policies/guard.rego"):
        return SourceSpan(
            repository=guardrails.id, path=path, first_line=first, last_line=last, commit=guardrails.head, blob="f" * 40
        )

    name = guardrails.id.partition(":")[2]
    package = f"policy:{name}/rego/repo.guard"
    rules = (
        Rule(
            id=f"rule:{name}/rego/repo.guard#deny",
            policy=package,
            name="deny",
            title=says if hostile else "Every path has an owner",
            span=span(5, 8),
            metadata_line=3,
            keys=("rego:data.repo.guard.deny",),
        ),
        Rule(
            id=f"rule:{name}/rego/repo.guard#warn",
            policy=package,
            name="warn",
            span=span(10, 10),
            keys=("rego:data.repo.guard.warn",),
        ),
    )
    policies = (
        Policy(
            id=package, repository=guardrails.id, format="rego", type="package", name="repo.guard", title=HOSTILE_MESSAGE if hostile else "", span=span(1, 10),
            rules=tuple(rule.id for rule in rules), changes=(Change(commit=guardrails.head, at=now - timedelta(days=90)),),
        ),
        Policy(id=f"policy:{name}/workflow/ci", repository=guardrails.id, format="workflow", type="workflow", name="ci", title="CI", description="Tests", span=span(1, 9, ".github/workflows/ci.yml"), owners=("owner:user/mira",)),
    )  # fmt: skip
    pulls = {pull.repository: pull for pull in reversed(snapshot.pull_requests)}
    decisions = []
    for place in range(number):
        subject_of = others[place % len(others)]
        resolution = ("exact", "exact", "exact", "candidates", "unresolved")[place % 5]
        pull = pulls.get(subject_of.id) if place % 2 == 0 else None
        decisions.append(
            Decision(
                id=f"decision:opa/{place:020x}", format=("opa", "sarif", "conftest")[place % 3], outcome=OUTCOMES[place % 5],
                message=says if place % 4 else "", at=now - timedelta(hours=place * 7) if place % 7 else None,
                subject=Subject(
                    repository=subject_of.id if place % 6 else "", name="" if place % 6 else (HOSTILE_MESSAGE if hostile else "Deployment default/web"),
                    commit="c0ffee" * 6 + "abcd", pull_request=pull.id if pull and place % 6 else "", pull_request_by="time" if pull and place % 6 else "",
                    path=(pull.files[0].path if pull and pull.files else "src/app/api/money.py"), line=place,
                ),
                policy_key=HOSTILE_MESSAGE if hostile else "data.repo.guard.deny", resolution=resolution, reason=HOSTILE_MESSAGE if hostile else REASONS[resolution],
                rules={"exact": (rules[0].id,), "candidates": tuple(rule.id for rule in rules), "unresolved": ()}[resolution],
                policies=(package,) if resolution != "unresolved" else (),
                spans={"exact": (span(5, 8),), "candidates": (span(5, 8), span(10, 10)), "unresolved": ()}[resolution],
                input='{\n  "input": {\n    "method": "GET",\n    "password": "***",\n    "<script>": "<text>"\n  }\n}' if place % 3 == 0 else "",
                source="reports/opa.json.gz:12",
            )
        )  # fmt: skip
    decided = [
        Relation(
            type="decided_by", source=decision.subject.pull_request or decision.subject.repository, target=decision.id
        )
        for decision in decisions
        if decision.subject.repository
    ]
    governed = [
        Relation(
            type="subject_to",
            source=other.id,
            target=package,
            paths=(
                "src/app/api/money.py",
                *((pulls[other.id].files[0].path,) if other.id in pulls and pulls[other.id].files else ()),
            ),
            files=1,
        )
        for other in others[:-1]
    ]
    return replace(
        snapshot,
        policies=policies,
        rules=rules,
        decisions=tuple(sorted(decisions, key=lambda one: (-one.at.timestamp() if one.at else 0, one.id))),
        relations=(*snapshot.relations, *decided, *governed),
        sources=(SourceText(blob="f" * 40, text=TEXT),),
    )
