"""The power goes after every sync of a publish, and after appends to the log."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

from mkdocs_gitguard.chaos.disk import Disk
from mkdocs_gitguard.chaos.made_events import LogPlace, made_event, tally_of, work_through
from mkdocs_gitguard.chaos.made_release import MadeReleases
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.model.drill import DrillAbout, Tally
from mkdocs_gitguard.publish import directory

if TYPE_CHECKING:
    from pathlib import Path

_PUBLISHES = 2
_APPENDS = 24
_EVERY = 4
_SMALL = 12


class _Publish(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._disk: Disk | None = None
        self._made: MadeReleases | None = None
        self._copies: list[tuple[Path, set[str]]] = []
        """With the titles that readers of each may see."""
        self._wrong: list[str] = []
        self._looked_at = 0

    @property
    def made(self) -> MadeReleases:
        assert self._made is not None  # noqa: S101 - prepared
        return self._made

    def prepare(self) -> None:
        self._disk = Disk(self.sandbox.folder)
        self._made = MadeReleases(self._disk.root, files=_SMALL, keep=2)
        for number in range(3):
            self.made.publish(f"start {number}")

    def disturb(self) -> None:
        assert self._disk is not None  # noqa: S101 - prepared
        disk, original = self._disk, vars(directory)["to_disk"]
        may_see = {"start 2"}

        def to_disk(folder: Path, *, only_folder: bool = False) -> None:
            self._copies.append((disk.lose_power(f"copy-{len(self._copies)}"), {*may_see}))
            original(folder, only_folder=only_folder)
            self._copies.append((disk.lose_power(f"copy-{len(self._copies)}"), {*may_see}))

        with patch.object(directory, "to_disk", to_disk):
            for number in range(_PUBLISHES):
                content = f"release {number}"
                may_see.add(content)
                self.made.publish(content)
                may_see.clear()
                may_see.add(content)
                self._copies.append((disk.lose_power(f"copy-{len(self._copies)}"), {content}))
        self.sandbox.note(f"{len(self._copies)} losses of power")

    def recover(self) -> None:
        assert self._disk is not None  # noqa: S101 - prepared
        for copy, may_see in self._copies:
            root = self._disk.mount_copy(copy)
            try:
                self._look(copy.stem, MadeReleases(root, files=_SMALL, keep=2), may_see)
            finally:
                self._disk.unmount_copy()
                copy.unlink()

    def _look(self, name: str, after: MadeReleases, may_see: set[str]) -> None:
        self._looked_at += 1
        try:
            title = (after.link / "index.html").read_text().split("</title>")[0].removeprefix("<title>")
            current = after.target.current()
            damages = after.target.damage(current) if current else ["There is no release."]
            if title not in may_see:
                damages.append(f"Readers see {title!r}, and not {' or '.join(sorted(may_see))}.")
            after.publish("after the power came back")
            damages += after.tally().examples
        except (OSError, GitGuardError) as error:
            damages = [str(error)]
        self._wrong += [f"{name}: {sentence}" for sentence in damages[:2]]

    def tally(self) -> Tally:
        tally = self.made.tally()
        return Tally(
            looked_at=tally.looked_at + self._looked_at,
            lost=tally.lost + len(self._wrong),
            doubled=tally.doubled,
            differing=tally.differing,
            examples=(*self._wrong[:5], *tally.examples),
        )

    def put_right(self) -> None:
        if self._disk:
            self._disk.unmount()


class _Log(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._disk: Disk | None = None
        self._copies: list[tuple[Path, int]] = []
        self._wrong: list[str] = []
        self._looked_at = 0

    def prepare(self) -> None:
        self._disk = Disk(self.sandbox.folder)
        self._append("first")

    def _append(self, *deliveries: str) -> None:
        assert self._disk is not None  # noqa: S101 - prepared
        place = self._place(self._disk.root)
        log = place.open()
        try:
            for number, delivery in enumerate(deliveries, 1):
                log.append([made_event(delivery)])
                with place.file("acknowledged").open("a") as file:
                    file.write(f"{delivery}\n")
                if number % _EVERY == 0:
                    self._copies.append((self._disk.lose_power(f"copy-{number}"), number))
        finally:
            log.close()

    def _place(self, root: Path) -> LogPlace:
        return LogPlace(root / "events.db", notes=self.sandbox.folder)

    def disturb(self) -> None:
        self._append(*(f"event-{number}" for number in range(_APPENDS)))
        self.sandbox.note(f"{len(self._copies)} losses of power")

    def recover(self) -> None:
        assert self._disk is not None  # noqa: S101 - prepared
        for copy, number in self._copies:
            root = self._disk.mount_copy(copy)
            try:
                log = self._place(root).open()
                try:
                    kept = {stored.event.delivery for stored in log.read()}
                finally:
                    log.close()
            finally:
                self._disk.unmount_copy()
                copy.unlink()
            acknowledged = ["first", *(f"event-{at}" for at in range(number))]
            self._looked_at += len(acknowledged)
            self._wrong += [
                f"{delivery} was acknowledged, and is gone with the power."
                for delivery in acknowledged
                if delivery not in kept
            ]

    def tally(self) -> Tally:
        assert self._disk is not None  # noqa: S101 - prepared
        place = self._place(self._disk.root)
        log = place.open()
        try:
            work_through(log, place)
            tally = tally_of(log, place, extra=self._wrong)
        finally:
            log.close()
        return Tally(
            looked_at=tally.looked_at + self._looked_at,
            lost=tally.lost,
            doubled=tally.doubled,
            examples=tally.examples,
        )

    def put_right(self) -> None:
        if self._disk:
            self._disk.unmount()


PUBLISH = Drill(
    DrillAbout(
        name="publish-power",
        title="Power loss at every sync of a publish",
        component="publish to a directory",
        hypothesis="Whenever the power goes, readers find a whole release, and that of a publish that had ended.",
        fault=f"The disk's image is copied before and after every sync of {_PUBLISHES} publishes.",
        blast_radius="A loop device of its own, whose image and mount point are in the sandbox.",
        time_limit=60,
    ),
    _Publish,
)
LOG = Drill(
    DrillAbout(
        name="log-power",
        title="Power loss after appends to the event log",
        component="event log (embedded)",
        hypothesis="Every event that was acknowledged is in the log after the power came back.",
        fault=f"The disk's image is copied after every {_EVERY}th of {_APPENDS} appends.",
        blast_radius="A loop device of its own, whose image and mount point are in the sandbox.",
        time_limit=60,
    ),
    _Log,
)
