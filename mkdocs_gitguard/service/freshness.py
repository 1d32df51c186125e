"""How fresh the portal is: the seconds from each event's acceptance to the stages of the round that answered it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.state.measurements import percentile
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from mkdocs_gitguard.service.rounds import Answered
    from mkdocs_gitguard.state.measurements import Measurements

WINDOW: Final = timedelta(hours=24)
"""Over which the percentile is taken."""


def in_words(answered: Sequence[Answered]) -> str:
    """Return how many events were answered, and how fresh, in a sentence or two."""
    sentence = f"{count(len(answered), 'event')} answered"
    timed = [one.freshness for one in answered if not one.is_ahead]
    if timed:
        sentence += f", the oldest after {max(timed):.2f} s"
    if number := len(answered) - len(timed):
        ahead = max(one.event.accepted_at for one in answered)
        sentence += (
            f". {count(number, 'event')} had been taken on by a clock that is ahead of this machine's, at "
            f"{ahead:%Y-%m-%d %H:%M:%S} UTC: how fresh is not measured"
        )
    return f"{sentence}."


def remember(state: Measurements, answered: Sequence[Answered], *, at: datetime) -> None:
    """Keep how fresh events were answered, and the percentile of the last day.

    Raises:
        SettingError: the state file cannot be written.
    """
    timed = [one for one in answered if not one.is_ahead]
    if not timed:
        return
    state.remember(
        *(
            Measurement(name=f"freshness.{stage}", value=seconds, unit="s", at=at, evidence="an event")
            for one in timed
            for stage, seconds in one.seconds.items()
        ),
        *(Measurement(name="freshness", value=one.freshness, unit="s", at=at, evidence="an event") for one in timed),
    )
    values = [known.value for known in state.measurements("freshness", since=at - WINDOW)]
    state.remember(
        Measurement(
            name="freshness.p99",
            value=percentile(values, 99),
            unit="s",
            at=at,
            evidence=f"{len(values):,} events in 24 hours",
        )
    )
