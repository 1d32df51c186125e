"""The keys by which a decision finds the policy that made it: one vocabulary for both sides.

A policy reader puts keys into `Policy.keys` and `Rule.keys`; a decision reader lists the keys that a report's words
stand for, the most telling first; the resolver looks them up. A key is `scheme:name`, compared letter for letter and
never scoped to a repository: where two repositories hold the same key, the resolver says so (`candidates`).

| key                                   | on the policy's side                                         |
|---------------------------------------|--------------------------------------------------------------|
| `rego-package:<ref>`                  | `Policy.keys`: each Rego file of the package, tests left out  |
| `rego:data.<package>.<rule>`          | `Rule.keys`: each rule of that name in the package; of one    |
|                                       | that is called `a.b`, first `a.b`, then `a`                   |
| `rego-code:<package>.<short_name>`    | `Rule.keys`: METADATA `custom.short_name`, as Conforma's code; |
|                                       | and a second key with the package's last segment alone        |
| `rego-id:<id>`                        | `Policy.keys` (package scope) or `Rule.keys`: METADATA        |
|                                       | `custom.id`, `custom.avd_id`, `custom.long_id`, each          |
|                                       | `custom.aliases[]`, as Trivy reports them                     |
| `gatekeeper:<Kind>`                   | `Policy.keys`: ConstraintTemplate, its `spec.crd` kind; and   |
|                                       | `Rule.keys` of each of its violation rules or validations     |
| `gatekeeper-constraint:<Kind>/<name>` | `Policy.keys`: Constraint                                     |
| `kyverno:<policy>`                    | `Policy.keys`: metadata.name, without namespace               |
| `kyverno:<policy>/<rule>`             | `Rule.keys`: `spec.rules[].name`, without `autogen-`          |
| `semgrep:<id>`                        | `Rule.keys`: the rule's own id, and a second key with the     |
|                                       | file's folders before it, dotted (`python.flask.security.id`) |
| `checkov:<id>`                        | `Policy.keys` and `Rule.keys`: `metadata.id`                  |
| `custodian:<policy>`                  | `Rule.keys`: `policies[].name`                                |
| `cedar:<id>`                          | `Rule.keys`: the `@id` annotation, else `policy<n>` from 0    |
| `github-ruleset:<name>`               | `Policy.keys`                                                 |
| `workflow:<path>`                     | `Policy.keys`: the workflow file's path                       |
| `<format>:<name>`                     | any other format: its registry name and what its engine says  |

The Rego inside a ConstraintTemplate gets `gatekeeper:` keys only: its package is private to the template.
"""

import json
import re
from collections.abc import Sequence
from typing import Final

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_SEGMENT: Final = re.compile(r'(?:\A|\.)([^.\["\]]+)|\["((?:[^"\\]|\\.)*)"\]')


def policy_key(scheme: str, *parts: str) -> str:
    """Return the key `scheme:a/b` for the parts `a`, `b`; empty parts are left out."""
    return f"{scheme}:{'/'.join(part for part in parts if part)}"


def rego_ref(segments: Sequence[str]) -> str:
    """Return a Rego reference in its one spelling: `regal.rules.style["opa-fmt"]`.

    A segment that is not an identifier stands in brackets and quotes, as OPA prints it; keywords stay plain.
    """
    first, *rest = segments
    return first + "".join(f".{part}" if _IDENTIFIER.match(part) else f"[{json.dumps(part)}]" for part in rest)


def rego_segments(ref: str) -> tuple[str, ...]:
    """Return the segments of a reference in any spelling, `a.b["c"]`; what is not a plain segment ends it."""
    segments: list[str] = []
    position = 0
    while match := _SEGMENT.match(ref, position):
        plain, quoted = match.groups()
        segments.append(plain.strip() if plain is not None else _unquoted(quoted))
        position = match.end()
    return tuple(segments)


def _unquoted(quoted: str) -> str:
    try:
        return str(json.loads(f'"{quoted}"'))
    except ValueError:
        return quoted


def rego_package_key(package: Sequence[str]) -> str:
    """Return the key of a Rego package, given by its segments without `data`."""
    return f"rego-package:{rego_ref(package)}"


def rego_rule_key(package: Sequence[str], *rule: str) -> str:
    """Return the key of a rule: `rego:data.repo.guard.deny`. A rule such as `a.b := 1` is given as `"a", "b"`."""
    return f"rego:{rego_ref(('data', *package, *rule))}"
