"""Repositories are pushed to by force, and one gets another name, in the middle of a harvest."""

from functools import partial

from mkdocs_gitguard.chaos.made_repositories import MadeRepository
from mkdocs_gitguard.chaos.portal_trial import NAMES, PortalTrial
from mkdocs_gitguard.chaos.processes import fork, kill, wait
from mkdocs_gitguard.chaos.trial import Drill
from mkdocs_gitguard.model.drill import DrillAbout

_BUILDS = 2


class _Trial(PortalTrial):
    renamed = ""

    def disturb(self) -> None:
        repository = self.repositories["billing"]
        older = repository.git("rev-parse", "refs/heads/main~2")
        self.change()
        newer = repository.head
        pusher = fork(partial(_push, repository, older, newer))
        try:
            for number in range(_BUILDS):
                build = self.build()
                if number == _BUILDS - 1:
                    build.join(self.sandbox.dice.uniform(0, 0.6))
                    self.renamed = "accounts"
                    self.sandbox.note("ledger is called accounts now")
                wait(build)
        finally:
            kill(pusher)
        repository.force(self.sandbox.dice.choice([older, newer]))

    def entries(self) -> list[dict[str, str]]:
        renamed = {"name": f"acme/{self.renamed}"} if self.renamed else {}
        return [{"path": f"repositories/{name}", **(renamed if name == "ledger" else {})} for name in NAMES]

    def expected(self) -> list[str]:
        return [self.renamed if name == "ledger" and self.renamed else name for name in NAMES]


def _push(repository: MadeRepository, older: str, newer: str) -> None:
    while True:
        repository.force(older)
        repository.force(newer)


DRILL = Drill(
    DrillAbout(
        name="moved-harvest",
        title="Force push and rename in the middle of a harvest",
        component="harvest and incremental build",
        hypothesis="The build after the last move gives what a clean build gives.",
        fault="A branch is pushed by force without end while two builds run, and a repository gets another name.",
        blast_radius="A site of three made repositories in the sandbox.",
        time_limit=120,
    ),
    _Trial,
)
