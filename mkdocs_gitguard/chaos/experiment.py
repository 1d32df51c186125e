"""A drill as a Chaos Toolkit experiment, and its run. Needs the extra `chaos`.

The format: https://chaostoolkit.org/reference/api/experiment/ (2026-08). Beyond it count our own rule (`verdict.py`)
and our own time limit (`run.py`), for Chaos Toolkit ends "completed" where the first steady state failed, passes over
tolerances of a method's probes, rolls back only where it is told to, and gives Python probes no time limit.
"""

import copy
from typing import Any, Final

from chaoslib.experiment import ensure_experiment_is_valid, run_experiment  # type: ignore[import-untyped]

from mkdocs_gitguard.model.drill import DrillAbout

_STEPS: Final = "mkdocs_gitguard.chaos.steps"
_SETTINGS: Final = {"runtime": {"rollbacks": {"strategy": "always"}}}


def experiment_of(about: DrillAbout) -> dict[str, Any]:
    """Return the experiment that a drill is, as data."""
    return {
        "version": "1.0.0",
        "title": about.title,
        "description": f"{about.hypothesis} {about.fault} {about.blast_radius}",
        "tags": ["gitguard", about.component],
        "controls": [{"name": "timeline", "provider": {"type": "python", "module": _STEPS}}],
        "steady-state-hypothesis": {
            "title": about.hypothesis,
            "probes": [
                _activity("probe", "Lost", "lost", tolerance=0),
                _activity("probe", "Doubled in effect", "doubled", tolerance=0),
                _activity("probe", "Differing from a clean build", "differing", tolerance=0),
            ],
        },
        "method": [
            _activity("action", about.fault.rstrip("."), "disturb"),
            _activity("action", "Recovery", "recover"),
        ],
        "rollbacks": [_activity("action", "Put right", "put_right")],
    }


def check(about: DrillAbout) -> None:
    """Have Chaos Toolkit check a drill's experiment.

    Raises:
        chaoslib.exceptions.ChaosException: it is not one.
    """
    ensure_experiment_is_valid(experiment_of(about))


def run(about: DrillAbout) -> dict[str, Any]:
    """Run the experiment of a drill, whose trial has been told to `steps.begin`; return Chaos Toolkit's journal."""
    check(about)
    # A copy: Chaos Toolkit writes into what it is given.
    journal: dict[str, Any] = run_experiment(experiment_of(about), settings=copy.deepcopy(_SETTINGS))
    return journal


def _activity(kind: str, name: str, function: str, **rest: Any) -> dict[str, Any]:
    provider = {"type": "python", "module": _STEPS, "func": function}
    return {"type": kind, "name": name, "provider": provider, **rest}
