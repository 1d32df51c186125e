"""Feature flags: which views a portal shows. The rollout resolves them; views only read them."""

from typing import Literal

from mkdocs_gitguard.model.record import Record

FlagName = Literal[
    "publish",
    "embeddings",
    "owners",
    "policy_transparency",
    "mermaid_graphs",
    "graph_api",
    "chaos_engineering",
    "slo_monitoring",
]
"""The fields of `Flags`."""


class Flags(Record, frozen=True, kw_only=True):
    """The eight feature flags of the rollout plan, all off unless a phase or the environment turns them on.

    Views read these and nothing else of the rollout. Whether a release may be published is not a flag's say
    alone: see `mkdocs_gitguard.rollout.decision`.
    """

    publish: bool = False
    """`CODEX_PUBLISH_ENABLED`: core publishing functionality, and the emergency stop when false."""
    embeddings: bool = False
    """`CODEX_EMBEDDINGS_ENABLED`: semantic search (the plan's future phase 5)."""
    owners: bool = False
    """`CODEX_OWNERS_ENABLED`: code owners from CODEOWNERS."""
    policy_transparency: bool = False
    """`POLICY_TRANSPARENCY_ENABLED`: policies, rules and decisions with their source lines."""
    mermaid_graphs: bool = False
    """`MERMAID_GRAPHS_ENABLED`: diagrams."""
    graph_api: bool = False
    """`GRAPH_API_ENABLED`: the static Graph API and its server."""
    chaos_engineering: bool = False
    """`CHAOS_ENGINEERING_ENABLED`: drills."""
    slo_monitoring: bool = False
    """`SLO_MONITORING_ENABLED`: objectives, freshness and alerts."""


ALL_VIEWS = Flags(
    owners=True,
    policy_transparency=True,
    mermaid_graphs=True,
    graph_api=True,
    chaos_engineering=True,
    slo_monitoring=True,
)
"""What the phase `preview` turns on: every view, and no publishing."""
