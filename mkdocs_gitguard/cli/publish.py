"""`gitguard publish` and `gitguard rollback`: flags decide, checks judge, a target switches, and all is measured."""

import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import click

from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.output import echo, warn
from mkdocs_gitguard.cli.rollout_site import RolloutSite, someone, with_site, with_site_in_phase
from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.errors import GitGuardError, PublishError, SettingError
from mkdocs_gitguard.model import HOSTS, HostLimits, Measurement, ReleaseEvent
from mkdocs_gitguard.publish import TARGETS
from mkdocs_gitguard.publish.branch import head_commit
from mkdocs_gitguard.publish.checks import check_site, refuse, refuse_size
from mkdocs_gitguard.publish.directory import DirectoryTarget
from mkdocs_gitguard.publish.release import Manifest, damage, describe_site, earlier, make_manifest
from mkdocs_gitguard.publish.target import Published, PublishTarget, open_target
from mkdocs_gitguard.rollout.build_record import BuildRecord, PublishOutcome, built_for, keep, kept
from mkdocs_gitguard.rollout.decision import decide_publish
from mkdocs_gitguard.site_build.budget import read_budget
from mkdocs_gitguard.state.database import STATE_FILE
from mkdocs_gitguard.state.folder import make_state_folder

_IN_FILES: Final = ("directory", "pages-artifact")
"""Targets whose argument is a path."""
_REFUSED: Final = 3
"""Exit code of a publish that is required and refused."""
_ON_GITHUB: Final = ("gh-pages", "pages-artifact")
"""Targets that GitHub Pages shows."""

target_option = click.option(
    "--target", default="", metavar="TARGET", help="directory:PATH, gh-pages[:BRANCH] or pages-artifact:FILE.tar."
)
wait_option = click.option(
    "--wait", default=60.0, show_default=True, metavar="SECONDS", help="How long to wait for another publisher."
)


@click.command(
    "publish",
    epilog=examples(
        "gitguard publish --target directory:/srv/portal",
        "gitguard publish --phase production  # a small site, without gates",
        "gitguard publish --required          # in CI: a refusal fails",
    ),
)
@with_site_in_phase
@click.argument("folder", metavar="[SITE]", required=False, type=click.Path(path_type=Path))
@target_option
@wait_option
@click.option("--allow-broken-links", is_flag=True, help="Publish although links or anchors lead nowhere.")
@click.option("--required", is_flag=True, help="Exit with 3 where phase or flags refuse.")
def publish(
    site: RolloutSite, folder: Path | None, target: str, wait: float, *, allow_broken_links: bool, required: bool
) -> None:
    """Publish the portal that was built last, if the phase and the flags allow it.

    SITE is its folder, by default where `gitguard build` writes it. Before anything goes out, links are checked and all
    files are searched for secrets (needs the extra: pip install 'mkdocs-gitguard[publish]').

    Exit code 0: published, or refused by phase or flags, which says why and leaves every target alone: that a phase
    only builds is what it is for; 3: so refused, with --required; 1: an error, such as a broken link or a secret.
    """
    built = folder or site.built
    is_out = publish_built(site, built, target=target, wait=wait, allow_broken_links=allow_broken_links)
    if required and not is_out:
        sys.exit(_REFUSED)


