"""Semgrep rules (https://semgrep.dev/docs/writing-rules/rule-syntax): a file is a policy, its `rules` are its rules."""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from yaml.nodes import MappingNode

from mkdocs_gitguard.model import policy_key
from mkdocs_gitguard.policies.description import description_of, name_of_file
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
                    shown_name=name_of_file(source.path),
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
    """Yield the files that `semgrep --test` pairs with rule files: of the same name up to the first dot.

    So it does with all files in a folder of that name. Other rule files, and what a fix should give (`.fixed`), are no
    tests. The rules are those of its `test.py`.

    Args:
        scans: of a commit's files.
        blobs: the commit's files, path to object id.
    """
    rules: defaultdict[str, list[str]] = defaultdict(list)
    for scan in scans:
        if _has_semgrep(scan) and (stem := _stem(scan.path)):
            rules[stem].append(scan.path)
    for path, blob in blobs.items() if rules else ():
        name = posixpath.basename(path)
        if _wants(path) or ".fixed" in PurePosixPath(name).suffixes:
            continue
        tests = tuple(
            FoundTest(name=name, first_line=1, last_line=1, targets=(f"path:{rule_file}",))
            for place in _and_folders(path)
            for rule_file in rules.get(_stem(place), ())
        )
        if tests:
            yield FileScan(path=path, blob=blob, tests=tests)


def _stem(path: str) -> str:
    """Return a path up to the first dot of its name; `""` where the name begins with one."""
    folder, name = posixpath.split(path)
    stem = name.partition(".")[0]
    return posixpath.join(folder, stem) if stem else ""


def _and_folders(path: str) -> Iterator[str]:
    while path:
        yield path
        path = posixpath.dirname(path)


def _has_semgrep(scan: FileScan) -> bool:
    return any(policy.format == "semgrep" for policy in scan.policies)


def _wants(path: str) -> bool:
    return path.endswith((".yaml", ".yml")) and not path.endswith((".test.yaml", ".test.yml"))


FORMAT: Final = PolicyFormat(
    "semgrep", "Semgrep", _wants, (b"rules:", b'"rules"'), read_semgrep, skips_test_folders=True
)
