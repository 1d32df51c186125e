"""Two builds of one site run at once."""

from mkdocs_gitguard.chaos.portal_trial import PortalTrial
from mkdocs_gitguard.chaos.processes import wait
from mkdocs_gitguard.chaos.trial import Drill
from mkdocs_gitguard.model.drill import DrillAbout

_ROUNDS = 2


class _Trial(PortalTrial):
    def disturb(self) -> None:
        for _ in range(_ROUNDS):
            self.change()
            builds = [self.build()]
            builds[0].join(self.sandbox.dice.uniform(0, 0.2))
            self.change()
            builds.append(self.build())
            codes = [wait(build) for build in builds]
            self.sandbox.note(f"Two builds at once ended with {codes[0]} and {codes[1]}")
            if any(codes):
                self.sandbox.detected("One of the builds gave up")


DRILL = Drill(
    DrillAbout(
        name="two-builders",
        title="Two builders at once",
        component="incremental build",
        hypothesis="The build after two at once gives what a clean build gives.",
        fault=f"Two builds of one site run at once, {_ROUNDS} times, over changed repositories.",
        blast_radius="A site of three made repositories in the sandbox.",
        time_limit=120,
    ),
    _Trial,
)
