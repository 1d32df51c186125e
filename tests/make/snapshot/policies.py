"""A repository of policies, some of whose every text is hostile, made by reading real sources."""

from datetime import timedelta

import msgspec
from make.policy_files import CONSTRAINT, GUARD, GUARD_TEST, KYVERNO, SUITE, TEMPLATE
from make.snapshot.organization import ACME, NOW, forge

from mkdocs_gitguard.model import (
    Change,
    Evidence,
    FileChange,
    Owner,
    PolicyException,
    PullRequest,
    Relation,
    Repository,
    Snapshot,
    SourceSpan,
)
from mkdocs_gitguard.policies import PolicyFile, scan

GUARDRAILS = "repository:acme/guardrails"
CHANGE = "pull-request:acme/guardrails/7"
GUARD_POLICY = "policy:acme/guardrails/rego/repo.guard"
SPITE = (
    "<script>window.pwned=1</script><img src=x onerror=window.pwned=2></code></pre></div>"
    "{{ 7*7 }}{% raw %}{# c #} [x](javascript:window.pwned=3) ${window.pwned=4} &lt;b&gt; \u202e"
)
HOSTILE_REGO = f"""\
# METADATA
# title: {SPITE!r}
# description: |
#   {SPITE}
# related_resources:
#   - javascript:window.pwned=5
#   - 'https://example.org/"onmouseover="window.pwned=6'
# custom:
#   severity: '"><script>window.pwned=7</script>'
#   category: {SPITE!r}
package hostile

deny contains "{SPITE.replace(chr(34), "'")}" if {{ true }}

# {SPITE}
warn contains `{SPITE}` if true
"""
HOSTILE_YAML = f"""\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: '<svg onload=window.pwned=8>'
  annotations:
    policies.kyverno.io/title: "{SPITE}"
spec:
  rules:
    - name: "<i onclick=window.pwned=9>"
      validate:
        message: "{SPITE}"
"""


CONFIGURED = Evidence(basis="configured", what="entry 1")


def guardrails(guard: str = GUARD) -> Snapshot:
    files = {
        "policy/guard.rego": guard,
        "policy/guard_test.rego": GUARD_TEST,
        "l/template.yaml": TEMPLATE,
        "l/samples/constraint.yaml": CONSTRAINT,
        "l/suite.yaml": SUITE,
        "k/no-latest.yaml": KYVERNO,
        "hostile.rego": HOSTILE_REGO,
        "hostile.yaml": HOSTILE_YAML,
    }
    scanned = scan(
        (PolicyFile(path, f"{number:040x}", text.encode()) for number, (path, text) in enumerate(files.items())),
        GUARDRAILS,
        "c" * 40,
    )
    change = Change(commit="d" * 40, at=NOW, author="owner:user/mira", pull_request=CHANGE)
    policies = tuple(
        msgspec.structs.replace(policy, changes=(change,), owners=("owner:team/acme/policy",))
        if policy.id == GUARD_POLICY
        else policy
        for policy in scanned.policies
    )
    return Snapshot(
        organization=ACME,
        repositories=(
            Repository(
                id=GUARDRAILS,
                namespace="acme",
                name="guardrails",
                forge=forge("acme", "guardrails"),
                head="c" * 40,
                head_at=NOW,
                default_branch="main",
            ),
        ),
        owners=(
            Owner(id="owner:team/acme/policy", type="team", name="acme/policy"),
            Owner(id="owner:user/mira", type="user", name="Mira"),
        ),
        pull_requests=(
            PullRequest(
                id=CHANGE,
                repository=GUARDRAILS,
                number=7,
                title="Raise it",
                merged_at=NOW,
                commit="d" * 40,
                files=(FileChange(path="policy/guard.rego", status="modified"),),
                evidence="github-merge-commit",
                confidence="high",
            ),
        ),
        policies=policies,
        rules=scanned.rules,
        relations=(
            Relation(
                type="subject_to", source=GUARDRAILS, target=GUARD_POLICY, paths=("policy/",), evidence=(CONFIGURED,)
            ),
            Relation(
                type="subject_to",
                source=GUARDRAILS,
                target="policy:acme/guardrails/kyverno/ClusterPolicy/no-latest",
                paths=("infra/", "*.tf"),
            ),
            Relation(type="touches", source=CHANGE, target=GUARD_POLICY),
        ),
        sources=scanned.sources,
    )


def exception(name: str, **fields) -> PolicyException:
    """An exception of the repository of policies, in a file of its own."""
    span = SourceSpan(
        repository=GUARDRAILS, path="k/exception.yaml", first_line=4, last_line=5, commit="c" * 40, blob="b" * 40
    )
    common = {"format": "kyverno", "type": "exemption", "repository": GUARDRAILS, "span": span, "name": name}
    return PolicyException(id=f"exception:acme/guardrails/{name}", **common | fields)


def with_exceptions(*exceptions: PolicyException) -> Snapshot:
    return msgspec.structs.replace(guardrails(), exceptions=tuple(sorted(exceptions, key=lambda one: one.id)))


def excepted() -> Snapshot:
    """Exceptions of every state, one of them with hostile words."""
    return with_exceptions(
        exception("ended", ends_at=NOW - timedelta(days=3), reason="It moves.", owners=("owner:team/acme/policy",)),
        exception("soon", ends_at=NOW + timedelta(days=30), policies=(GUARD_POLICY,), reference="https://x.example/1"),
        exception("later", starts_at=NOW, ends_at=NOW + timedelta(days=300), scope=SPITE, reason=SPITE),
        exception("start", type="start", format="rego", starts_at=NOW + timedelta(days=9), policies=(GUARD_POLICY,)),
        *(exception(f"skip{number}", type="skip", format="semgrep") for number in range(12)),
    )
