"""Drills and the components that they try, as nodes beside those of the snapshot.

They are of the machine that runs the portal and not of any repository: no snapshot holds them, and neither do the
exports of the whole graph. Their files, lists and hrefs are as those of all nodes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

import msgspec

from mkdocs_gitguard.graph_api.documents import KindItem, KindPage, NodeDocument, RelationEnd
from mkdocs_gitguard.graph_api.files import PlannedFile
from mkdocs_gitguard.graph_api.layout import kind_path, node_path, up
from mkdocs_gitguard.graph_api.nodes import digest_of, page_href
from mkdocs_gitguard.model import Record, node_id
from mkdocs_gitguard.model.drill import DrillOutcome, DrillResult, Tally, by_drill, rate_of

_RUNS: Final = 50
"""Results that a drill's node shows, the newest."""
_encode: Final = msgspec.json.Encoder().encode


class DrillRun(Record, frozen=True, kw_only=True):
    """How a drill went once."""

    began: datetime
    outcome: DrillOutcome
    why: str
    seconds: float
    seed: int
    after: Tally | None
    """What was lost, doubled and differs afterwards; null: it did not come so far."""
    detected: float | None
    """Seconds from the fault until it was noticed."""
    recovered: float | None
    """Seconds from the end of the fault until all was well again."""


class DrillAttributes(Record, frozen=True, kw_only=True):
    """What is said of a drill."""

    title: str
    component: str
    hypothesis: str
    fault: str
    blast_radius: str
    time_limit: int
    is_short: bool
    passed: int
    """Of `run`, how many."""
    run: int
    """Those that a machine lacked something for are left out."""
    least: float
    """The success rate that 95 % of such samples lie above."""
    results: tuple[DrillRun, ...]
    """The newest first, 50 at most."""


class ComponentAttributes(Record, frozen=True, kw_only=True):
    """What is said of a part of the system that drills try."""

    name: str
    failed: int
    """How many of its drills failed the last time that they were run."""


OWN_KINDS: Final[Mapping[str, type[Record]]] = {"drill": DrillAttributes, "component": ComponentAttributes}
"""By kind, what the attributes are made from."""


def drill_id(name: str) -> str:
    """Return the id of a drill's node."""
    return node_id("drill", name)


def component_id(name: str) -> str:
    """Return the id of a component's node."""
    return node_id("component", name)


def drill_files(results: Sequence[DrillResult], pages: Mapping[str, str]) -> Iterator[PlannedFile]:
    """Plan the files of drills and components, and the lists of both; nothing where no drill was run.

    Args:
        results: how drills went, the newest first.
        pages: by id, the URL of a drill's page, relative to the site's root; others have none.
    """
    by_name = by_drill(results)
    if not by_name:
        return
    # The newest of each stands first.
    last = {name: own[0] for name, own in sorted(by_name.items())}
    components = sorted({result.about.component for result in last.values()})
    for name in last:
        own, page = by_name[name], pages.get(drill_id(name), "")
        path = node_path(drill_id(name))
        yield PlannedFile(path, digest_of((page, own)), partial(_drill, path, own, page))
    for component in components:
        tried = [result for result in last.values() if result.about.component == component]
        path = node_path(component_id(component))
        ends = [(result, pages.get(drill_id(result.about.name), "")) for result in tried]
        digest = digest_of([(result.about, result.outcome, page) for result, page in ends])
        yield PlannedFile(path, digest, partial(_component, path, component, ends))
    items = {
        "drill": [(drill_id(name), result.about.title, pages.get(drill_id(name), "")) for name, result in last.items()],
        "component": [(component_id(name), name, "") for name in components],
    }
    for kind, members in items.items():
        yield PlannedFile(kind_path(kind), digest_of(members), partial(_list, kind, members))


def drill_counts(results: Sequence[DrillResult]) -> Mapping[str, int]:
    """Return how many nodes `drill_files` gives of each of its kinds; none where there are none."""
    by_name = by_drill(results)
    components = {own[0].about.component for own in by_name.values()}
    return {"drill": len(by_name), "component": len(components)} if by_name else {}


def _drill(path: str, results: Sequence[DrillResult], page: str) -> bytes:
    root, about, rate = up(path), results[0].about, rate_of(results)
    attributes = DrillAttributes(
        title=about.title,
        component=about.component,
        hypothesis=about.hypothesis,
        fault=about.fault,
        blast_radius=about.blast_radius,
        time_limit=about.time_limit,
        is_short=about.is_short,
        passed=rate.passed,
        run=rate.run,
        least=rate.least,
        results=tuple(
            DrillRun(
                began=result.began,
                outcome=result.outcome,
                why=result.why,
                seconds=result.seconds,
                seed=result.seed,
                after=result.after,
                detected=result.detected,
                recovered=result.recovered,
            )
            for result in results[:_RUNS]
        ),
    )
    component = component_id(about.component)
    end = RelationEnd(
        type="tries", id=component, label=about.component, kind="component", href=root + node_path(component)
    )
    return _node(drill_id(about.name), about.title, page_href(root, page), attributes, [end])


def _component(path: str, name: str, tried: Sequence[tuple[DrillResult, str]]) -> bytes:
    root = up(path)
    ends = [
        RelationEnd(
            type="tried_by",
            id=drill_id(result.about.name),
            label=result.about.title,
            kind="drill",
            href=root + node_path(drill_id(result.about.name)),
            page=page_href(root, page),
        )
        for result, page in tried
    ]
    failed = sum(result.outcome == "failed" for result, _ in tried)
    return _node(component_id(name), name, "", ComponentAttributes(name=name, failed=failed), ends)


def _node(node: str, label: str, page: str, attributes: Record, ends: Sequence[RelationEnd]) -> bytes:
    document = NodeDocument(
        id=node,
        kind=node.partition(":")[0],
        label=label,
        page=page,
        attributes=msgspec.to_builtins(attributes),
        relation_counts=dict(Counter(end.type for end in ends)),
        relations=tuple(ends),
        relation_pages={},
    )
    return _encode(document)


def _list(kind: str, members: Sequence[tuple[str, str, str]]) -> bytes:
    root = up(kind_path(kind))
    items = tuple(
        KindItem(id=node, label=label, href=root + node_path(node), page=page_href(root, page))
        for node, label, page in members
    )
    return _encode(KindPage(kind=kind, page=1, items=items))
