"""`gitguard rollout`: phases, settings, gates and the choice of repositories."""

import os
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import click
import msgspec

from mkdocs_gitguard.cli.lazy_group import Group, examples
from mkdocs_gitguard.cli.output import echo, echo_json
from mkdocs_gitguard.cli.probes import measure
from mkdocs_gitguard.cli.rollout_site import RolloutSite, someone, with_site
from mkdocs_gitguard.cli.site import tell_progress
from mkdocs_gitguard.cli.telling import tell_what_is_new
from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.errors import GateError, SettingError
from mkdocs_gitguard.model import Checklist, FeatureState, Measurement, ReleaseNote
from mkdocs_gitguard.rollout.features import what_is_hidden, what_is_published
from mkdocs_gitguard.rollout.gates import in_numbers, next_phase, open_checks
from mkdocs_gitguard.rollout.proposal import CRITICALITY_FILE, propose, read_criticality
from mkdocs_gitguard.rollout.resolve import PACKAGED, packaged_phases, resolve_settings, settings_of
from mkdocs_gitguard.rollout.selection import parse_include
from mkdocs_gitguard.rollout.settings import PLAN_PAGE, THE_PLAN
from mkdocs_gitguard.rollout.status import in_words, rollout_status
from mkdocs_gitguard.rollout.steps import Step, check, differences, promote, roll_back
from mkdocs_gitguard.site_build.progress import harvest_progress
from mkdocs_gitguard.site_build.read import read_site
from mkdocs_gitguard.slo.notices import Notice

_NEWS: Final = timedelta(days=7)
"""Older notes are told to nobody."""
_MARKS = {"pass": "✓", "fail": "✗", "no data": "?", "not applicable": "-"}

why_option = click.option("--why", default="", help="Why, for the history.")
who_option = click.option("--who", default=someone, help="Who, for the history. Default: the actor or user.")
format_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group(
    "rollout",
    cls=Group,
    epilog=examples(
        "gitguard rollout status   # the phase, what it shows and hides",
        "gitguard rollout plan     # what the next phase changes",
        "gitguard rollout check    # what still keeps it shut",
        "gitguard rollout promote  # go there",
    )
    + f"\n\n\b\nThe phases, explained:\n  {PLAN_PAGE}",
)
def rollout() -> None:
    """Phases: what may be seen, and when the next step is safe."""


@rollout.command(
    "status", epilog=examples("gitguard rollout status", "CODEX_ROLLOUT_PHASE=canary gitguard rollout status")
)
@with_site
@format_option
def status(site: RolloutSite, form: str) -> None:
    """Show the phase, every setting with its source, the checks, and the history."""
    shown = rollout_status(site.settings, site.state, environ=os.environ, root=site.root, now=system_clock())
    if form == "json":
        echo_json(msgspec.json.format(msgspec.json.encode(shown), indent=2))
        return
    echo(f"Phase: {shown.phase} ({shown.phase_origin})")
    echo(f"Publish: {'yes' if shown.may_publish else 'no'}")
    for reason in shown.reasons:
        echo(f"  {reason}")
    echo("Features:")
    for feature in shown.features:
        echo(f"  {feature.name:16}  {_state_of(feature)}")
    for checklist in shown.checklists:
        if checklist.phase == shown.phase:
            _echo_checks(checklist)
    if shown.changes:
        echo("History:")
        for change in shown.changes:
            echo(f"  {in_words(change)}")
    echo("Settings:")
    width = max(len(item.name) for item in shown.settings)
    for item in shown.settings:
        echo(f"  {item.name:{width}}  {item.value or '(empty)':14}  {item.origin}")
    if any(item.origin.startswith(PACKAGED) for item in shown.settings):
        echo(f"{PACKAGED}: a phase file that comes with mkdocs-gitguard, in {packaged_phases()}")


