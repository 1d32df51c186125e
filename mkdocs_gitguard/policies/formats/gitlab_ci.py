"""GitLab CI/CD (https://docs.gitlab.com/ci/yaml/): a pipeline, its jobs, and the policies that their scripts ask."""

from collections.abc import Iterator
from typing import Final

from yaml.nodes import MappingNode, Node, ScalarNode

from mkdocs_gitguard.model import policy_key
from mkdocs_gitguard.policies.description import description_of
from mkdocs_gitguard.policies.file_scan import FoundPolicy, FoundRule, PolicyUse
from mkdocs_gitguard.policies.format import Found, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.uses import uses_in_script
from mkdocs_gitguard.policies.yaml.documents import YamlDocument, child, children, pairs

_PATH: Final = ".gitlab-ci.yml"
_NO_JOBS: Final = frozenset({"default", "include", "image", "services", "stages", "variables", "workflow", "cache"})
"""Top-level keys that do not name a job; what begins with `.` is a template."""
_SCRIPTS: Final = ("before_script", "script", "after_script")


def read_gitlab_ci(source: PolicySource) -> Found:
    """Return the pipeline: its jobs are its rules."""
    # The last document is the pipeline; one before it is a component's `spec`.
    document = next(reversed(list(source.documents())), None)
    root = document.root if document else None
    if document is None or root is None:
        return Found()
    jobs = [(key, job) for key, job in pairs(root) if isinstance(job, MappingNode) and key.value not in _NO_JOBS]
    if not jobs:
        return Found()
    policy = FoundPolicy(
        format="gitlab-ci",
        type="pipeline",
        name=source.path,
        about=description_of(category="GitLab CI/CD"),
        first_line=document.first(root),
        last_line=document.last(root),
        rules=tuple(
            FoundRule(
                name=str(key.value), type="job", first_line=document.first(key), last_line=document.last_of(key, job)
            )
            for key, job in jobs
        ),
        keys=(policy_key("gitlab-ci", source.path),),
    )
    holders = (root, child(root, "default"), *(job for _, job in jobs))
    return Found(policies=(policy,), uses=tuple(use for holder in holders for use in _uses(document, holder)))


def _uses(document: YamlDocument, job: Node | None) -> Iterator[PolicyUse]:
    for name in _SCRIPTS:
        script = child(job, name)
        for command in (script, *children(script)):
            if isinstance(command, ScalarNode):
                yield from uses_in_script(str(command.value), document.scalar_line(command))


FORMAT: Final = PolicyFormat(
    "gitlab-ci",
    "GitLab CI/CD",
    lambda path: path == _PATH,
    (),
    read_gitlab_ci,
    is_testable=False,
    has_rule_pages=False,
    is_automation=True,
)
