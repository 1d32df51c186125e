"""What a process that stays has read, so that a look at one repository is not a look at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from mkdocs_gitguard.harvest.sources import RepositorySource

_Reading = TypeVar("_Reading")


class KeptReadings(Generic[_Reading]):
    """The last reading of each repository, for the same entry and the same options. Lives as long as its process."""

    def __init__(self) -> None:
        """Begin with none."""
        self._readings: dict[str, tuple[RepositorySource, str, _Reading]] = {}

    def read(
        self,
        sources: Sequence[RepositorySource],
        options: str,
        look_at: Collection[str] | None,
        read_all: Callable[[Sequence[RepositorySource]], Sequence[_Reading]],
    ) -> list[_Reading]:
        """Return a reading of each source, in order.

        Args:
            sources: all that are shown.
            options: digest of what else a reading depends on.
            look_at: node ids of the repositories that may have moved; None: any may have. Others are read only if
                they were not read before.
            read_all: reads sources, in order.
        """
        due = [source for source in sources if look_at is None or not self._holds(source, options, look_at)]
        for source, reading in zip(due, read_all(due), strict=True):
            self._readings[source.id] = (_named(source), options, reading)
        shown = {source.id for source in sources}
        self._readings = {key: known for key, known in self._readings.items() if key in shown}
        return [self._readings[source.id][2] for source in sources]

    def _holds(self, source: RepositorySource, options: str, look_at: Collection[str]) -> bool:
        known = self._readings.get(source.id)
        return known is not None and source.id not in look_at and known[:2] == (_named(source), options)


def _named(source: RepositorySource) -> RepositorySource:
    """Return a source without what was opened of it, which is another object each time."""
    return replace(source, directory=None)
