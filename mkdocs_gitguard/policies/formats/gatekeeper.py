"""Gatekeeper: ConstraintTemplates with Rego and CEL inside YAML, Constraints, what is exempt, and suites of tests.

https://open-policy-agent.github.io/gatekeeper/website/docs/constrainttemplates
"""

import posixpath
from collections.abc import Iterator
from typing import Final

from yaml.nodes import MappingNode, Node, ScalarNode

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Finding, policy_key
from mkdocs_gitguard.policies.exception_fields import (
    MOST_EXCEPTIONS,
    cut,
    reason_in,
    reference_in,
    scalars,
    scope_of,
)
from mkdocs_gitguard.policies.file_scan import Description, FoundException, FoundPolicy, FoundRule, FoundTest
from mkdocs_gitguard.policies.format import Found, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.formats.kubernetes import cel_rule, kubernetes_about, resource_kinds
from mkdocs_gitguard.policies.formats.rego import BROKEN_HINT, annotate
from mkdocs_gitguard.policies.rego.outline import scan_rego
from mkdocs_gitguard.policies.yaml.documents import YamlDocument, child, children, key_node, string

_TEST_GROUPS: Final = (b"test.gatekeeper.sh/",)
_ALL_GROUPS: Final = (
    b"templates.gatekeeper.sh/",
    b"constraints.gatekeeper.sh/",
    b"config.gatekeeper.sh/",
    *_TEST_GROUPS,
)
_GROUPS: Final = late_pattern(r"(?:(templates|constraints|config|test)\.gatekeeper\.sh)/")


def read_gatekeeper(source: PolicySource) -> Found:
    """Return the templates, constraints and test suites of a YAML file."""
    policies: list[FoundPolicy] = []
    tests: list[FoundTest] = []
    findings: list[Finding] = []
    exceptions: list[FoundException] = []
    for document in source.documents(b"gatekeeper.sh"):
        if not document.may_hold(*(_TEST_GROUPS if source.is_fixture else _ALL_GROUPS)):
            continue
        group = _GROUPS.match(string(document.root, "apiVersion"))
        kind = string(document.root, "kind")
        if group is None or document.root is None:
            continue
        if group[1] == "templates" and kind == "ConstraintTemplate":
            policies.append(_template(document, source, findings))
        elif group[1] == "constraints" and kind and string(document.root, "metadata", "name"):
            policies.append(_constraint(document, kind))
            exceptions += _excluded(document, kind)
        elif group[1] == "config" and kind == "Config":
            exceptions += _excluded_everywhere(document)
        elif group[1] == "test" and kind == "Suite":
            tests += _suite(document, source)
    return Found(policies=tuple(policies), tests=tuple(tests), findings=tuple(findings), exceptions=tuple(exceptions))


def _template(document: YamlDocument, source: PolicySource, findings: list[Finding]) -> FoundPolicy:
    root = document.root
    kind = string(root, "spec", "crd", "spec", "names", "kind")
    key = policy_key("gatekeeper", kind or string(root, "metadata", "name"))
    rules: list[FoundRule] = []
    for target in children(child(root, "spec", "targets")):
        for node in _rego_texts(target):
            rules += _rego_rules(document, node, key, source, findings)
        for code in children(child(target, "code")):
            if string(code, "engine") == "K8sNativeValidation":
                rules += _validations(document, child(code, "source"), key)
    return FoundPolicy(
        format="gatekeeper",
        type="ConstraintTemplate",
        name=f"ConstraintTemplate/{string(root, 'metadata', 'name')}",
        shown_name=kind or string(root, "metadata", "name"),
        about=kubernetes_about(root, "metadata.gatekeeper.sh/"),
        first_line=document.first(root) if root else document.first_line,
        last_line=document.last(root) if root else document.first_line,
        rules=tuple(sorted(rules, key=lambda rule: rule.first_line)),
        keys=(key,),
    )


def _rego_texts(target: Node) -> Iterator[ScalarNode]:
    """Yield the Rego texts of a target: `rego` and `libs`, directly or under `code[].source`."""
    holders = [target]
    holders += [
        holder
        for code in children(child(target, "code"))
        if string(code, "engine") == "Rego" and (holder := child(code, "source")) is not None
    ]
    for holder in holders:
        for node in (child(holder, "rego"), *children(child(holder, "libs"))):
            if isinstance(node, ScalarNode):
                yield node


def _rego_rules(
    document: YamlDocument, node: ScalarNode, key: str, source: PolicySource, findings: list[Finding]
) -> Iterator[FoundRule]:
    module = scan_rego(str(node.value))
    offset = document.scalar_line(node) - 1
    findings += [
        source.finding(
            "rego-broken", "warning", problem.message, document.scalar_line(node, problem.line - 1), BROKEN_HINT
        )
        for problem in module.problems
    ]
    annotated, problems = annotate(module, source, line_offset=offset)
    findings += problems
    for rule, annotations in annotated.rules:
        yield FoundRule(
            name=rule.name,
            label=".".join(module.package) if rule.name != "violation" else "",
            type=rule.type,
            about=annotations.about if annotations else Description(),
            first_line=document.scalar_line(node, rule.first_line - 1),
            last_line=document.scalar_line(node, rule.last_line - 1),
            metadata_line=annotations.line + offset if annotations else 0,
            keys=(key,) if rule.name == "violation" else (),
        )


