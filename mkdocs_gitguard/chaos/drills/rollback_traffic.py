"""Releases are rolled back while readers look; and one reader stays in a release over three more."""

from collections import Counter

from mkdocs_gitguard.chaos.made_release import MadeReleases, Readers
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.model.drill import DrillAbout, Tally
from mkdocs_gitguard.publish.release import MANIFEST, damage, decode_manifest

_TIMES = 12
_RELEASES = 3


class _Rollback(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._made = MadeReleases(sandbox.folder, keep=6)
        self._seen = Counter[str]()
        self._readers: Readers | None = None

    def prepare(self) -> None:
        for number in range(3):
            self._made.publish(f"start {number}")

    def disturb(self) -> None:
        self._readers = Readers(self._made.link)
        for number in range(_TIMES):
            self._made.publish(f"release {number}")
            if self.sandbox.dice.random() < 0.7:  # noqa: PLR2004 - most of the time
                self._made.target.rollback()
        self._seen = self._readers.stop()

    def recover(self) -> None:
        self._made.publish("after")

    def tally(self) -> Tally:
        return self._made.tally(self._seen)

    def put_right(self) -> None:
        if self._readers:
            self._readers.stop()


class _Reader(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._made = MadeReleases(sandbox.folder, keep=_RELEASES + 1)
        self._wrong: list[str] = []
        self._looks = 0

    def prepare(self) -> None:
        self._made.publish("start 0")
        self._made.publish("start 1")

    def disturb(self) -> None:
        root = self._made.link.resolve()
        manifest = decode_manifest((root / MANIFEST).read_bytes(), label=root.name)
        for number in range(_RELEASES):
            self._made.publish(f"release {number}")
            damages = damage(root, manifest)
            self._wrong += [f"{number + 1} releases later: {sentence}" for sentence in damages[:2]]
            self._looks += len(manifest.files)
        self.sandbox.note(f"The reader of a release read on in it over {_RELEASES} more")

    def recover(self) -> None:
        self._made.publish("after")

    def tally(self) -> Tally:
        tally = self._made.tally()
        return Tally(
            looked_at=tally.looked_at + self._looks,
            lost=tally.lost + len(self._wrong),
            doubled=tally.doubled,
            differing=tally.differing,
            examples=(*self._wrong, *tally.examples),
        )


ROLLBACK = Drill(
    DrillAbout(
        name="rollback-traffic",
        title="Rollback under traffic",
        component="publish to a directory",
        hypothesis="Readers see one release or the other, whole, while releases come and are taken back.",
        fault=f"{_TIMES} releases are published, and most of them taken back, while readers look without end.",
        blast_radius="A folder of releases in the sandbox.",
        time_limit=60,
        is_short=True,
    ),
    _Rollback,
)
READER = Drill(
    DrillAbout(
        name="reader-over-releases",
        title="A reader stays in a release over three more",
        component="publish to a directory",
        hypothesis="Who has followed the link to a release finds all of it there, over as many as are kept.",
        fault=f"{_RELEASES} releases are published while a reader stays in the one before.",
        blast_radius="A folder of releases in the sandbox.",
        time_limit=60,
        is_short=True,
    ),
    _Reader,
)