def publish_built(
    site: RolloutSite, built: Path, *, target: str = "", wait: float = 60.0, allow_broken_links: bool = False
) -> bool:
    """Publish a built portal if the flags allow it, and tell; return whether readers see it.

    Raises:
        GitGuardError: the flags allow it and it cannot be done.
    """
    decision = decide_publish(site.settings)
    # A state file that cannot be written is told now, and not when readers see the release already.
    site.state.remember()
    if decision.allowed or site.settings.codex_dry_run:
        try:
            record = built_for(kept(site.state_folder, BuildRecord), built, site.settings)
            place = _open(site, target, wait) if decision.allowed else None
            host, limits = _limits(site, target)
            manifest = _checked(
                site, built, record, place, host=host, limits=limits, allow_broken_links=allow_broken_links
            )
            if place is not None:
                began = time.perf_counter()
                done = place.publish(built, manifest)
                duration = time.perf_counter() - began
        except GitGuardError as error:
            _not_published(site, (str(error),))
            raise
        if place is not None:
            site.state.remember(
                Measurement(
                    name="publish.duration", value=duration, unit="s", at=system_clock(), evidence=f"to {place.label}"
                )
            )
            _published(site, record, done, target=place, reasons=decision.reasons)
            return True
        echo(f"Would publish {manifest.release.id}: {manifest.release.files:,} files.")
    _not_published(site, decision.reasons)
    site.state.remember(
        Measurement(
            name="publish.external", value=0, at=system_clock(), evidence="refused: " + " ".join(decision.reasons)
        )
    )
    echo("Not published:")
    for reason in decision.reasons:
        echo(f"  {reason}")
    return False


@click.command(
    "rollback",
    epilog=examples(
        'gitguard rollback --why "a page shows too much"',
        "gitguard rollback --rehearse  # prove on a copy that it works",
    ),
)
@with_site
@click.option("--to", default="", metavar="RELEASE", help="The release to go back to. Default: the one before.")
@target_option
@wait_option
@click.option("--why", default="", help="Why, for the history.")
@click.option("--rehearse", is_flag=True, help="Prove that it works on a copy; touch nothing that readers see.")
def rollback(site: RolloutSite, to: str, target: str, wait: float, why: str, *, rehearse: bool) -> None:
    """Show an earlier release again; the phase stays as it is (see `rollout rollback`).

    It works whatever the flags say; with CODEX_DRY_RUN it only says which.
    """
    if rehearse:
        _rehearse(site)
        return
    place = _open(site, target, wait)
    if site.settings.codex_dry_run:
        current = place.current()
        ids = [known.id for known in place.releases()]
        chosen = to or (earlier(ids, current.release.id) if current else "")
        echo(f"{place.label} would show release {chosen} again." if chosen in ids else "Nothing to go back to.")
        return
    release = place.rollback(to)
    # Told at once: what follows may fail, for instance on a full disk, and changes nothing of it.
    echo(f"{place.label} shows release {release.id} again.")
    event = ReleaseEvent(
        at=system_clock(), action="rollback", target=place.label, release=release, who=someone(), why=why
    )
    site.state.add_release(event)


def _open(site: RolloutSite, target: str, wait: float) -> PublishTarget:
    text = target or site.settings.codex_publish_target
    if not text:
        raise SettingError(
            "There is no publish target.",
            hint="Set CODEX_PUBLISH_TARGET or give --target, for instance directory:public.",
        )
    scheme, _, place = text.partition(":")
    if scheme in _IN_FILES and "://" in place:
        raise SettingError(f"The target {text} is a URL, and no path.", hint="Write it as directory:PATH.")
    if scheme in _IN_FILES and place and (site.root / place).resolve().is_relative_to(site.built.resolve()):
        raise SettingError(
            f"The target {text} lies in the built site {site.built}, which the next build empties.",
            hint="Name a place outside of it.",
        )
    return open_target(text, root=site.root, keep=site.settings.codex_releases_kept, wait=wait, targets=TARGETS)


def _limits(site: RolloutSite, target: str) -> tuple[str, HostLimits]:
    """Return the host that the site has to fit into, by name, and what it takes: the site's word, else the target's."""
    budget = read_budget(site.loaded.options.site_budget)
    scheme = (target or site.settings.codex_publish_target).partition(":")[0]
    if budget.is_chosen:
        return budget.host, budget.limits
    return ("github", HOSTS["github"]) if scheme in _ON_GITHUB else ("none", HOSTS["none"])


