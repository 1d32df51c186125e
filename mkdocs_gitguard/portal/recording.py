"""Stand in the place of the graph, the moment and the links while a page is written, and keep what it asks.

Not the answers: see `portal/traces.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from mkdocs_gitguard.model import Graph, Owner, OwnerState
    from mkdocs_gitguard.portal.links import Links
    from mkdocs_gitguard.portal.now import Now


OF_DAY: Final = frozenset(["ago", "months", "today", "over", "state"])
"""Roots of the reads whose answers the day has a part in: the same day and snapshot, the same answers."""


class Read(NamedTuple):
    """One question that a page asked."""

    root: str
    """`index`: one key of an index of the graph; `has`: whether it is there; `keys`: all keys of it; `whole`: all of
    it, or a value that is not a mapping; `others`; `link`; `section`; and of the day (`OF_DAY`) `ago`, `months`,
    `today`, `over`, `state`."""
    name: str
    """Of the index or relation, `""` for others."""
    key: str
    """What was asked for: a node's id, a path, a moment."""

    def __str__(self) -> str:
        """Return it in words, for `gitguard build --explain`."""
        return " ".join(filter(None, (self.root, self.name, self.key)))


class Recording:
    """Stands in the place of a `Graph` for one page, and keeps what is asked of it."""

    def __init__(self, graph: Graph, reads: dict[Read, None]) -> None:
        """Take the graph, and where the reads go."""
        self._graph = graph
        self._reads = reads

    def __getattr__(self, name: str) -> Any:
        """Return an index that keeps what is asked of it; anything else counts as read whole."""
        if name == "snapshot":
            raise AttributeError("A page that is traced does not read the whole snapshot.")
        value = getattr(self._graph, name)
        if isinstance(value, Mapping):
            recorded = RecordedIndex(name, value, self._reads)
            # Asked for again it is found without this method.
            self.__dict__[name] = recorded
            return recorded
        if callable(value):
            # Not a TypeError: `getattr` with a default, and templates, expect this one.
            raise AttributeError(f"A page that is traced does not call {name}.")  # noqa: TRY004
        self._reads[Read("whole", name, "")] = None
        return value

    def others(self, node: str, relation_type: str) -> tuple[str, ...]:
        """See `Graph.others`."""
        self._reads[Read("others", relation_type, node)] = None
        return self._graph.others(node, relation_type)


class RecordedIndex(Mapping[str, Any]):
    """One index of the graph."""

    __slots__ = ("_index", "_name", "_reads")

    def __init__(self, name: str, index: Mapping[str, Any], reads: dict[Read, None]) -> None:
        """Take the index."""
        self._name = name
        self._index = index
        self._reads = reads

    def __getitem__(self, key: str) -> Any:
        """Return what stands under a key."""
        self._reads[Read("index", self._name, key)] = None
        return self._index[key]

    def get(self, key: str, default: Any = None) -> Any:
        """Return what stands under a key, or `default`."""
        self._reads[Read("index", self._name, key)] = None
        return self._index.get(key, default)

    def __contains__(self, key: object) -> bool:
        """Tell whether something stands under a key."""
        self._reads[Read("has", self._name, str(key))] = None
        return key in self._index

    def __iter__(self) -> Iterator[str]:
        """Yield the keys."""
        self._reads[Read("keys", self._name, "")] = None
        return iter(self._index)

    def __len__(self) -> int:
        """Return the number of keys."""
        self._reads[Read("keys", self._name, "")] = None
        return len(self._index)


class RecordedNow:
    """Stands in the place of `Now` for one page, an overview too. The moment itself is not to be had."""

    def __init__(self, now: Now, reads: dict[Read, None]) -> None:
        """Take the moment."""
        self._now = now
        self._reads = reads

    def ago(self, moment: datetime) -> str:
        """See `Now.ago`."""
        self._reads[Read("ago", "", moment.isoformat())] = None
        return self._now.ago(moment)

    def months(self, number: int) -> list[str]:
        """See `Now.months`."""
        self._reads[Read("months", "", str(number))] = None
        return self._now.months(number)

    def today(self) -> str:
        """See `Now.today`."""
        self._reads[Read("today", "", "")] = None
        return self._now.today()

    def is_over(self, days: int, moment: datetime) -> bool:
        """See `Now.is_over`."""
        self._reads[Read("over", str(days), moment.isoformat())] = None
        return self._now.is_over(days, moment)

    def state_of(self, owner: Owner, members: Iterable[Owner]) -> OwnerState:
        """See `Now.state_of`."""
        team = tuple(members)
        self._reads[Read("state", "", "\n".join((owner.id, *(member.id for member in team))))] = None
        return self._now.state_of(owner, team)


class RecordedLinks:
    """Stands in the place of the links of one page. The URL counts, not the page behind it."""

    def __init__(self, links: Links, reads: dict[Read, None]) -> None:
        """Take the page's own links."""
        self._links = links
        self._reads = reads

    def link(self, target: str, anchor: str = "") -> str:
        """See `Links.link`."""
        self._reads[Read("link", "", target)] = None
        return self._links.link(target, anchor)

    def file(self, path: str) -> str:
        """See `Links.file`: it depends on the page's own place alone."""
        return self._links.file(path)
