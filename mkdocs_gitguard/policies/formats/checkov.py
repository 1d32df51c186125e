"""Checkov custom policies in YAML (https://www.checkov.io/3.Custom%20Policies/YAML%20Custom%20Policies.html)."""

from typing import Final

from mkdocs_gitguard.model import policy_key
from mkdocs_gitguard.policies.description import description_of
from mkdocs_gitguard.policies.file_scan import FoundPolicy, FoundRule
from mkdocs_gitguard.policies.format import Found, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.yaml.documents import child, key_node, string


def read_checkov(source: PolicySource) -> Found:
    """Return the policies of a Checkov file; each has one rule, its definition."""
    policies: list[FoundPolicy] = []
    for document in source.documents(b"definition", is_certain=False):
        root = document.root
        name, definition = string(root, "metadata", "id"), child(root, "definition")
        key = key_node(root, "definition")
        if root is None or not name or definition is None or key is None:
            continue
        description = description_of(
            title=string(root, "metadata", "name"),
            description=string(root, "metadata", "guidelines") or string(root, "metadata", "description"),
            severity=string(root, "metadata", "severity"),
            category=string(root, "metadata", "category"),
            related=[string(root, "metadata", "guideline"), string(root, "metadata", "guidelines")],
        )
        rule = FoundRule(
            name="definition",
            type="definition",
            about=description,
            first_line=document.first(key),
            last_line=document.last_of(key, definition),
            keys=(policy_key("checkov", name),),
        )
        policies.append(
            FoundPolicy(
                format="checkov",
                type="custom policy",
                name=name,
                about=description,
                first_line=document.first(root),
                last_line=document.last(root),
                rules=(rule,),
                keys=(policy_key("checkov", name),),
            )
        )
    return Found(policies=tuple(policies))


FORMAT: Final = PolicyFormat(
    "checkov",
    "Checkov",
    lambda path: path.endswith((".yaml", ".yml")),
    (b"definition:", b'"definition"'),
    read_checkov,
    skips_test_folders=True,
    is_testable=False,
    has_rule_pages=False,
)
