"""What is measured, declared once: the name of the measurement, the metric that it becomes, and what it says.

Names of metrics follow https://prometheus.io/docs/practices/naming/ (base units, `_total` for counters).
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

_UNITS: Final[Mapping[str, tuple[str, float]]] = MappingProxyType(
    {
        "s": ("_seconds", 1.0),
        "ms": ("_seconds", 0.001),
        "bytes": ("_bytes", 1.0),
        "share": ("_ratio", 1.0),
        "": ("", 1.0),
    }
)
"""By the unit of a measurement: the ending of the metric, and what a value is multiplied by."""


class Metric(NamedTuple):
    """One thing that is measured."""

    name: str
    """Of the measurement. One that ends in a dot stands for all that begin so: what follows is the label."""
    unit: str
    words: str
    """What it is, without a full stop."""
    how: str
    """What measures it, one sentence."""
    is_counter: bool = False
    """Values are added up: each says how many there were since the last."""
    label: str = ""
    """Of a name that ends in a dot."""
    page: str = ""
    """Path of the portal's page that shows what is measured; `""`: none does."""

    @property
    def exported(self) -> str:
        """The name of the metric."""
        stem = self.name.rstrip(".").replace(".", "_").replace("-", "_")
        by = f"_by_{self.label}" if self.label else ""
        return f"gitguard_{stem}{by}{_UNITS[self.unit][0]}{'_total' if self.is_counter else ''}"

    @property
    def factor(self) -> float:
        """What a measured value is multiplied by to be in base units."""
        return _UNITS[self.unit][1]


SERVED_SECONDS: Final = "gitguard_api_request_duration_seconds"
"""Of the Graph API's server, at its `/metrics`: a histogram, by status."""

_BUILD: Final = "Every build measures it."
_RULES: Final = "A build that shows policy rules measures it."
_DECIDED: Final = "A build that shows decisions measures it."
_UPDATE: Final = "A build that has the repositories and settings of the one before it measures it."
_CLEAN: Final = "A build that makes every page measures it."
_PROBE: Final = "`gitguard rollout measure` tries it out."
_SERVER: Final = "`gitguard api serve` measures its own answers."
_PUBLISH: Final = "`gitguard publish` measures it, also where it refuses."
_EVENTS: Final = "`gitguard watch` measures it for each event."
_RECEIVER: Final = "`gitguard events serve` counts them, each minute in which there were any."
_DRILLS: Final = "`gitguard chaos run` measures it."

_MEANING: Final = "A build measures it while CODEX_EMBEDDINGS_ENABLED is true."

