"""Where a repository's refs stand, which says whether it must be read; and facts as they are kept, by that."""

import zlib
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from mkdocs_gitguard import __version__
from mkdocs_gitguard.git.directory import PULL_REF_FOLDERS, GitDirectory, state_of_refs
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.cache import CachedFacts, CacheKey, FactsCache
from mkdocs_gitguard.harvest.facts import FACTS_VERSION, FactsOptions, RepositoryAbout, RepositoryFacts
from mkdocs_gitguard.harvest.history.site_rules import SiteRules
from mkdocs_gitguard.harvest.mirrors import Mirror
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.sources import RepositorySource
from mkdocs_gitguard.model.printable import printable
from mkdocs_gitguard.policies import FileScan
from mkdocs_gitguard.policies.read import reading_versions

_SUM_BYTES: Final = 4
_MIRRORED: Final = ("refs/heads/", "refs/tags/", *PULL_REF_FOLDERS)


class Look(NamedTuple):
    """What was seen of a repository before it is read."""

    about: RepositoryAbout
    directory: GitDirectory
    repository: GitRepository | None
    """Where it had to be opened already."""
    key: CacheKey
    state: str


class Looker:
    """Looks at the repositories of one harvest."""

    def __init__(self, options: HarvestOptions) -> None:
        """Take the options.

        Raises:
            SettingError: a pattern is wrong: it is wrong for all repositories, so it is told once, and at once.
        """
        self._options = options
        self.facts_options = FactsOptions(
            pull_request_patterns=tuple(
                (str(number), pattern) for number, pattern in enumerate(options.pull_request_patterns, start=1)
            ),
            line_counts=options.pull_request_pages,
            policies=options.policies,
        )
        SiteRules(dict(self.facts_options.pull_request_patterns))
        self._digest = options.digest()
        self._version = _version()
        # Refs do not move when a policy format is installed, removed or changed.
        self._formats = f" {sha256(repr(reading_versions()).encode()).hexdigest()}" if options.policies else ""

    @property
    def setup(self) -> str:
        """Digest of all that two machines must have in common, so that they read the same facts."""
        parts = (__version__, self._version, self._digest, self._formats, str(self._options.pull_refs))
        return sha256("\0".join(parts).encode()).hexdigest()

    def look(self, source: RepositorySource) -> Look:
        """Look at a repository that is here.

        Raises:
            SourceError: there is no repository, or its refs cannot be read.
        """
        directory = source.directory or GitDirectory.find(source.folder, label=source.label)
        repository: GitRepository | None = None
        if source.url:
            state = self.state_of_listing(source, directory.checked_out, directory.refs(*_MIRRORED))
        else:
            if directory.is_reftable:
                repository = open_source(source, self._options, directory)
                directory = repository.directory
            state = self._state(source, directory.state(source.branch))
        return Look(about_of(source), directory, repository, self.key(source, directory), state)

    def state_of_listing(self, source: RepositorySource, head: str, refs: Mapping[str, str]) -> str:
        """Return the state of a clone URL by its refs, whether a server has listed them or a mirror holds them.

        Args:
            source: one with a `url`.
            head: the ref that HEAD names.
            refs: object ids by full name.
        """
        return self._state(source, state_of_refs(head if head in refs else "", refs, source.branch))

    def key(self, source: RepositorySource, directory: GitDirectory | None = None) -> CacheKey:
        """Return under what the facts of a repository are kept here; a clone URL's need no mirror."""
        # Names that are not UTF-8 text cannot be stored as they are.
        folder = printable(str(source.folder if directory is None or source.url else directory.git_dir))
        return CacheKey(source.id, folder, self._digest, self._version)

    def content_key(self, source: RepositorySource, state: str) -> str:
        """Return what the facts of a repository in a state are called wherever they are kept."""
        return sha256(f"{self.setup}\0{source.id}\0{state}".encode("utf-8", "surrogateescape")).hexdigest()

    def fits(self, source: RepositorySource, state: str) -> bool:
        """Tell whether a state was looked at with what this site says of a repository, and with its policy formats."""
        return state.endswith(self._ending(source))

    def checked(self, source: RepositorySource, entry: CachedFacts) -> RepositoryFacts | None:
        """Return the facts of an entry that came from elsewhere; None where they are not of this repository and state.

        What is in the facts is decoded as that of the own cache is.
        """
        facts = decode(entry)
        if facts is None or not self.fits(source, entry.state):
            return None
        refs = entry.state.split(" ")
        is_its_own = facts.about == about_of(source) and facts.options == self.facts_options
        formats = reading_versions() if self._options.policies and facts.head else ()
        return facts if is_its_own and facts.policy_formats == formats and refs[1:2] == [facts.head] else None

    def kept(self, source: RepositorySource, cache: FactsCache, digest: bytes) -> CachedFacts | None:
        """Return from the cache what a harvest has just read, None where it is not the same any more."""
        entry = cache.get(self.look(source).key)
        return entry if entry is not None and digest_of(entry) == digest else None

    def _state(self, source: RepositorySource, refs: str) -> str:
        return f"{printable(refs)}{self._ending(source)}"

    def _ending(self, source: RepositorySource) -> str:
        return f" {sha256(msgspec.msgpack.encode(about_of(source))).hexdigest()}{self._formats}"


