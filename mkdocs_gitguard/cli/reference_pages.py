"""The reference beside commands, options and settings, from declarations too: Graph API, metrics, drills."""

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Any, Final

from mkdocs_gitguard.chaos.drills import DRILLS
from mkdocs_gitguard.graph_api.exports import EXPORTS
from mkdocs_gitguard.graph_api.nodes import ApiInput
from mkdocs_gitguard.graph_api.openapi import openapi
from mkdocs_gitguard.graph_api.schemas import DOCUMENTS, components, published_name
from mkdocs_gitguard.model import INVERSE, NODE_KINDS, SCHEMA_VERSION, Graph, Organization, Record, Snapshot
from mkdocs_gitguard.slo.exposition import OWN_METRICS
from mkdocs_gitguard.slo.metrics import METRICS, SERVED_SECONDS

_UNITS: Final = {"s": "seconds", "ms": "milliseconds", "bytes": "bytes", "share": "0 to 1", "": "number"}


def graph_api_page() -> str:
    """Return `docs/graph-api.md`: files, kinds, relations, and every record with its fields."""
    schemas = components("{name}")
    documents = [published_name(record) for record in DOCUMENTS.values()]
    records = {
        record.__name__: record for record in _records([*DOCUMENTS.values(), *(kind.record for kind in NODE_KINDS)])
    }
    api = ApiInput(Graph(Snapshot(organization=Organization(id="organization:acme", name="Acme"))), {})
    paths = openapi(api, list(EXPORTS), has_levels=True)["paths"]
    parts = [
        "# Graph API",
        "",
        "This page is generated: `gitguard reference graph-api > docs/graph-api.md`.",
        "",
        f"Version {SCHEMA_VERSION}, below `api/v1/` of a portal. [How to read it, and what will not",
        "break](compatibility.md). A site's own `api/v1/openapi.json` says the same with examples of its own, and",
        "`api/v1/schemas/` holds a JSON Schema of each document.",
        "",
        "## Files",
        "",
        *_table(
            ("Path", "What it is", "Document"),
            ((f"`{path}`", item["get"]["summary"], _document(item["get"])) for path, item in paths.items()),
        ),
        "## Kinds",
        "",
        *_table(
            ("Kind", "What it is", "Attributes"),
            ((f"`{kind.name}`", kind.singular, _link(kind.record.__name__)) for kind in NODE_KINDS),
        ),
        "## Relations",
        "",
        "Each is seen from both ends, under a name each.",
        "",
        *_table(
            ("From its source", "From its target"), ((f"`{name}`", f"`{inverse}`") for name, inverse in INVERSE.items())
        ),
        "## Documents",
        "",
    ]
    shown = {name: schema for name, schema in schemas.items() if not name.endswith("Attributes")}
    for name in sorted(documents):
        parts += _record(name, shown.pop(name), records)
    parts += ["## Records", "", "What the attributes of nodes are made of, and parts of documents.", ""]
    for name in sorted(shown):
        parts += _record(name, shown[name], records)
    return "\n".join(parts)


def metrics_page() -> str:
    """Return `docs/metrics.md`: every measurement, the metric that it becomes, and the metrics of objectives."""
    measured = (
        (
            f"`{metric.name}{f'<{metric.label}>' if metric.label else ''}`",
            f"{metric.words}. {metric.how}",
            _UNITS[metric.unit],
            f"`{metric.exported}`",
            "counter" if metric.is_counter else "gauge",
            f"`{metric.label}`" if metric.label else "",
        )
        for metric in METRICS
    )
    own = (
        (f"`{name}`", "gauge", ", ".join(f"`{label}`" for label in metric.labels), f"{metric.words}.")
        for name, metric in OWN_METRICS.items()
    )
    served = (f"`{SERVED_SECONDS}`", "histogram", "`status`", "Time in which the Graph API's server has answered.")
    return "\n".join(
        [
            "# Metrics",
            "",
            "This page is generated: `gitguard reference metrics > docs/metrics.md`.",
            "",
            "What a site measures of itself, where `SLO_MONITORING_ENABLED` says so, and the metric that it becomes",
            "for Prometheus, in base units. What was not measured has no line. [Service levels](service-levels.md)",
            "tells what is made of them, and where they can be scraped.",
            "",
            "## Measurements",
            "",
            "An objective is set on the name of a measurement, in the unit given here.",
            "",
            *_table(("Measurement", "What it is", "Unit", "Metric", "Type", "Label"), measured),
            "## Metrics of objectives, and of the file itself",
            "",
            *_table(("Metric", "Type", "Labels", "What it is"), [*own, served]),
        ]
    )


