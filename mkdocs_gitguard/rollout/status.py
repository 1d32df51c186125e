"""What the rollout page and `gitguard rollout status` show, put together from settings and state."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import Checklist, CheckResult, Forge, PhaseChange, RolloutStatus, SettingValue
from mkdocs_gitguard.rollout.decision import decide_publish
from mkdocs_gitguard.rollout.features import feature_states
from mkdocs_gitguard.rollout.gates import CRITERIA, MAX_AGE, evaluate_gate
from mkdocs_gitguard.rollout.notes import release_notes
from mkdocs_gitguard.rollout.resolve import settings_of
from mkdocs_gitguard.rollout.settings import DECLARATIONS, PLAN_PAGE, THE_PLAN, Settings
from mkdocs_gitguard.rollout.state import RolloutState
from mkdocs_gitguard.rollout.steps import entered, left

_LISTS: Final = ("CODEX_REPO_INCLUDE_LIST", "CODEX_REPO_EXCLUDE_LIST")
"""Shown as a number only: they can name repositories that are left out."""


def rollout_status(
    settings: Settings,
    state: RolloutState,
    *,
    environ: Mapping[str, str],
    root: Path,
    now: datetime,
    forge: Forge | None = None,
) -> RolloutStatus:
    """Put the status together.

    Args:
        settings: those in force.
        state: what is remembered.
        environ: the process environment, for the thresholds of the other phases.
        root: the site's folder.
        now: the moment that ages count from.
        forge: where the commits of the site's own repository can be seen; None: nowhere.
    """
    decision = decide_publish(settings)
    changes = state.changes()

    def own_settings(phase: str) -> Settings | None:
        with suppress(SettingError):
            return settings_of(phase, environ=environ, root=root)
        return None

    def checklist(phase: str) -> Checklist:
        since = entered(phase, changes)
        if phase == settings.phase:
            measurements = state.measurements(since=now - MAX_AGE, until=now)
            return evaluate_gate(phase, settings, measurements, now=now, entered=since, has_events=state.has_events)
        until = left(phase, changes)
        if until is None:
            return _not_entered(phase)
        own = settings_of(phase, environ=environ, root=root)
        measurements = state.measurements(since=until - MAX_AGE, until=until)
        return evaluate_gate(phase, own, measurements, now=until, entered=since, has_events=state.has_events)

    releases = state.releases()
    return RolloutStatus(
        phase=settings.phase,
        phase_origin=str(settings.phase_origin),
        plan=THE_PLAN,
        plan_page=PLAN_PAGE,
        features=tuple(feature_states(settings, environ=environ, root=root)),
        settings=tuple(_shown(settings)),
        may_publish=decision.allowed,
        reasons=decision.reasons,
        checklists=tuple(map(checklist, CRITERIA)),
        changes=changes,
        releases=releases,
        notes=release_notes(changes, releases, state.measurements("publish.repositories"), own_settings),
        forge=forge,
    )


def _shown(settings: Settings) -> list[SettingValue]:
    shown = []
    for key, item in DECLARATIONS.items():
        text = settings.text(item.name)
        if item.name in _LISTS:
            entries = len(getattr(settings, key))
            text = f"{entries} {'entry' if entries == 1 else 'entries'}" if entries else ""
        shown.append(SettingValue(name=item.name, value=text, origin=str(settings.origins[item.name])))
    return shown


def _not_entered(phase: str) -> Checklist:
    title, criteria = CRITERIA[phase]
    evidence = "The phase has not been entered."
    return Checklist(
        phase=phase,
        title=title,
        checks=tuple(
            CheckResult(name=f"{phase}.{item.name}", criterion=item.words, state="no data", evidence=evidence)
            for item in criteria
        ),
    )


def in_words(change: PhaseChange) -> str:
    """Return a step between phases as one line."""
    overridden = f" (did not pass: {', '.join(change.overridden)})" if change.overridden else ""
    step = f"{change.action} {change.before} -> {change.after}"
    why = f": {change.why}{overridden}" if change.why or overridden else ""
    return f"{change.at:%Y-%m-%d %H:%M} {step} by {change.who}{why}"
