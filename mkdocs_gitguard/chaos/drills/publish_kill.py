"""Publishers are killed at random moments while readers look."""

from collections import Counter
from functools import partial

from mkdocs_gitguard.chaos.made_release import MadeReleases, Readers
from mkdocs_gitguard.chaos.processes import fork, kill
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.model.drill import DrillAbout, Tally

_KILLS = 12


class _Trial(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._made = MadeReleases(sandbox.folder)
        self._seen = Counter[str]()
        self._readers: Readers | None = None

    def prepare(self) -> None:
        for number in range(3):
            self._made.publish(f"start {number}")

    def disturb(self) -> None:
        self._readers = Readers(self._made.link)
        usual, killed, number = 0.03, 0, 0
        while killed < _KILLS and number < 4 * _KILLS:
            number += 1
            manifest = self._made.make(f"release {number}")
            publisher = fork(partial(self._made.target.publish, self._made.site, manifest))
            publisher.join(self.sandbox.dice.uniform(0, usual))
            was_killed = kill(publisher)
            killed += was_killed
            # So that the moments spread over the whole of a publish, however loaded the machine is just now.
            usual *= 1.1 if was_killed else 0.9
        self.sandbox.note(f"{killed} of {number} publishers killed")

    def recover(self) -> None:
        left = sorted(path.name.partition("-")[0] for path in self._made.releases.glob(".*") if path.name != ".spare")
        self._made.publish("after")
        if left:
            self.sandbox.detected(f"The next publish found {' and '.join(left)} and took it away")
        if self._readers:
            self._seen = self._readers.stop()

    def tally(self) -> Tally:
        return self._made.tally(self._seen)

    def put_right(self) -> None:
        if self._readers:
            self._readers.stop()


DRILL = Drill(
    DrillAbout(
        name="publish-kill",
        title="Publishers killed while readers look",
        component="publish to a directory",
        hypothesis="Readers see the old release or the new one, whole, and the next publish takes away what was left.",
        fault=f"{_KILLS} publishers are killed at random moments.",
        blast_radius="A folder of releases in the sandbox.",
        time_limit=60,
        is_short=True,
    ),
    _Trial,
)
