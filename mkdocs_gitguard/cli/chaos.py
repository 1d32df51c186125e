"""`gitguard chaos`: drills in a sandbox, and their journal."""

import secrets
import signal
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import click
import msgspec

from mkdocs_gitguard.chaos.drills import BY_NAME, DRILLS
from mkdocs_gitguard.chaos.measures import measured_of, measured_of_all
from mkdocs_gitguard.chaos.run import run_drill
from mkdocs_gitguard.chaos.schedule import due, next_due
from mkdocs_gitguard.chaos.trial import Drill
from mkdocs_gitguard.cli.extras import needing
from mkdocs_gitguard.cli.lazy_group import Group, examples
from mkdocs_gitguard.cli.output import echo, echo_json, warn
from mkdocs_gitguard.cli.rollout_site import RolloutSite, with_site
from mkdocs_gitguard.cli.watch import Interval
from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model.drill import DrillResult, rate_of
from mkdocs_gitguard.state.database import STATE_FILE
from mkdocs_gitguard.state.drill_journal import DrillJournal
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from types import FrameType

_FLAG: Final = "CHAOS_ENGINEERING_ENABLED"
_SIGNS: Final = {"passed": "✓", "failed": "✗", "not run": "?"}
_BAD: Final = 1
_LONGEST_SEED: Final = 1 << 31
_LOOK: Final = 1.0
_SHOWN_STEPS: Final = 12

drill_format = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group("chaos", cls=Group, epilog=examples("gitguard chaos list", "gitguard chaos run --short"))
def chaos() -> None:
    """Drills: faults brought on in a sandbox, and whether the system gets over them."""


@chaos.command("list", epilog=examples("gitguard chaos list", "gitguard chaos list --format json"))
@with_site
@drill_format
def list_command(site: RolloutSite, form: str) -> None:
    """List the drills, and how the last run of each went.

    JSON holds each drill as the Chaos Toolkit experiment that it is run as.
    """
    journal = _journal(site).results()
    if form == "json":
        with needing("chaos", "A drill"):
            from mkdocs_gitguard.chaos.experiment import experiment_of  # noqa: PLC0415 - the extra `chaos`
        documents = [{**msgspec.to_builtins(drill.about), "experiment": experiment_of(drill.about)} for drill in DRILLS]
        echo_json(msgspec.json.format(msgspec.json.encode(documents), indent=2))
        return
    for drill in DRILLS:
        about = drill.about
        own = [result for result in journal if result.about.name == about.name]
        last = f"{own[0].outcome} {own[0].began:%Y-%m-%d %H:%M}" if own else "never run"
        echo(f"{about.name}{' (short)' if about.is_short else ''}: {about.title}. {about.component}; {last}.")


@chaos.command(
    "run",
    epilog=examples(
        "gitguard chaos run --short              # those that take seconds",
        "gitguard chaos run --all",
        "gitguard chaos run publish-kill --seed 7  # as it was",
    ),
)
@with_site
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "whole", is_flag=True, help="The whole set.")
@click.option("--short", is_flag=True, help="The short set.")
@click.option("--seed", type=click.IntRange(0), help="That all chance comes from; default: another one each time.")
@click.option("--times", type=click.IntRange(1), default=1, show_default=True, help="How often to run each.")
@drill_format
def run(
    site: RolloutSite,
    names: tuple[str, ...],
    form: str,
    *,
    whole: bool,
    short: bool,
    seed: int | None,
    times: int,
) -> None:
    """Run drills, each in a sandbox of its own, and keep how they went in the journal.

    Nothing of the site is touched but the journal and the measurements in its state folder. Exit code 0: none has
    failed. 1: one has. What this machine cannot run is said, and is neither.
    """
    chosen = _chosen(names, whole=whole, short=short) * times
    check_that_drills_run(site)
    results = []
    for drill in chosen:
        result = run_and_remember(site, drill, secrets.randbelow(_LONGEST_SEED) if seed is None else seed)
        results.append(result)
        if form == "text":
            _tell(result)
    remember_together(site, results)
    if form == "json":
        echo_json(msgspec.json.format(msgspec.json.encode(results), indent=2))
    else:
        _tell_rate(results)
    if any(result.outcome == "failed" for result in results):
        sys.exit(_BAD)


