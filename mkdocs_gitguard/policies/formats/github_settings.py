"""GitHub rulesets and branch protections kept as code.

Rulesets as GitHub exports them (JSON, https://docs.github.com/en/rest/repos/rules), and as safe-settings and the
Settings app hold them (https://github.com/github/safe-settings): `rulesets` and `branches[].protection`.
"""

from collections.abc import Iterator
from typing import Final

from yaml.nodes import MappingNode, Node

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import policy_key
from mkdocs_gitguard.policies.description import description_of
from mkdocs_gitguard.policies.file_scan import FoundPolicy, FoundRule
from mkdocs_gitguard.policies.format import Found, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.yaml.documents import YamlDocument, child, children, pairs, string

_PATH: Final = late_pattern(
    r"(?:.*/)?(?:\.github/)?(?:settings|deployment-settings)\.ya?ml|(?:.*/)?(?:repos|suborgs)/[^/]+\.ya?ml"
    r"|(?:.*/)?rulesets?/[^/]+\.(?:json|ya?ml)|(?:.*/)?[^/]*ruleset[^/]*\.json"
)
_IN_PATH: Final = ("ruleset", "settings.", "repos/", "suborgs/")
"""Each such path holds one of these, and most paths of a repository hold none, which is seen much faster."""
_ENFORCEMENTS: Final = frozenset({"active", "disabled", "evaluate", "enabled"})


def read_github_settings(source: PolicySource) -> Found:
    """Return the rulesets and branch protections of a file."""
    policies: list[FoundPolicy] = []
    for document in source.documents():
        top = document.top
        candidates = [top, *children(top), *children(child(top, "rulesets"))]
        policies += [
            _ruleset(document, node) for node in candidates if isinstance(node, MappingNode) and _is_ruleset(node)
        ]
        policies += [
            _protection(document, node)
            for node in children(child(top, "branches"))
            if isinstance(node, MappingNode) and string(node, "name") and child(node, "protection") is not None
        ]
    return Found(policies=tuple(policies))


def _is_ruleset(node: MappingNode) -> bool:
    return (
        bool(string(node, "name"))
        and string(node, "enforcement") in _ENFORCEMENTS
        and (child(node, "rules") is not None)
    )


def _ruleset(document: YamlDocument, node: MappingNode) -> FoundPolicy:
    name = string(node, "name")
    conditions = [str(item.value) for item in children(child(node, "conditions", "ref_name", "include"))]
    return FoundPolicy(
        format="github-ruleset",
        type="ruleset",
        name=f"ruleset/{name}",
        shown_name=name,
        about=description_of(
            title=name,
            description=f"Enforcement: {string(node, 'enforcement')}. Target: {string(node, 'target') or 'branch'}"
            + (f" {', '.join(conditions)}." if conditions else "."),
        ),
        enforcement=string(node, "enforcement"),
        first_line=document.first(node),
        last_line=document.last(node),
        rules=tuple(
            FoundRule(
                name=string(rule, "type"),
                type="rule",
                first_line=document.first(rule),
                last_line=document.last(rule),
            )
            for rule in children(child(node, "rules"))
            if string(rule, "type")
        ),
        keys=(policy_key("github-ruleset", name),),
    )


def _protection(document: YamlDocument, node: MappingNode) -> FoundPolicy:
    name = string(node, "name")
    return FoundPolicy(
        format="github-ruleset",
        type="branch protection",
        name=f"branch/{name}",
        shown_name=name,
        about=description_of(title=f"Protection of {name}"),
        first_line=document.first(node),
        last_line=document.last(node),
        rules=tuple(_settings(document, child(node, "protection"))),
        keys=(policy_key("github-ruleset", name),),
    )


def _settings(document: YamlDocument, protection: Node | None) -> Iterator[FoundRule]:
    for key, value in pairs(protection):
        yield FoundRule(
            name=str(key.value), type="setting", first_line=document.first(key), last_line=document.last_of(key, value)
        )


def _wants(path: str) -> bool:
    return any(map(path.__contains__, _IN_PATH)) and _PATH.fullmatch(path) is not None


FORMAT: Final = PolicyFormat(
    "github-ruleset",
    "GitHub ruleset",
    _wants,
    (b"enforcement", b"protection"),
    read_github_settings,
    skips_test_folders=True,
    is_testable=False,
    has_rule_pages=False,
)
