"""Reading the repositories that a site names, and putting together what they say."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import msgspec
import yaml

from mkdocs_gitguard.assembly.guard import Guard
from mkdocs_gitguard.assembly.kept_parts import KeptParts
from mkdocs_gitguard.assembly.people_file import Person, parse_people
from mkdocs_gitguard.assembly.snapshot import assemble, errors_first
from mkdocs_gitguard.assembly.stages import ViewOptions, read_dialects, stages
from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.decisions.options import decision_sources, redaction
from mkdocs_gitguard.decisions.read import digest_of_reports
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.harvest.hourly_limit import Allowance, HourlyReads
from mkdocs_gitguard.harvest.look import open_fresh, open_source
from mkdocs_gitguard.harvest.run import HarvestResult, harvest
from mkdocs_gitguard.harvest.sources import LOCAL_NAMESPACE, expand
from mkdocs_gitguard.model import NO_EVENTS, Organization, Snapshot, name_of, node_id
from mkdocs_gitguard.policies.application import read_governance
from mkdocs_gitguard.site_build.elsewhere import elsewhere_of
from mkdocs_gitguard.site_build.event_facts import facts_of, observe_log, world_of
from mkdocs_gitguard.site_build.kept_part_files import KeptPartFiles
from mkdocs_gitguard.site_build.kept_snapshot import kept_or_made
from mkdocs_gitguard.site_build.key import key_of
from mkdocs_gitguard.site_build.known_reading import KnownReading
from mkdocs_gitguard.site_build.read_times import slowest_to_read
from mkdocs_gitguard.site_build.shown_sources import choose_shown, harvest_options
from mkdocs_gitguard.site_build.site import Site
from mkdocs_gitguard.site_build.stage_times import StageTimes
from mkdocs_gitguard.state.database import STATE_FILE
from mkdocs_gitguard.state.folder_cache import FolderCache

if TYPE_CHECKING:
    from pathlib import Path

    from mkdocs_gitguard.git.directory import GitDirectory
    from mkdocs_gitguard.harvest.progress import Progress
    from mkdocs_gitguard.model import Finding
    from mkdocs_gitguard.rollout.settings import Settings
    from mkdocs_gitguard.site_build.budget import Budget
    from mkdocs_gitguard.site_build.options import GitGuardConfig
    from mkdocs_gitguard.site_build.staying import LastBuild

_LARGEST_PEOPLE: Final = 1 << 24
"""Bytes; a hundred thousand people."""


def read_repositories(
    options: GitGuardConfig,
    folder: Path,
    settings: Settings,
    budget: Budget,
    *,
    site_name: str,
    progress: Progress | None,
    state_folder: Path,
    last: LastBuild | None,
    is_log_read: bool,
) -> Site:
    """Read the repositories that the options name, as far as the rollout shows them.

    Args:
        options: of the plugin.
        folder: where relative paths count from: that of `mkdocs.yml`.
        settings: in force.
        budget: of the site.
        site_name: names the organisation where neither the options nor the repositories do.
        progress: is told which repositories are read.
        state_folder: where caches and mirrors live.
        last: what this process knows of its last build.
        is_log_read: whether the event log is asked what is new; else what the last build has seen there is taken.

    Raises:
        SettingError: an option or a setting is wrong, or names what is not there.
        ParseError: the people file is broken.
    """
    given = harvest_options(options, folder, settings, state_folder)
    is_partial = last is not None and last.look_at is not None
    is_followed = last is not None and last.is_followed
    known = last.reading if last is not None else KnownReading()
    # Which repositories there are is found out by each look everywhere.
    named = known.named[1] if is_partial and known.named[0] == given else expand(given)
    known.named = given, named
    chosen = choose_shown(named, folder, settings)
    sources = {source.label: source for source in chosen.sources}
    view_options = ViewOptions(
        folder=folder,
        dialects=read_dialects(options.codeowners),
        governance=read_governance(options.governs),
        decisions=decision_sources(options.decisions),
        redaction=redaction(options.decision_inputs),
        left_out=chosen.left_out,
    )
    times = StageTimes()
    limit = settings.max_repos_per_hour
    allowance = Allowance(HourlyReads(limit, given.state_folder / STATE_FILE) if limit >= 0 else None)
    shown = named._replace(findings=chosen.findings)
    with times.of("harvest"):
        result = harvest(
            given,
            named=shown,
            progress=progress,
            select=lambda source: source.label in sources,
            allowance=allowance,
            known=known.readings if is_followed else None,
            look_at=last.look_at if last is not None else None,
            elsewhere=elsewhere_of(os.environ, settings, is_build=is_log_read),
        )
    known.at = system_moment()
    organization = _organization(options.organization, result, site_name)
    people = read_people(options.people, folder)
    parts = known.parts if is_followed else KeptParts()

    def assembled() -> tuple[Snapshot, bool]:
        guard = Guard()
        # A process that stays has its parts at hand, and need not write any at each event.
        is_at_hand = is_partial and parts.has_some
        files = None if is_at_hand else KeptPartFiles(given.state_folder / "parts", key_of(()))
        parts.store = files
        snapshot = assemble(
            result.facts,
            organization=organization,
            people=people,
            bots=options.bots,
            findings=result.findings,
            stages=stages(
                settings.flags,
                view_options,
                lambda node: (open_fresh if node in result.elsewhere else open_source)(sources[name_of(node)], given),
                FolderCache(given.state_folder / "older-policies"),
            ),
            guard=guard,
            digests={one.about.id: digest for one, digest in zip(result.facts, result.digests, strict=True)},
            kept=parts,
        )
        if files is not None:
            files.drop_others(parts.names())
        return snapshot, not guard.findings

    reports = digest_of_reports(view_options.decisions, folder)
    made_of = (organization, people, options.bots, result.findings, settings.flags, view_options, reports)
    # It is for a build that may end at once, and for the next process.
    key = b"" if is_partial else key_of((result.digests, *made_of))
    with times.of("assemble"):
        snapshot, is_whole = kept_or_made(
            given.state_folder,
            key,
            assembled,
            is_read=not (is_partial or parts.has_some),
            is_written=not is_partial,
        )
    events, log_state = NO_EVENTS, None
    trouble: tuple[Finding, ...] = ()
    if options.events:
        kept = known.events
        # What a clone on the same disk leads to is read again in every look everywhere.
        before = kept.world if is_partial else None
        world = world_of(chosen, settings.codex_repo_exclude_list, before)
        if trouble := observe_log(kept, world, settings, given.state_folder, is_log_read=is_log_read):
            findings = sorted((*snapshot.findings, *trouble), key=errors_first)
            snapshot = msgspec.structs.replace(snapshot, findings=tuple(findings))
        events, log_state = facts_of(kept, snapshot), kept.log_state
    # A process that is told where to look waits for no file.
    watch = () if is_partial else tuple(path for directory in result.watch for path in _refs_of(directory))
    shown_ids = tuple(source.id for source in chosen.sources)
    return Site(
        snapshot,
        settings,
        budget,
        watch,
        shown=shown_ids,
        events=events,
        log_state=log_state,
        slowest=slowest_to_read(given.state_folder, result.durations, shown_ids, at=system_moment()),
        durations=times.seconds,
        key=key_of((key, trouble, events)) if key and is_whole else b"",
    )


def read_people(people: Any, folder: Path) -> tuple[Person, ...]:
    """Return the people of the option `people`: a file's path, or what would stand in it.

    Raises:
        SettingError: the file cannot be read.
        ParseError: it is broken.
    """
    if not people:
        return ()
    if not isinstance(people, str):
        inline = people if isinstance(people, dict) else {"people": people}
        return parse_people(yaml.safe_dump(inline, allow_unicode=True), "the option `people`")
    try:
        return parse_people(read_file(folder / people, _LARGEST_PEOPLE).decode("utf-8-sig"), people)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingError(
            f"The option `people` names {folder / people}, which cannot be read: {reason}.", hint="Fix the path."
        ) from error


def _organization(name: str, result: HarvestResult, site_name: str) -> Organization:
    """Return whose portal it is: as the site says, else whose most of the repositories are, else the site's name."""
    if not name:
        counts = Counter(facts.about.namespace for facts in result.facts)
        name, number = counts.most_common(1)[0] if counts else ("", 0)
        # Repositories on this machine alone are in nobody's namespace.
        if 2 * number <= counts.total() or name == LOCAL_NAMESPACE:
            name = site_name or "portal"
    return Organization(id=node_id("organization", name), name=name)


def _refs_of(directory: GitDirectory) -> list[Path]:
    """Return what git writes when a branch or tag moves: never the work tree, never the index."""
    common = directory.common_dir
    candidates = [directory.git_dir / "HEAD", common / "refs", common / "packed-refs", common / "reftable"]
    return [path for path in candidates if path.exists()]
