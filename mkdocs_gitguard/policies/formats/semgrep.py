"""Semgrep rules (https://semgrep.dev/docs/writing-rules/rule-syntax): a file is a policy, its `rules` are its rules."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
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


def rule_files_of(scans: Iterable[FileScan]) -> tuple[str, ...]:
    """Return the paths of the files that hold rules of Semgrep, by path."""
    return tuple(sorted(scan.path for scan in scans if any(policy.format == "semgrep" for policy in scan.policies)))


def sibling_tests(rule_files: Iterable[str], blobs: Mapping[str, str]) -> Iterator[FileScan]:
    """Yield the files that `semgrep --test` pairs with rule files: of the same name up to the first dot.

    So it does with all files in a folder of that name. Other rule files, and what a fix should give (`.fixed`), are no
    tests. The rules are those of its `test.py`.

    Args:
        rule_files: paths of those that hold rules, in the order in which a test names them.
        blobs: the commit's files, path to object id.
    """
    rules: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for path in rule_files:
        if stem := _stem(path):
            rules[stem] += (path,)
    # Ten thousands of files share a few hundred folders.
    of_folder: dict[str, tuple[str, ...]] = {"": ()}

    def beside(folder: str) -> tuple[str, ...]:
        # A path may have more segments than calls may be nested.
        unknown = [*takewhile(lambda one: one not in of_folder, _and_above(folder))]
        for one in reversed(unknown):
            of_folder[one] = rules.get(_stem(one), ()) + of_folder[one.rpartition("/")[0]]
        return of_folder[folder]

    for path, blob in blobs.items() if rules else ():
        folder, _, name = path.rpartition("/")
        tested = rules.get(_stem(path), ()) + beside(folder)
        if tested and not _wants(path) and not _is_fix(name):
            targets = ((f"path:{rule_file}",) for rule_file in tested)
            tests = tuple(FoundTest(name=name, first_line=1, last_line=1, targets=target) for target in targets)
            yield FileScan(path=path, blob=blob, tests=tests)


def _and_above(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _stem(path: str) -> str:
    """Return a path up to the first dot of its name; `""` where the name begins with one."""
    folder, slash, name = path.rpartition("/")
    stem = name.partition(".")[0]
    return f"{folder}{slash}{stem}" if stem else ""


def _is_fix(name: str) -> bool:
    return ".fixed" in name and ".fixed" in PurePosixPath(name).suffixes


def _wants(path: str) -> bool:
    return path.endswith((".yaml", ".yml")) and not path.endswith((".test.yaml", ".test.yml"))


FORMAT: Final = PolicyFormat(
    "semgrep", "Semgrep", _wants, (b"rules:", b'"rules"'), read_semgrep, skips_test_folders=True
)
