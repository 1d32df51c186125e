"""The disk is full, or fails, from the n-th write of a publish and of an append on; then it has space again."""

from functools import partial

from mkdocs_gitguard.chaos.made_events import LogPlace, made_event, tally_of, work_through
from mkdocs_gitguard.chaos.made_release import MadeReleases
from mkdocs_gitguard.chaos.syscalls import traced
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.model.drill import DrillAbout, Tally
from mkdocs_gitguard.publish.release import Manifest

_ERRORS = ("ENOSPC", "EIO")
_FROM = (1, 2, 4, 9)
"""The write that fails first."""
_PUBLISH_CALLS = "write,mkdir,link,rename,symlink"
_LOG_CALLS = "pwrite64,fsync,fdatasync"
_REFUSED = 3
_EVENTS = 4


class _Trial(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._made = MadeReleases(sandbox.folder, files=8, keep=2)
        self._place = LogPlace(sandbox.folder / "events.db")
        self._wrong: list[str] = []
        self._number = 0

    def prepare(self) -> None:
        for number in range(3):
            self._made.publish(f"start {number}")
        self._append()

    def disturb(self) -> None:
        for error in _ERRORS:
            for first in _FROM:
                inject = f"error={error}:when={first}+"
                self._publish_in_need(f"{error} from write {first} on", inject)
                result = traced(self._append, folder=self.sandbox.folder, calls=_LOG_CALLS, inject=inject)
                if result.code == _REFUSED:
                    self.sandbox.detected(f"An append was refused: {error} from write {first} on")
                self._number += _EVENTS
        if self.sandbox.detected_after is None:
            raise RuntimeError("The fault had no effect: nothing was refused.")

    def _publish_in_need(self, content: str, inject: str) -> None:
        before = self._seen()
        manifest = self._made.make(content)
        work = partial(self._publish, manifest)
        result = traced(work, folder=self.sandbox.folder, calls=_PUBLISH_CALLS, inject=inject)
        now = self._seen()
        if result.code == _REFUSED:
            self.sandbox.detected(f"A publish was refused: {content}")
            is_expected = now == before
        else:
            is_expected = now not in (before, "")
        if not is_expected:
            self._wrong.append(f"{content}: the publish ended with {result.code}, and readers see the other release.")
        try:
            current = self._made.target.current()
            damages = self._made.target.damage(current) if current else ["There is no release."]
        except GitGuardError as error:
            damages = [error.message]
        self._wrong += [f"{content}: {sentence}" for sentence in damages[:1]]

    def _seen(self) -> str:
        """Return what readers see first; `""` where there is nothing."""
        try:
            return (self._made.link / "index.html").read_text()
        except OSError:
            return ""

    def _publish(self, manifest: Manifest) -> None:
        try:
            self._made.target.publish(self._made.site, manifest)
        except GitGuardError as error:
            raise SystemExit(_REFUSED) from error

    def _append(self) -> None:
        """Append some events, and write down those that were acknowledged, by calls that no fault is put into."""
        try:
            log = self._place.open()
            for number in range(self._number, self._number + _EVENTS):
                log.append([made_event(f"event-{number}")])
                with self._place.file("acknowledged").open("a") as file:
                    file.write(f"event-{number}\n")
            log.close()
        except GitGuardError as error:
            raise SystemExit(_REFUSED) from error

    def recover(self) -> None:
        self._made.publish("with space again")
        self._append()

    def tally(self) -> Tally:
        tally = self._made.tally()
        log = self._place.open()
        try:
            work_through(log, self._place)
            events = tally_of(log, self._place, extra=self._wrong)
        finally:
            log.close()
        return Tally(
            looked_at=tally.looked_at + events.looked_at,
            lost=tally.lost + events.lost,
            doubled=tally.doubled + events.doubled,
            differing=tally.differing,
            examples=(*events.examples, *tally.examples),
        )


DRILL = Drill(
    DrillAbout(
        name="disk-full",
        title="Disk full, and failing, then with space again",
        component="publish to a directory, and event log (embedded)",
        hypothesis="What cannot be written is refused, readers see a whole release, and nothing acknowledged is lost.",
        fault="From the 1st, 2nd, 4th and 9th write on, all end with ENOSPC, and with EIO.",
        blast_radius="A log and releases in the sandbox; strace is attached to processes of the drill alone.",
        time_limit=90,
    ),
    _Trial,
)
