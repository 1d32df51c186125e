"""What a process that stays knows of its last export, and which nodes' files it need not plan again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from mkdocs_gitguard.graph_api.export_turns import ExportTurns, WrittenExports
from mkdocs_gitguard.model import Graph, Node, PullRequestStatus, Related, Relation, Seen
from mkdocs_gitguard.model.moves import touched_ends


class NodeFact(NamedTuple):
    """What other files say of a node."""

    kind: str
    label: str
    file: str
    """Under the API's root: its own if it has a page of its own, else the shard that it stands in."""
    page: str
    """URL of its page, or of its place on another, relative to the site's root or absolute; `""` if it has none."""
    shown: bytes
    """Its id and what is shown of it elsewhere, packed, for digests of what shows it."""
    moment: datetime
    """When it happened, by which relations to it are in order; `LONG_AGO` for what has no moment."""
    as_end: bytes
    """Digest of `shown` and the moment: of all that a relation to it shows of it, and where."""
    own: bytes
    """Digest of `shown` and its record: of all that is said of it, but for its relations and what events say."""
    checksum: int
    """CRC-32 of its id: says where lists that come in parts are broken, so that none moves when another node comes."""


class NodePlan(NamedTuple):
    """What the files of one node are made of, and the digests of that."""

    node: Node
    fact: NodeFact
    seen: Sequence[Seen]
    events: object
    """What events say of it."""
    close: Sequence[Related]
    """What is close to it in meaning."""
    inputs: bytes
    """Digest of all that its document is made of."""
    pages: tuple[tuple[str, bytes], ...]
    """Path and digest of each page of its relations, if it has some."""


class Planned(Protocol):
    """What an export is made of, as far as the next one has to know."""

    @property
    def graph(self) -> Graph:
        """Of what is exported."""

    @property
    def nodes(self) -> Mapping[str, NodeFact]:
        """By id, what others say of a node."""

    @property
    def plans(self) -> Mapping[str, NodePlan]:
        """By id."""

    @property
    def shards(self) -> Mapping[str, int]:
        """By kind, how many there are."""

    @property
    def has_loose_ends(self) -> bool:
        """Whether a relation leads to something that is not a node."""


class KeptPlans:
    """What a process that stays keeps of its last export, so that only what has changed is digested for the next."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.facts: Mapping[str, NodeFact] = {}
        self.plans: Mapping[str, NodePlan] = {}
        self.shards: Mapping[str, int] = {}
        self.turns = ExportTurns()
        """Of the exports of the whole graph."""
        self._relations: Sequence[Relation] = ()
        self._events: Sequence[Mapping[str, object]] = ()
        self._related: Mapping[str, Sequence[Related]] = {}
        self._is_whole = False

    def may_wait(self, graph: Graph) -> bool:
        """Tell whether exports of the whole graph may stay older than what is exported."""
        return self.turns.may_wait(graph.repositories.keys())

    def take(self, api: Planned, written: WrittenExports) -> None:
        """Keep what an export that has ended well was made of, and how those of the whole graph were left."""
        self.turns.take(frozenset(api.graph.repositories), written)
        self.facts, self.plans, self.shards = api.nodes, api.plans, api.shards
        self._relations, self._events, self._related = api.graph.snapshot.relations, _events_of(api), api.graph.related
        self._is_whole = not api.has_loose_ends

    def untouched(self, api: Planned, moved: frozenset[str]) -> Mapping[str, NodePlan]:
        """Return the plans that hold for an export as they are, by node id.

        Which hold is found from what is another object than the last time, not by looking at every node. So a plan may
        hold that is left out: `ApiInput.plan_before` looks closer.

        Args:
            api: what to export.
            moved: ids of nodes of which others show something else than in the last export.
        """
        # Where relations lead to what is not there, a node that comes or goes changes what others show.
        if api.has_loose_ends or not self._is_whole:
            return {}
        with_other_relations = touched_ends(self._relations, api.graph.snapshot.relations)
        if with_other_relations is None:
            return {}
        touched = {
            *_with_another_fact(self.facts, api),
            *_beside(moved, api),
            *with_other_relations,
            *_with_other_events(self._events, api),
            *_with_others_close(self._related, api, moved),
        }
        return {node: plan for node, plan in self.plans.items() if node not in touched}


def _with_another_fact(before: Mapping[str, NodeFact], api: Planned) -> Iterator[str]:
    return (node for node, fact in api.nodes.items() if before.get(node) is not fact)


def _beside(moved: Iterable[str], api: Planned) -> Iterator[str]:
    """Yield what has a relation to a node that moved; of one that is gone the relations are gone too."""
    relations = api.graph.relations
    return (seen.other for node in moved for seen in relations.get(node, ()))


def _with_other_events(before: Sequence[Mapping[str, object]], api: Planned) -> Iterator[str]:
    for old, new in zip(before, _events_of(api), strict=True):
        yield from (node for node in old.keys() | new.keys() if old.get(node) != new.get(node))


def _with_others_close(before: Mapping[str, Sequence[Related]], api: Planned, moved: frozenset[str]) -> Iterator[str]:
    now = api.graph.related
    for node in before.keys() | now.keys():
        close = now.get(node, ())
        if before.get(node, ()) != close or not moved.isdisjoint(item.id for item in close):
            yield node


def _events_of(api: Planned) -> tuple[Mapping[str, PullRequestStatus], Mapping[str, Sequence[PullRequestStatus]]]:
    return api.graph.statuses, api.graph.open_pull_requests
