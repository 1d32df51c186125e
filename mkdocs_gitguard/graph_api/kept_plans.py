"""What a process that stays knows of its last export, and which nodes' files it need not plan again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.model import Node, PullRequestStatus, Related, Relation, Seen

if TYPE_CHECKING:
    from mkdocs_gitguard.graph_api.nodes import ApiInput, NodeFact


class NodePlan(NamedTuple):
    """What the files of one node are made of, and the digests of that."""

    node: Node
    fact: "NodeFact"
    seen: Sequence[Seen]
    events: object
    """What events say of it."""
    close: Sequence[Related]
    """What is close to it in meaning."""
    inputs: bytes
    """Digest of all that its document is made of."""
    pages: tuple[tuple[str, bytes], ...]
    """Path and digest of each page of its relations, if it has some."""


class KeptPlans:
    """What a process that stays keeps of its last export, so that only what has changed is digested for the next."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.facts: Mapping[str, NodeFact] = {}
        self.plans: Mapping[str, NodePlan] = {}
        self.shards: Mapping[str, int] = {}
        self._relations: Sequence[Relation] = ()
        self._events: Sequence[Mapping[str, object]] = ()
        self._related: Mapping[str, Sequence[Related]] = {}
        self._is_whole = False

    def take(self, api: "ApiInput") -> None:
        """Keep what an export that has ended well was made of."""
        self.facts, self.plans, self.shards = api.nodes, api.plans, api.shards
        self._relations, self._events, self._related = api.snapshot.relations, _events_of(api), api.graph.related
        self._is_whole = not api.has_loose_ends

    def untouched(self, api: "ApiInput", moved: frozenset[str]) -> Mapping[str, NodePlan]:
        """Return the plans that hold for an export as they are, by node id.

        Which hold is found from what is another object than the last time, not by looking at every node. So a plan may
        hold that is left out: `ApiInput.plan_before` looks closer.

        Args:
            api: what to export.
            moved: ids of nodes of which others show something else than in the last export.
        """
        # Where relations lead to what is not there, a node that comes or goes changes what others show.
        if api.has_loose_ends or not self._is_whole or not _is_in_the_same_order(self._relations, api):
            return {}
        touched = {
            *_with_another_fact(self.facts, api),
            *_beside(moved, api),
            *_with_other_relations(self._relations, api),
            *_with_other_events(self._events, api),
            *_with_others_close(self._related, api, moved),
        }
        return {node: plan for node, plan in self.plans.items() if node not in touched}


def _with_another_fact(before: "Mapping[str, NodeFact]", api: "ApiInput") -> Iterator[str]:
    return (node for node, fact in api.nodes.items() if before.get(node) is not fact)


def _beside(moved: Iterable[str], api: "ApiInput") -> Iterator[str]:
    """Yield what has a relation to a node that moved; of one that is gone the relations are gone too."""
    relations = api.graph.relations
    return (seen.other for node in moved for seen in relations.get(node, ()))


def _with_other_relations(before: Sequence[Relation], api: "ApiInput") -> Iterator[str]:
    """Yield the ends of relations that were not there, or are not there any more."""
    old, new = set(map(id, before)), set(map(id, api.snapshot.relations))
    for relations, others in ((before, new), (api.snapshot.relations, old)):
        for relation in relations:
            if id(relation) not in others:
                yield from (relation.source, relation.target)


def _is_in_the_same_order(before: Sequence[Relation], api: "ApiInput") -> bool:
    """Tell whether the relations that were there before stand as they did: a node shows its own in that order."""
    old, new = [*map(id, before)], [*map(id, api.snapshot.relations)]
    either = {*old} ^ {*new}
    return [place for place in old if place not in either] == [place for place in new if place not in either]


def _with_other_events(before: Sequence[Mapping[str, object]], api: "ApiInput") -> Iterator[str]:
    for old, new in zip(before, _events_of(api), strict=True):
        yield from (node for node in old.keys() | new.keys() if old.get(node) != new.get(node))


def _with_others_close(
    before: Mapping[str, Sequence[Related]], api: "ApiInput", moved: frozenset[str]
) -> Iterator[str]:
    now = api.graph.related
    for node in before.keys() | now.keys():
        close = now.get(node, ())
        if before.get(node, ()) != close or not moved.isdisjoint(item.id for item in close):
            yield node


def _events_of(api: "ApiInput") -> tuple[Mapping[str, PullRequestStatus], Mapping[str, Sequence[PullRequestStatus]]]:
    return api.graph.statuses, api.graph.open_pull_requests