@rollout.command("notes", epilog=examples("gitguard rollout notes", "gitguard rollout notes --tell"))
@with_site
@click.option("--tell", is_flag=True, help="Tell ALERT_WEBHOOK_URL and ALERT_NOTICE_URLS those of the last 7 days.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def notes_command(site: RolloutSite, form: str, *, tell: bool) -> None:
    """Say what each release and each step changed, for whom, and who is to be asked; newest first.

    With --tell each receiver is told each note once; exit code 1 where one could not be told.
    """
    now = system_clock()
    notes = rollout_status(site.settings, site.state, environ=os.environ, root=site.root, now=now).notes
    if form == "json":
        echo_json(msgspec.json.format(msgspec.json.encode(notes), indent=2))
    else:
        for note in notes:
            echo(f"{note.at:%Y-%m-%d %H:%M} {note.title}")
            echo(f"  {_in_a_line(note)}")
    if tell:
        new = [note for note in reversed(notes) if now - note.at <= _NEWS]
        notices = [Notice(note.key, note.title, _in_a_line(note), "note") for note in new]
        if not tell_what_is_new(site, lambda _: notices, now):
            sys.exit(1)


def _in_a_line(note: ReleaseNote) -> str:
    return f"{' '.join(note.what)} For: {note.for_whom} Ask: {note.ask or 'nobody is known'}."


@rollout.command("plan", epilog=examples("gitguard rollout plan"))
@with_site
def plan(site: RolloutSite) -> None:
    """Say what the next phase shows, hides and publishes, and which settings change."""
    following = next_phase(site.settings.phase)
    after = settings_of(following, environ=os.environ, root=site.root)
    echo(f"{site.settings.phase} -> {following}")
    echo(what_is_hidden(site.settings))
    echo(what_is_hidden(after))
    echo(what_is_published(after))
    echo(f"{THE_PLAN} {PLAN_PAGE}")
    for item in differences(site.settings, after):
        echo(f"- {item.name}={item.before}")
        echo(f"+ {item.name}={item.after}  ({item.origin})")


@rollout.command("check", epilog=examples("gitguard rollout check", "gitguard rollout check --format json"))
@with_site
@format_option
def check_command(site: RolloutSite, form: str) -> None:
    """Judge the success criteria of the phase; exit code 1 if one fails or has no data."""
    checklist = check(site.settings, site.state, now=system_clock())
    if form == "json":
        echo_json(msgspec.json.format(msgspec.json.encode(checklist), indent=2))
    else:
        _echo_checks(checklist)
    if open_checks(checklist):
        sys.exit(1)


@rollout.command(
    "promote",
    epilog=examples(
        'gitguard rollout promote --why "a week without a complaint"',
        'gitguard rollout promote --override "drills come next month"',
    ),
)
@with_site
@who_option
@why_option
@click.option("--override", default="", metavar="REASON", help="Go on although checks do not pass; remembered.")
def promote_command(site: RolloutSite, who: str, why: str, override: str) -> None:
    """Go to the next phase, if every check of this one passes."""
    now = system_clock()
    _echo_step(promote(site.settings, site.state, root=site.root, now=now, who=who, why=why, override=override))


@rollout.command(
    "rollback",
    epilog=examples(
        'gitguard rollout rollback --why "too many errors"',
        'gitguard rollout rollback --to staging --why "start again"',
    ),
)
@with_site
@who_option
@click.option("--why", required=True, help="Why, for the history.")
@click.option("--to", default="", metavar="PHASE", help="The phase to go back to. Default: the one before.")
def rollback_command(site: RolloutSite, who: str, why: str, to: str) -> None:
    """Go back to an earlier phase; what readers see stays as it is (see `gitguard rollback`).

    Nothing refuses that. Build and publish afterwards, so that readers see the portal of that phase.
    """
    _echo_step(roll_back(site.settings, site.state, root=site.root, now=system_clock(), who=who, why=why, to=to))


@rollout.command(
    "select", epilog=examples("gitguard rollout select", "gitguard rollout select --percent 20 --format json")
)
@with_site
@click.option("--percent", default="10", show_default=True, help="Share of the repositories to propose.")
@click.option(
    "--criticality",
    type=click.Path(path_type=Path),
    help="YAML: repository or glob to low, medium or high. Default: config/rollout/criticality.yml, if it is there.",
)
@format_option
def select_command(site: RolloutSite, percent: str, criticality: Path | None, form: str) -> None:
    """Propose repositories for the canary, and explain each choice and refusal."""
    share = _share(percent)
    criticality_file = criticality or site.root / CRITICALITY_FILE
    levels = read_criticality(criticality_file) if criticality or criticality_file.is_file() else {}
    # The whole portfolio is judged, whatever part of it the phase shows; vetoes stay vetoes.
    loaded = site.loaded
    everything = resolve_settings(
        loaded.options.phase, environ={**os.environ, "CODEX_REPO_INCLUDE_LIST": ""}, root=loaded.folder
    )
    snapshot = read_site(
        loaded.options,
        loaded.folder,
        everything,
        progress=harvest_progress(tell_progress),
        state_folder=loaded.state_folder,
    ).snapshot
    proposal = propose(snapshot.repositories, share=share, criticality=levels, now=system_clock())
    if form == "json":
        echo_json(msgspec.json.format(msgspec.json.encode(proposal), indent=2))
        return
    for item in proposal.candidates:
        sign = "+" if item.is_proposed else "-"
        days = "no commits" if item.days_since_commit is None else f"last commit {item.days_since_commit} days ago"
        facts = f"{item.pull_requests_a_month:g} pull requests a month, {item.test_files:,} test files, {days}"
        echo(f"{sign} {item.name}: {item.reason} ({facts})")
    echo(f"{len(proposal.names)} of {proposal.wanted} wanted.")
    if not proposal.names:
        # An empty list would mean all repositories, so none is printed that could be copied.
        raise GateError("No repository meets the criteria.", hint="Name some yourself in CODEX_REPO_INCLUDE_LIST.")
    echo(f"CODEX_REPO_INCLUDE_LIST={','.join(proposal.names)}")


@rollout.command("measure", epilog=examples("gitguard rollout measure"))
@with_site
def measure_command(site: RolloutSite) -> None:
    """Try the service, the Graph API and the tools out, and remember what was measured."""
    measured = measure(site)
    site.state.remember(*measured)
    for item in measured:
        unit = f" {item.unit}" if item.unit else ""
        echo(f"{item.name} = {item.value:,.10g}{unit} ({item.evidence})")


@rollout.command(
    "attest",
    epilog=examples('gitguard rollout attest customers.affected 0 --evidence "no ticket"'),
)
@with_site
@who_option
@click.argument("name", type=click.Choice(["customers.affected", "documentation.updated"]))
@click.argument("value", type=click.IntRange(min=0))
@click.option("--evidence", required=True, help="What it stands on.")
def attest(site: RolloutSite, who: str, name: str, value: int, evidence: str) -> None:
    """Say what only people know: how many customers were affected; 1 for documentation that was updated."""
    attested = Measurement(name=name, value=value, at=system_clock(), evidence=f"{who}: {evidence}")
    site.state.remember(attested)
    echo(f"{name} = {value} ({attested.evidence})")


def _state_of(feature: FeatureState) -> str:
    if feature.is_shown:
        return "shown"
    return f"hidden; comes with the phase {feature.arrives}" if feature.arrives else "hidden"


def _share(percent: str) -> Decimal:
    try:
        share = parse_include([f"{percent.removesuffix('%')}%"]).share
    except SettingError:
        share = None
    if share is None:
        raise SettingError(f"--percent is {percent!r}.", hint="Write a number from 0 to 100.")
    return share


def _echo_checks(checklist: Checklist) -> None:
    echo(f"{checklist.title}: {in_numbers(checklist)}")
    width = max(len(item.state) for item in checklist.checks)
    for item in checklist.checks:
        age = f" [{item.at:%Y-%m-%d %H:%M}]" if item.at else ""
        echo(f"  {_MARKS[item.state]} {item.state:{width}}  {item.criterion}: {item.evidence}{age}")


def _echo_step(step: Step) -> None:
    echo(in_words(step.change))
    echo("Written to config/rollout/current.env: commit it.")
    if step.obstacle:
        echo(f"Not in force yet: {step.obstacle}")