def _validations(document: YamlDocument, source: Node | None, key: str) -> Iterator[FoundRule]:
    for node in children(child(source, "validations")):
        yield cel_rule(document, node, "validations", (key,))


def _constraint(document: YamlDocument, kind: str) -> FoundPolicy:
    root = document.root
    name = string(root, "metadata", "name")
    match = key_node(child(root, "spec"), "match")
    kinds = resource_kinds(child(root, "spec", "match", "kinds"))
    return FoundPolicy(
        format="gatekeeper",
        type="Constraint",
        name=f"{kind}/{name}",
        shown_name=name,
        about=kubernetes_about(root, "metadata.gatekeeper.sh/"),
        enforcement=string(root, "spec", "enforcementAction") or "deny",
        resources=kinds or ("every kind",),
        resources_line=document.first(match) if match is not None else document.first_line,
        first_line=document.first(root) if root else document.first_line,
        last_line=document.last(root) if root else document.first_line,
        keys=(policy_key("gatekeeper-constraint", kind, name),),
    )


def _excluded(document: YamlDocument, kind: str) -> Iterator[FoundException]:
    """Yield what a Constraint's own `match` exempts: namespaces by name, and what selectors leave out."""
    root = document.root
    match = child(root, "spec", "match")
    node = key_node(match, "excludedNamespaces")
    namespaces = scalars(child(match, "excludedNamespaces"))
    left_out = [*_left_out(child(match, "namespaceSelector")), *_left_out(child(match, "labelSelector"))]
    if root is None or match is None or not (namespaces or left_out):
        return
    name = string(root, "metadata", "name")
    yield FoundException(
        format="gatekeeper",
        type="exemption",
        name=cut(f"{kind}/{name}"),
        scope=scope_of((("namespaces", namespaces), ("labels", left_out))),
        reason=_why(root),
        reference=reference_in(root),
        first_line=document.first(node) if node is not None else document.first(match),
        last_line=document.last(child(match, "excludedNamespaces") or match),
        keys=(policy_key("gatekeeper-constraint", kind, name),),
    )


def _why(root: MappingNode) -> str:
    """Return the reason for an exemption: a Constraint's `description` is of the Constraint."""
    described = kubernetes_about(root, "metadata.gatekeeper.sh/").description
    reason = reason_in(root)
    return reason if reason != cut(described) else ""


def _left_out(selector: Node | None) -> Iterator[str]:
    for item in children(child(selector, "matchExpressions")):
        key, operator = string(item, "key"), string(item, "operator")
        if operator == "NotIn":
            yield f"{key} in ({', '.join(scalars(child(item, 'values')))})"
        elif operator == "DoesNotExist":
            yield key


def _excluded_everywhere(document: YamlDocument) -> Iterator[FoundException]:
    """Yield what Gatekeeper's Config exempts from all constraints.

    https://open-policy-agent.github.io/gatekeeper/website/docs/exempt-namespaces
    """
    root = document.root
    for item in children(child(root, "spec", "match"))[:MOST_EXCEPTIONS]:
        namespaces = scalars(child(item, "excludedNamespaces"))
        processes = [name for name in scalars(child(item, "processes")) if name != "*"]
        if namespaces:
            yield FoundException(
                format="gatekeeper",
                type="exemption",
                name="every constraint",
                scope=scope_of((("namespaces", namespaces), ("processes", processes))),
                reason=reason_in(root),
                reference=reference_in(root),
                first_line=document.first(item),
                last_line=document.last(item),
            )


def _suite(document: YamlDocument, source: PolicySource) -> Iterator[FoundTest]:
    folder = posixpath.dirname(source.path)
    for test in children(child(document.root, "tests")):
        targets = tuple(
            f"path:{posixpath.normpath(posixpath.join(folder, path))}"
            for name in ("template", "constraint")
            if (path := string(test, name))
        )
        cases = children(child(test, "cases"))
        for case in cases or [test]:
            yield FoundTest(
                name="/".join(filter(None, (string(test, "name"), string(case, "name") if case is not test else ""))),
                first_line=document.first(case),
                last_line=document.last(case),
                targets=targets,
            )


FORMAT: Final = PolicyFormat(
    "gatekeeper",
    "OPA Gatekeeper",
    lambda path: path.endswith((".yaml", ".yml")),
    (b"templates.gatekeeper.sh", b"constraints.gatekeeper.sh", b"config.gatekeeper.sh", b"test.gatekeeper.sh"),
    read_gatekeeper,
)
