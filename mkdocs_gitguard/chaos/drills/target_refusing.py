"""A publish target is slow, refuses, and goes away in the middle of a push; then it takes releases again."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from mkdocs_gitguard.chaos.made_release import make_site, manifest_of
from mkdocs_gitguard.chaos.made_repositories import MadeRepository
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.git.process import kill_all
from mkdocs_gitguard.model.drill import DrillAbout, Tally
from mkdocs_gitguard.publish.branch import BranchTarget
from mkdocs_gitguard.publish.release import content_digest, describe_site

if TYPE_CHECKING:
    from mkdocs_gitguard.model import Release

_FILES = 6
_REFUSING = "#!/bin/sh\nexit 1\n"
_SLOW = "#!/bin/sh\nsleep 1\n"
_HANGING = "#!/bin/sh\nsleep 30\n"


class _Trial(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._site = sandbox.folder / "site"
        self._acknowledged: list[Release] = []
        self._content = ""
        self._wrong: list[str] = []

    def prepare(self) -> None:
        remote = MadeRepository(self.sandbox.folder / "remote", seed="remote")
        self._hook = remote.folder / "hooks" / "pre-receive"
        self._hook.parent.mkdir(exist_ok=True)
        remote.git("config", "core.hooksPath", str(self._hook.parent))
        own = MadeRepository(self.sandbox.folder / "own", seed="own")
        own.git("remote", "set-url", "origin", str(remote.folder))
        self._own = own.folder
        self._publish("start")

    def _publish(self, content: str) -> None:
        make_site(self._site, content, _FILES)
        published = BranchTarget("pages", root=self._own).publish(self._site, manifest_of(self._site))
        self._acknowledged.append(published.release)
        self._content = content

    def disturb(self) -> None:
        for name, hook in (("refuses", _REFUSING), ("is slow", _SLOW), ("goes away", _HANGING)):
            self._hook.write_text(hook)
            self._hook.chmod(0o755)
            if hook == _HANGING:
                threading.Timer(0.7, kill_all).start()
            began = time.monotonic()
            try:
                self._publish(f"while it {name}")
                self.sandbox.note(f"It {name}: published in {time.monotonic() - began:.1f} s")
            except GitGuardError:
                self.sandbox.detected(f"It {name}: the publish said so after {time.monotonic() - began:.1f} s")
        self._hook.unlink()

    def recover(self) -> None:
        self._publish("taken again")

    def tally(self) -> Tally:
        target = BranchTarget("pages", root=self._own)
        make_site(self._site, self._content, _FILES)
        clean = describe_site(self._site)
        current = target.current()
        there = {release.digest for release in target.releases()}
        lost = [release.id for release in self._acknowledged if release.digest not in there]
        strangers = there - {release.digest for release in self._acknowledged}
        damages = target.damage(current) if current else ["There is no release."]
        is_clean = current is not None and current.release.digest == content_digest(clean)
        return Tally(
            looked_at=len(clean) + len(self._acknowledged),
            lost=len(lost) + len(damages),
            doubled=len(strangers),
            differing=0 if is_clean else len(clean),
            examples=(
                *(f"Release {release} was acknowledged, and is not there." for release in lost),
                *damages[:3],
                *(f"{digest[:12]} is there, and was refused." for digest in sorted(strangers)),
            ),
        )

    def put_right(self) -> None:
        kill_all()


DRILL = Drill(
    DrillAbout(
        name="target-refusing",
        title="A publish target that is slow, refuses, and goes away",
        component="publish to a branch",
        hypothesis="A publish that was refused says so and changes nothing; the next one goes out.",
        fault="The remote refuses a push, takes a second over one, and the connection to it breaks in a third.",
        blast_radius="Two repositories in the sandbox.",
        time_limit=90,
    ),
    _Trial,
)
