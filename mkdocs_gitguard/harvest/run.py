"""Reads all of a site's repositories, several side by side, each one's trouble kept to itself."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from time import monotonic, perf_counter
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from mkdocs_gitguard.collector import collecting_rarely
from mkdocs_gitguard.errors import Interruption, SourceError
from mkdocs_gitguard.git.directory import GitDirectory, size_of
from mkdocs_gitguard.git.problems import RepositoryError, finding_of
from mkdocs_gitguard.git.process import kill_all
from mkdocs_gitguard.harvest.cache import CachedFacts, FactsCache
from mkdocs_gitguard.harvest.elsewhere import Deliveries, Elsewhere
from mkdocs_gitguard.harvest.facts import RepositoryFacts
from mkdocs_gitguard.harvest.failures import failure_of
from mkdocs_gitguard.harvest.hourly_limit import Allowance, carried_over
from mkdocs_gitguard.harvest.kept_readings import KeptReadings
from mkdocs_gitguard.harvest.look import Looker, decode, digest_of, encode, open_source
from mkdocs_gitguard.harvest.mirrors import Mirror
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.pool import ReaderPool
from mkdocs_gitguard.harvest.progress import Progress, ReadOutcome, Silent
from mkdocs_gitguard.harvest.read_facts import read_facts
from mkdocs_gitguard.harvest.sources import RepositorySource, Sources, expand
from mkdocs_gitguard.model import Finding

_REFRESHES: Final = 8
"""How many mirrors are refreshed side by side: they wait for the network, not for a processor."""

Select = Callable[[RepositorySource], bool]
"""Says whether a repository may be read at all: the rollout's selection."""


class HarvestResult(NamedTuple):
    """What was read. `assemble` makes the snapshot of it."""

    facts: tuple[RepositoryFacts, ...]
    """In the order of the site's entries."""
    findings: tuple[Finding, ...]
    """Of entries that gave nothing, repositories that could not be read, mirrors that are old, the cache. What is
    wrong within a repository that was read stands in its facts."""
    watch: tuple[GitDirectory, ...]
    """Folders of the repositories that are read where they are; their refs say when to read again."""
    digests: tuple[bytes, ...] = ()
    """Of the facts and of where the refs stood, in the order of `facts`."""
    elsewhere: frozenset[str] = frozenset()
    """Node ids of the repositories that were not read here: a mirror that is here may be older."""
    durations: Mapping[str, float] = MappingProxyType({})
    """Seconds by node id that the fetch and the reading took, of those that were not as the cache has them."""


class RunState(NamedTuple):
    """What the reading of one repository came to."""

    facts: RepositoryFacts | None
    findings: tuple[Finding, ...]
    directory: GitDirectory | None
    outcome: ReadOutcome
    digest: bytes = b""
    """Of the facts and of where the refs stood."""
    seconds: float = 0.0
    """That fetch and reading took; 0: nothing was fetched or read here."""


def harvest(
    options: HarvestOptions,
    *,
    named: Sources | None = None,
    progress: Progress | None = None,
    select: Select | None = None,
    allowance: Allowance | None = None,
    known: KeptReadings[RunState] | None = None,
    look_at: Collection[str] | None = None,
    elsewhere: Elsewhere | None = None,
) -> HarvestResult:
    """Read every repository that the options name.

    Args:
        options: what to read and how.
        named: what `expand(options)` gave, where the caller has asked already; each asking looks into every folder.
        progress: is told what happens.
        select: repositories that it refuses are not opened, and nothing of them is told.
        allowance: how many may be fetched or read anew; any number if not given.
        known: what this process has read earlier.
        look_at: node ids of the repositories that may have moved since, however fresh their mirrors; None: any.
        elsewhere: who else reads; what does not come from there is read here.

    Raises:
        SettingError: an option that is about all repositories is wrong.
    """
    named = named or expand(options)
    kept = [source for source in named.sources if select is None or select(source)]
    refused = {source.id for source in named.sources} - {source.id for source in kept}
    with collecting_rarely(), FactsCache(options.state_folder if options.cache else None) as cache:
        reading_options = options if look_at is None else msgspec.structs.replace(options, max_age=0.0)
        reader = _Reader(reading_options, cache, progress or Silent(), allowance or Allowance(), elsewhere)
        readings = (known or KeptReadings()).read(kept, options.digest(), look_at, reader.read_all)
    return HarvestResult(
        facts=tuple(reading.facts for reading in readings if reading.facts is not None),
        digests=tuple(reading.digest for reading in readings if reading.facts is not None),
        findings=(
            *(finding for finding in named.findings if finding.repository not in refused),
            *(finding for reading in readings for finding in reading.findings),
            *cache.findings,
        ),
        elsewhere=frozenset(
            source.id
            for reading, source in zip(readings, kept, strict=True)
            if source.url and reading.facts is not None and reading.directory is None
        ),
        durations={
            source.id: reading.seconds for reading, source in zip(readings, kept, strict=True) if reading.seconds
        },
        watch=tuple(
            reading.directory
            for reading, source in zip(readings, kept, strict=True)
            if reading.directory is not None and not source.url
        ),
    )


