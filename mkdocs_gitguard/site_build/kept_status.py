"""What the pages of rollout, service levels and drills show in a process that stays.

To judge the objectives takes time with the number of all that was measured in ninety days, which grows with every
event; no event waits for that. The rule: a round that takes the short path shows what the round before has shown; when
it is ten minutes old (`shown_figures.STAY`), it is worked out again after a round, for the next one. Where what
somebody has to know has changed, as who judges beside the rounds has seen, the next round works it out itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.site_build.shown_figures import STAY, is_fresh, news_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from mkdocs_gitguard.model.log_state import LogState
    from mkdocs_gitguard.model.service_levels import ServiceLevels
    from mkdocs_gitguard.site_build.status import Status


@dataclass
class KeptStatus:
    """Of one process and site."""

    _status: Status | None = None
    _at: datetime | None = None
    """When it was worked out."""
    _ask: Callable[[], Status] | None = None
    _is_overtaken: bool = False

    def shown(self, ask: Callable[[], Status], log_state: LogState | None, *, may_stay: bool) -> Status:
        """Return what a build shows.

        Args:
            ask: works it out as of now.
            log_state: how the event log is, which is looked at in each round.
            may_stay: whether what the build before has shown may stay: nothing but repositories has moved since.

        Raises:
            SettingError: as `ask` does.
        """
        self._ask = ask
        # Twice the time: who comes less often than that finds nothing of use, and has the time to work it out.
        if not may_stay or self._is_overtaken or not is_fresh(self._at, system_moment(), 2 * STAY):
            self._work_out()
        assert self._status is not None  # noqa: S101 - it was worked out, now or before
        return self._status._replace(log_state=log_state) if self._status.levels else self._status

    def renew(self) -> None:
        """Work out what the next round shows, where the time has come.

        Raises:
            SettingError: as what `shown` was given does.
        """
        if self._ask is not None and not is_fresh(self._at, system_moment(), STAY):
            self._work_out()

    def see(self, levels: ServiceLevels) -> None:
        """Take note of how the objectives are now, from any thread."""
        shown = self._status.levels if self._status is not None else None
        self._is_overtaken = shown is not None and news_of(shown) != news_of(levels)

    def _work_out(self) -> None:
        assert self._ask is not None  # noqa: S101 - whoever calls has looked
        self._status, self._at, self._is_overtaken = self._ask(), system_moment(), False
