"""Snapshots made up for tests, each by a function that says what is in it."""

from make.snapshot.decisions import HOSTILE_MESSAGE, with_decisions
from make.snapshot.graphs import AWKWARD, awkward, every_kind, hub, random_graph
from make.snapshot.organization import ACME, HOSTILE, NOW, forge, hostile, likely
from make.snapshot.ownership import OWNERS_FILE, TEAM, owned
from make.snapshot.policies import (
    CHANGE,
    GUARD_POLICY,
    GUARDRAILS,
    SPITE,
    excepted,
    exception,
    guardrails,
    with_exceptions,
)

__all__ = [
    "ACME",
    "AWKWARD",
    "CHANGE",
    "GUARDRAILS",
    "GUARD_POLICY",
    "HOSTILE",
    "HOSTILE_MESSAGE",
    "NOW",
    "OWNERS_FILE",
    "SPITE",
    "TEAM",
    "awkward",
    "every_kind",
    "excepted",
    "exception",
    "forge",
    "guardrails",
    "hostile",
    "hub",
    "likely",
    "owned",
    "random_graph",
    "with_decisions",
    "with_exceptions",
]
