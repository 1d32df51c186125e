"""Kyverno: its rule policies, its CEL policies, their exceptions, and the tests of its own CLI and of Chainsaw.

https://kyverno.io/docs/policy-types/ https://kyverno.io/docs/guides/exceptions/
"""

import posixpath
from collections.abc import Iterator
from typing import Final

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Finding, policy_key
from mkdocs_gitguard.policies.description import description_of
from mkdocs_gitguard.policies.exception_fields import (
    MOST_EXCEPTIONS,
    broken_date,
    cut,
    moment_of,
    reason_in,
    reference_in,
    scalars,
    scope_of,
)
from mkdocs_gitguard.policies.file_scan import FoundException, FoundPolicy, FoundRule, FoundTest
from mkdocs_gitguard.policies.format import Found, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.formats.kubernetes import cel_rule, kubernetes_about, resource_kinds
from mkdocs_gitguard.policies.yaml.documents import YamlDocument, child, children, pairs, string

POLICY_KINDS: Final = frozenset(
    {"ClusterPolicy", "Policy", "CleanupPolicy", "ClusterCleanupPolicy"}
    | {
        f"{prefix}{name}Policy"
        for prefix in ("", "Namespaced")
        for name in ("Validating", "Mutating", "Generating", "ImageValidating", "Deleting")
    }
)
_DEEPEST_STEP: Final = 12
"""Levels from `steps` to a `file`; what lies deeper is not a step's own."""
_MOST_KINDS: Final = 30
_TEST_GROUPS: Final = (b"cli.kyverno.io/", b"chainsaw.kyverno.io/")
_GROUPS: Final = (b"kyverno.io/", b"policies.kyverno.io/", *_TEST_GROUPS)
_GROUP: Final = late_pattern(r"(?:policies\.)?kyverno\.io/")
_ACTIONS: Final = ("validate", "mutate", "generate", "verifyImages")
_TTL: Final = "cleanup.kyverno.io/ttl"
"""Label that says when Kyverno deletes an object, at a moment or after a while in the cluster."""
_DURATION: Final = late_pattern(r"(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|[smhd]))+")
_CEL_LISTS: Final = ("validations", "mutations", "generate", "verifications", "conditions")


def read_kyverno(source: PolicySource) -> Found:
    """Return the policies and tests of a YAML file."""
    policies: list[FoundPolicy] = []
    tests: list[FoundTest] = []
    exceptions: list[FoundException] = []
    findings: list[Finding] = []
    for document in source.documents(b"kyverno.io"):
        if not document.may_hold(*(_TEST_GROUPS if source.is_fixture else _GROUPS)):
            continue
        root = document.root
        if root is None:
            continue
        version, kind = string(root, "apiVersion"), string(root, "kind")
        if _GROUP.match(version) and kind in POLICY_KINDS:
            if string(root, "metadata", "name"):
                policies.append(_policy(document, root, kind))
        elif _GROUP.match(version) and kind == "PolicyException" and not source.is_fixture:
            exceptions += _exceptions(document, root, source, findings)
        elif kind == "Test" and version.startswith("cli.kyverno.io/"):
            tests += _cli_tests(document, root, source)
        elif kind == "Test" and version.startswith("chainsaw.kyverno.io/"):
            tests += _chainsaw_test(document, root, source)
    return Found(
        policies=tuple(policies),
        tests=tuple(tests),
        exceptions=tuple(exceptions[:MOST_EXCEPTIONS]),
        findings=tuple(findings),
    )


def _policy(document: YamlDocument, root: MappingNode, kind: str) -> FoundPolicy:
    name = string(root, "metadata", "name")
    namespace = string(root, "metadata", "namespace")
    rules = [
        _rule(document, node, name) for node in children(child(root, "spec", "rules")) if isinstance(node, MappingNode)
    ]
    if not rules:
        key = (policy_key("kyverno", name),)
        rules = [
            cel_rule(document, node, list_name, key)
            for list_name in _CEL_LISTS
            for node in children(child(root, "spec", list_name))
        ]
    kinds, line = _resources(document, root)
    return FoundPolicy(
        format="kyverno",
        type=kind,
        name="/".join(filter(None, (kind, namespace, name))),
        shown_name=name,
        about=kubernetes_about(root, "policies.kyverno.io/"),
        enforcement=_enforcement(root),
        resources=kinds,
        resources_line=line if kinds else 0,
        first_line=document.first(root),
        last_line=document.last(root),
        rules=tuple(rules),
        keys=(policy_key("kyverno", name),),
    )


def _exceptions(
    document: YamlDocument, root: MappingNode, source: PolicySource, findings: list[Finding]
) -> Iterator[FoundException]:
    """Yield what a PolicyException exempts: from rule policies by `spec.exceptions`, from CEL ones by `policyRefs`."""
    spec = child(root, "spec")
    names = [
        (item, string(item, "policyName").rpartition("/")[2], scalars(child(item, "ruleNames")))
        for item in children(child(spec, "exceptions"))
    ]
    names += [(item, string(item, "name"), []) for item in children(child(spec, "policyRefs"))]
    if not any(policy for _, policy, _ in names):
        findings.append(
            source.finding(
                "exception-broken",
                "warning",
                "The PolicyException names no policy, so it exempts nothing.",
                document.first(root),
                "Name the policy in `spec.exceptions` or `spec.policyRefs`.",
            )
        )
    ttl = string(root, "metadata", "labels", _TTL)
    ends = moment_of(ttl)
    if ttl and ends is None and not _DURATION.fullmatch(ttl):
        findings.append(broken_date(source, document.first(root), _TTL, ttl))
    for item, policy, rules in names[:MOST_EXCEPTIONS]:
        if policy:
            own = tuple(dict.fromkeys(rule.removeprefix("autogen-cronjob-").removeprefix("autogen-") for rule in rules))
            yield FoundException(
                format="kyverno",
                type="exemption",
                name=cut(f"{policy}/{', '.join(own)}" if own else policy),
                scope=_scope(spec),
                reason=reason_in(root),
                reference=reference_in(root),
                ends_at=ends,
                first_line=document.first(item),
                last_line=document.last(item),
                keys=tuple(policy_key("kyverno", policy, rule) for rule in own) or (policy_key("kyverno", policy),),
            )


