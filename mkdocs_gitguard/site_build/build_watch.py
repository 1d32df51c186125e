"""What a build tells the rollout: its measurements, and the record that a publish asks for."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.ownership import problems
from mkdocs_gitguard.rollout.build_record import BuildRecord, forget, keep, kept, shape_of, shown_of
from mkdocs_gitguard.rollout.state import RolloutState
from mkdocs_gitguard.rollout.status import rollout_status
from mkdocs_gitguard.site_build.budget import tell_size
from mkdocs_gitguard.state.database import STATE_FILE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from mkdocs_gitguard.model import Graph, RolloutStatus, Snapshot
    from mkdocs_gitguard.portal import Pages
    from mkdocs_gitguard.site_build.read import Site


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
        self._began = time.perf_counter()

    def status(self, site: Site) -> RolloutStatus:
        """Return what the rollout page shows."""
        return rollout_status(site.settings, self._state, environ=os.environ, root=self._folder, now=system_clock())

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
        return last is not None and (last.site, last.phase, last.shape, last.shown) == (
            str(built.resolve()),
            site.settings.phase,
            shape_of(site.settings),
            shown_of(site.shown),
        )

    def succeeded(self, site: Site, built: Path, pages: Pages, *, is_whole: bool) -> None:
        """Remember a build that ended well.

        Args:
            site: what was built.
            built: the folder it was built into.
            pages: those of its portal, which know how their diagrams went.
            is_whole: every page was written into an empty folder, so that the diagrams of all are known.

        Raises:
            SettingError: the state folder cannot be written.
        """
        at = system_clock()
        duration = time.perf_counter() - self._began
        counts = counts_of(site.snapshot)
        shown = counts["repositories"]
        waiting = sum(item.code == "carried-over" and item.severity == "error" for item in site.snapshot.findings)
        failed = max(0, site.selected - shown - waiting)
        self._state.remember(
            Measurement(name="build.errors", value=0, at=at, evidence="a build that ended well"),
            Measurement(name="build.duration", value=duration, unit="s", at=at, evidence=f"{shown:,} repositories"),
            Measurement(
                name="build.latency",
                value=duration * 1000 / max(1, shown),
                unit="ms",
                at=at,
                evidence=f"{duration:,.1f} s for {shown:,} repositories",
            ),
            Measurement(name="work.attempts", value=site.selected + 1, at=at, evidence="harvests, and the build"),
            Measurement(name="work.failures", value=failed, at=at, evidence="repositories that could not be read"),
            *_shown(counts, at=at),
            *_policies(pages.portal.graph, at=at),
            *(_owners(site.snapshot, at=at) if site.flags.owners else ()),
            *(_diagrams(pages, at=at) if is_whole else ()),
        )
        tell_size(built, site.budget)
        keep(
            self._state_folder,
            BuildRecord(
                at=at,
                site=str(built.resolve()),
                phase=site.settings.phase,
                shape=shape_of(site.settings),
                snapshot=pages.portal.graph.digest,
                duration=duration,
                selected=site.selected,
                vetoes=site.settings.codex_repo_exclude_list,
                shown=shown_of(site.shown),
                is_whole=is_whole,
                counts=counts,
            ),
        )

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
            Measurement(name="work.failures", value=1, at=at, evidence="the build"),
        )


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


def _shown(counts: Mapping[str, int], *, at: datetime) -> list[Measurement]:
    """Measure how much there is of what criteria of the plan are about: where there is nothing, they do not apply."""
    return [
        Measurement(name=f"shown.{name.replace(' ', '-')}", value=counts[name], at=at, evidence=f"{name} in the portal")
        for name in ("pull requests", "policy rules", "decisions")
    ]


def _owners(snapshot: Snapshot, *, at: datetime) -> list[Measurement]:
    """Measure code owners: errors in CODEOWNERS files, and how many rules lead to somebody."""
    errors = sum(problem.severity == "error" for ownership in snapshot.ownership for problem in problems(ownership))
    relations = sum(relation.type == "owned_by" for relation in snapshot.relations)
    return [
        Measurement(name="owners.errors", value=errors, at=at, evidence="errors in CODEOWNERS files"),
        Measurement(name="owners.relations", value=relations, at=at, evidence="relations from code to its owners"),
    ]


def _policies(graph: Graph, *, at: datetime) -> list[Measurement]:
    """Measure policy transparency, where there is something to be transparent about."""
    measured = []
    rules = graph.snapshot.rules
    if rules:
        referenced = sum(bool(rule.span.path and rule.span.first_line) for rule in rules)
        evidence = f"{len(rules):,} policy rules"
        measured.append(Measurement(name="policies.references", value=referenced, at=at, evidence=evidence))
    led = graph.decision_counts.coverage
    if (share := led.share) is not None:
        evidence = f"{led.exact:,} of {led.decisions:,} decisions lead to exactly the lines that made them"
        measured.append(Measurement(name="policies.coverage", value=share, unit="share", at=at, evidence=evidence))
    return measured


def _diagrams(pages: Pages, *, at: datetime) -> list[Measurement]:
    """Measure the diagrams, where there are any."""
    drawn = pages.drawer.drawn
    measured = []
    if drawn.success_rate is not None:
        evidence = f"{drawn.diagrams:,} diagrams, {len(drawn.failures):,} of them shown as tables"
        measured.append(
            Measurement(name="diagrams.success", value=drawn.success_rate, unit="share", at=at, evidence=evidence)
        )
    pull_requests = sum(page.node.startswith("pull-request:") for page in pages.by_path.values())
    if pull_requests:
        # One that says no more than its page is not drawn: it is not missing either.
        number = drawn.pull_requests + sum(one.source.startswith("pull-request/") for one in drawn.failures)
        share = drawn.pull_requests / number if number else 1.0
        evidence = f"{drawn.pull_requests:,} of {number:,} drawn, of {pull_requests:,} pull-request pages"
        measured.append(Measurement(name="diagrams.pull-requests", value=share, unit="share", at=at, evidence=evidence))
    return measured
