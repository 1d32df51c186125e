"""The rollout plan's ten dashboards: which measurements stand on each, and each as JSON for Grafana.

The portal's own pages of them (`figures`) are made of the same panels, so that neither shows what the other lacks.

The JSON is that of a dashboard file (https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/),
with the data source as a variable, so that it can be imported or provisioned as it is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from mkdocs_gitguard.slo.exposition import (
    BUILD_TIMESTAMP,
    OBJECTIVE_BUDGET,
    OBJECTIVE_BURN,
    OBJECTIVE_GOOD,
    OBJECTIVE_PERCENTILE,
)
from mkdocs_gitguard.slo.metrics import metric_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_COLUMNS: Final = 24
_WIDTH: Final = 8
_HEIGHT: Final = 7
_SCHEMA: Final = 39
_UNITS: Final = {"s": "s", "ms": "s", "bytes": "bytes", "share": "percentunit", "": "short"}


Subject = Literal["measurement", "age", "good part", "budget left", "burn rate", "percentile"]
"""What a chart is about: a measurement, or one of the figures that are worked out of them."""


class Panel(NamedTuple):
    """One chart, for Grafana and for the portal's page alike."""

    title: str
    subject: Subject
    exported: str
    """The name of the metric."""
    unit: str = ""
    """As of measurements."""
    measurement: str = ""
    """Where the subject is one: its name, as of `Metric`."""
    legend: str = ""
    """What a line is called, for Grafana."""
    kind: Literal["timeseries", "stat"] = "timeseries"

    @property
    def expression(self) -> str:
        """PromQL."""
        if self.subject == "age":
            return f"time() - {self.exported}"
        metric = metric_of(self.measurement) or metric_of(f"{self.measurement}x")
        return f"increase({self.exported}[1d])" if metric is not None and metric.is_counter else self.exported


class Board(NamedTuple):
    """One dashboard."""

    name: str
    title: str
    """The plan's words."""
    measurements: tuple[str, ...]
    panels: tuple[Panel, ...] = ()
    """Beside one for each measurement."""


BOARDS: Final = (
    Board(
        "health",
        "Real-time system health",
        ("health.service", "health.failed", "health.database", "events.connected", "storage.free"),
        (Panel("Age of the last build", "age", BUILD_TIMESTAMP, "s", legend="age", kind="stat"),),
    ),
    Board(
        "repositories",
        "Repository processing status",
        (
            "repositories.shown",
            "repositories.failed",
            "repositories.waiting",
            "harvest.rate",
            "pages.made",
            "pages.kept",
        ),
    ),
    Board(
        "performance",
        "Performance trends",
        (
            *(
                "build.duration",
                "build.update",
                "build.latency",
                "harvest.duration",
                "assemble.duration",
                "render.duration",
            ),
            *("export.duration", "publish.duration"),
        ),
    ),
    Board("errors", "Error analysis", ("work.attempts", "work.failures", "build.errors", "events.refused.", "errors.")),
    Board(
        "resources",
        "Resource utilization",
        ("memory.peak", "cpu.time", "storage.state", "storage.site", "storage.events", "storage.free"),
    ),
    Board(
        "meaning",
        "Search by meaning",
        (
            *("embeddings.ready", "embeddings.made", "embeddings.kept", "embeddings.waiting", "embeddings.duration"),
            *("embeddings.stored", "embeddings.published", "embeddings.requests", "embeddings.tokens"),
        ),
    ),
    Board(
        "policies",
        "Policy transparency metrics",
        ("policies.coverage", "policies.references", "decisions.exact", "decisions.all"),
    ),
    Board(
        "diagrams",
        "Mermaid graph generation status",
        ("diagrams.success", "diagrams.all", "diagrams.failed", "diagrams.duration", "diagrams.pull-requests"),
    ),
    Board("graph-api", "Graph API performance", ("api.response", "api.served", "health.service")),
    Board(
        "chaos",
        "Chaos engineering results",
        ("drills.run", "drills.passed", "drills.success", "drills.detection", "drills.recovery"),
    ),
    Board(
        "objectives",
        "SLO monitoring and freshness tracking",
        ("freshness", "freshness.p99", "freshness.", "events.waiting", "events.replay-lost"),
        (
            Panel("Good part", "good part", OBJECTIVE_GOOD, "share", legend="{{objective}}"),
            Panel("Budget left", "budget left", OBJECTIVE_BUDGET, "share", legend="{{objective}}"),
            Panel("Burn rate", "burn rate", OBJECTIVE_BURN, legend="{{objective}} {{window}}"),
            Panel("Percentile of the target", "percentile", OBJECTIVE_PERCENTILE, legend="{{objective}}"),
        ),
    ),
)
"""In the plan's order ("Dashboards")."""


def panels_of(board: Board) -> Iterator[Panel]:
    """Yield the charts of a dashboard."""
    for name in board.measurements:
        metric = metric_of(name if not name.endswith(".") else f"{name}x")
        assert metric is not None, name  # noqa: S101 - a name of ours, and a test holds it
        words = f"{metric.words}{', a day' if metric.is_counter else ''}"
        legend = f"{{{{{metric.label}}}}}" if metric.label else name
        yield Panel(words, "measurement", metric.exported, metric.unit, name, legend)
    yield from board.panels


def dashboard(board: Board) -> str:
    """Return a dashboard as JSON for Grafana."""
    source = {"type": "prometheus", "uid": "${datasource}"}
    panels = []
    for place, panel in enumerate(panels_of(board)):
        row, column = divmod(place, _COLUMNS // _WIDTH)
        panels.append(
            {
                "id": place + 1,
                "type": panel.kind,
                "title": panel.title,
                "datasource": source,
                "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
                "fieldConfig": {"defaults": {"unit": _UNITS[panel.unit]}, "overrides": []},
                "targets": [
                    {"refId": "A", "expr": panel.expression, "legendFormat": panel.legend, "datasource": source}
                ],
            }
        )
    document: dict[str, Any] = {
        "uid": f"gitguard-{board.name}",
        "title": f"GitGuard: {board.title}",
        "tags": ["gitguard"],
        "schemaVersion": _SCHEMA,
        "editable": True,
        "refresh": "1m",
        "time": {"from": "now-7d", "to": "now"},
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
        "panels": panels,
    }
    return json.dumps(document, indent=2) + "\n"
