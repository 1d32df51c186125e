"""Who else reads the repositories of a build, as its command says; and one part of them, read for another build."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.harvest.cache import FactsCache
from mkdocs_gitguard.harvest.hourly_limit import Allowance, HourlyReads
from mkdocs_gitguard.harvest.look import Looker
from mkdocs_gitguard.harvest.run import harvest
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.wishes import FACTS, JETSTREAM, WORKERS
from mkdocs_gitguard.state.database import STATE_FILE
from mkdocs_gitguard.workers.folder import FolderFacts, Shard, write_facts
from mkdocs_gitguard.workers.opening import open_workers
from mkdocs_gitguard.workers.parcel import Parcel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mkdocs_gitguard.harvest.elsewhere import Elsewhere
    from mkdocs_gitguard.harvest.options import HarvestOptions
    from mkdocs_gitguard.harvest.progress import Progress
    from mkdocs_gitguard.harvest.sources import RepositorySource, Sources
    from mkdocs_gitguard.model import Finding
    from mkdocs_gitguard.rollout.settings import Settings


class ShardRead(NamedTuple):
    """What became of a part of the repositories."""

    written: int
    total: int
    findings: tuple[Finding, ...]


def elsewhere_of(environ: Mapping[str, str], settings: Settings, *, is_build: bool) -> Elsewhere | None:
    """Return who else reads; None: nobody.

    Args:
        environ: of the process.
        settings: in force.
        is_build: whether the site is built, which is by the user's word: what only reads a site asks no server that
            the site's own env file names.

    Raises:
        SettingError: a variable says what cannot be, or what is needed is not there.
    """
    workers, folders = environ.get(WORKERS, ""), environ.get(FACTS, "")
    if folders and workers:
        raise SettingError(f"{WORKERS} and {FACTS} are both set.", hint="Take one of them: workers, or folders.")
    if folders:
        return FolderFacts([Path(folder) for folder in folders.split(os.pathsep) if folder], log.warning)
    if not workers:
        return None
    if workers != JETSTREAM:
        raise SettingError(f"{WORKERS} is {workers!r}.", hint=f"Set it to {JETSTREAM}, or take it away.")
    if not settings.jetstream_url:
        raise SettingError(
            "Workers are asked for, and JETSTREAM_URL is not set.", hint="Set it to the server that the workers use."
        )
    if not is_build and settings.origins["JETSTREAM_URL"].kind == "file":
        raise SettingError(
            f"JETSTREAM_URL is of {settings.origins['JETSTREAM_URL']}, whose server only a build asks.",
            hint="Set it in the environment.",
        )
    return open_workers(settings.jetstream_url, settings.jetstream_stream, settings.max_concurrent_builds, log.warning)


def read_shard(
    named: Sources, options: HarvestOptions, shard: Shard, folder: Path, *, most_an_hour: int, progress: Progress
) -> ShardRead:
    """Read one part of the repositories that a phase shows, and write their facts into a folder.

    Args:
        named: those that the phase shows, with the findings about them.
        options: of the harvest.
        shard: the part.
        folder: where the facts go.
        most_an_hour: MAX_REPOS_PER_HOUR, of which each part has its share.
        progress: is told what happens.

    Raises:
        SettingError: an option is wrong, or the folder cannot be written.
    """
    sources = shard.of(named.sources)
    limit = shard.share(most_an_hour)
    allowance = Allowance(HourlyReads(limit, options.state_folder / STATE_FILE) if limit >= 0 else None)
    part = named._replace(sources=sources, findings=())
    result = harvest(options, named=part, progress=progress, allowance=allowance)
    # What was carried over or could not be brought up to date is older than it looks: it is left to the build.
    clean = {source.id for source in sources} - {finding.repository for finding in result.findings}
    digests = {facts.about.id: digest for facts, digest in zip(result.facts, result.digests, strict=True)}
    looker = Looker(options)

    def parcels(cache: FactsCache) -> Iterator[tuple[RepositorySource, Parcel | None]]:
        for source in sources:
            digest = digests.get(source.id)
            kept = looker.kept(source, cache, digest) if digest and source.id in clean else None
            yield source, Parcel(looker.setup, source.id, kept.state, kept.facts) if kept else None

    with FactsCache(options.state_folder) as cache:
        written = write_facts(folder, parcels(cache))
    return ShardRead(written, len(sources), (*named.findings, *result.findings))
