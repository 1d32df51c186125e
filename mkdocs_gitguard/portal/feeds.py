"""The portal's feeds: of all that happens, of each repository and team, of the policies that changed last."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import name_of, path_of
from mkdocs_gitguard.portal.atom import Entry, feed
from mkdocs_gitguard.portal.lists.happenings import (
    by_team,
    changed_last,
    newest,
    newest_in_repository,
    of_all_policies,
    teams_with_happenings,
)
from mkdocs_gitguard.portal.page import Asset

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs_gitguard.model import Graph
    from mkdocs_gitguard.portal.lists.happenings import Happening, HappeningType
    from mkdocs_gitguard.portal.portal import Portal

FOLDER: Final = "feed"
ALL: Final = f"{FOLDER}/all.xml"
"""Path of the feed of all that happens."""
_WORDS: Final[Mapping[HappeningType, str]] = MappingProxyType(
    {"merged": "Merged", "released": "Released", "policy": "Policy changed", "owners": "Code owners changed"}
)
_MOST_NAMES: Final = 10


def fed_nodes(portal: Portal) -> tuple[str, ...]:
    """Return the nodes that have a feed, in the order of `happenings_of`: no page waits for what the feeds hold."""
    graph = portal.graph
    teams = teams_with_happenings(graph, portal.options.kept_work)
    policies = (policy.id for policy in changed_last(graph, portal.options.policy_feeds))
    return tuple(dict.fromkeys((portal.snapshot.organization.id, *graph.repositories, *teams, *policies)))


def happenings_of(portal: Portal) -> Mapping[str, tuple[Happening, ...]]:
    """Return by node id what the feed of each node that has one holds; the organisation's is of all repositories."""
    graph, work = portal.graph, portal.options.kept_work
    by_repository = {
        repository: work.once("happenings", repository, graph, partial(newest_in_repository, repository))
        for repository in graph.repositories
    }
    everything = newest(one for happenings in by_repository.values() for one in happenings)
    return MappingProxyType(
        {
            portal.snapshot.organization.id: everything,
            **by_repository,
            **by_team(graph, work),
            **of_all_policies(graph, portal.options.policy_feeds),
        }
    )


def path_of_feed(portal: Portal, node: str) -> str:
    """Return the path of a node's feed in the site.

    The last segment begins with `@`, as no segment of another path does: a node may be called `x.xml/y`.
    """
    if node == portal.snapshot.organization.id:
        return ALL
    folder, _, name = path_of(node).rpartition("/")
    return f"{FOLDER}/{folder}/@{name}.xml"


class FeedSource(NamedTuple):
    """What feeds are made of."""

    portal: Portal
    happenings: Mapping[str, tuple[Happening, ...]]
    """By node id, what each feed holds."""
    paths: Mapping[str, str]
    """By node id, where it stands."""
    urls: Mapping[str, str]
    """By node id, the URL of its page, relative to the site."""


def feeds(source: FeedSource) -> Iterator[Asset]:
    """Yield the files of all feeds."""
    portal = source.portal
    options = portal.options
    for node, happenings in source.happenings.items():
        urls = tuple(absolute(source, one) for one in (node, *(one.node for one in happenings)))
        made_of = (happenings, urls, options.site_name, options.site_url, portal.snapshot.organization.name)
        feed_of = partial(_feed, source, node, happenings)
        yield options.kept_work.once("feed", node, portal.graph, feed_of, inputs=made_of)


def _feed(source: FeedSource, node: str, happenings: tuple[Happening, ...], graph: Graph) -> Asset:
    portal = source.portal
    labels = graph.labels
    is_whole = node == portal.snapshot.organization.id
    title = portal.options.site_name or labels[node] if is_whole else labels[node]
    data = feed(
        node,
        title,
        (_entry(source, one, labels, names_policy=node != one.node) for one in happenings),
        author=portal.options.site_name or portal.snapshot.organization.name,
        url=absolute(source, node),
        self_url=portal.address_of(source.paths[node]),
        subtitle="What was merged, released and changed.",
    )
    return Asset(path=source.paths[node], data=data)


def _entry(source: FeedSource, one: Happening, labels: Mapping[str, str], *, names_policy: bool) -> Entry:
    repository = labels.get(one.repository, name_of(one.repository))
    author = labels.get(one.author, "")
    subject = f"{labels.get(one.node, one.node)}: {one.title}" if one.type == "policy" and names_policy else one.title
    by = ", written by" if one.type == "merged" else " by"
    sentences = [f"{_WORDS[one.type]} in {repository}{f'{by} {author}' if author else ''}."]
    if one.changed:
        names = ", ".join(labels.get(policy, policy) for policy in one.changed[:_MOST_NAMES])
        more = f" and {len(one.changed) - _MOST_NAMES:,} more" if len(one.changed) > _MOST_NAMES else ""
        sentences.append(f"Policies changed: {names}{more}.")
    if one.changes_owners:
        sentences.append("CODEOWNERS changed.")
    return Entry(
        key=one.key,
        title=f"{repository} {subject}",
        updated=one.at,
        author=author,
        text=" ".join(sentences),
        # Of a release and of CODEOWNERS the repository's page tells less than the forge.
        url=(one.url if one.node == one.repository else "") or absolute(source, one.node) or one.url,
    )


def absolute(source: FeedSource, node: str) -> str:
    """Return the absolute URL of a node's page, `""` where it has none or the site does not know its own address."""
    site = source.portal.options.site_url
    url = source.urls.get(node) if site else None
    return f"{site}{url.removeprefix('./')}" if url else ""
