"""Builds have too little memory."""

import resource
from functools import partial

from mkdocs_gitguard.chaos.portal_trial import PortalTrial
from mkdocs_gitguard.chaos.processes import fork, wait
from mkdocs_gitguard.chaos.trial import Drill
from mkdocs_gitguard.model.drill import DrillAbout

_STEPS = (4, 16, 48)
"""Megabytes that a build may have beside what its process begins with."""


class _Trial(PortalTrial):
    def disturb(self) -> None:
        ended = 0
        for megabytes in _STEPS:
            self.change()
            code = wait(fork(partial(self._limited, megabytes << 20)))
            ended += bool(code)
            if code:
                self.sandbox.detected(f"With {megabytes} MB more, the build ended with {code}")
            else:
                self.sandbox.note(f"{megabytes} MB more are enough")
        if not ended:
            raise RuntimeError("The fault had no effect: every build had enough memory.")

    def _limited(self, size: int) -> None:
        used = _used()
        resource.setrlimit(resource.RLIMIT_DATA, (used + size, used + size))
        raise SystemExit(wait(self.build()))


def _used() -> int:
    """Return the bytes of data that this process has: `VmData` of proc_pid_status(5)."""
    with open("/proc/self/status", encoding="ascii") as file:  # noqa: PTH123 - of the kernel
        for line in file:
            if line.startswith("VmData:"):
                return int(line.split()[1]) << 10
    return 0


DRILL = Drill(
    DrillAbout(
        name="memory-limit",
        title="Too little memory for a build",
        component="build",
        hypothesis="A build that ends for want of memory leaves nothing that makes a later one differ.",
        fault=f"Builds may have {', '.join(map(str, _STEPS))} MB beside what their process begins with.",
        blast_radius="A site of three made repositories in the sandbox; the limit is of the build's process alone.",
        time_limit=120,
    ),
    _Trial,
)
