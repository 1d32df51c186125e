"""Builds are killed at random moments: in the harvest, and while pages are written."""

import time

from mkdocs_gitguard.chaos.portal_trial import PortalTrial
from mkdocs_gitguard.chaos.processes import kill
from mkdocs_gitguard.chaos.trial import Drill
from mkdocs_gitguard.model.drill import DrillAbout

_KILLS = 3


class BuildKill(PortalTrial):
    """Kills builds within a part of their time."""

    part = (0.4, 0.95)
    """Of a build's time, as parts of it."""

    def disturb(self) -> None:
        """Kill some builds, each of which has something to do."""
        self.change()
        began = time.monotonic()
        self.build_well()
        usual = time.monotonic() - began
        killed = 0
        for _ in range(_KILLS):
            self.change()
            build = self.build()
            build.join(usual * self.sandbox.dice.uniform(*self.part))
            killed += kill(build)
        self.sandbox.note(f"{killed} of {_KILLS} builds killed")
        if not killed:
            raise RuntimeError("No build was killed: each had ended before.")


class _HarvestKill(BuildKill):
    part = (0.05, 0.4)


DRILL = Drill(
    DrillAbout(
        name="build-kill",
        title="Builds killed while pages are written",
        component="incremental build",
        hypothesis="The build after a killed one gives what a clean build gives.",
        fault=f"{_KILLS} builds are killed in the second half of their time.",
        blast_radius="A site of three made repositories in the sandbox.",
        time_limit=120,
    ),
    BuildKill,
)
HARVEST = Drill(
    DrillAbout(
        name="harvest-kill",
        title="Builds killed in the harvest",
        component="harvest and its cache",
        hypothesis="The build after a killed harvest gives what a clean build gives.",
        fault=f"{_KILLS} builds are killed in the first part of their time, in which repositories are read.",
        blast_radius="A site of three made repositories in the sandbox.",
        time_limit=120,
    ),
    _HarvestKill,
)
