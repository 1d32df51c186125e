"""`MAX_REPOS_PER_HOUR`: how many repositories may still be read in the hour that ends now."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.rollout.settings import Settings
from mkdocs_gitguard.rollout.state import RolloutState

_NAME: Final = "harvest.reads"
_WINDOW: Final = timedelta(hours=1)


class HourlyReads:
    """Counts reads over builds. Without a limit nothing is counted."""

    def __init__(self, settings: Settings, state_folder: Path) -> None:
        """Take the limit from the settings; the counts are kept in the state file."""
        self._limit = settings.max_repos_per_hour
        self._state = RolloutState(state_folder / "state.db")

    def left(self) -> int:
        """Return how many repositories may be read now, -1 for any number.

        Raises:
            SettingError: the state file cannot be read.
        """
        if self._limit < 0:
            return -1
        since = system_clock() - _WINDOW
        used = sum(item.value for item in self._state.measurements(_NAME, since=since))
        return max(0, self._limit - int(used))

    def spend(self, reads: int) -> None:
        """Remember that so many were read.

        Raises:
            SettingError: the state file cannot be written.
        """
        if self._limit >= 0 and reads:
            evidence = f"MAX_REPOS_PER_HOUR is {self._limit:,}"
            self._state.remember(Measurement(name=_NAME, value=reads, at=system_clock(), evidence=evidence))
