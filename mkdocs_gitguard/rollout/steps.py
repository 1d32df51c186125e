"""The steps between phases: what the next one changes, going there, and going back."""

from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from mkdocs_gitguard.errors import GateError, SettingError
from mkdocs_gitguard.model import Checklist, PhaseChange
from mkdocs_gitguard.rollout.gates import CRITERIA, MAX_AGE, evaluate_gate, next_phase, open_checks
from mkdocs_gitguard.rollout.resolve import CURRENT_FILE
from mkdocs_gitguard.rollout.settings import DECLARATIONS, PHASE_VARIABLE, PHASES, Settings
from mkdocs_gitguard.rollout.state import RolloutState
from mkdocs_gitguard.state.files import replace_file
from mkdocs_gitguard.state.folder import refuse_links_on_the_way


class Difference(NamedTuple):
    """A setting that a step changes."""

    name: str
    before: str
    after: str
    origin: str
    """Where the new value comes from."""


class Step(NamedTuple):
    """A step that was taken."""

    change: PhaseChange
    obstacle: str
    """What still chooses the old phase, and how to change it; `""` where the step is in force."""


def differences(before: Settings, after: Settings) -> list[Difference]:
    """Return the settings that differ, in the order of their declaration."""
    return [
        Difference(item.name, before.text(item.name), after.text(item.name), str(after.origins[item.name]))
        for item in DECLARATIONS.values()
        if before.text(item.name) != after.text(item.name)
    ]


def entered(phase: str, changes: tuple[PhaseChange, ...]) -> datetime | None:
    """Return when a phase was last entered, None where the history does not say."""
    return next((change.at for change in changes if change.after == phase), None)


def left(phase: str, changes: tuple[PhaseChange, ...]) -> datetime | None:
    """Return when a phase was last left."""
    return next((change.at for change in changes if change.before == phase), None)


def check(settings: Settings, state: RolloutState, *, now: datetime) -> Checklist:
    """Evaluate the criteria of the phase that is in force.

    Raises:
        GateError: the plan has none for it.
    """
    since = entered(settings.phase, state.changes())
    measurements = state.measurements(since=now - MAX_AGE, until=now)
    return evaluate_gate(settings.phase, settings, measurements, now=now, entered=since, has_events=state.has_events)


def promote(
    settings: Settings, state: RolloutState, *, root: Path, now: datetime, who: str, why: str, override: str = ""
) -> Step:
    """Go to the next phase.

    Args:
        settings: those in force.
        state: the measurements that the gate is evaluated by, and where the step is remembered.
        root: the site's folder, whose `config/rollout/current.env` is written.
        now: the moment of the step.
        who: who takes it.
        why: why, in their words.
        override: why the step is taken although checks do not pass; remembered with their names.

    Raises:
        GateError: a check does not pass and there is no `override`, or there is no next phase.
    """
    following = next_phase(settings.phase)
    shut = open_checks(check(settings, state, now=now)) if settings.phase in CRITERIA else ()
    if shut and not override:
        states = "; ".join(f"{item.name}: {item.state}" for item in shut)
        raise GateError(
            f"{len(shut)} of the checks of {settings.phase} do not pass: {states}.",
            hint="See `gitguard rollout check`; go on regardless with --override REASON, which is remembered.",
        )
    reason = f"{why} Overridden: {override}".strip() if shut else why
    overridden = tuple(item.name for item in shut)
    return _take("promote", following, settings, state, root=root, now=now, who=who, why=reason, overridden=overridden)


def roll_back(
    settings: Settings, state: RolloutState, *, root: Path, now: datetime, who: str, why: str, to: str = ""
) -> Step:
    """Go back to an earlier phase, `to` or the one before in the plan. Nothing can refuse that.

    Raises:
        GateError: there is no earlier phase, or `to` is none.
    """
    if settings.phase not in PHASES[1:]:
        raise GateError(f"There is no phase before {settings.phase}.")
    earlier = PHASES[: PHASES.index(settings.phase)]
    if to and to not in earlier:
        raise GateError(f"{to!r} is not a phase before {settings.phase}.", hint=f"Choose one of {', '.join(earlier)}.")
    return _take("rollback", to or earlier[-1], settings, state, root=root, now=now, who=who, why=why)


def _take(
    action: Literal["promote", "rollback"],
    phase: str,
    settings: Settings,
    state: RolloutState,
    *,
    root: Path,
    now: datetime,
    who: str,
    why: str,
    overridden: tuple[str, ...] = (),
) -> Step:
    change = PhaseChange(
        at=now, action=action, before=settings.phase, after=phase, who=who, why=why, overridden=overridden
    )
    path = root / CURRENT_FILE
    comment = f"# Written by `gitguard rollout {action}` at {now:%Y-%m-%dT%H:%M:%SZ}. Commit it."
    text = f"{comment}\n{PHASE_VARIABLE}={phase}\n"
    # A link in the place of the file itself is replaced, not written through.
    refuse_links_on_the_way(root, path.parent)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode())
    except OSError as error:
        raise SettingError(f"{path} cannot be written: {error.strerror}.") from error
    state.add_change(change)
    obstacle = ""
    if settings.phase_origin.kind in {"environment", "mkdocs.yml"}:
        place = f"{PHASE_VARIABLE} in the environment"
        if settings.phase_origin.kind == "mkdocs.yml":
            place = "The plugin's option `phase` in mkdocs.yml"
        obstacle = f"{place} still says {settings.phase} and wins: change it to {phase}, or take it out."
    return Step(change, obstacle)
