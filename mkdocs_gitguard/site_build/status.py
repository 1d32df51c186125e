"""How a site fares, as its pages show it."""

from typing import NamedTuple

from mkdocs_gitguard.model import RolloutStatus
from mkdocs_gitguard.model.dashboards import Dashboards
from mkdocs_gitguard.model.drill import DrillAbout, DrillResult
from mkdocs_gitguard.model.log_state import LogState
from mkdocs_gitguard.model.service_levels import ServiceLevels


class Status(NamedTuple):
    """How a site fares, for its pages."""

    rollout: RolloutStatus | None
    levels: ServiceLevels | None
    dashboards: Dashboards | None = None
    drills: tuple[DrillResult, ...] = ()
    log_state: LogState | None = None
    drill_set: tuple[DrillAbout, ...] = ()
