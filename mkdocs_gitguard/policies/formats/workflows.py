"""GitHub Actions workflows, as the rules that a repository has set itself: who may do what in which job.

https://docs.github.com/en/actions/reference/security/secure-use
"""

import posixpath
from collections.abc import Iterator
from typing import Final

from msgspec import structs
from yaml.nodes import MappingNode, Node, ScalarNode

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Finding, policy_key
from mkdocs_gitguard.policies.description import description_of
from mkdocs_gitguard.policies.file_scan import FoundPolicy, FoundRule, PolicyUse
from mkdocs_gitguard.policies.format import Found, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.uses import uses_in_script, uses_of_action
from mkdocs_gitguard.policies.yaml.documents import YamlDocument, child, children, key_node, pairs, string

_PATH: Final = late_pattern(r"\.github/workflows/[^/]+\.ya?ml")
_PINNED: Final = late_pattern(r"@[0-9a-f]{40}(?:[0-9a-f]{24})?\Z|@sha256:[0-9a-f]{64}\Z")
_MOST_NAMED: Final = 5


def read_workflow(source: PolicySource) -> Found:
    """Return a workflow: its permissions and jobs are its rules; loose actions and missing permissions are findings."""
    document = next(source.documents(), None)
    root = document.root if document else None
    jobs = child(root, "jobs")
    if document is None or root is None or not isinstance(jobs, MappingNode):
        return Found()
    rules: list[FoundRule] = []
    permissions = key_node(root, "permissions")
    if permissions is not None and (value := child(root, "permissions")) is not None:
        rules.append(
            FoundRule(
                name="permissions",
                type="permissions",
                first_line=document.first(permissions),
                last_line=document.last_of(permissions, value),
            )
        )
    for key, job in pairs(jobs):
        rules.append(
            FoundRule(
                name=str(key.value),
                type="job",
                about=description_of(title=string(job, "name")),
                first_line=document.first(key),
                last_line=document.last_of(key, job),
            )
        )
    policy = FoundPolicy(
        format="workflow",
        type="workflow",
        name=source.path,
        shown_name=string(root, "name") or source.name,
        about=description_of(title=string(root, "name"), category="GitHub Actions"),
        first_line=document.first(root),
        last_line=document.last(root),
        rules=tuple(rules),
        keys=(policy_key("workflow", source.path),),
    )
    findings = (*_unpinned(document, jobs, source), *_permissions(document, root, jobs, source))
    return Found(policies=(policy,), findings=findings, uses=tuple(_uses(document, jobs)))


def _uses(document: YamlDocument, jobs: MappingNode) -> Iterator[PolicyUse]:
    """Yield the policies that the steps ask; those below the path of a checkout are of the repository checked out."""
    for _, job in pairs(jobs):
        checkouts: dict[str, str] = {}
        folder = string(job, "defaults", "run", "working-directory")
        for step in children(child(job, "steps")):
            action, inputs = string(step, "uses"), child(step, "with")
            if action.startswith("actions/checkout@") and string(inputs, "repository") and string(inputs, "path"):
                checkouts[posixpath.normpath(string(inputs, "path"))] = string(inputs, "repository")
            for use in _uses_of_step(document, step, folder):
                yield next(
                    (
                        structs.replace(use, repository=repository, path=posixpath.relpath(use.path, path))
                        for path, repository in checkouts.items()
                        if not use.repository and f"{use.path}/".startswith(f"{path}/")
                    ),
                    use,
                )


def _uses_of_step(document: YamlDocument, step: Node, folder: str) -> Iterator[PolicyUse]:
    run = child(step, "run")
    if isinstance(run, ScalarNode):
        yield from uses_in_script(
            str(run.value), document.scalar_line(run), string(step, "working-directory") or folder
        )
    if action := string(step, "uses"):
        inputs = {
            str(key.value): str(value.value)
            for key, value in pairs(child(step, "with"))
            if isinstance(value, ScalarNode)
        }
        yield from uses_of_action(action, inputs, document.first(step))


def _unpinned(document: YamlDocument, jobs: MappingNode, source: PolicySource) -> Iterator[Finding]:
    loose: dict[str, int] = {}
    for _, job in pairs(jobs):
        for holder in (job, *children(child(job, "steps"))):
            node = child(holder, "uses")
            if isinstance(node, ScalarNode) and not node.value.startswith("./") and not _PINNED.search(node.value):
                loose.setdefault(str(node.value), document.first(node))
    if loose:
        named = ", ".join(f"{name} (line {line})" for name, line in list(loose.items())[:_MOST_NAMED])
        more = f" and {len(loose) - _MOST_NAMED} more" if len(loose) > _MOST_NAMED else ""
        yield source.finding(
            "workflow-unpinned-action",
            "info",
            f"These actions are not pinned to a commit: {named}{more}.",
            min(loose.values()),
            "Pin each to a full commit id.",
        )


def _permissions(
    document: YamlDocument, root: MappingNode, jobs: MappingNode, source: PolicySource
) -> Iterator[Finding]:
    top = child(root, "permissions")
    holders = [(top, root)] if top is not None else [(child(job, "permissions"), job) for _, job in pairs(jobs)]
    if top is None and any(permissions is None for permissions, _ in holders):
        yield source.finding(
            "workflow-permissions-unstated",
            "info",
            "The workflow does not say what its token may do, so it may do whatever the repository's default allows.",
            document.first(root),
            "Write `permissions: {}` at the top and give each job what it needs.",
        )
    everywhere = [*holders, *((child(job, "permissions"), job) for _, job in pairs(jobs) if top is not None)]
    for permissions, _ in everywhere:
        if isinstance(permissions, ScalarNode) and permissions.value == "write-all":
            yield source.finding(
                "workflow-permissions-write-all",
                "warning",
                "The workflow's token may write everything.",
                document.first(permissions),
                "Name the permissions that are needed.",
            )


FORMAT: Final = PolicyFormat(
    "workflow",
    "GitHub Actions",
    lambda path: _PATH.fullmatch(path) is not None,
    (b"jobs",),
    read_workflow,
    skips_test_folders=True,
    is_testable=False,
    has_rule_pages=False,
    is_automation=True,
)
