"""Cloud Custodian (https://cloudcustodian.io/docs/policy/): a file is a policy, its `policies` are its rules."""

from pathlib import PurePosixPath
from typing import Final

from yaml.nodes import MappingNode

from mkdocs_gitguard.model import policy_key
from mkdocs_gitguard.policies.description import description_of, name_of_file, severity_of, urls
from mkdocs_gitguard.policies.file_scan import FoundPolicy, FoundRule
from mkdocs_gitguard.policies.format import Found, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.yaml.documents import YamlDocument, child, children, plain, string


def read_custodian(source: PolicySource) -> Found:
    """Return the policies of a Custodian file."""
    policies: list[FoundPolicy] = []
    stem = str(PurePosixPath(source.path).with_suffix(""))
    for document in source.documents(b"resource:", b'"resource"', is_certain=False):
        rules = [
            _rule(document, node)
            for node in children(child(document.root, "policies"))
            if isinstance(node, MappingNode) and string(node, "name") and string(node, "resource")
        ]
        if rules and document.root is not None:
            policies.append(
                FoundPolicy(
                    format="custodian",
                    type="policies",
                    name=stem,
                    shown_name=name_of_file(source.path),
                    first_line=document.first(document.root),
                    last_line=document.last(document.root),
                    rules=tuple(rules),
                    resources=tuple(dict.fromkeys(rule.type for rule in rules)),
                    resources_line=rules[0].first_line,
                )
            )
    return Found(policies=tuple(policies))


def _rule(document: YamlDocument, node: MappingNode) -> FoundRule:
    name = string(node, "name")
    try:
        metadata = plain(child(node, "metadata"))
    except ValueError:
        metadata = None
    fields = metadata if isinstance(metadata, dict) else {}
    return FoundRule(
        name=name,
        type=string(node, "resource"),
        about=description_of(
            title=fields.get("title"),
            description=string(node, "description") or string(node, "comment") or string(node, "comments"),
            severity=severity_of(fields.get("severity")),
            category=fields.get("category"),
            related=list(urls(list(fields.values()))),
        ),
        first_line=document.first(node),
        last_line=document.last(node),
        keys=(policy_key("custodian", name),),
    )


FORMAT: Final = PolicyFormat(
    "custodian",
    "Cloud Custodian",
    lambda path: path.endswith((".yaml", ".yml")),
    (b"policies:", b'"policies"'),
    read_custodian,
    skips_test_folders=True,
    is_testable=False,
)
