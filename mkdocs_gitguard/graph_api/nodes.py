"""What the files of one export are made of: every node, what others say of it, and where it stands."""

import hashlib
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

import msgspec

from mkdocs_gitguard.graph_api.kept_plans import KeptPlans, NodeFact, NodePlan
from mkdocs_gitguard.graph_api.layout import (
    API_ROOT,
    NODES_PER_SHARD,
    node_path,
    parts_for,
    shard_path,
)
from mkdocs_gitguard.model import (
    NODE_KINDS,
    Decision,
    Graph,
    Node,
    PullRequest,
    Related,
    Relation,
    Repository,
    Seen,
    kind_of,
    label_of,
)

LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
_DIGEST_SIZE: Final = 16
"""Bytes."""
_TO_SITE: Final = "../" * (API_ROOT.count("/") + 1)
_pack: Final = msgspec.msgpack.Encoder().encode


class ApiInput:
    """What is looked up again and again while the files of one snapshot are made."""

    def __init__(self, graph: Graph, pages: Mapping[str, str], before: KeptPlans | None = None) -> None:
        """Look at every node once.

        Args:
            graph: of what to export.
            pages: node id to the URL of its page, relative to the site's root or absolute; one with an anchor is of a
                page that shows the node among others. Others have no page.
            before: of the last export of this process, if it stays.
        """
        self._before = before
        self.plans: dict[str, NodePlan] = {}
        """By node id, where the process stays."""
        self.graph = graph
        self.snapshot = graph.snapshot
        pageless = Counter(kind_of(node.id) for node in self.snapshot.nodes() if not _is_own(pages.get(node.id, "")))
        self.shards: dict[str, int] = {
            kind.name: parts_for(pageless[kind.name], NODES_PER_SHARD) for kind in NODE_KINDS
        }
        """By kind, in how many shards its nodes without a page of their own stand."""
        self.nodes: dict[str, NodeFact] = {}
        plans = before.plans if before is not None and before.shards == self.shards else {}
        for node in self.snapshot.nodes():
            page = pages.get(node.id, "")
            known = plans.get(node.id)
            # Where it stands follows from its id, whether it has a page, and the number of shards.
            is_known = known is not None and known.node is node and known.fact.page == page
            self.nodes[node.id] = known.fact if known is not None and is_known else self._fact_of(node, page)
        self._moved = frozenset(() if before is None else _moved(before.facts, self.nodes))
        """Ids of the nodes of which relations to them show something else than in the last export."""
        self.untouched: Mapping[str, NodePlan] = {} if before is None else before.untouched(self, self._moved)
        """Plans of the last export that hold, as far as that is told at a glance."""

    @cached_property
    def has_loose_ends(self) -> bool:
        """Whether a relation leads to something that is not a node of this snapshot."""
        return not self.graph.relations.keys() <= self.nodes.keys()

    def counts(self) -> dict[str, int]:
        """Return how many nodes there are of each kind, in the order of `NODE_KINDS`."""
        counts = Counter(node.kind for node in self.nodes.values())
        return {kind.name: counts[kind.name] for kind in NODE_KINDS}

    def relations(self) -> Iterator[Relation]:
        """Yield the relations whose ends are both nodes of this snapshot: every href must lead somewhere."""
        relations, nodes = self.snapshot.relations, self.nodes
        if not self.has_loose_ends:
            return iter(relations)
        return (item for item in relations if item.source in nodes and item.target in nodes)

    def plan_before(
        self, node: Node, seen: Sequence[Seen], events: object, close: Sequence[Related]
    ) -> NodePlan | None:
        """Return the plan of the last export for a node, if it was made of the same."""
        known = self._before.plans.get(node.id) if self._before is not None else None
        if known is None or (known.fact, known.events, known.close) != (self.nodes[node.id], events, close):
            return None
        if not (known.node is node or known.node == node) or known.seen != seen:
            return None
        ends = [*(item.other for item in seen), *(item.id for item in close)]
        return known if self._moved.isdisjoint(ends) else None

    def take(self, plan: NodePlan) -> None:
        """Keep a plan for the next export, if there will be one."""
        if self._before is not None:
            self.plans[plan.node.id] = plan

    def seen(self, node: str) -> Sequence[Seen]:
        """Return a node's relations, those with one end missing left out."""
        relations = self.graph.relations.get(node, ())
        return [seen for seen in relations if seen.other in self.nodes] if self.has_loose_ends else relations

    def _fact_of(self, node: Node, page: str) -> NodeFact:
        path = node_path(node.id)
        return _fact_of(node, path if _is_own(page) else shard_path(path, self.shards[kind_of(node.id)]), page)


def _fact_of(node: Node, file: str, page: str) -> NodeFact:
    label, moment = label_of(node), _moment(node)
    shown = _pack((node.id, label, file, page))
    # Looked at once for each relation of a node: there are far more of those than nodes.
    as_end = hashlib.blake2b(shown + _pack(moment), digest_size=_DIGEST_SIZE).digest()
    record = attributes_of(node) if isinstance(node, Repository) else node
    own = hashlib.blake2b(shown + _pack(record), digest_size=_DIGEST_SIZE).digest()
    checksum = zlib.crc32(node.id.encode("utf-8", "surrogatepass"))
    return NodeFact(kind_of(node.id), label, file, page, shown, moment, as_end, own, checksum)


def _moved(before: Mapping[str, NodeFact], now: Mapping[str, NodeFact]) -> Iterator[str]:
    yield from before.keys() - now.keys()
    for node, fact in now.items():
        known = before.get(node)
        if known is not fact and (known is None or known.as_end != fact.as_end):
            yield node


def attributes_of(node: Node) -> dict[str, Any]:
    """Return the record as the API shows it."""
    attributes = {name: getattr(node, name) for name in node.__struct_fields__ if name != "id"}
    if isinstance(node, Repository):
        attributes["file_count"] = len(attributes.pop("files"))
    return attributes


def _moment(node: Node) -> datetime:
    if isinstance(node, PullRequest):
        return node.merged_at
    return (node.at if isinstance(node, Decision) else None) or LONG_AGO


def _is_own(page: str) -> bool:
    return page != "" and "#" not in page


def page_href(root: str, page: str) -> str:
    """Return the href of a portal page from a file whose way up to the API's root is `root`."""
    return page if not page or "://" in page else f"{root}{_TO_SITE}{page}"


def digest_of(value: object) -> bytes:
    """Return the digest of a value made of records, tuples, mappings and plain values."""
    return hashlib.blake2b(_pack(value), digest_size=_DIGEST_SIZE).digest()
