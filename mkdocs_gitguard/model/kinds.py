"""The kinds of node that a snapshot holds: one row each, read by all that has something to say of every kind."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from mkdocs_gitguard.model.decision import Decision
from mkdocs_gitguard.model.ids import Kind, name_of
from mkdocs_gitguard.model.owner import Owner
from mkdocs_gitguard.model.policy import Policy, PolicyException, Rule
from mkdocs_gitguard.model.pull_request import PullRequest
from mkdocs_gitguard.model.repository import Organization, Repository

Node = Organization | Repository | Owner | PullRequest | Policy | Rule | Decision | PolicyException


class NodeKind(NamedTuple):
    """What is to be known of a kind of node."""

    name: Kind
    """What stands before the colon of its ids, in paths and in JSON."""
    record: type[Node]
    singular: str
    """What people call one, in the legends of diagrams."""
    plural: str
    """What people call several; with `_` for spaces the name of their table in SQLite."""
    field: str
    """Where they stand in a `Snapshot`."""
    label: Callable[[Any], str]
    """Gives what people call one node; `label_of` brings that onto one line and leaves none empty."""
    shape: tuple[str, str]
    """What stands around the label in Mermaid (https://mermaid.js.org/syntax/flowchart.html#node-shapes)."""
    colour: str
    """Stroke in diagrams and in the explorer, `#rrggbb`."""
    columns: tuple[str, ...]
    """The fields of its record that its table in SQLite shows."""


def _name(node: Organization | Owner) -> str:
    return node.name


def _repository(node: Repository) -> str:
    return f"{node.namespace}/{node.name}" if node.namespace else node.name


def _pull_request(node: PullRequest) -> str:
    return f"#{node.number} {node.title}"


def _title(node: Policy | Rule) -> str:
    return node.title or node.name


def _exception(node: PolicyException) -> str:
    return f"{node.name} in {node.span.path}"


def _decision(node: Decision) -> str:
    return f"{node.outcome}: {node.message or node.policy_key or name_of(node.id)}"


NODE_KINDS: Final[tuple[NodeKind, ...]] = (
    NodeKind(
        name="organization",
        record=Organization,
        singular="organisation",
        plural="organizations",
        field="organization",
        label=_name,
        shape=("[[", "]]"),
        colour="#6a6ad6",
        columns=("name",),
    ),
    NodeKind(
        name="repository",
        record=Repository,
        singular="repository",
        plural="repositories",
        field="repositories",
        label=_repository,
        shape=("[[", "]]"),
        colour="#1b9c8b",
        columns=("namespace", "name", "description", "licence", "default_branch", "head", "head_at", "commits"),
    ),
    NodeKind(
        name="owner",
        record=Owner,
        singular="code owner or person",
        plural="owners",
        field="owners",
        label=_name,
        shape=("(", ")"),
        colour="#d9822b",
        columns=("type", "name", "is_bot", "is_alumnus", "first_at", "last_at"),
    ),
    NodeKind(
        name="pull-request",
        record=PullRequest,
        singular="pull request",
        plural="pull requests",
        field="pull_requests",
        label=_pull_request,
        shape=("([", "])"),
        colour="#4f6bd8",
        columns=("repository", "number", "title", "author", "merger", "merged_at", "commit", "confidence"),
    ),
    NodeKind(
        name="policy",
        record=Policy,
        singular="policy",
        plural="policies",
        field="policies",
        label=_title,
        shape=("{{", "}}"),
        colour="#b14fab",
        columns=("repository", "format", "type", "name", "title", "severity", "category"),
    ),
    NodeKind(
        name="rule",
        record=Rule,
        singular="rule",
        plural="rules",
        field="rules",
        label=_title,
        shape=("{{", "}}"),
        colour="#c77fc2",
        columns=("policy", "name", "title", "severity"),
    ),
    NodeKind(
        name="decision",
        record=Decision,
        singular="decision",
        plural="decisions",
        field="decisions",
        label=_decision,
        shape=(">", "]"),
        colour="#c79100",
        columns=("format", "outcome", "message", "at", "policy_key", "resolution"),
    ),
    NodeKind(
        name="exception",
        record=PolicyException,
        singular="exception from a policy",
        plural="exceptions",
        field="exceptions",
        label=_exception,
        shape=("[/", "/]"),
        colour="#8a6d3b",
        columns=("repository", "format", "type", "name", "scope", "reason", "starts_at", "ends_at"),
    ),
)
"""In the order in which a snapshot holds them."""

KIND_OF_RECORD: Final[Mapping[type, NodeKind]] = MappingProxyType({kind.record: kind for kind in NODE_KINDS})


def label_of(node: Node) -> str:
    """Return what a node is called on a page, in a diagram and in the Graph API: one line, never empty."""
    return " ".join(KIND_OF_RECORD[type(node)].label(node).split()) or name_of(node.id)