@chaos.command(
    "schedule", epilog=examples("gitguard chaos schedule --every 7d", "gitguard chaos schedule --once  # from cron")
)
@with_site
@click.option("--every", type=Interval(), default="7d", show_default=True, help="How often to run each drill.")
@click.option("--once", is_flag=True, help="Run what is due now, and end.")
def schedule(site: RolloutSite, every: float, *, once: bool) -> None:
    """Run each drill whenever it was not run for that long, one at a time, until told to stop."""
    if every <= 0:
        raise SettingError("--every is 0.", hint="Give an interval: 7d.")
    check_that_drills_run(site)
    stop = _Stop()
    interval = timedelta(seconds=every)
    while True:
        for drill in due(DRILLS, _journal(site).results(), every=interval, now=system_moment()):
            if stop.is_told:
                return
            result = run_and_remember(site, drill, secrets.randbelow(_LONGEST_SEED))
            _tell(result)
            remember_together(site, [result])
        if once:
            return
        wait = next_due(DRILLS, _journal(site).results(), every=interval, now=system_moment())
        ends = time.monotonic() + wait
        while time.monotonic() < ends and not stop.is_told:
            time.sleep(_LOOK)
        if stop.is_told:
            return


class _Stop:
    """Whether the process was told to stop."""

    def __init__(self) -> None:
        self.is_told = False
        signal.signal(signal.SIGTERM, self._tell)
        signal.signal(signal.SIGINT, self._tell)

    def _tell(self, number: int, _: "FrameType | None") -> None:
        if self.is_told and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.is_told = True


def _chosen(names: Sequence[str], *, whole: bool, short: bool) -> list[Drill]:
    if unknown := [name for name in names if name not in BY_NAME]:
        raise SettingError(f"{unknown[0]!r} is not a drill.", hint="See `gitguard chaos list`.")
    if not (names or whole or short):
        raise SettingError("No drill is named.", hint="Name some, or give --short or --all.")
    return [drill for drill in DRILLS if whole or drill.about.name in names or (short and drill.about.is_short)]


def check_that_drills_run(site: RolloutSite) -> None:
    """Raise what keeps drills from being run at all.

    Raises:
        SettingError: the flag is off, or the extra is not installed.
    """
    if not site.settings.chaos_engineering_enabled:
        origin = site.settings.origins[_FLAG]
        raise SettingError(f"{_FLAG} is false ({origin}): no drills are run.", hint=f"Set {_FLAG}=true.")
    with needing("chaos", "A drill"):
        import chaoslib  # type: ignore[import-untyped] # noqa: F401, PLC0415 - the extra `chaos`, without types


def _journal(site: RolloutSite) -> DrillJournal:
    return DrillJournal(site.state_folder / STATE_FILE, warn=warn)


def run_and_remember(site: RolloutSite, drill: Drill, seed: int) -> DrillResult:
    """Run a drill, and keep how it went in the journal and the measurements.

    Raises:
        SettingError: the state file cannot be written or is damaged.
    """
    result = run_drill(drill, seed=seed)
    journal = _journal(site)
    journal.remember(result)
    journal.remember_known([drill.about for drill in DRILLS])
    site.state.remember(*measured_of(result, at=system_moment()))
    return result


def remember_together(site: RolloutSite, results: Sequence[DrillResult]) -> None:
    """Keep what the drills of one run measure together.

    Raises:
        SettingError: as for `run_and_remember`.
    """
    site.state.remember(*measured_of_all(results, _journal(site).results(), at=system_moment()))


def _tell(result: DrillResult) -> None:
    sign, name = _SIGNS[result.outcome], result.about.name
    recovery = f" Recovered in {result.recovered:.1f} s." if result.recovered is not None else ""
    echo(f"{sign} {name} ({result.seconds:.1f} s, seed {result.seed}): {result.why}{recovery}")
    if result.outcome == "failed":
        for tally in (result.before, result.after):
            for example in tally.examples if tally else ():
                echo(f"    {example}")
        for step in result.steps[-_SHOWN_STEPS:]:
            echo(f"    {step.after:7.2f} s  {step.words}")
        for line in result.log[-_SHOWN_STEPS:]:
            echo(f"    | {line}")


def _tell_rate(results: Sequence[DrillResult]) -> None:
    rate = rate_of(results)
    idle = len(results) - rate.run
    proven = f", which proves with 95 % certainty that more than {rate.least:.1%} do" if rate.run else ""
    missing = f" {idle} could not be run here." if idle else ""
    echo(f"{rate.passed} of {count(rate.run, 'drill')} passed{proven}.{missing}")
