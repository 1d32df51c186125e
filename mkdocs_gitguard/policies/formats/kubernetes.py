"""What Gatekeeper's and Kyverno's objects have in common: annotations that describe, and lists of CEL expressions."""

from typing import Final

from yaml.nodes import MappingNode, Node, ScalarNode

from mkdocs_gitguard.policies.description import description_of
from mkdocs_gitguard.policies.file_scan import Description, FoundRule
from mkdocs_gitguard.policies.yaml.documents import YamlDocument, child, children, pairs, string

_LINKS: Final = frozenset({"url", "link", "links", "documentation", "docs", "reference", "references", "related"})
_MOST_KINDS: Final = 30


def cel_rule(document: YamlDocument, node: Node, name: str, keys: tuple[str, ...]) -> FoundRule:
    """Return a CEL expression of a list as a rule: Kubernetes gives it no name, so it bears its list's."""
    return FoundRule(
        name=string(node, "name") or name,
        type="cel",
        about=description_of(description=string(node, "message")),
        first_line=document.first(node),
        last_line=document.last(node),
        keys=keys,
    )


def resource_kinds(holders: Node | None) -> tuple[str, ...]:
    """Return the kinds that a list of matches names, each once: Gatekeeper's `kinds`, Kubernetes' `resourceRules`."""
    names = (
        str(node.value)
        for holder in children(holders)
        for field in ("kinds", "resources")
        for node in children(child(holder, field))
        if isinstance(node, ScalarNode)
    )
    return tuple(dict.fromkeys("every kind" if name == "*" else name for name in names))[:_MOST_KINDS]


def kubernetes_about(root: MappingNode | None, prefix: str) -> Description:
    """Return what an object's annotations say: those under `prefix`, else those without one."""
    annotations = {
        key.value: str(value.value)
        for key, value in pairs(child(root, "metadata", "annotations"))
        if isinstance(value, ScalarNode)
    }

    def value(name: str) -> str:
        return annotations.get(f"{prefix}{name}") or annotations.get(name) or ""

    return description_of(
        title=value("title"),
        description=value("description"),
        severity=value("severity"),
        category=value("category") or value("bundle"),
        related=[text for key, text in sorted(annotations.items()) if key.rpartition("/")[2] in _LINKS],
    )
