"""`gitguard watch`: keeps the portal of a site fresh, by events and by looking again in time."""

from __future__ import annotations

import logging
import os
import signal
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mkdocs_gitguard.cli.build import workers_option
from mkdocs_gitguard.cli.drills_beside import drills_beside, drills_option
from mkdocs_gitguard.cli.events_site import open_site_log
from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.live_metrics import metrics_option, offer_metrics
from mkdocs_gitguard.cli.output import echo, warn
from mkdocs_gitguard.cli.publish import publish_built
from mkdocs_gitguard.cli.rollout_site import RolloutSite, with_site
from mkdocs_gitguard.cli.starting_over import start_over
from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.harvest.cache import PAGE_BYTES
from mkdocs_gitguard.rollout.decision import decide_publish
from mkdocs_gitguard.rollout.resolve import CURRENT_FILE
from mkdocs_gitguard.rollout.values import DURATION
from mkdocs_gitguard.service.alarm import Alarm
from mkdocs_gitguard.service.freshness import in_words, remember
from mkdocs_gitguard.service.health_server import serve_health
from mkdocs_gitguard.service.instance import only_instance
from mkdocs_gitguard.service.rounds import Answered, Rounds, Stages
from mkdocs_gitguard.service.side_server import close_handed_on
from mkdocs_gitguard.service.warm_site import KnownLog, WarmSite, states_behind
from mkdocs_gitguard.service.watch import Health, Watch
from mkdocs_gitguard.service.whole_copy import copy_whole
from mkdocs_gitguard.site_build.event_selection import EventPlaces
from mkdocs_gitguard.site_build.shown_sources import shown_sources
from mkdocs_gitguard.site_build.wishes import WORKERS
from mkdocs_gitguard.slo.delivery import Delivery, deliver
from mkdocs_gitguard.slo.evaluate import levels_of
from mkdocs_gitguard.slo.notices import notices_of, read_quiet_hours
from mkdocs_gitguard.slo.openslo import objectives_of
from mkdocs_gitguard.slo.receivers import receivers
from mkdocs_gitguard.state.database import STATE_FILE, held_open
from mkdocs_gitguard.state.told import Told

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from mkdocs_gitguard.model.service_levels import ServiceLevels
    from mkdocs_gitguard.service.look import Look

_GRACE: Final = timedelta(minutes=1)
"""For publishing, beside BUILD_TIMEOUT, until an event is handed out again."""