def about_of(source: RepositorySource) -> RepositoryAbout:
    """Return what a site says of a repository before it is read."""
    return RepositoryAbout(
        id=source.id,
        namespace=source.namespace,
        name=source.name,
        description=source.description,
        forge=source.forge,
        source=source.entry,
        branch=source.branch,
    )


def open_source(
    source: RepositorySource, options: HarvestOptions, directory: GitDirectory | None = None
) -> GitRepository:
    """Open a source for reading.

    Args:
        source: of the site.
        options: those of the harvest.
        directory: where it lies, if that is known already.

    Raises:
        SourceError: there is no repository.
    """
    return GitRepository(
        directory or source.directory or GitDirectory.find(source.folder, label=source.label),
        label=source.label,
        time_limit=options.time_limit,
        fetch=Mirror(source, options).fetch_blobs if source.url else None,
    )


def open_fresh(source: RepositorySource, options: HarvestOptions) -> GitRepository:
    """Open a source whose facts were read elsewhere: the mirror of a clone URL is brought up to date first.

    Raises:
        SourceError: there is no repository, or it cannot be fetched.
    """
    if source.url and options.refresh:
        Mirror(source, options).refresh()
    return open_source(source, options)


def encode(facts: RepositoryFacts) -> bytes:
    """Return facts as they are kept: a sum of the bytes, then the bytes."""
    packed = msgspec.msgpack.encode(facts)
    return zlib.crc32(packed).to_bytes(_SUM_BYTES) + packed


def digest_of(entry: CachedFacts) -> bytes:
    """Return the digest of facts and of where the refs stood."""
    return sha256(entry.state.encode("utf-8", "surrogateescape") + b"\0" + entry.facts).digest()


def decode(entry: CachedFacts) -> RepositoryFacts | None:
    """Return what was kept; None where it was written by another version, or is damaged: it is read anew."""
    packed = memoryview(entry.facts)[_SUM_BYTES:]
    # What lies packed within the facts is opened much later, so all of it is checked here.
    if zlib.crc32(packed) != int.from_bytes(entry.facts[:_SUM_BYTES]):
        return None
    try:
        return _DECODER.decode(packed)
    except msgspec.MsgspecError:
        return None


_DECODER: Final = msgspec.msgpack.Decoder(RepositoryFacts)


@cache
def _version() -> str:
    """Return what changes whenever cached facts may no longer be what would be read."""
    # Policy files lie packed within the facts, whose own schema does not say what is in them.
    schema = msgspec.json.encode(msgspec.json.schema_components([RepositoryFacts, FileScan]), order="sorted")
    return f"{FACTS_VERSION} {sha256(schema).hexdigest()}"
