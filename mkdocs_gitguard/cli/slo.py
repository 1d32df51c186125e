"""`gitguard slo`: objectives, how far they are met, and what carries their measurements to other places."""

import sys
from datetime import datetime
from functools import partial
from pathlib import Path

import click
import msgspec

from mkdocs_gitguard.cli.lazy_group import Group, examples
from mkdocs_gitguard.cli.output import command_data, command_property, echo, echo_json, echo_made, warn
from mkdocs_gitguard.cli.rollout_site import RolloutSite, with_site
from mkdocs_gitguard.cli.telling import receivers_of, tell_what_is_new
from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.model.service_levels import ObjectiveLevel, ServiceLevels
from mkdocs_gitguard.site_build.metrics_files import METRICS_ROOT, take_in_history, write_metrics
from mkdocs_gitguard.site_build.trend_file import take_in_trend
from mkdocs_gitguard.slo.evaluate import levels_of
from mkdocs_gitguard.slo.metrics import METRICS
from mkdocs_gitguard.slo.notices import notices_of, trial_notice
from mkdocs_gitguard.slo.openslo import objectives_of
from mkdocs_gitguard.slo.receivers import tell

_SIGNS = {"alert": "!!", "missed": "✗", "no data": "?", "met": "✓"}
_COMMANDS = {"alert": "error", "missed": "error", "no data": "notice", "met": "notice"}
_BAD = 1
_UNKNOWN = 3


@click.group("slo", cls=Group, epilog=examples("gitguard slo check", "gitguard slo list"))
def slo() -> None:
    """Objectives for freshness, errors and coverage: measured, and told."""


@slo.command("check", epilog=examples("gitguard slo check", "gitguard slo check --notify"))
@with_site
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.option("--notify", is_flag=True, help="Tell ALERT_WEBHOOK_URL and ALERT_NOTICE_URLS what is new.")
def check(site: RolloutSite, form: str, *, notify: bool) -> None:
    """Judge the objectives of the phase.

    Exit code 0: nothing is to be done. 1: an objective is missed, or somebody must act. 3: nobody can tell, because
    nothing was measured, or nothing for longer than a day.
    """
    now = system_clock()
    # Only a notice tells of breaches, and only the JSON shows days.
    objectives, with_past = objectives_of(site.root, site.settings.phase), notify or form == "json"
    judged = levels_of(objectives, site.state, now=now, with_past=with_past)
    stale = judged.is_stale(now)
    if form == "json":
        document = {**msgspec.to_builtins(judged), "is_stale": stale}
        echo_json(msgspec.json.format(msgspec.json.encode(document), indent=2))
    elif form == "github":
        for level in judged.objectives:
            title, why = command_property(level.title), command_data(level.why)
            echo_made(f"::{_COMMANDS[level.state]} title={title}::{why}")
        echo(_summary(judged, now))
    else:
        echo(_summary(judged, now))
        for level in judged.objectives:
            echo(f"  {_SIGNS[level.state]:2} {level.state:7}  {level.title} {_goal(level)}: {level.why}{_rest(level)}")
    if notify:
        tell_what_is_new(site, partial(notices_of, judged), now)
    if any(level.state in ("alert", "missed") for level in judged.objectives):
        sys.exit(_BAD)
    if stale or judged.state == "no data":
        sys.exit(_UNKNOWN)


@slo.command("list", epilog=examples("gitguard slo list", "gitguard slo list --format json"))
@with_site
@click.option("--measurements", is_flag=True, help="What is measured, instead of the objectives.")
@click.option("--all", "all_phases", is_flag=True, help="Those that are in force in other phases only, too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_command(site: RolloutSite, form: str, *, measurements: bool, all_phases: bool) -> None:
    """List the objectives, and the files that they stand in."""
    if measurements:
        for metric in METRICS:
            unit = f" in {metric.unit}" if metric.unit else ""
            echo(f"{metric.name}{f'<{metric.label}>' if metric.label else ''}: {metric.words}{unit}. {metric.how}")
        return
    objectives = objectives_of(site.root, "" if all_phases else site.settings.phase)
    if form == "json":
        echo_json(msgspec.json.format(msgspec.json.encode(msgspec.to_builtins(objectives)), indent=2))
        return
    for objective in objectives:
        condition = f" {objective.condition}" if objective.condition else ""
        phases = f" in {', '.join(objective.phases)}" if objective.phases else ""
        echo(
            f"{objective.name}: {', '.join(objective.measurements)}{condition}, {objective.target:.12g} of "
            f"{objective.window.days} days{phases} ({objective.file}:{objective.line})"
        )


@slo.command("export", epilog=examples("gitguard slo export alerts"))
@with_site
@click.argument("folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
def export(site: RolloutSite, folder: Path | None) -> None:
    """Write metrics, alert rules, dashboards and the history into DIR (default: `metrics` of the built site)."""
    target = folder or site.built / METRICS_ROOT
    written = write_metrics(target, site.state, objectives_of(site.root, site.settings.phase), now=system_clock())
    for path in written:
        echo(str(path))


@slo.command("import", epilog=examples("gitguard slo import public/current"))
@with_site
@click.argument("source", metavar="SOURCE")
def import_command(site: RolloutSite, source: str) -> None:
    """Take up the history of an earlier run: its file, the folder of a release, or the URL of the published portal."""
    learned, damaged = take_in_history(source, site.state)
    echo(f"{learned:,} days and measurements were new.")
    if days := take_in_trend(source, site.state_folder):
        # Not by `portal.words`: whoever judges objectives need not wait for the portal to load.
        noun, verb = ("day", "was") if days == 1 else ("days", "were")
        echo(f"{days:,} {noun} of what is shown over time {verb} new.")
    if damaged:
        warn(f"{damaged:,} damaged ones are left out.")


@slo.command("test-notice", epilog=examples("gitguard slo test-notice"))
@with_site
def test_notice_command(site: RolloutSite) -> None:
    """Tell everybody who is told of alerts that this is a test, and say how that went; exit code 1 if it failed."""
    everybody = receivers_of(site)
    failed = False
    for receiver in everybody:
        error = tell(receiver, trial_notice(system_clock()))
        failed = failed or bool(error)
        echo(f"{receiver.label}: {error or 'told'}.")
    if failed:
        sys.exit(_BAD)


def _summary(judged: ServiceLevels, now: datetime) -> str:
    if judged.at is None:
        return judged.sentence
    age = f" The newest measurement is of {judged.at:%Y-%m-%d %H:%M} UTC"
    return f"{judged.sentence}{age}{', too old to say anything of the present' if judged.is_stale(now) else ''}."


def _goal(level: ObjectiveLevel) -> str:
    condition = f"{level.condition} " if level.condition else ""
    return f"({condition}for {level.target * 100:.12g} % of {level.window})"


def _rest(level: ObjectiveLevel) -> str:
    if level.budget_left is None:
        return ""
    if level.budget_left < 0:
        return f" The budget was used {1 - level.budget_left:,.1f} times."
    return f" Budget left: {level.budget_left:.0%}."