METRICS: Final = (
    Metric("build.duration", "s", "Time from the start of a build to its end", _BUILD, page="rollout"),
    Metric("build.update", "s", "Time of a build that brings a site up to date", _UPDATE, page="status/latency"),
    Metric(
        "build.latency",
        "ms",
        "Time of a build that brings a site up to date, for each repository",
        _UPDATE,
        page="status/latency",
    ),
    Metric("build.errors", "", "Builds that were aborted", _BUILD, is_counter=True, page="status/error-rate"),
    Metric("work.attempts", "", "Harvests and builds tried", _BUILD, is_counter=True, page="status/error-rate"),
    Metric("work.failures", "", "Harvests and builds that failed", _BUILD, is_counter=True, page="status/error-rate"),
    Metric(
        "errors.", "", "Findings that are errors, by cause, at the last build", _BUILD, label="cause", page="finding"
    ),
    Metric("harvest.duration", "s", "Time to read the repositories", _BUILD, page="repository"),
    Metric(
        "harvest.rate", "", "Repositories read an hour, at the speed of the last harvest", _BUILD, page="repository"
    ),
    Metric("assemble.duration", "s", "Time to put the snapshot together", _BUILD, page="repository"),
    Metric("render.duration", "s", "Time to make the pages", _BUILD),
    Metric("export.duration", "s", "Time to write the Graph API and the search", _BUILD, page="explorer"),
    Metric("publish.duration", "s", "Time to publish a release", _PUBLISH, page="rollout"),
    Metric("repositories.shown", "", "Repositories that the portal shows", _BUILD, page="repository"),
    Metric("repositories.failed", "", "Repositories that could not be read at the last build", _BUILD, page="finding"),
    Metric("repositories.waiting", "", "Repositories carried over to a later build", _BUILD, page="finding"),
    Metric("pages.made", "", "Pages made", _BUILD, is_counter=True),
    Metric("pages.kept", "", "Pages that still held and were kept", _BUILD, is_counter=True),
    Metric("storage.state", "bytes", "Size of the state folder", _BUILD),
    Metric("storage.site", "bytes", "Size of the built site", _BUILD),
    Metric("storage.events", "bytes", "Size of the file that holds the event log", _PROBE, page="rollout"),
    Metric("storage.free", "share", "Free part of the disk that holds the state", _BUILD, page="rollout"),
    Metric("memory.peak", "bytes", "Most memory that the process of a build has had", _BUILD),
    Metric("cpu.time", "s", "Processor time of a build, that of its processes too", _BUILD),
    Metric("embeddings.ready", "", "Whether every text has a vector (1 or 0)", _MEANING, page="rollout"),
    Metric("embeddings.made", "", "Texts for which the model was asked", _MEANING, is_counter=True, page="find"),
    Metric("embeddings.kept", "", "Texts whose vectors were kept", _MEANING, is_counter=True, page="find"),
    Metric("embeddings.waiting", "", "Texts that the budget of the endpoint left for later", _MEANING, page="find"),
    Metric("embeddings.duration", "s", "Time to make vectors of texts", _MEANING, page="rollout"),
    Metric("embeddings.stored", "bytes", "Size of the vectors in the state folder", _MEANING, page="rollout"),
    Metric("embeddings.published", "bytes", "Size of the word table and vectors in the site", _MEANING, page="find"),
    Metric("embeddings.requests", "", "Requests to the endpoint", _MEANING, is_counter=True),
    Metric("embeddings.tokens", "", "Tokens that the endpoint counted", _MEANING, is_counter=True),
    Metric("policies.references", "", "Policy rules with a reference to their source lines", _RULES, page="policy"),
    Metric(
        "policies.coverage", "share", "Decisions that lead to exactly the lines that made them", _DECIDED, page="gap"
    ),
    Metric("decisions.exact", "", "Decisions that lead to exactly the lines that made them", _DECIDED, page="decision"),
    Metric("decisions.all", "", "Decisions", _DECIDED, page="decision"),
    Metric("diagrams.success", "share", "Diagrams that were drawn", _CLEAN, page="status/diagrams"),
    Metric("diagrams.all", "", "Diagrams that were to be drawn", _CLEAN, page="status/diagrams"),
    Metric(
        "diagrams.failed",
        "",
        "Diagrams that are shown as tables, because they could not be drawn",
        _CLEAN,
        page="finding",
    ),
    Metric("diagrams.duration", "s", "Time to make and check a sample diagram", _PROBE, page="status/diagrams"),
    Metric("diagrams.pull-requests", "share", "Pull-request pages with a diagram", _CLEAN, page="pull-request"),
    Metric(
        "api.response",
        "ms",
        "Time in which the Graph API gives 95 % of its answers",
        _PROBE,
        page="status/api-response",
    ),
    Metric(
        "api.served",
        "ms",
        "Time in which the server gave 95 % of the answers of a minute",
        _SERVER,
        page="status/api-response",
    ),
    Metric("health.failed", "", "Health checks that failed", _PROBE, page="rollout"),
    Metric("health.service", "", "Whether the service starts and answers (1 or 0)", _PROBE, page="rollout"),
    Metric("health.database", "", "Whether the state file can be read (1 or 0)", _PROBE, page="rollout"),
    Metric("publish.external", "", "Whether the last publish went out (1 or 0)", _PUBLISH, page="rollout"),
    Metric("publish.repositories", "", "Repositories in the last publish", _PUBLISH, page="rollout"),
    Metric("publish.damaged", "", "Files of the last publish that arrived damaged", _PUBLISH, page="rollout"),
    Metric(
        "rollback.rehearsed", "", "Whether the last rehearsal of a rollback worked (1 or 0)", _PUBLISH, page="rollout"
    ),
    Metric(
        "freshness", "s", "Time from an event until its page stands on our own origin", _EVENTS, page="status/freshness"
    ),
    Metric(
        "freshness.",
        "s",
        "Time from an event until a stage of the work on it is done",
        _EVENTS,
        label="stage",
        page="status/freshness",
    ),
    Metric(
        "freshness.p99",
        "s",
        "Time that 99 of 100 events of the last day took at most",
        _EVENTS,
        page="status/freshness",
    ),
    Metric(
        "events.replay-lost",
        "",
        "Events that a rehearsed replay has lost",
        "`gitguard events rehearse` tries it.",
        page="rollout",
    ),
    Metric("events.waiting", "", "Events that nobody has worked through yet", _EVENTS, page="status"),
    Metric("events.connected", "", "Whether JetStream can be reached (1 or 0)", _PROBE, page="rollout"),
    Metric(
        "events.refused.",
        "",
        "Webhooks that the receiver has refused, by reason",
        _RECEIVER,
        is_counter=True,
        label="reason",
    ),
    Metric("drills.run", "", "Drills run", _DRILLS, is_counter=True, page="drill"),
    Metric("drills.passed", "", "Drills passed", _DRILLS, is_counter=True, page="status/drills"),
    Metric("drills.recovery", "s", "Time in which the system recovered from a drill", _DRILLS, page="drill"),
    Metric("drills.detection", "s", "Time in which the system noticed the fault of a drill", _DRILLS, page="drill"),
    Metric("drills.success", "share", "Part of the drills of the last 30 days that passed", _DRILLS, page="drill"),
)

_BY_NAME: Final = MappingProxyType({metric.name: metric for metric in METRICS})
_FAMILIES: Final = tuple(metric for metric in METRICS if metric.label)


def metric_of(name: str) -> Metric | None:
    """Return the metric that a measurement becomes; None: it is not exported."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    return next((metric for metric in _FAMILIES if name.startswith(metric.name) and name != metric.name), None)


def metric_names() -> list[str]:
    """Return the names of measurements that an objective may be set on."""
    return [metric.name for metric in METRICS if not metric.label]


def counter_names(names: Iterable[str]) -> list[str]:
    """Return those of the names of measurements whose values are added up."""
    return [name for name in names if (metric := metric_of(name)) is not None and metric.is_counter]
