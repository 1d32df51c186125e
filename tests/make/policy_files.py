"""Policy sources that tests read, written for them."""

from mkdocs_gitguard.policies import FileScan, PolicyFile, PolicyScan, read_file, scan

REPOSITORY = "repository:acme/guardrails"
COMMIT = "c" * 40


def read(path: str, text: str | bytes) -> FileScan:
    data = text.encode() if isinstance(text, str) else text
    return read_file(PolicyFile(path, f"{abs(hash((path, data))):040x}"[:40], data))


def scan_files(files: dict[str, str]) -> PolicyScan:
    return scan(
        (PolicyFile(path, f"{number:040x}", text.encode()) for number, (path, text) in enumerate(files.items())),
        REPOSITORY,
        COMMIT,
    )


GUARD = """\
# METADATA
# title: Guard
# description: Keeps bad things out.
# related_resources:
#   - ref: https://example.org/guard
#   - https://example.org/more
# custom:
#   severity: HIGH
#   category: supply chain
#   id: ACME-1
package repo.guard

import rego.v1

default allow := false

# METADATA
# title: No force push
# custom:
#   short_name: no_force_push
#   severity: critical
deny contains message if {
\tinput.forced
\tmessage := "{{ no }} <script>"
}

# METADATA
# title: No empty message
# scope: rule
deny contains message if {
\tinput.message == ""
\tmessage := "empty"
}

helper(x) := y if {
\ty := x
}
"""

GUARD_TEST = """\
package repo.guard_test

import data.repo.guard
import rego.v1

deny_with(value) := denied if denied := guard.deny with input as value

test_force_push_is_denied if {
\tcount(deny_with({"forced": true})) == 1
}

test_helper if {
\tguard.helper(1) == 1
\tcount(guard.allow) == 0 with data.repo.other.thing as "guard.deny"
}
"""

TEMPLATE = """\
# first comment
---
apiVersion: templates.gatekeeper.sh/v1
kind: ConstraintTemplate
metadata:
  name: k8srequired
  annotations:
    metadata.gatekeeper.sh/title: "Required"
    description: >-
      Asks for
      labels.
spec:
  crd:
    spec:
      names:
        kind: K8sRequired
  targets:
    - target: admission.k8s.gatekeeper.sh
      code:
      - engine: K8sNativeValidation
        source:
          validations:
          - expression: "true"
            message: never
      - engine: Rego
        source:
          rego: |
            package k8srequired

            import data.lib.helpers

            violation[{"msg": msg}] {
              msg := "a"
            }

            violation[{"msg": msg}] {
              msg := "b"
            }
          libs:
            - |
              package lib.helpers

              name(x) = y {
                y := x.name
              }
"""

CONSTRAINT = """\
apiVersion: constraints.gatekeeper.sh/v1beta1
kind: K8sRequired
metadata:
  name: must-have-owner
spec:
  match: {}
"""

SUITE = """\
kind: Suite
apiVersion: test.gatekeeper.sh/v1alpha1
tests:
- name: required
  template: template.yaml
  constraint: samples/constraint.yaml
  cases:
  - name: allowed
    object: a.yaml
  - name: denied
    object: b.yaml
"""

KYVERNO = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: no-latest
  annotations:
    policies.kyverno.io/title: No latest
    policies.kyverno.io/category: Best Practices
    policies.kyverno.io/severity: medium
    policies.kyverno.io/description: Tags move.
spec:
  rules:
    - name: require-tag
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate:
        message: "Give {{ request.object.metadata.name }} a tag."
        pattern:
          a: b
    - name: add-label
      mutate:
        patchStrategicMerge:
          metadata: {}
---
apiVersion: policies.kyverno.io/v1
kind: NamespacedValidatingPolicy
metadata:
  name: cel
  namespace: team
spec:
  validations:
    - expression: "true"
      message: fine
"""

KYVERNO_TEST = """\
apiVersion: cli.kyverno.io/v1alpha1
kind: Test
metadata:
  name: suite
policies:
- ../no-latest.yaml
results:
- policy: no-latest
  rule: autogen-require-tag
  kind: Pod
  result: fail
- policy: cel
  kind: Pod
  result: pass
"""

CHAINSAW_TEST = """\
apiVersion: chainsaw.kyverno.io/v1alpha1
kind: Test
metadata:
  name: chain
spec:
  steps:
  - try:
    - apply:
        file: ../no-latest.yaml
    - apply:
        file: pod.yaml
"""
