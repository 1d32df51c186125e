"""One job done: a repository read as this worker's own site says, or why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from mkdocs_gitguard import __version__
from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.harvest.cache import FactsCache
from mkdocs_gitguard.harvest.look import Looker
from mkdocs_gitguard.harvest.run import harvest
from mkdocs_gitguard.harvest.sources import Sources
from mkdocs_gitguard.workers.job import Job, address_of
from mkdocs_gitguard.workers.parcel import Parcel, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mkdocs_gitguard.harvest.cache import CachedFacts
    from mkdocs_gitguard.harvest.options import HarvestOptions
    from mkdocs_gitguard.harvest.sources import RepositorySource


class Refusal(NamedTuple):
    """Why a job was not done."""

    reason: str
    is_final: bool
    """Whether this worker must not do it, where it otherwise could not."""


class JobReader:
    """Reads repositories for jobs: those of its own site only, and only where that says they are."""

    def __init__(self, options: HarvestOptions, sources: Mapping[str, RepositorySource]) -> None:
        """Take what this worker's own `mkdocs.yml` says.

        Args:
            options: of the harvest.
            sources: the repositories that the site's phase shows, by node id.

        Raises:
            SettingError: an option is wrong.
        """
        self._options = options
        self._sources = sources
        self._looker = Looker(options)
        # Held open: whoever closes the state file last writes all of it to the disk, which would be done for each job.
        self._cache = FactsCache(options.state_folder)
        self._is_closed = False

    def close(self) -> None:
        """Close the state file; a reading that nobody waits for any more does not open it again."""
        self._is_closed = True
        self._cache.close()

    @property
    def setup(self) -> str:
        """Digest of what whoever asks must have in common with this worker."""
        return self._looker.setup

    def refusal_of(self, job: Job) -> str:
        """Return why this worker must not do a job, `""` if it may."""
        if job.setup != self.setup:
            return f"it is mkdocs-gitguard {__version__} with other options; the job is of {job.version}"
        source = self._sources.get(job.repository)
        if source is None:
            return "its mkdocs.yml does not show this repository"
        is_same = address_of(source) == job.address and self._looker.fits(source, job.state)
        if not is_same or self._looker.content_key(source, job.state) != job.key:
            return "its mkdocs.yml says otherwise where this repository is, or what it is called"
        return ""

    def read(self, job: Job, earlier: Callable[[str], bytes | None]) -> Parcel | Refusal:
        """Read the repository of a job that is not refused.

        Args:
            job: what to read.
            earlier: gives the parcel of that name, of an older state.
        """
        source = self._sources[job.repository]
        limits = [seconds for seconds in (self._options.time_for_all, job.seconds) if seconds > 0]
        options = replace(self._options, jobs=1, max_age=0.0, time_for_all=min(limits, default=0.0))
        try:
            self._take_earlier(source, job, earlier)
            result = harvest(options, named=Sources((source,), (), {}))
            if not result.digests or result.findings:
                reason = result.findings[0].message if result.findings else "nothing was read"
                return Refusal(reason.rstrip("."), is_final=False)
            kept = self._kept(source, result.digests[0])
        except GitGuardError as error:
            return Refusal(str(error).rstrip("."), is_final=False)
        if kept is None:
            return Refusal("objects are missing in it, or its state file cannot be used", is_final=False)
        if not source.url and kept.state != job.state:
            return Refusal("the folder stands at another state there", is_final=True)
        return Parcel(self.setup, source.id, kept.state, kept.facts)

    def key_of(self, parcel: Parcel) -> str:
        """Return what a parcel of this worker is called in the store."""
        return self._looker.content_key(self._sources[parcel.repository], parcel.state)

    def _kept(self, source: RepositorySource, digest: bytes) -> CachedFacts | None:
        kept = self._looker.kept(source, self._cache, digest)
        if kept is None and not self._is_closed:
            # Somebody may have deleted the state file, or it was broken for a moment.
            self._cache.close()
            self._cache = FactsCache(self._options.state_folder)
            kept = self._looker.kept(source, self._cache, digest)
        return kept

    def _take_earlier(self, source: RepositorySource, job: Job, earlier: Callable[[str], bytes | None]) -> None:
        """Take what was read before from the store, so that only what is new is read."""
        key = self._looker.key(source, source.directory)
        if not job.earlier or self._cache.state(key) is not None:
            return
        data = earlier(job.earlier)
        parcel = unpack(data) if data is not None else None
        if parcel is not None and parcel.repository == source.id and self._looker.checked(source, parcel.kept):
            self._cache.put(key, parcel.kept)
