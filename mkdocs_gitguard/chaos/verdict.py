"""When a drill has passed."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from mkdocs_gitguard.model.drill import Tally

_WRAPPED: Final = "chaoslib.exceptions.ActivityFailed: "


def failure_of(journal: Mapping[str, Any], tallies: Sequence[Tally], *, recovered: float | None) -> str:
    """Return why a drill has failed, in a sentence; `""`: it has passed.

    Args:
        journal: Chaos Toolkit's.
        tallies: what was counted before the fault, and after it.
        recovered: seconds to recover; None: it did not.
    """
    states = journal.get("steady_states") or {}
    steps = [*(journal.get("run") or ())]
    broken = [step for step in [*steps, *(journal.get("rollbacks") or ())] if step.get("status") != "succeeded"]
    if not tallies or not _is_met(states.get("before")):
        return f"The steady state did not hold before the fault{_wrong(tallies[:1])}."
    if broken:
        reason = (broken[0].get("exception") or ["no reason is known"])[-1].strip().removeprefix(_WRAPPED)
        return f"{broken[0]['activity']['name']} ended in an error: {reason.rstrip('.')}."
    if len(tallies) < 2 or not _is_met(states.get("after")) or not tallies[-1].is_well:  # noqa: PLR2004 - before, after
        return f"The steady state did not hold after the fault{_wrong(tallies[1:])}."
    missing = {
        "The fault was not brought on.": not steps,
        "The system did not recover.": recovered is None,
        "Nothing was compared, so that nothing was shown.": not tallies[-1].looked_at,
        f"Chaos Toolkit ended with {journal.get('status')!r}.": journal.get("status") != "completed",
        "Chaos Toolkit saw a deviation.": bool(journal.get("deviated")),
    }
    return next((why for why, is_so in missing.items() if is_so), "")


def _is_met(state: Mapping[str, Any] | None) -> bool:
    return bool(state and state.get("steady_state_met"))


def _wrong(tallies: Sequence[Tally]) -> str:
    for tally in tallies:
        if tally.is_well:
            continue
        parts = [f"{tally.lost:,} lost", f"{tally.doubled:,} doubled in effect"]
        if tally.differing is not None:
            parts.append(f"{tally.differing:,} files not those of a clean build")
        examples = f": {tally.examples[0].rstrip('.')}" if tally.examples else ""
        return f" ({', '.join(parts)}{examples})"
    return ""