def drills_page() -> str:
    """Return `docs/drills.md`: the set of drills."""
    parts = [
        "# Drills",
        "",
        "This page is generated: `gitguard reference drills > docs/drills.md`.",
        "",
        "[Chaos drills](chaos.md) tells how they are run and what a verdict needs. The short set takes seconds.",
        "",
    ]
    for drill in DRILLS:
        about = drill.about
        parts += [
            f"## {about.name}",
            "",
            f"{about.title}{', in the short set' if about.is_short else ''}.",
            "",
            f"- **Tries**: {about.component}",
            f"- **Fault**: {about.fault}",
            f"- **Must hold**: {about.hypothesis}",
            f"- **May touch**: {about.blast_radius}",
            f"- **Time limit**: {about.time_limit} s",
            "",
        ]
    return "\n".join(parts)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in chain([head, ("---",) * len(head)], rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
    yield ""


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _document(get: dict[str, Any]) -> str:
    """Return a link to what a file holds."""
    answer = get["responses"]["200"]
    schema = next(iter(answer["content"].values()))["schema"]
    named = re.search(r"is a `(\w+)`", answer["description"])
    name = schema.get("$ref", "").rpartition("/")[2] or (named[1] if named else "")
    return _link(name) if name else ""


def _record(name: str, schema: dict[str, Any], records: dict[str, type[Record]]) -> Iterator[str]:
    record = next((item for item in records.values() if published_name(item) == name), None)
    meanings = _field_docs(record) if record else {}
    yield from (f"### {name}", "", " ".join(str(schema.get("description", "")).split()), "")
    required = set(schema.get("required", ()))
    rows = (
        (f"`{field}`", _type(kind), "" if field in required else "may be left out", meanings.get(field, ""))
        for field, kind in schema.get("properties", {}).items()
    )
    yield from _table(("Field", "Type", "", "What it is"), rows)


def _type(schema: dict[str, Any]) -> str:
    """Return a JSON Schema's type in words."""
    match schema:
        case {"$ref": str(name)}:
            words = _link(name.rpartition("/")[2])
        case {"anyOf": list(either)}:
            words = " or ".join(map(_type, either))
        case {"enum": list(values)}:
            words = ", ".join(f"`{value}`" for value in values)
        case {"const": value}:
            words = f"`{value}`"
        case {"type": "array", "items": dict(inner)} if inner:
            words = f"list of {_type(inner)}"
        case {"type": "object", "additionalProperties": dict(inner)}:
            words = f"mapping to {_type(inner)}"
        case {"format": "date-time"}:
            words = "moment"
        case {"type": str(name)}:
            words = {"string": "text", "boolean": "yes/no", "object": "mapping", "array": "list"}.get(name, name)
        case _:
            words = "any"
    return words


def _records(roots: Iterable[type[Record]]) -> Iterator[type[Record]]:
    """Yield records and all those of the model beside them, whose fields may lead to them."""
    modules = {record.__module__ for record in roots}
    waiting = [*modules]
    seen = set(modules)
    while waiting:
        module = sys.modules[waiting.pop()]
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Record):
                yield value
                if value.__module__ not in seen:
                    seen.add(value.__module__)
                    waiting.append(value.__module__)


def _field_docs(record: type[Record]) -> dict[str, str]:
    """Return by field what the string behind it says: it stands in the source only."""
    tree = ast.parse(inspect.getsource(record))
    (body,) = (node.body for node in tree.body if isinstance(node, ast.ClassDef))
    return {
        field.target.id: " ".join(ast.literal_eval(text.value).split())
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr)
    }
