"""Release notes: what each release and each step between phases changed, for whom, and who is to be asked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import ReleaseNote
from mkdocs_gitguard.rollout.decision import decide_publish
from mkdocs_gitguard.rollout.features import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mkdocs_gitguard.model import Flags, Measurement, PhaseChange, ReleaseEvent
    from mkdocs_gitguard.rollout.settings import Settings

_READERS: Final = "Everybody who reads the portal."
_TEAM: Final = "Those who run the portal: nothing is published."
_NEAR: Final = timedelta(minutes=1)
"""Between a release and what was measured of it."""


def release_notes(
    changes: Sequence[PhaseChange],
    releases: Sequence[ReleaseEvent],
    published: Sequence[Measurement],
    settings_of: Callable[[str], Settings | None],
) -> tuple[ReleaseNote, ...]:
    """Return the notes, newest first.

    Args:
        changes: steps between phases, newest first.
        releases: what was published or gone back to, newest first.
        published: how many repositories each publish held (`publish.repositories`).
        settings_of: gives the settings of a phase; None where it is not known any more.
    """
    notes = [*(_of_change(change, settings_of) for change in changes), *_of_releases(releases, published)]
    return tuple(sorted(notes, key=lambda note: note.at, reverse=True))


def _of_change(change: PhaseChange, settings_of: Callable[[str], Settings | None]) -> ReleaseNote:
    before, after = settings_of(change.before), settings_of(change.after)
    what = [*(_features(before.flags, after.flags) if before and after else ())]
    is_out = after is not None and decide_publish(after).allowed
    what.append("The portal is published." if is_out else "Nothing is published.")
    if change.overridden:
        what.append(f"Did not pass: {', '.join(change.overridden)}.")
    what += [f"Why: {change.why}"] if change.why else []
    step = "begins" if change.action == "promote" else "is gone back to"
    return ReleaseNote(
        key=f"phase {change.at:%Y-%m-%dT%H:%M:%S} {change.after}",
        at=change.at,
        title=f"Phase {change.after} {step}",
        what=tuple(what),
        for_whom=_READERS if is_out else _TEAM,
        ask=change.who,
    )


def _of_releases(releases: Sequence[ReleaseEvent], published: Sequence[Measurement]) -> Iterator[ReleaseNote]:
    for place, event in enumerate(releases):
        last = next((older for older in releases[place + 1 :] if older.target == event.target), None)
        release = event.release
        what = []
        number = next((item.value for item in published if abs(item.at - event.at) <= _NEAR), None)
        if number is not None and event.action == "publish":
            what.append(f"{number:,.0f} {'repository' if number == 1 else 'repositories'}.")
        if last is None:
            what.append(f"The first release here: {release.files:,} files.")
        elif last.release.digest == release.digest:
            what.append("The same files as before.")
        else:
            facts = "The same facts" if last.release.snapshot == release.snapshot else "New facts"
            what.append(f"{facts}; {release.files:,} files, before {last.release.files:,}.")
            what += _features(last.release.flags, release.flags)
        what += [f"Why: {event.why}"] if event.why else []
        title = f"Release {release.id}" if event.action == "publish" else f"Back to release {release.id}"
        yield ReleaseNote(
            key=f"release {event.at:%Y-%m-%dT%H:%M:%S} {release.id}",
            at=event.at,
            title=f"{title}, phase {release.phase}",
            what=tuple(what),
            for_whom=_READERS,
            ask=event.who,
        )


def _features(before: Flags, after: Flags) -> Iterator[str]:
    earlier, later = shown(before), shown(after)
    new, gone = [one for one in later if one not in earlier], [one for one in earlier if one not in later]
    if new:
        yield f"Shown now: {', '.join(new)}."
    if gone:
        yield f"Hidden now: {', '.join(gone)}."
