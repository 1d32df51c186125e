"""What is measured of what one build took that ended well. What it has not done is not measured: absent, never zero."""

from __future__ import annotations

import resource
import shutil
import sys
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.state.tree import files_below

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from mkdocs_gitguard.model import SiteSize
    from mkdocs_gitguard.site_build.site import Site

_KILOBYTE: Final = 1 if sys.platform == "darwin" else 1024
"""What `ru_maxrss` counts in (getrusage(2))."""
_JUDGED: Final = frozenset({"build.latency", "build.errors", "work.failures", "diagrams.failed", "decisions.exact"})
"""What may be the cause of a breach."""
_HOUR: Final = 3600


Figure = tuple[str, float, str, str]
"""Name, value, unit, evidence."""


class Effort(NamedTuple):
    """What it took."""

    site: Site
    state_folder: Path
    duration: float
    """Seconds."""
    durations: Mapping[str, float]
    """Seconds by stage."""
    made: int | None
    """Pages that were made; None: MkDocs made them all, and nobody counted."""
    kept: int | None
    follows: bool
    """It brought a site up to date. One that makes all anew says nothing of how long a change takes."""
    size: SiteSize | None = None
    """Of the site; None: it was not measured, and neither is the state, since both are walked through for it."""


def measured(figures: Iterable[Figure], *, at: datetime, run: str = "") -> tuple[Measurement, ...]:
    """Return figures as measurements.

    Args:
        figures: of a build, from `figures_of` and `effort_of`.
        at: when it ended.
        run: URL of the run that it was made in, `""` for none.
    """
    return tuple(
        Measurement(name=name, value=float(value), unit=unit, at=at, evidence=with_run(evidence, run, name))
        for name, value, unit, evidence in figures
    )


def effort_of(effort: Effort) -> Iterator[Figure]:
    """Yield what is measured of what a build took."""
    yield from _work(effort)
    yield from _stages(effort)
    yield from _storage(effort)


def run_url(environ: Mapping[str, str]) -> str:
    """Return the URL of the run of GitHub Actions that this is, `""` for none.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    """
    server, repository, run = (environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""


def with_run(evidence: str, run: str, name: str) -> str:
    """Return the evidence of what an objective is judged by with the run that it is of, as breaches lead to it."""
    return f"{evidence} ({run})" if run and name in _JUDGED else evidence


def _work(effort: Effort) -> Iterator[Figure]:
    findings = effort.site.snapshot.findings
    shown = len(effort.site.snapshot.repositories)
    waiting = sum(item.code == "carried-over" and item.severity == "error" for item in findings)
    failed = max(0, effort.site.selected - shown - waiting)
    of_shown = f"{shown:,} {'repository' if shown == 1 else 'repositories'}"
    yield "build.errors", 0, "", "a build that ended well"
    yield "build.duration", effort.duration, "s", of_shown
    if effort.follows:
        evidence = f"{effort.duration:,.1f} s for {of_shown}"
        yield "build.update", effort.duration, "s", evidence
        yield "build.latency", effort.duration * 1000 / max(1, shown), "ms", evidence
    yield "work.attempts", effort.site.selected + 1, "", "harvests, and the build"
    yield "work.failures", failed, "", "repositories that could not be read"
    yield "repositories.shown", shown, "", f"of {effort.site.selected:,} that the phase shows"
    yield "repositories.failed", failed, "", f"of {effort.site.selected:,} that the phase shows"
    yield "repositories.waiting", waiting, "", "carried over to a later build"
    causes = Counter(item.code for item in findings if item.severity == "error" and item.code != "carried-over")
    for cause, number in sorted(causes.items()):
        yield f"errors.{cause}", number, "", "findings that are errors"
    if effort.made is not None and effort.kept is not None:
        yield "pages.made", effort.made, "", f"of {effort.made + effort.kept:,} pages"
        yield "pages.kept", effort.kept, "", f"of {effort.made + effort.kept:,} pages"


def _stages(effort: Effort) -> Iterator[Figure]:
    for stage, seconds in effort.durations.items():
        yield f"{stage}.duration", seconds, "s", f"of a build that took {effort.duration:,.1f} s"
    harvest = effort.durations.get("harvest")
    read = len(effort.site.snapshot.repositories)
    if harvest and read:
        yield "harvest.rate", read * _HOUR / harvest, "", f"{read:,} repositories in {harvest:,.1f} s"
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = max(own.ru_maxrss, others.ru_maxrss) * _KILOBYTE
    yield "memory.peak", peak, "bytes", "the largest process of the build"
    spent = own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime
    yield "cpu.time", spent, "s", "of the build's processes that have ended, and of its own"


def _storage(effort: Effort) -> Iterator[Figure]:
    if effort.size is not None:
        yield "storage.site", effort.size.bytes, "bytes", f"{effort.size.files:,} files"
        # A file that another process takes away while its folder is walked.
        with suppress(OSError):
            sizes = [entry.stat(follow_symlinks=False).st_size for _, entry in files_below(effort.state_folder)]
            yield "storage.state", sum(sizes), "bytes", f"{len(sizes):,} files"
    usage = shutil.disk_usage(effort.state_folder)
    yield "storage.free", usage.free / usage.total, "share", "of the disk that holds the state"
