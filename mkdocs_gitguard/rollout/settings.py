"""Every setting of the rollout, declared once: name, type, default, meaning, and where the plan says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from mkdocs_gitguard.errors import mask_credentials
from mkdocs_gitguard.model import Flags
from mkdocs_gitguard.rollout.declaration import DECLARATION, Declaration, Origin, declared
from mkdocs_gitguard.rollout.values import (
    COUNT,
    DURATION,
    FLAG,
    LOG_LEVEL,
    NAMES,
    PORT,
    PORT_OR_NONE,
    POSITIVE,
    SHARE,
    SIZE,
    TEXT,
    choice,
    url,
)

PHASE_VARIABLE: Final = "CODEX_ROLLOUT_PHASE"
PHASES: Final = ("preview", "staging", "canary", "production", "advanced", "embeddings", "owners")
"""In the order of the plan; `preview` stands before it: all to see, nothing to publish."""
PLAN_PAGE: Final = "https://github.com/gitguard/mkdocs-gitguard/blob/main/docs/rolling-out.md"
"""Where the docs explain the rollout plan."""
THE_PLAN: Final = (
    "The rollout plan lets a portal out in six phases: staging, canary, production, advanced, embeddings and owners. "
    "What a phase has to prove opens the next."
)
"""The plan in a sentence, for those who meet the word for the first time."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of a build, typed, and where each value comes from. Made by `resolve`."""

    phase: str
    """Name of the phase: one of `PHASES`, or the stem of a phase file that names none."""
    phase_origin: Origin
    phase_file: Path | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """By variable name. Every setting has one."""

    codex_publish_enabled: bool = declared(
        "CODEX_PUBLISH_ENABLED",
        FLAG,
        default=False,
        doc="Core publishing functionality. `false` is the emergency stop: nothing is published, whatever else is set.",
        group="Feature flags",
        plan="Feature Flags",
        flag="publish",
    )
    codex_embeddings_enabled: bool = declared(
        "CODEX_EMBEDDINGS_ENABLED",
        FLAG,
        default=False,
        doc="Search by meaning, and what is related on pages and in the Graph API. Needs a model: see the option "
        "`embeddings`.",
        group="Feature flags",
        plan="Feature Flags; Phase 5",
        flag="embeddings",
    )
    codex_owners_enabled: bool = declared(
        "CODEX_OWNERS_ENABLED",
        FLAG,
        default=False,
        doc="Code owners from CODEOWNERS: pages, relations, drift.",
        group="Feature flags",
        plan="Feature Flags; Phase 6",
        flag="owners",
    )
    policy_transparency_enabled: bool = declared(
        "POLICY_TRANSPARENCY_ENABLED",
        FLAG,
        default=False,
        doc="Policies, rules and decisions with references to their source lines.",
        group="Feature flags",
        plan="Feature Flags",
        flag="policy_transparency",
    )
    mermaid_graphs_enabled: bool = declared(
        "MERMAID_GRAPHS_ENABLED",
        FLAG,
        default=False,
        doc="Relationship diagrams.",
        group="Feature flags",
        plan="Feature Flags",
        flag="mermaid_graphs",
    )
    graph_api_enabled: bool = declared(
        "GRAPH_API_ENABLED",
        FLAG,
        default=False,
        doc="The Graph API: static JSON beside the pages, and `gitguard api serve`.",
        group="Feature flags",
        plan="Feature Flags; Phase 4",
        flag="graph_api",
    )
    chaos_engineering_enabled: bool = declared(
        "CHAOS_ENGINEERING_ENABLED",
        FLAG,
        default=False,
        doc="Chaos drills and their pages.",
        group="Feature flags",
        plan="Feature Flags; Phase 4",
        flag="chaos_engineering",
    )
    slo_monitoring_enabled: bool = declared(
        "SLO_MONITORING_ENABLED",
        FLAG,
        default=False,
        doc="Objectives for freshness and performance, and their pages.",
        group="Feature flags",
        plan="Feature Flags",
        flag="slo_monitoring",
    )

    codex_publish_portal: str = declared(
        "CODEX_PUBLISH_PORTAL",
        choice("build-only", "external"),
        default="build-only",
        doc="`build-only` builds and never touches a target; `external` may publish.",
        group="Publishing",
        plan="Phase 1; Phase 2",
    )
    docs_publish_enabled: bool = declared(
        "DOCS_PUBLISH_ENABLED",
        FLAG,
        default=False,
        doc="The last of the three words that a publish needs.",
        group="Publishing",
        plan="Phase 1",
        derived="`true` where `CODEX_PUBLISH_PORTAL=external`, else `false`",
    )
    docs_publish_url: str = declared(
        "DOCS_PUBLISH_URL",
        url("http", "https", is_shown=True),
        default="",
        doc="Where readers find the published portal; summaries and comments link to it.",
        group="Publishing",
    )
    codex_publish_target: str = declared(
        "CODEX_PUBLISH_TARGET",
        TEXT,
        default="",
        doc="Where releases go: `directory:PATH`, `gh-pages[:BRANCH]` or `pages-artifact:FILE.tar`.",
        group="Publishing",
    )
    codex_releases_kept: int = declared(
        "CODEX_RELEASES_KEPT",
        POSITIVE,
        default=5,
        doc="Releases that a directory target keeps for a rollback, the one in use among them; at least 2.",
        group="Publishing",
    )
    codex_dry_run: bool = declared(
        "CODEX_DRY_RUN",
        FLAG,
        default=False,
        doc="Do and check everything, then publish nothing and say what would have been published.",
        group="Publishing",
    )

    codex_embeddings_key: str = declared(
        "CODEX_EMBEDDINGS_KEY",
        TEXT,
        default="",
        doc="Key of the endpoint that the option `embeddings` names. Its value is a secret and is never shown.",
        group="Embeddings",
    )

    codex_repo_include_list: tuple[str, ...] = declared(
        "CODEX_REPO_INCLUDE_LIST",
        NAMES,
        default=(),
        doc="Repositories to show: names, globs (`acme/*`), URLs, folders and at most one share (`10%`). What stands "
        "beside a share is a pin, always in. Empty: all; an empty variable over a phase file's list is refused.",
        group="Repositories",
        plan="Phase 2; Phase 3",
    )
    codex_repo_exclude_list: tuple[str, ...] = declared(
        "CODEX_REPO_EXCLUDE_LIST",
        NAMES,
        default=(),
        doc="Repositories to leave out: names, globs, URLs and folders. Wins over the include list.",
        group="Repositories",
        plan="Partial Rollback",
    )

    jetstream_url: str = declared(
        "JETSTREAM_URL",
        url("nats", "tls", "ws", "wss"),
        default="",
        doc="The JetStream server that keeps events. Empty: a file in the state folder does, `events.db`.",
        group="Events",
    )
    jetstream_stream: str = declared(
        "JETSTREAM_STREAM",
        TEXT,
        default="gitguard",
        doc="Name of the event stream.",
        group="Events",
    )
    jetstream_retention: str = declared(
        "JETSTREAM_RETENTION",
        choice("initial", "steady"),
        default="initial",
        doc="Retention of the event log: `initial` is the plan's phase 3a (72h, no other limit, so that all can be "
        "replayed), `steady` its phase 3b (24h, 1,000,000 messages, 10GB). Gives the three limits below their "
        "values where they are not set themselves.",
        group="Events",
        plan="JetStream Retention Strategy",
    )
    jetstream_max_age: timedelta = declared(
        "JETSTREAM_MAX_AGE",
        DURATION,
        default=timedelta(hours=72),
        doc="Events older than this may be dropped.",
        group="Events",
        plan="Phase 2; JetStream Retention Strategy",
        derived="`72h`; `24h` where `JETSTREAM_RETENTION=steady`",
    )
    jetstream_max_msgs: int = declared(
        "JETSTREAM_MAX_MSGS",
        COUNT,
        default=-1,
        doc="The most events kept.",
        group="Events",
        plan="Phase 3b; JetStream Retention Strategy",
        derived="`-1`; `1000000` where `JETSTREAM_RETENTION=steady`",
    )
    jetstream_max_bytes: int = declared(
        "JETSTREAM_MAX_BYTES",
        SIZE,
        default=-1,
        doc="The most bytes of events kept. As in NATS, 1GB is 1,024^3 bytes.",
        group="Events",
        plan="Phase 3b; JetStream Retention Strategy",
        derived="`-1`; `10GB` where `JETSTREAM_RETENTION=steady`",
    )

    max_concurrent_builds: int = declared(
        "MAX_CONCURRENT_BUILDS",
        POSITIVE,
        default=4,
        doc="Repositories read side by side, over all workers; processes that make pages, if there are as many cores.",
        group="Limits",
    )
    build_timeout: timedelta = declared(
        "BUILD_TIMEOUT",
        DURATION,
        default=timedelta(seconds=900),
        doc="A build that takes longer is ended and counts as failed.",
        group="Limits",
    )
    max_repos_per_hour: int = declared(
        "MAX_REPOS_PER_HOUR",
        COUNT,
        default=-1,
        doc="Repositories harvested in any hour, those that have waited longest first; the rest are carried over to a "
        "later run, which the portal says.",
        group="Limits",
    )

    codex_error_rate_threshold: float = declared(
        "CODEX_ERROR_RATE_THRESHOLD",
        SHARE,
        default=0.05,
        doc="Error rate at or above which the gate of the phase fails.",
        group="Thresholds",
        plan="Phase 2: Monitoring; Phase 3: Monitoring",
    )
    codex_latency_threshold_ms: int = declared(
        "CODEX_LATENCY_THRESHOLD_MS",
        POSITIVE,
        default=5000,
        doc="Latency, in milliseconds, at or above which the gate of the phase fails.",
        group="Thresholds",
        plan="Phase 2: Monitoring; Phase 3: Monitoring",
    )
    alert_webhook_url: str = declared(
        "ALERT_WEBHOOK_URL",
        url("http", "https"),
        default="",
        doc="Where alerts are posted. Its value is a secret and is never shown.",
        group="Thresholds",
        plan="Phase 2: Configuration",
    )

    alert_notice_urls: tuple[str, ...] = declared(
        "ALERT_NOTICE_URLS",
        NAMES,
        default=(),
        doc="Who else is told of alerts: URLs of apprise (Slack, e-mail, Teams, Matrix and others). Needs the extra "
        "`notices`. Its value is a secret and is never shown.",
        group="Thresholds",
        plan="Communication Channels",
    )

    metrics_port: int = declared(
        "METRICS_PORT",
        PORT_OR_NONE,
        default=0,
        doc="Port of this machine at which `gitguard watch` and `gitguard api serve` answer `/metrics`, with the extra "
        "`metrics`. Where both run on one machine, give one of them another with `--metrics`.",
        group="Thresholds",
        plan="Monitoring and Alerting",
    )

    graph_api_port: int = declared(
        "GRAPH_API_PORT",
        PORT,
        default=8002,
        doc="Port of `gitguard api serve`.",
        group="Graph API",
        plan="Phase 4",
    )
    graph_api_cors_origins: tuple[str, ...] = declared(
        "GRAPH_API_CORS_ORIGINS",
        NAMES,
        default=("*",),
        doc="Origins whose pages may read the Graph API.",
        group="Graph API",
        plan="Phase 4",
    )
    log_level: str = declared(
        "LOG_LEVEL",
        LOG_LEVEL,
        default="INFO",
        doc="How much is logged.",
        group="Logging",
    )

    @property
    def flags(self) -> Flags:
        """The feature flags, as views take them."""
        return Flags(**{item.flag: getattr(self, key) for key, item in DECLARATIONS.items() if item.flag})

    def text(self, name: str) -> str:
        """Return the value of the variable `name` in a phase file's words; `***` for a secret and for credentials."""
        key = name.lower()
        declaration = DECLARATIONS[key]
        value: Any = getattr(self, key)
        if value and name in SECRETS:
            return "***"
        return mask_credentials(declaration.type.write(value))


FEWEST_KEPT: Final = 2
"""Releases of a directory target: the one in use, and one to go back to."""


def _declarations() -> dict[str, Declaration[Any]]:
    return {item.name: item.metadata[DECLARATION] for item in fields(Settings) if DECLARATION in item.metadata}


DECLARATIONS: Final = _declarations()
"""By attribute of `Settings`, in the order of the documentation. The variable's name is the attribute's in capitals."""

SECRETS: Final = frozenset({"ALERT_WEBHOOK_URL", "ALERT_NOTICE_URLS", "CODEX_EMBEDDINGS_KEY"})
"""Settings whose value alone gives access to something."""
