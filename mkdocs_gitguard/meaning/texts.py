"""What of a snapshot has a meaning: the words of each repository, policy, rule, team, and the newest pull requests."""

from __future__ import annotations

from heapq import nlargest
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import Graph, is_policy, name_of
from mkdocs_gitguard.portal.lists.findings import causes
from mkdocs_gitguard.portal.lists.policies import is_notable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_gitguard.model import Policy, Repository, Rule, Snapshot
    from mkdocs_gitguard.portal import Pages
    from mkdocs_gitguard.portal.page import PortalPage

MOST_PULL_REQUESTS: Final = 20_000
"""The newest: of more, a browser could not read the vectors."""
LONGEST_TEXT: Final = 1_000
"""Characters of a text that count."""
_LISTS_OF: Final = frozenset({"finding", "scorecard", "status", "dashboards"})
"""Sections whose pages each have a subject of their own."""


def texts_of(snapshot: Snapshot) -> dict[str, str]:
    """Return by node id the text of what has a meaning."""
    return {node: text[:LONGEST_TEXT] for node, text in _texts(snapshot) if text.strip()}


def subjects_of(snapshot: Snapshot) -> dict[str, str]:
    """Return by id the repositories and policies, of which it is told what is related, with what holds each."""
    policies = {policy.id: policy.repository for policy in snapshot.policies if is_policy(policy)}
    return {**{repository.id: "" for repository in snapshot.repositories}, **policies}


def _texts(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    graph = Graph(snapshot)
    for repository in snapshot.repositories:
        yield repository.id, _of_repository(repository)
    for policy in snapshot.policies:
        rules = graph.rules_by_policy.get(policy.id, ())
        if is_policy(policy) or policy.role == "automation":
            yield policy.id, _of_policy(policy, rules)
        if is_policy(policy):
            for rule in rules:
                if is_notable([rule]):
                    yield rule.id, _joined(rule.title, rule.name, rule.description, policy.title or policy.name)
    for owner in snapshot.owners:
        if owner.type == "team":
            yield owner.id, _joined("team", name_of(owner.id).rpartition("/")[2], owner.name.rpartition("/")[2])
    newest = nlargest(MOST_PULL_REQUESTS, snapshot.pull_requests, key=lambda change: (change.merged_at, change.id))
    for change in newest:
        yield change.id, change.title


def _of_repository(repository: Repository) -> str:
    return _joined(repository.name, repository.description, repository.readme_summary)


def _of_policy(policy: Policy, rules: tuple[Rule, ...]) -> str:
    of_rules = (rule.title or rule.description for rule in rules)
    return _joined(policy.title or policy.name, policy.name, policy.description, policy.category, *of_rules)


def _joined(*parts: str) -> str:
    return "\n".join(dict.fromkeys(filter(None, parts)))


def texts_of_lists(pages: Pages) -> dict[str, str]:
    """Return by path the text of each page that lists something and belongs to no one repository."""
    by_cause = causes(pages.portal.snapshot.findings)
    titles = "\n".join(cause.title for cause in by_cause)
    hints = {cause.path: cause.hint for cause in by_cause}
    texts = {}
    for page in pages.by_path.values():
        if page.search and not page.node and _has_subject(page):
            more = titles if page.path == "finding" else hints.get(page.path, "")
            texts[page.path or "home"] = _joined(page.title, page.search, more)[:LONGEST_TEXT]
    return texts


def _has_subject(page: PortalPage) -> bool:
    section, _, rest = page.path.partition("/")
    return not rest or page.nav is not None or (section in _LISTS_OF and page.section == section)
