"""`gitguard worker`: reads repositories for builds on other machines."""

from __future__ import annotations

import signal
from contextlib import closing
from typing import TYPE_CHECKING

import click

from mkdocs_gitguard.cli.extras import needing
from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.output import echo
from mkdocs_gitguard.cli.rollout_site import RolloutSite, with_site
from mkdocs_gitguard.cli.site_file import strange_server
from mkdocs_gitguard.cli.starting_over import start_over
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.rollout.resolve import CURRENT_FILE
from mkdocs_gitguard.service.warm_site import states_behind
from mkdocs_gitguard.site_build.shown_sources import chosen_for_harvest
from mkdocs_gitguard.workers.reading import JobReader

if TYPE_CHECKING:
    from pathlib import Path


class _Stop:
    """Whether the process was told to stop."""

    def __init__(self) -> None:
        self.is_wanted = False
        signal.signal(signal.SIGTERM, self._want)
        signal.signal(signal.SIGINT, self._want)

    def _want(self, *_: object) -> None:
        self.is_wanted = True


@click.command("worker", epilog=examples("gitguard worker", "gitguard worker -f portal/mkdocs.yml"))
@with_site
def worker(site: RolloutSite) -> None:
    """Read repositories for `gitguard build --workers jetstream`, one at a time, until told to stop.

    Start as many as you like, on any machine that has the same mkdocs.yml and the same version: a worker reads the
    repositories that its own mkdocs.yml names, and nothing else. JETSTREAM_URL says where the jobs are. SIGTERM hands
    back the job in hand. It starts over when mkdocs.yml or the phase file changes.
    """
    with needing("jetstream", "A worker"):
        from mkdocs_gitguard.workers.jetstream.worker import Worker  # noqa: PLC0415 - the extra `jetstream`
    settings = site.settings
    if not settings.jetstream_url:
        raise SettingError("JETSTREAM_URL is not set.", hint="Set it to the server that the builds put their jobs on.")
    if server := strange_server(site.loaded.config, is_named=site.loaded.is_named):
        raise SettingError(
            f"{server} is of the site's own env file, and is not asked without your word.",
            hint=f"Name the site, if it is yours: --config-file {site.loaded.config.path}",
        )
    options, named = chosen_for_harvest(site.loaded.options, site.root, settings, site.state_folder)
    stop = _Stop()
    files: list[Path] = [site.loaded.config.path, site.root / CURRENT_FILE, *filter(None, [settings.phase_file])]
    before = states_behind(files)

    def must_stop() -> bool:
        return stop.is_wanted or states_behind(files) != before

    echo(f"Reads for builds: {len(named.sources)} repositories, jobs of {settings.jetstream_stream}.")
    with closing(JobReader(options, {source.id: source for source in named.sources})) as reader:
        Worker(
            settings.jetstream_url,
            settings.jetstream_stream,
            reader,
            must_stop=must_stop,
            tell=lambda line: echo(line, err=True),
            most_at_once=settings.max_concurrent_builds,
        ).run()
    if not stop.is_wanted:
        start_over()
