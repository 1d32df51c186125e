"""Semgrep rules (https://semgrep.dev/docs/writing-rules/rule-syntax): a file is a policy, its `rules` are its rules."""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from yaml.nodes import MappingNode

from mkdocs_gitguard.model import policy_key
from mkdocs_gitguard.policies.description import description_of
from mkdocs_gitguard.policies.file_scan import Description, FileScan, FoundPolicy, FoundRule, FoundTest
from mkdocs_gitguard.policies.format import Found, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.yaml.documents import YamlDocument, child, children, plain, string

_MATCHERS: Final = (
    "pattern",
    "patterns",
    "pattern-either",
    "pattern-regex",
    "pattern-sources",
    "mode",
    "match",
    "r2c-internal-project-depends-on",
    "join",
    "taint",
)


def read_semgrep(source: PolicySource) -> Found:
    """Return the rules of a Semgrep file."""
    policies: list[FoundPolicy] = []
    stem = str(PurePosixPath(source.path).with_suffix(""))
    for number, document in enumerate(source.documents(b"rules", is_certain=False)):
        root = document.root if document.may_hold(b"id") else None
        rules = [
            _rule(document, node, source.path)
            for node in children(child(root, "rules"))
            if isinstance(node, MappingNode) and _is_rule(node)
        ]
        if rules and root is not None:
            policies.append(
                FoundPolicy(
                    format="semgrep",
                    type="rules",
                    name=stem if not number else f"{stem}~{number + 1}",
                    shown_name=PurePosixPath(stem).name,
                    about=rules[0].about if len(rules) == 1 else Description(),
                    first_line=document.first(root),
                    last_line=document.last(root),
                    rules=tuple(rules),
                )
            )
    return Found(policies=tuple(policies))


def _is_rule(node: MappingNode) -> bool:
    return bool(string(node, "id")) and any(child(node, name) is not None for name in _MATCHERS)


def _rule(document: YamlDocument, node: MappingNode, path: str) -> FoundRule:
    name = string(node, "id")
    folders = [part for part in PurePosixPath(path).parts[:-1] if part not in (".", "..")]
    try:
        metadata = plain(child(node, "metadata"))
    except ValueError:
        metadata = None
    fields = metadata if isinstance(metadata, dict) else {}
    related = [fields.get(key) for key in ("references", "source", "source-rule-url")]
    return FoundRule(
        name=name,
        type=string(node, "mode") or "search",
        about=description_of(
            title=fields.get("shortDescription") or fields.get("title"),
            description=string(node, "message"),
            severity=string(node, "severity"),
            category=fields.get("category"),
            related=related,
        ),
        first_line=document.first(node),
        last_line=document.last(node),
        keys=tuple(dict.fromkeys((policy_key("semgrep", name), policy_key("semgrep", ".".join((*folders, name)))))),
    )


def sibling_tests(scans: Iterable[FileScan], blobs: Mapping[str, str]) -> Iterator[FileScan]:
    """Yield the files that `semgrep --test` pairs with rule files: of the same name, but for the ending.

    Args:
        scans: of a commit's files.
        blobs: the commit's files, path to object id.
    """
    rules = {posixpath.splitext(scan.path)[0]: scan.path for scan in scans if _has_semgrep(scan)}
    for path, blob in blobs.items() if rules else ():
        stem, ending = posixpath.splitext(path)
        rule_file = rules.get(stem) or (rules.get(stem.removesuffix(".test")) if stem.endswith(".test") else None)
        if rule_file is not None and rule_file != path and ending:
            test = FoundTest(name=posixpath.basename(path), first_line=1, last_line=1, targets=(f"path:{rule_file}",))
            yield FileScan(path=path, blob=blob, tests=(test,))


def _has_semgrep(scan: FileScan) -> bool:
    return any(policy.format == "semgrep" for policy in scan.policies)


def _wants(path: str) -> bool:
    return path.endswith((".yaml", ".yml")) and not path.endswith((".test.yaml", ".test.yml"))


FORMAT: Final = PolicyFormat(
    "semgrep", "Semgrep", _wants, (b"rules:", b'"rules"'), read_semgrep, skips_test_folders=True
)
