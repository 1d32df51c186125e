"""Our own decision formats, one a file. A new one is a file here and a line in `BUILT_IN`."""

from typing import Final

from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.formats import (
    conftest,
    event,
    gatekeeper,
    opa,
    policy_report,
    regal,
    sarif,
)

BUILT_IN: Final[tuple[DecisionFormat, ...]] = (
    event.FORMAT,
    sarif.FORMAT,
    policy_report.FORMAT,
    gatekeeper.FORMAT,
    regal.FORMAT,
    conftest.FORMAT,
    opa.FORMAT,
)
"""The most telling form first: what OPA's log says of itself is little, so it is asked last."""
