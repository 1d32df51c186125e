"""What a build tells the rollout: its measurements, and the record that a publish asks for."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.git.forges import forge_of_page
from mkdocs_gitguard.model import Measurement, site_size
from mkdocs_gitguard.rollout.build_record import BuildRecord, forget, keep, kept, shape_of, shown_of
from mkdocs_gitguard.rollout.state import RolloutState
from mkdocs_gitguard.rollout.status import rollout_status
from mkdocs_gitguard.site_build.budget import states_of_site, tell_pages, tell_size
from mkdocs_gitguard.site_build.build_measures import (
    Effort,
    Figure,
    effort_of,
    measured,
    run_url,
    with_run,
)
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.metrics_files import METRICS_ROOT, metrics_of, write_metrics
from mkdocs_gitguard.site_build.shown_figures import STAY_WHERE_NOTHING_MOVES, figures_to_show, is_fresh
from mkdocs_gitguard.site_build.stage_times import StageTimes
from mkdocs_gitguard.site_build.standing_site import StandingSite, digest_of_files, keep_standing, kept_standing
from mkdocs_gitguard.site_build.status import Status
from mkdocs_gitguard.site_build.trend_file import keep_trend
from mkdocs_gitguard.slo.evaluate import levels_of
from mkdocs_gitguard.slo.openslo import objectives_of
from mkdocs_gitguard.state.database import STATE_FILE
from mkdocs_gitguard.state.drill_journal import DrillJournal
from mkdocs_gitguard.state.tree import states_below

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from mkdocs_gitguard.model import Forge, RolloutStatus, SiteSize, Snapshot
    from mkdocs_gitguard.model.drill import DrillAbout, DrillResult
    from mkdocs_gitguard.portal import Pages
    from mkdocs_gitguard.site_build.site import Site
    from mkdocs_gitguard.state.file_state import FileState

    Figures = tuple[Figure, ...]


class Extent(NamedTuple):
    """How much of a site a build has made."""

    is_whole: bool
    """Every page was written into an empty folder, so that the diagrams of all are known."""
    counted: tuple[int, int] | None
    """How many pages were made and how many kept; None: nobody counted."""
    is_weighed: bool
    """The sizes of site and state are measured and told, for which both are walked through."""


class Succeeded(NamedTuple):
    """What is known of a build that ended well."""

    record: BuildRecord
    figures: Figures
    """What was measured of the site."""
    states: Mapping[str, FileState] | None
    """How its files stand, by their paths; None: it was not weighed."""


class BuildWatch:
    """Measures one build, from its first event to its last."""

    def __init__(self, folder: Path, state_folder: Path) -> None:
        """Start the watch.

        Args:
            folder: that of `mkdocs.yml`.
            state_folder: where the state file is.
        """
        self._folder = folder
        self._state_folder = state_folder
        self._state = RolloutState(state_folder / STATE_FILE)
        self._drills = DrillJournal(state_folder / STATE_FILE, warn=log.warning)
        self._began = time.perf_counter()
        self.times = StageTimes()
        """Of the stages that follow the reading."""
        self._follows = False
        """What stood in the site before is of the same repositories and settings, so that this build brings it up to
        date. One that makes everything anew says nothing of how long a change takes."""

    def status(self, site: Site, *, repo_url: str | None, forges: Mapping[object, object]) -> Status:
        """Return what the pages of rollout, service levels and drills show; nothing where the state is damaged.

        Args:
            site: what is built.
            repo_url: the page of the site's own repository, where its commits can be seen; None: it does not say.
            forges: the plugin's option: hosts and what they are.

        Raises:
            SettingError: a file of an objective is wrong, or `forges` is.
        """
        forge = forge_of_page(repo_url, forges)
        on = site.flags.slo_monitoring
        objectives = objectives_of(self._folder, site.settings.phase) if on else ()
        try:
            drills, drill_set = self._known_drills(site)
            if not on:
                return Status(self._rollout(site, forge), None, drills=drills, drill_set=drill_set)
            now = system_clock()
            levels = levels_of(objectives, self._state, now=now)
            shown = figures_to_show(levels, self._state, self._state_folder, now=now, slowest=site.slowest)
            return Status(self._rollout(site, forge), shown.levels, shown.dashboards, drills, site.log_state, drill_set)
        except GitGuardError as error:
            log.warning(str(error))
            return Status(None, None)

    def _known_drills(self, site: Site) -> tuple[tuple[DrillResult, ...], tuple[DrillAbout, ...]]:
        """Return how drills went, and which there are; nothing where drills are off."""
        if not site.flags.chaos_engineering:
            return (), ()
        return self._drills.results(), self._drills.known()

    def _rollout(self, site: Site, forge: Forge | None) -> RolloutStatus:
        return rollout_status(
            site.settings, self._state, environ=os.environ, root=self._folder, now=system_clock(), forge=forge
        )

    def begin(self, site: Site, built: Path) -> bool:
        """Forget the last build, and tell whether what it left in a folder may stay there beside this one's pages.

        That is so if it ended well, and was of the same repositories under the same settings: whatever it made, pages
        of ours or files of other plugins, tells of nothing that is left out now.

        Args:
            site: what is about to be built.
            built: the folder that it is built into.

        Raises:
            SettingError: the state folder cannot be written.
        """
        last = kept(self._state_folder, BuildRecord)
        forget(self._state_folder, BuildRecord)
        self._follows = last is not None and (last.site, last.phase, last.shape, last.shown) == (
            str(built.resolve()),
            site.settings.phase,
            shape_of(site.settings),
            shown_of(site.shown),
        )
        return self._follows

    def succeeded(self, site: Site, built: Path, pages: Pages, figures: Figures, extent: Extent) -> Succeeded:
        """Remember a build that ended well, and tell machines of all that was measured.

        Args:
            site: what was built.
            built: the folder it was built into.
            pages: those of its portal.
            figures: what is measured of the site, from `figures_of`.
            extent: how much of it was made.

        Raises:
            SettingError: the state folder cannot be written.
        """
        at = system_clock()
        duration = time.perf_counter() - self._began
        made, kept_pages = extent.counted or (None, None)
        states = states_of_site(built) if extent.is_weighed else None
        size = None if states is None else _size_of(states)
        self._remember(figures, self._effort(site, duration, made, kept_pages, size), at)
        if pages.portal.known_trend != pages.portal.options.trend:
            keep_trend(self._state_folder, pages.portal.known_trend)
        if site.flags.slo_monitoring:
            # A round of a watch that takes the short path is one of many; each look everywhere weighs the site.
            is_due = extent.is_weighed and (made is None or made > 0)
            self._write_metrics(site, built / METRICS_ROOT, at, is_due=is_due)
        tell_pages(pages, site.budget)
        if states is not None:
            tell_size(_size_with_metrics(states, built), site.budget)
        record = BuildRecord(
            at=at,
            site=str(built.resolve()),
            phase=site.settings.phase,
            shape=shape_of(site.settings),
            snapshot=pages.portal.graph.digest,
            duration=duration,
            selected=site.selected,
            vetoes=site.settings.codex_repo_exclude_list,
            shown=shown_of(site.shown),
            is_whole=extent.is_whole,
            counts=counts_of(site.snapshot),
        )
        keep(self._state_folder, record)
        return Succeeded(record, figures, states)

    def keep_standing(self, key: bytes, build: Succeeded, pages: int) -> None:
        """Keep a site that was just built as one that stands, if it was weighed.

        Args:
            key: digest of all that goes into it.
            build: what is known of it.
            pages: how many the portal has.
        """
        if build.states is None:
            return
        files = digest_of_files(_without_metrics(build.states))
        standing = StandingSite(record=build.record, files=files, pages=pages, figures=build.figures)
        keep_standing(self._state_folder, key, standing)

    def stands(self, site: Site, built: Path, key: bytes) -> bool:
        """Tell whether a site stands as it would be built again; then that is remembered, and told, as a build is.

        Figures of the rollout and of service levels stay on the pages for a while only: see `shown_figures`.

        Args:
            site: what would be built.
            built: the folder that it would be built into.
            key: digest of all that goes into it.

        Raises:
            SettingError: the state folder cannot be written.
        """
        known, at = kept_standing(self._state_folder, key), system_clock()
        if known is None or known.record.site != str(built.resolve()):
            return False
        shows_figures = site.settings.phase != "preview" or site.flags.slo_monitoring
        if shows_figures and not is_fresh(known.record.at, at, STAY_WHERE_NOTHING_MOVES):
            return False
        try:
            states = states_below(built, (METRICS_ROOT,))
        except OSError:
            return False
        if digest_of_files(states) != known.files:
            return False
        self._follows = True
        duration = time.perf_counter() - self._began
        if site.flags.slo_monitoring:
            self._write_metrics(site, built / METRICS_ROOT, at, is_due=False)
        size = _size_with_metrics(states, built)
        self._remember(known.figures, self._effort(site, duration, 0, known.pages, size), at)
        log.info("Pages: 0 made, %d kept: nothing that the site is made of has changed, and no file of it", known.pages)
        tell_size(size, site.budget)
        keep(self._state_folder, replace(known.record, at=at, duration=duration))
        return True

    def _effort(self, site: Site, duration: float, made: int | None, kept: int | None, size: SiteSize | None) -> Effort:
        return Effort(
            site=site,
            state_folder=self._state_folder,
            duration=duration,
            durations={**site.durations, **self.times.seconds},
            made=made,
            kept=kept,
            follows=self._follows,
            size=size,
        )

    def _remember(self, figures: Figures, effort: Effort, at: datetime) -> None:
        self._state.remember(*measured((*effort_of(effort), *figures), at=at, run=run_url(os.environ)))

    def _write_metrics(self, site: Site, folder: Path, at: datetime, *, is_due: bool) -> None:
        """Write what machines read, unless it is not due and what stands there is of the last minutes."""
        if not is_due and is_fresh(metrics_of(folder), at):
            return
        write_metrics(folder, self._state, objectives_of(self._folder, site.settings.phase), now=at)

    def failed(self) -> None:
        """Remember a build that did not end well.

        Raises:
            SettingError: the state folder cannot be written.
        """
        at = system_clock()
        forget(self._state_folder, BuildRecord)
        self._state.remember(
            Measurement(name="build.errors", value=1, at=at, evidence="a build that was aborted"),
            Measurement(name="work.attempts", value=1, at=at, evidence="the build"),
            Measurement(
                name="work.failures",
                value=1,
                at=at,
                evidence=with_run("the build", run_url(os.environ), "work.failures"),
            ),
        )


def _size_of(states: Mapping[str, FileState]) -> SiteSize:
    return site_size((path, state.size) for path, state in states.items())


def _without_metrics(states: Mapping[str, FileState]) -> dict[str, FileState]:
    return {path: state for path, state in states.items() if not path.startswith(f"{METRICS_ROOT}/")}


def _size_with_metrics(states: Mapping[str, FileState], built: Path) -> SiteSize:
    """Return the size of a site whose metrics have just been written."""
    metrics = states_of_site(built, METRICS_ROOT) if (built / METRICS_ROOT).is_dir() else {}
    return _size_of({**_without_metrics(states), **(metrics or {})})


def counts_of(snapshot: Snapshot) -> Mapping[str, int]:
    """Return how much of everything a portal shows, by its plural."""
    return {
        "repositories": len(snapshot.repositories),
        "pull requests": len(snapshot.pull_requests),
        "owners": len(snapshot.owners),
        "policies": len(snapshot.policies),
        "policy rules": len(snapshot.rules),
        "decisions": len(snapshot.decisions),
        "errors": sum(finding.severity == "error" for finding in snapshot.findings),
        "warnings": sum(finding.severity == "warning" for finding in snapshot.findings),
    }