class Interval(click.ParamType[float]):
    """Seconds, minutes or hours: `30s`, `5m`, `1h`; `0` for never."""

    name = "interval"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return seconds."""
        if isinstance(value, float) or value == "0":
            return float(value)
        try:
            interval: timedelta = DURATION.parse(str(value))
        except ValueError as error:
            self.fail(f"{value!r} is not an interval. Write {error}.", param, ctx)
        return interval.total_seconds()


class _Signals:
    """What the process was told."""

    def __init__(self) -> None:
        self.must_stop = False
        self.must_start_over = False
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGHUP, self._start_over)

    def _stop(self, number: int, _: FrameType | None) -> None:
        if self.must_stop and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.must_stop = True

    def _start_over(self, *_: object) -> None:
        self.must_start_over = True


@click.command("watch", epilog=examples("gitguard watch", "gitguard watch --reconcile 1m --health 127.0.0.1:8004"))
@with_site
@click.option(
    "--reconcile", type=Interval(), default="5m", show_default=True, help="How often to look everywhere; 0: never."
)
@click.option("--health", metavar="IP:PORT", default="", help="Answer /healthz and /readyz there.")
@metrics_option
@workers_option
@drills_option
@click.option("--no-events", is_flag=True, help="Take no events; look everywhere in time alone.")
@click.option(
    "--copy",
    "copies",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep a copy of the site at DIR/current that is whole while a build is at work, for a server on this machine.",
)
def watch(
    site: RolloutSite,
    reconcile: float,
    health: str,
    metrics: str,
    copies: Path | None,
    *,
    drills: bool,
    no_events: bool,
    workers: str | None,
) -> None:
    """Build the portal, and again whenever an event comes or a repository has moved; publish as the flags say.

    An event is acknowledged when what it has changed is built and published. SIGTERM ends the process after the round
    at work; SIGHUP, or a change of mkdocs.yml, the phase file or the people file, starts it over.
    """
    if workers:
        os.environ[WORKERS] = workers
    signals = _Signals()
    _log_once()
    state_file = held_open(site.state_folder / STATE_FILE, page_bytes=PAGE_BYTES)
    with only_instance(site.state_folder), state_file, drills_beside(site, wanted=drills):
        files = _files(site)
        before = states_behind(files)
        portal = _Portal(site, copies)
        service = Watch(
            rounds=portal.rounds,
            open_log=None if no_events else partial(open_site_log, site),
            reconcile=reconcile,
            ack_wait=(site.settings.build_timeout + _GRACE).total_seconds(),
            answered=portal.answered,
            must_stop=lambda: signals.must_stop,
            must_start_over=lambda: signals.must_start_over or states_behind(files) != before,
            tell=warn,
            warm_up=portal.warm_up,
            is_left=portal.is_left,
        )
        if health:
            echo(f"Health: port {serve_health(service.health, health)}")
        if site.settings.flags.slo_monitoring:
            alarm = _alarm(site, service.health, portal.see)
            portal.measured = alarm.ask
            alarm.start()
        offer_metrics(metrics, site.root, site.state, lambda: site.settings)
        close_handed_on()
        must_start_over = service.run()
        portal.close()
        if portal.rounds.log is not None:
            portal.rounds.log.close()
    if must_start_over:
        start_over()


def _alarm(site: RolloutSite, health: Health, see: Callable[[ServiceLevels], None]) -> Alarm:
    """Return what judges the objectives of a site and tells who is to be told."""
    everybody = receivers(site.settings.alert_webhook_url, site.settings.alert_notice_urls)
    memory = Told(site.state_folder / STATE_FILE, warn=warn)
    judged: list[ServiceLevels] = []

    def judge() -> str:
        now = system_moment()
        judged[:] = [levels_of(objectives_of(site.root, site.settings.phase), site.state, now=now)]
        see(judged[0])
        return "stale" if judged[0].is_stale(now) else judged[0].state

    def tell_what_is_new() -> list[Delivery] | None:
        quiet = read_quiet_hours(site.root)
        return deliver(everybody, partial(notices_of, judged[0]), memory, quiet, now=system_moment(), is_spaced=True)

    return Alarm(judge, tell_what_is_new, health, warn, echo)


class _Portal:
    """Builds and publishes the portal of a site, and tells."""

    def __init__(self, site: RolloutSite, copies: Path | None) -> None:
        self._site = site
        self._copies = copies
        self._warm = WarmSite(site.loaded.config.path)
        self._decision = decide_publish(site.settings)
        self.rounds = Rounds(None, self._places(), self._run, warn)
        self.measured: Callable[[], None] = lambda: None
        """Is called when something was measured."""
        for reason in () if self._decision.allowed else self._decision.reasons:
            echo(f"Nothing is published: {reason}")

    def answered(self, events: tuple[Answered, ...]) -> None:
        """Tell of events that were answered, and keep how fresh."""
        try:
            remember(self._site.state, events, at=system_moment())
        except GitGuardError as error:
            warn(str(error))
        self.measured()
        echo(in_words(events))

    def see(self, levels: ServiceLevels) -> None:
        """Take note of how the objectives are, from any thread."""
        self._warm.see(levels)

    def is_left(self) -> bool:
        """Tell whether an earlier round has left something for later, which may be done now."""
        return self._warm.is_due

    def warm_up(self) -> None:
        """Get at hand what answering an event takes."""
        self._warm.warm_up(self._known_log())

    def close(self) -> None:
        """End, so that the next process has less to make."""
        self._warm.close()

    def _places(self) -> EventPlaces:
        return EventPlaces(shown_sources(self._site.loaded.options, self._site.root, self._site.state_folder))

    def _known_log(self) -> KnownLog:
        rounds = self.rounds
        return KnownLog(rounds.log, rounds.away, rounds.refuses, tuple(rounds.set_right))

    def _run(self, look: Look) -> Stages:
        if look.everywhere:
            # What a glob of the site's entries means may have become more.
            self.rounds.places = self._places()
        stages = self._warm.build(look, self._known_log())
        self.rounds.set_right.clear()
        if self._copies is not None:
            copy_whole(self._site.built, self._copies, self._site.settings)
            stages = stages._replace(published=system_moment())
        self.measured()
        if not self._decision.allowed:
            return stages
        is_out = publish_built(self._site, self._site.built)
        return stages._replace(published=system_moment()) if is_out else stages


def _files(site: RolloutSite) -> list[Path]:
    """Return the files that the site is made by, beside what a build looks at itself."""
    people = site.loaded.options.people
    return [
        site.loaded.config.path,
        site.root / CURRENT_FILE,
        *([site.root / people] if isinstance(people, str) and people else []),
        *filter(None, [site.settings.phase_file]),
    ]


class _Once(logging.Filter):
    """Lets each message through once: a round says again what the one before has said."""

    def __init__(self) -> None:
        super().__init__()
        self._before: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether to log it."""
        text = record.getMessage()
        is_new = text not in self._before
        self._before.add(text)
        return is_new


def _log_once() -> None:
    """Log the warnings of MkDocs and of its plugins."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    handler.addFilter(_Once())
    logger = logging.getLogger("mkdocs")
    logger.setLevel(logging.WARNING)
    logger.addHandler(handler)