def _scope(spec: Node | None) -> str:
    match = child(spec, "match")
    resources = [child(item, "resources") for name in ("any", "all") for item in children(child(match, name))]
    return scope_of(
        [
            *(
                (name, [text for resource in resources for text in scalars(child(resource, name))])
                for name in ("kinds", "namespaces", "names")
            ),
            ("where", (string(item, "expression") for item in children(child(spec, "matchConditions")))),
        ]
    )


def _enforcement(root: MappingNode) -> str:
    actions = [str(node.value) for node in children(child(root, "spec", "validationActions"))]
    return string(root, "spec", "validationFailureAction") or ", ".join(actions[:3])


def _resources(document: YamlDocument, root: MappingNode) -> tuple[tuple[str, ...], int]:
    """Return the kinds of resources that a policy's rules match, and the line of the first that matches any."""
    kinds: dict[str, None] = {}
    line = 0
    for rule in children(child(root, "spec", "rules")):
        match = child(rule, "match")
        holders = [match, *children(child(match, "any")), *children(child(match, "all"))]
        names = [
            str(node.value)
            for holder in holders
            for node in children(child(holder, "resources", "kinds"))
            if isinstance(node, ScalarNode)
        ]
        if match is not None and names:
            line = line or document.first(match)
            kinds |= dict.fromkeys("every kind" if name in ("*", "*/*") else name for name in names)
    for field in ("matchConstraints", "match"):
        constraints = child(root, "spec", field)
        names_of_rules = resource_kinds(child(constraints, "resourceRules"))
        if constraints is not None and names_of_rules:
            line = line or document.first(constraints)
            kinds |= dict.fromkeys(names_of_rules)
    return tuple(kinds)[:_MOST_KINDS], line


def _rule(document: YamlDocument, node: MappingNode, policy: str) -> FoundRule:
    name = string(node, "name")
    action = next((key.value for key, _ in pairs(node) if key.value in _ACTIONS), "rule")
    return FoundRule(
        name=name or action,
        type=str(action),
        about=description_of(description=string(node, "validate", "message")),
        first_line=document.first(node),
        last_line=document.last(node),
        keys=(policy_key("kyverno", policy, name.removeprefix("autogen-")),) if name else (),
    )


def _cli_tests(document: YamlDocument, root: MappingNode, source: PolicySource) -> Iterator[FoundTest]:
    """Yield each expected result of a `kyverno-test.yaml` (https://kyverno.io/docs/kyverno-cli/reference/kyverno_test/).

    A result names its policy, and its rule where there is one; which file that policy stands in, the list of files
    above says. So both are targets: a rule's key holds within those files only.
    """
    folder = posixpath.dirname(source.path)
    paths = [
        posixpath.normpath(posixpath.join(folder, str(node.value)))
        for node in children(child(root, "policies"))
        if isinstance(node, ScalarNode)
    ]
    suite = string(root, "metadata", "name") or string(root, "name")
    for result in children(child(root, "results")):
        policy, rule = string(result, "policy").rpartition("/")[2], string(result, "rule")
        expected = string(result, "result") or string(result, "status")
        name = " ".join(
            filter(None, ("/".join(filter(None, (suite, rule or policy))), string(result, "kind"), expected))
        )
        key = policy_key("kyverno", policy, rule.removeprefix("autogen-cronjob-").removeprefix("autogen-"))
        yield FoundTest(
            name=name,
            first_line=document.first(result),
            last_line=document.last(result),
            targets=tuple(f"path:{path}#{key}" for path in paths) or (key,),
        )


def _chainsaw_test(document: YamlDocument, root: MappingNode, source: PolicySource) -> Iterator[FoundTest]:
    """Yield a Chainsaw test, a test of every file that it applies."""
    folder = posixpath.dirname(source.path)
    files = dict.fromkeys(
        posixpath.normpath(posixpath.join(folder, path)) for path in _applied_files(child(root, "spec", "steps"))
    )
    if files:
        yield FoundTest(
            name=string(root, "metadata", "name") or source.path,
            first_line=document.first(root),
            last_line=document.last(root),
            targets=tuple(f"path:{path}" for path in files),
        )


def _applied_files(node: Node | None, depth: int = 0) -> Iterator[str]:
    if depth > _DEEPEST_STEP:
        return
    if isinstance(node, SequenceNode):
        for item in node.value:
            yield from _applied_files(item, depth + 1)
    for key, value in pairs(node):
        if key.value in ("apply", "create") and string(value, "file"):
            yield string(value, "file")
        elif key.value in ("try", "steps"):
            yield from _applied_files(value, depth + 1)


FORMAT: Final = PolicyFormat(
    "kyverno", "Kyverno", lambda path: path.endswith((".yaml", ".yml")), (b"kyverno.io",), read_kyverno
)
