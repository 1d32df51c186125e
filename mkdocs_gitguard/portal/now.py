"""The moment of a build, and all that pages may make of it: what they ask here is all that time can change on them.

Every answer holds for a whole day (UTC): a page changes by itself at midnight, and at no other time.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.model import owner_state
from mkdocs_gitguard.words import day, relative

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from mkdocs_gitguard.model import Owner, OwnerState


class Now(NamedTuple):
    """The moment of a build."""

    moment: datetime
    """Aware, UTC. No page asks for it: the answers below count, not the moment itself."""

    def today(self) -> str:
        """Return the day (UTC): `2026-11-01`."""
        return day(self.moment)

    def ago(self, moment: datetime) -> str:
        """Return how long before the build a moment was, in words: see `words.relative`."""
        return relative(moment, self.moment)

    def months(self, number: int) -> list[str]:
        """Return the names (`YYYY-MM`) of the last `number` months, the present one last."""
        last = self.moment.year * 12 + self.moment.month - 1
        return [f"{month // 12:04}-{month % 12 + 1:02}" for month in range(last - number + 1, last + 1)]

    def is_over(self, days: int, moment: datetime) -> bool:
        """Tell whether a moment lies more than so many days back."""
        return (self.moment.astimezone(UTC).date() - moment.astimezone(UTC).date()).days > days

    def state_of(self, owner: Owner, members: Iterable[Owner]) -> OwnerState:
        """Return whether an owner still takes part: see `model.owner_state`."""
        return owner_state(owner, members, self.moment)
