"""Which events are about repositories that a site shows. What is not is dropped before anything of it is kept."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.events.event import EventRepository
from mkdocs_gitguard.git.spellings import ListEntry, Spellings, spellings_of
from mkdocs_gitguard.harvest.selecting import Chosen, names_of
from mkdocs_gitguard.harvest.sources import RepositorySource

_FRESH: Final = 15.0
"""Seconds. A veto holds after that at the latest."""


class EventSelection:
    """The choice of a rollout, asked for single repositories."""

    def __init__(self, chosen: Chosen, exclude: Iterable[str], *, places: "EventPlaces | None" = None) -> None:
        """Index the names of what was chosen.

        Args:
            chosen: of the site's repositories.
            exclude: the list of vetoes.
            places: of what was chosen, if they are at hand: names are read from git's files.
        """
        self._shown = _Names(spellings for _, spellings in (places or EventPlaces(chosen.sources)).names)
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


class EventPlaces:
    """The repositories of a site by all that an event may call them."""

    def __init__(self, sources: Iterable[RepositorySource]) -> None:
        """Take what the phase shows."""
        self.names: tuple[tuple[str, Spellings], ...] = tuple((source.id, names_of(source)) for source in sources)
        """Node ids, and what each is called."""
        self._by_name: dict[str, set[str]] = {}
        self._by_url: dict[str, set[str]] = {}
        for node, spellings in self.names:
            for name in spellings.names:
                self._by_name.setdefault(name.lower(), set()).add(node)
            for address in spellings.urls:
                self._by_url.setdefault(address.lower(), set()).add(node)

    def of(self, repository: EventRepository) -> frozenset[str]:
        """Return the node ids of the repositories that an event may be about, those that bear a former name too."""
        by_url = [self._by_url.get(address.lower(), set()) for address in spellings_in(repository).urls]
        # Not by what stands in a URL: on another forge it is another repository.
        by_name = [self._by_name.get(name.lower(), set()) for name in (repository.name, *repository.former_names)]
        return frozenset[str]().union(*by_url, *by_name)

    def homes(self, repositories: Iterable[tuple[str, EventRepository]]) -> dict[str, str]:
        """Return by node id which one of a forge's repositories it is, by their keys.

        An address tells more than a name, and the latest name more than a former one, which another may bear by now.

        Args:
            repositories: with their keys; of two that are called the same the later one counts.
        """
        best: dict[str, tuple[tuple[int, int], str]] = {}
        for key, repository in repositories:
            for node, rank in self._ranked(repository):
                if node not in best or rank >= best[node][0]:
                    best[node] = (rank, key)
        return {node: key for node, (_, key) in best.items()}

    def _ranked(self, repository: EventRepository) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield the nodes that a repository may be, by what tells most of it alone, with how much that tells."""
        addresses = [address for url in repository.urls for address in spellings_of(url).urls]
        places = [(1, -age, self._by_url.get(address.lower())) for age, address in enumerate(addresses)]
        names = (repository.name, *repository.former_names)
        places += [(0, -age, self._by_name.get(name.lower())) for age, name in enumerate(names)]
        for kind, age, nodes in places:
            if nodes:
                yield from ((node, (kind, age)) for node in nodes)
                return


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
