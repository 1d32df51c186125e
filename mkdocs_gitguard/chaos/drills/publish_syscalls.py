"""A small publish is killed at every one of its system calls."""

from functools import partial

from mkdocs_gitguard.chaos.made_release import MadeReleases
from mkdocs_gitguard.chaos.syscalls import Traced, traced
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.model.drill import DrillAbout, Tally

_FILES = 6
_MOST = 150


class _Trial(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._made = MadeReleases(sandbox.folder, files=_FILES, keep=2)
        self._calls = 0
        self._wrong: list[str] = []

    def prepare(self) -> None:
        for number in range(3):
            self._made.publish(f"start {number}")
        self._calls = self._publish("calibration").calls
        self._made.acknowledge("calibration")

    def _publish(self, content: str, inject: str = "") -> Traced:
        manifest = self._made.make(content)
        work = partial(self._made.target.publish, self._made.site, manifest)
        return traced(work, folder=self.sandbox.folder, inject=inject)

    def disturb(self) -> None:
        step = max(1, -(-self._calls // _MOST))
        first = self.sandbox.dice.randint(1, step)
        killed = 0
        for number in range(first, self._calls + 1, step):
            before = f"after {number - step}" if killed else "calibration"
            result = self._publish(f"killed {number}", f"signal=KILL:when={number}")
            killed += result.code < 0
            self._look(number, before, f"killed {number}")
            self._made.publish(f"after {number}")
            problems = self._made.tally()
            self._wrong += [f"Call {number}: {example}" for example in problems.examples]
        skipped = f", at one in {step}" if step > 1 else ""
        self.sandbox.note(f"{killed} publishes killed, of {self._calls} calls{skipped}")

    def _look(self, number: int, before: str, after: str) -> None:
        """See that readers have one of the two releases, whole."""
        title = self._made.link / "index.html"
        try:
            text = title.read_text()
            if not any(f"<title>{content}</title>" in text for content in (before, after)):
                self._wrong.append(f"Call {number}: readers see neither of the two releases.")
            current = self._made.target.current()
            damages = self._made.target.damage(current) if current else ["There is none."]
        except OSError as error:
            damages = [f"{error.filename}: {error.strerror}."]
        self._wrong += [f"Call {number}: {sentence}" for sentence in damages[:1]]

    def recover(self) -> None:
        self._made.publish("at last")

    def tally(self) -> Tally:
        tally = self._made.tally()
        return Tally(
            looked_at=tally.looked_at + self._calls,
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