class _Reader:
    """Reads sources for one harvest."""

    def __init__(
        self,
        options: HarvestOptions,
        cache: FactsCache,
        progress: Progress,
        allowance: Allowance,
        elsewhere: Elsewhere | None,
    ) -> None:
        self._options = options
        self._allowance = allowance
        self._cache = cache
        self._progress = progress
        self._progress_lock = threading.Lock()
        self._is_over = False
        self._fetching: dict[str, float] = {}
        """Seconds by node id that fetches took."""
        self._looker = Looker(options)
        self._elsewhere = elsewhere
        self._deliveries = Deliveries(options, self._looker, cache, self._allowance)

    def read_all(self, sources: Sequence[RepositorySource]) -> list[RunState]:
        """Return a reading for each source, in order."""
        self._progress.begin(len(sources))
        limit = self._options.time_for_all
        deadline = monotonic() + limit if limit else None
        try:
            self._ask_elsewhere(sources, deadline)
        except BaseException:
            self._progress.end()
            raise
        all_ended = False
        readers = ReaderPool(self._options.workers, "read")
        refreshers = ReaderPool(_REFRESHES, "refresh")

        def refresh_then_read(source: RepositorySource) -> Future[RunState]:
            try:
                findings = self._refresh(source)
            except Exception as error:  # noqa: BLE001 - the guard: a server's answer costs its own repository only
                failure = failure_of(
                    error, label=source.label, repository=source.id, entry=source.entry, task="fetched"
                )
                is_there = Mirror(source, self._options).is_there
                findings = (msgspec.structs.replace(failure, severity="warning" if is_there else "error"),)
            return readers.submit(self._read, source, findings)

        try:
            fetched = {source.id: refreshers.submit(refresh_then_read, source) for source in sources if source.url}
            # The largest first, so that none is left over at the end for one thread alone.
            here = (source for source in sources if not source.url)
            by_size = sorted(here, key=lambda source: size_of(source.folder), reverse=True)
            local = {source.id: readers.submit(self._read, source, ()) for source in by_size}
            readings = [
                self._result(source, local.get(source.id) or fetched[source.id], deadline) for source in sources
            ]
            all_ended = all(map(Future.done, local.values())) and all(map(Future.done, fetched.values()))
        finally:
            # Also after the user's interruption: nothing that is queued begins, nothing that runs goes on.
            refreshers.close()
            readers.close()
            if not all_ended:
                kill_all()
            with self._progress_lock:
                self._is_over = True
                self._progress.end()
        return readings

    def _result(
        self,
        source: RepositorySource,
        future: Future[RunState] | Future[Future[RunState]],
        deadline: float | None,
    ) -> RunState:
        """Wait for a reading, and give up what takes too long: a thread that hangs cannot be ended."""
        with suppress(TimeoutError):
            result = future.result(_left(deadline))
            return result.result(_left(deadline)) if isinstance(result, Future) else result
        finding = Finding(
            code="too-slow",
            severity="error",
            message=f"{source.label} was not read within the {round(self._options.time_for_all, 1):g} seconds that "
            "there are for all repositories.",
            hint="Set a longer BUILD_TIMEOUT, or build again: what has been read is cached.",
            repository=source.id,
            source=source.entry,
        )
        return RunState(None, (finding,), None, "failed")

    def _wanted(self, sources: Sequence[RepositorySource]) -> list[RepositorySource]:
        """Return the sources that will ask for a fetch or a read; those first of which nothing can be shown yet."""
        wanted = []
        for source in sources:
            mirror = Mirror(source, self._options) if source.url else None
            if mirror is not None and (not mirror.is_there or self._is_due(mirror)):
                if self._options.refresh:
                    wanted.append((mirror.is_there, source.id, source))
                continue
            try:
                look = self._looker.look(source)
                state = self._cache.state(look.key)
            except Interruption:
                raise
            except Exception:  # noqa: BLE001, S112 - it asks for nothing; why is told when it is its turn
                continue
            if state != look.state:
                wanted.append((state is not None, source.id, source))
        return [source for _, _, source in sorted(wanted, key=lambda item: item[:2])]

    def _is_due(self, mirror: Mirror) -> bool:
        return self._options.refresh and not mirror.is_fresh

    def _ask_elsewhere(self, sources: Sequence[RepositorySource], deadline: float | None) -> None:
        """Plan who is read, and have read elsewhere what can be."""
        deliveries, elsewhere = self._deliveries.by_id, self._elsewhere

        def ask() -> None:
            if elsewhere is not None:
                self._deliveries.ask(sources, elsewhere, _left(deadline), self._tell_delivered)

        if elsewhere is not None and elsewhere.is_at_hand:
            ask()
        if self._allowance.is_limited:
            self._allowance.plan(self._wanted([source for source in sources if source.id not in deliveries]))
        if elsewhere is not None and not elsewhere.is_at_hand:
            ask()

    def _tell_delivered(self, source: RepositorySource, outcome: ReadOutcome) -> None:
        with self._progress_lock:
            self._progress.finish(source, outcome)

    def _refresh(self, source: RepositorySource) -> tuple[Finding, ...]:
        mirror = Mirror(source, self._options)
        if source.id in self._deliveries.by_id or (mirror.is_there and not self._is_due(mirror)):
            return ()
        if not self._options.refresh:
            return (
                Finding(
                    code="not-fetched",
                    severity="error",
                    message=f"{source.label} was never fetched, and `refresh` is off.",
                    hint="Harvest once with `refresh: true`.",
                    repository=source.id,
                    source=source.entry,
                ),
            )
        if not self._allowance.take(source):
            return (carried_over(source, is_shown=mirror.is_there),)
        with self._progress_lock:
            self._progress.start(source)
        began = perf_counter()
        try:
            mirror.refresh()
        except SourceError as error:
            if not mirror.is_there:
                return (finding_of(error, repository=source.id, entry=source.entry, code="clone-failed"),)
            old = RepositoryError(
                "refresh-failed", f"{error.message} What was fetched before is shown.", hint=error.hint
            )
            return (finding_of(old, repository=source.id, entry=source.entry, severity="warning"),)
        finally:
            self._fetching[source.id] = perf_counter() - began
        return ()

    def _read(self, source: RepositorySource, findings: tuple[Finding, ...]) -> RunState:
        if delivered := self._deliveries.by_id.get(source.id):
            return RunState(
                delivered.facts, delivered.findings, delivered.directory, delivered.outcome, delivered.digest
            )
        if source.url and any(finding.severity == "error" for finding in findings):
            reading = RunState(None, findings, None, "failed")
        else:
            if not source.url:
                with self._progress_lock:
                    self._progress.start(source)
            began = perf_counter()
            try:
                reading = self._read_opened(source, findings)
            except Exception as error:  # noqa: BLE001 - the guard: whatever a repository holds costs only itself
                failure = failure_of(error, label=source.label, repository=source.id, entry=source.entry)
                reading = RunState(None, (*findings, failure), None, "failed")
            if reading.outcome != "cached":
                reading = reading._replace(seconds=self._fetching.get(source.id, 0.0) + perf_counter() - began)
        with self._progress_lock:
            # One that was given up may end much later.
            if not self._is_over:
                self._progress.finish(source, reading.outcome)
        return reading

    def _read_opened(self, source: RepositorySource, findings: tuple[Finding, ...]) -> RunState:
        about, directory, repository, key, state = self._looker.look(source)
        known = self._cache.get(key)
        previous = decode(known) if known else None
        if previous is not None and known is not None and known.state == state:
            return RunState(previous, findings, directory, "cached", digest_of(known))
        if not self._allowance.take(source):
            carried_findings = () if findings else (carried_over(source, is_shown=previous is not None),)
            outcome: ReadOutcome = "cached" if previous else "failed"
            digest = digest_of(known) if known else b""
            return RunState(previous, (*findings, *carried_findings), directory, outcome, digest)
        repository = repository or open_source(source, self._options, directory)
        facts = read_facts(repository, about, self._looker.facts_options, previous)
        lacking = tuple(
            finding_of(problem, repository=source.id, entry=source.entry, severity="warning")
            for problem in {problem.message: problem for problem in repository.problems}.values()
        )
        facts = msgspec.structs.replace(facts, findings=(*facts.findings, *lacking))
        # What is missing may be there next time, though no ref has moved; only of a partial clone `state` would say so.
        read = CachedFacts(state, encode(facts))
        # Refs that moved meanwhile, and back again, would have facts of one moment kept under the state of another.
        is_settled = self._looker.look(source).state == state and directory.head(about.branch)[1] == facts.head
        if is_settled and (not lacking or (repository.is_partial and not source.url)):
            self._cache.put(key, read)
        return RunState(facts, findings, directory, "updated" if previous else "read", digest_of(read))


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(deadline - monotonic(), 0.0)
