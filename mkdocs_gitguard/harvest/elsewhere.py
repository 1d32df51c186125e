"""Facts that were read elsewhere: by workers on other machines, or by the jobs of a matrix.

Whoever reads elsewhere reads as this process would, so that it makes no difference where. What comes is checked; what
does not come, or is not what was asked for, is read here.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple, Protocol

from mkdocs_gitguard.errors import GitGuardError, Interruption, SourceError
from mkdocs_gitguard.git.problems import RepositoryError, finding_of
from mkdocs_gitguard.harvest.hourly_limit import Allowance, carried_over
from mkdocs_gitguard.harvest.look import Looker, decode, digest_of
from mkdocs_gitguard.harvest.mirrors import Mirror
from mkdocs_gitguard.harvest.pool import ReaderPool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mkdocs_gitguard.git.directory import GitDirectory
    from mkdocs_gitguard.harvest.cache import CachedFacts, FactsCache
    from mkdocs_gitguard.harvest.facts import RepositoryFacts
    from mkdocs_gitguard.harvest.options import HarvestOptions
    from mkdocs_gitguard.harvest.progress import ReadOutcome
    from mkdocs_gitguard.harvest.sources import RepositorySource
    from mkdocs_gitguard.model import Finding


class Wanted(NamedTuple):
    """A repository that has to be read."""

    source: RepositorySource
    state: str
    """Where its refs stand; `""` for a clone URL whose server was not asked."""
    key: str
    """What the facts of that state are called wherever they are kept; `""` with no state."""
    earlier: str
    """What the facts are called that were read here before; `""`: there are none."""


class Delivered(NamedTuple):
    """What need not be read here."""

    facts: RepositoryFacts | None
    digest: bytes
    findings: tuple[Finding, ...]
    outcome: ReadOutcome
    directory: GitDirectory | None


class Elsewhere(Protocol):
    """Who else reads."""

    is_at_hand: bool
    """Whether it was read already: then no server is asked where refs stand, and nothing counts for the hour."""

    def read(
        self,
        wanted: Sequence[Wanted],
        deliver: Callable[[Wanted, CachedFacts | Finding], bool],
        *,
        looker: Looker,
        seconds: float | None,
    ) -> None:
        """Hand over the facts of as many as possible; the others are read here.

        Args:
            wanted: what has to be read.
            deliver: takes what was read, or why nobody must try again; says whether it could be used.
            looker: of this harvest.
            seconds: how long all of it may take; None: as long as it takes.
        """


class Deliveries:
    """What was read elsewhere for one harvest."""

    def __init__(self, options: HarvestOptions, looker: Looker, cache: FactsCache, allowance: Allowance) -> None:
        """Begin with nothing."""
        self._options = options
        self._looker = looker
        self._cache = cache
        self._allowance = allowance
        self._lock = threading.Lock()
        self.by_id: dict[str, Delivered] = {}

    def ask(
        self,
        sources: Sequence[RepositorySource],
        elsewhere: Elsewhere,
        seconds: float | None,
        tell: Callable[[RepositorySource, ReadOutcome], None],
    ) -> None:
        """Have read elsewhere whatever has to be read.

        Args:
            sources: of the site.
            elsewhere: who reads.
            seconds: how long it may take.
            tell: is told of each repository that need not be read here any more.
        """
        lookers = ReaderPool(max(self._options.workers, 8), "look")
        try:
            looks = [lookers.submit(self._wanted, source, elsewhere) for source in sources]
            wanted = [item for look in looks if (item := look.result()) is not None]
        finally:
            lookers.close()

        def deliver(item: Wanted, read: CachedFacts | Finding) -> bool:
            delivered = self._delivered(item, read)
            if delivered is not None:
                with self._lock:
                    self.by_id[item.source.id] = delivered
                    tell(item.source, delivered.outcome)
            return delivered is not None

        for source in sources:
            if source.id in self.by_id:
                tell(source, self.by_id[source.id].outcome)
        if wanted:
            elsewhere.read(wanted, deliver, looker=self._looker, seconds=seconds)

    def _wanted(self, source: RepositorySource, elsewhere: Elsewhere) -> Wanted | None:
        """Look at a repository; None where it need not be read, or has to be tried here, for that to be told."""
        try:
            return self._looked_at(source, elsewhere)
        except Interruption:
            raise
        except Exception:  # noqa: BLE001 - why is told when it is tried here
            return None

    def _looked_at(self, source: RepositorySource, elsewhere: Elsewhere) -> Wanted | None:
        state = self._state_of_server(source, elsewhere) if source.url else self._looker.look(source).state
        if state is None:
            return None
        kept = self._cache.state(self._looker.key(source, source.directory))
        if state and kept == state:
            if source.url:
                self._show_kept(source)
            return None
        if not source.url and not elsewhere.is_at_hand and not self._allowance.take(source):
            return None
        key = self._looker.content_key(source, state) if state else ""
        return Wanted(source, state, key, self._looker.content_key(source, kept) if kept else "")

    def _state_of_server(self, source: RepositorySource, elsewhere: Elsewhere) -> str | None:
        """Return the state of a clone URL, `""` where nobody has to ask for it, None where nothing is wanted."""
        mirror = Mirror(source, self._options)
        if not self._options.refresh or mirror.is_fresh:
            return None
        if elsewhere.is_at_hand:
            return ""
        problem: Finding | None = None
        if self._allowance.take(source):
            try:
                return self._looker.state_of_listing(source, *mirror.listing())
            except SourceError as error:
                message = f"{error.message} What was read before is shown."
                old = RepositoryError("refresh-failed", message, hint=error.hint)
                problem = finding_of(old, repository=source.id, entry=source.entry, severity="warning")
        if not mirror.is_there:
            self._show_kept(source, problem or carried_over(source, is_shown=True))
        return None

    def _show_kept(self, source: RepositorySource, *findings: Finding) -> None:
        """Take what was read before of a clone URL that has no mirror here."""
        entry = self._cache.get(self._looker.key(source))
        facts = decode(entry) if entry is not None else None
        if entry is not None and facts is not None:
            with self._lock:
                self.by_id[source.id] = Delivered(facts, digest_of(entry), findings, "cached", None)

    def _delivered(self, item: Wanted, read: CachedFacts | Finding) -> Delivered | None:
        source = item.source
        key = self._looker.key(source, source.directory)
        if not isinstance(read, tuple):
            entry = self._cache.get(key)
            facts = decode(entry) if entry is not None else None
            shown = self._shown_with(read, is_shown=facts is not None)
            digest = digest_of(entry) if entry is not None else b""
            return Delivered(facts, digest, (shown,), "cached" if facts else "failed", source.directory)
        if not source.url and read.state != item.state:
            return None
        facts = self._looker.checked(source, read)
        if facts is None:
            return None
        self._cache.put(key, read)
        return Delivered(facts, digest_of(read), (), "updated" if item.earlier else "read", source.directory)

    @staticmethod
    def _shown_with(finding: Finding, *, is_shown: bool) -> Finding:
        if not is_shown:
            return finding
        error = GitGuardError(f"{finding.message} What was read before is shown.", hint=finding.hint)
        return finding_of(
            error, repository=finding.repository, entry=finding.source, severity="warning", code=finding.code
        )
