"""The probes, the actions and the control that our experiments name. Chaos Toolkit finds them here by their names.

An experiment is data, so that it cannot hold the trial that it is about: that is `begin`'s, one in a process.
"""

from collections.abc import Mapping
from typing import Any, Final

from mkdocs_gitguard.chaos.trial import Trial
from mkdocs_gitguard.model.drill import Tally

_trials: Final[list[Trial]] = []
_tallies: Final[list[Tally]] = []


def begin(trial: Trial) -> None:
    """Have everything that follows in this process be about a trial."""
    _trials[:] = [trial]
    _tallies.clear()


def tallies() -> tuple[Tally, ...]:
    """Return what was counted so far: before the fault, and after it."""
    return tuple(_tallies)


def lost() -> int:
    """Count, and return how much is lost: the first probe of the steady state."""
    _tallies.append(_trials[0].tally())
    return _tallies[-1].lost


def doubled() -> int:
    """Return how much had its effect twice."""
    return _tallies[-1].doubled


def differing() -> int:
    """Return how many files that readers see are not those of a clean build."""
    return _tallies[-1].differing or 0


def disturb() -> bool:
    """Bring the fault on."""
    _trials[0].sandbox.fault_begins()
    _trials[0].disturb()
    _trials[0].sandbox.fault_ends()
    return True


def recover() -> bool:
    """Get over it."""
    _trials[0].recover()
    _trials[0].sandbox.recovered()
    return True


def put_right() -> bool:
    """Take away what stands beyond the sandbox."""
    _trials[0].put_right()
    return True


def after_activity_control(context: Mapping[str, Any], state: Mapping[str, Any], **_: Any) -> None:
    """Put each probe and action into the timeline, as Chaos Toolkit calls a control."""
    output = state.get("output")
    shown = f": {output}" if isinstance(output, int) and not isinstance(output, bool) else ""
    trouble = f", {state['status']}" if state.get("status") != "succeeded" else ""
    _trials[0].sandbox.note(f"{context['name']}{shown}{trouble}")
