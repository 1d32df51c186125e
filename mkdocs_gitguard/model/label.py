"""What a node is called on a page, in a diagram and in the Graph API: one line, the same everywhere."""

from mkdocs_gitguard.model.decision import Decision
from mkdocs_gitguard.model.ids import name_of
from mkdocs_gitguard.model.policy import Policy, Rule
from mkdocs_gitguard.model.pull_request import PullRequest
from mkdocs_gitguard.model.repository import Repository
from mkdocs_gitguard.model.snapshot import Node


def label_of(node: Node) -> str:
    """Return the node's name for people, never empty and on one line."""
    match node:
        case Repository():
            label = f"{node.namespace}/{node.name}" if node.namespace else node.name
        case PullRequest():
            label = f"#{node.number} {node.title}"
        case Policy() | Rule():
            label = node.title or node.name
        case Decision():
            label = f"{node.outcome}: {node.message or node.policy_key or name_of(node.id)}"
        case _:
            label = node.name
    return " ".join(label.split()) or name_of(node.id)