def _checked(
    site: RolloutSite,
    built: Path,
    record: BuildRecord,
    target: PublishTarget | None,
    *,
    host: str,
    limits: HostLimits,
    allow_broken_links: bool,
) -> Manifest:
    """Describe the site and have it checked."""
    files = describe_site(built)
    refuse_size(files, host=host, limits=limits)
    before = target.current() if target else None
    checked = check_site(built, files, root=site.root, state_file=site.state_folder / STATE_FILE, before=before)
    broken = [finding for finding in checked.findings if finding.code == "broken-link"]
    refuse(finding for finding in checked.findings if not (allow_broken_links and finding in broken))
    for finding in broken:
        warn(f"{finding.path} {finding.message}")
    return make_manifest(
        files,
        created_at=system_clock(),
        phase=site.settings.phase,
        flags=site.settings.flags,
        commit=head_commit(site.root),
        snapshot=record.snapshot,
        checks=checked.versions,
    )


def _not_published(site: RolloutSite, reasons: tuple[str, ...]) -> None:
    """Keep that nothing went out, so that no step that follows takes an earlier release for this one."""
    keep(site.state_folder, PublishOutcome(at=system_clock(), published=False, reasons=reasons))


def _published(
    site: RolloutSite, record: BuildRecord, done: Published, *, target: PublishTarget, reasons: tuple[str, ...]
) -> None:
    """Read back what readers see, and keep what the publish came to, whatever is found."""
    if done.warning:
        warn(done.warning)
    try:
        damaged = target.damage(done.manifest)
    except (GitGuardError, OSError) as error:
        damaged = [f"it cannot be read back: {error}"]
    compared = f"{done.release.files:,} files read back and compared with the manifest"
    at = system_clock()
    destination = f"to {target.label}"
    site.state.remember(
        Measurement(name="publish.external", value=1, at=at, evidence=destination),
        Measurement(name="publish.selected", value=record.selected, at=at, evidence=destination),
        Measurement(
            name="publish.repositories", value=record.counts.get("repositories", 0), at=at, evidence=destination
        ),
        Measurement(name="publish.damaged", value=len(damaged), at=at, evidence=compared),
    )
    if done.is_new:
        event = ReleaseEvent(at=at, action="publish", target=target.label, release=done.release, who=someone())
        site.state.add_release(event)
    outcome = PublishOutcome(
        at=at,
        published=True,
        reasons=reasons,
        release=done.release,
        location=site.settings.docs_publish_url or done.location,
        artifact=done.artifact,
        written=done.written,
        linked=done.linked,
    )
    keep(site.state_folder, outcome)
    if damaged:
        raise PublishError(
            f"The release {done.release.id} arrived damaged: {damaged[0]}",
            hint="Publish again, or go back with `gitguard rollback`.",
        )
    verb = "Published" if done.is_new else "Nothing changed since"
    echo(f"{verb} release {done.release.id} {destination}: {done.release.files:,} files, {done.written:,} written.")


def _rehearse(site: RolloutSite) -> None:
    """Publish the built site twice to a folder of its own, roll back, and compare every file."""
    files = describe_site(site.built)
    make_state_folder(site.state_folder)
    with tempfile.TemporaryDirectory(dir=site.state_folder) as folder:
        target = DirectoryTarget("rehearsal", root=Path(folder))
        at = system_clock()
        phase, flags = site.settings.phase, site.settings.flags
        first = target.publish(site.built, make_manifest(files, created_at=at, phase=phase, flags=flags))
        # The second differs in that one file is gone, so that going back must bring it again.
        less = tuple(file for file in files if file.path != files[-1].path)
        target.publish(site.built, make_manifest(less, created_at=at, phase=phase, flags=flags))
        back = target.rollback()
        current = target.current()
        differences = damage(Path(first.location), current) if current else ["nothing is current"]
    worked = back.id == first.release.id and not differences
    evidence = f"{len(files):,} files published, replaced, rolled back and compared"
    site.state.remember(Measurement(name="rollback.rehearsed", value=float(worked), at=at, evidence=evidence))
    if not worked:
        raise PublishError(f"The rehearsal failed: {differences[0] if differences else 'another release came back'}")
    echo(f"Rehearsed: {evidence}.")
