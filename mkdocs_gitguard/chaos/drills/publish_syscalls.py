"""A small publish is killed at every one of its system calls."""

from functools import partial

from mkdocs_gitguard.chaos.made_release import MadeReleases
from mkdocs_gitguard.chaos.syscalls import CHANGES, Traced, traced
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.model.drill import DrillAbout, Tally

_FILES = 6
_MOST = 150


class _Trial(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._made = MadeReleases(sandbox.folder, files=_FILES, keep=2)
        self._calls: list[tuple[str, int]] = []
        self._wrong: list[str] = []

    def prepare(self) -> None:
        for number in range(3):
            self._made.publish(f"start {number}")
        made = self._publish("calibration").calls
        self._calls = [(name, number) for name, times in sorted(made.items()) for number in range(1, times + 1)]
        self._made.acknowledge("calibration")

    def _publish(self, content: str, calls: str = CHANGES, inject: str = "") -> Traced:
        manifest = self._made.make(content)
        work = partial(self._made.target.publish, self._made.site, manifest)
        return traced(work, folder=self.sandbox.folder, calls=calls, inject=inject)

    def disturb(self) -> None:
        step = max(1, -(-len(self._calls) // _MOST))
        calls = self._calls[self.sandbox.dice.randrange(step) :: step]
        before, killed = "calibration", 0
        for name, number in calls:
            content = f"killed at {name} {number}"
            result = self._publish(content, name, f"signal=KILL:when={number}")
            killed += result.code < 0
            self._look(before, content)
            before = f"after {name} {number}"
            self._made.publish(before)
            self._wrong += [f"{content}: {example}" for example in self._made.tally().examples]
        self.sandbox.note(f"{killed} publishes killed, of {len(self._calls)} calls")
        if killed < len(calls):
            # Another number of calls than at the calibration; where it is many, the drill has not done what it says.
            self.sandbox.note(f"{len(calls) - killed} had made fewer calls, and ended by themselves")
        if 2 * killed < len(calls):
            raise RuntimeError("The fault had no effect: most publishes were not killed.")

    def _look(self, before: str, after: str) -> None:
        """See that readers have one of the two releases, whole."""
        title = self._made.link / "index.html"
        try:
            text = title.read_text()
            if not any(f"<title>{content}</title>" in text for content in (before, after)):
                self._wrong.append(f"{after}: readers see neither of the two releases.")
            current = self._made.target.current()
            damages = self._made.target.damage(current) if current else ["There is none."]
        except OSError as error:
            damages = [f"{error.filename}: {error.strerror}."]
        self._wrong += [f"{after}: {sentence}" for sentence in damages[:1]]

    def recover(self) -> None:
        self._made.publish("at last")

    def tally(self) -> Tally:
        tally = self._made.tally()
        return Tally(
            looked_at=tally.looked_at + len(self._calls),
            lost=tally.lost + len(self._wrong),
            doubled=tally.doubled,
            differing=tally.differing,
            examples=(*self._wrong[:5], *tally.examples),
        )


DRILL = Drill(
    DrillAbout(
        name="publish-syscalls",
        title="A publish killed at every system call",
        component="publish to a directory",
        hypothesis="Whatever call a publisher dies at, readers see the old release or the new one, whole.",
        fault="A small publish is killed at each of its calls that makes, changes or syncs a file.",
        blast_radius="A folder of releases in the sandbox; strace is attached to processes of the drill alone.",
        time_limit=120,
    ),
    _Trial,
)
