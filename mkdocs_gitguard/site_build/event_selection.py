"""Which events are about repositories that a site shows. What is not is dropped before anything of it is kept."""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.events.event import EventRepository
from mkdocs_gitguard.git.spellings import ListEntry, Spellings, spellings_of
from mkdocs_gitguard.harvest.selecting import Chosen, names_of

_FRESH: Final = 15.0
"""Seconds. A veto holds after that at the latest."""


class EventSelection:
    """The choice of a rollout, asked for single repositories."""

    def __init__(self, chosen: Chosen, exclude: Iterable[str]) -> None:
        """Index the names of what was chosen.

        Args:
            chosen: of the site's repositories.
            exclude: the list of vetoes.
        """
        self._shown = _Names(names_of(source) for source in chosen.sources)
        self._left_out = _Names(chosen.left_out)
        self._vetoes = [ListEntry(entry, loosely=True) for entry in exclude]

    def shows(self, repository: EventRepository) -> bool:
        """Tell whether an event about this repository may be kept."""
        spellings = spellings_in(repository)
        if any(veto.means(spellings) for veto in self._vetoes):
            return False
        # An address tells apart what two forges call the same; a name alone has to be of none that is left out.
        if self._left_out.has_url(spellings):
            return False
        if self._shown.has_url(spellings):
            return True
        return self._shown.has_name(spellings) and not self._left_out.has_name(spellings)


def spellings_in(repository: EventRepository) -> Spellings:
    """Return what an event calls the repository that it is about, former names too."""
    spellings = Spellings(names=tuple(filter(None, (repository.name, *repository.former_names))))
    for url in repository.urls:
        spellings += spellings_of(url)
    return spellings


class _Names:
    def __init__(self, repositories: Iterable[Spellings]) -> None:
        self._names: set[str] = set()
        self._urls: set[str] = set()
        for spellings in repositories:
            self._names |= {name.lower() for name in spellings.names}
            self._urls |= {url.lower() for url in spellings.urls}

    def has_name(self, spellings: Spellings) -> bool:
        return any(name.lower() in self._names for name in spellings.names)

    def has_url(self, spellings: Spellings) -> bool:
        return any(url.lower() in self._urls for url in spellings.urls)


class FreshSelection:
    """A selection that is read again now and then, so that a veto needs no restart."""

    def __init__(self, read: Callable[[], EventSelection], *, warn: Callable[[str], None]) -> None:
        """Read it once.

        Args:
            read: reads the site and its settings.
            warn: is told, once for each cause, why it cannot be read; what was read before holds on.

        Raises:
            GitGuardError: it cannot be read even once.
        """
        self._read = read
        self._warn = warn
        self._lock = threading.Lock()
        self._selection = read()
        self._read_at = time.monotonic()
        self._warned = ""

    def shows(self, repository: EventRepository) -> bool:
        """Tell whether an event about this repository may be kept."""
        with self._lock:
            if time.monotonic() - self._read_at > _FRESH:
                try:
                    self._selection = self._read()
                    self._warned = ""
                except GitGuardError as error:
                    if str(error) != self._warned:
                        self._warned = str(error)
                        self._warn(f"The site cannot be read anew, what held before goes on: {error}")
                self._read_at = time.monotonic()
            return self._selection.shows(repository)
