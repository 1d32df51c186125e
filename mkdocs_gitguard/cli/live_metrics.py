"""How the processes that stay offer their metrics: `--metrics`, METRICS_PORT, and what is read for them."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Final

import click

from mkdocs_gitguard.cli.extras import needing
from mkdocs_gitguard.cli.output import echo, warn
from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.rollout.settings import Settings
from mkdocs_gitguard.service.metrics_server import serve_metrics
from mkdocs_gitguard.site_build.metrics_files import families_of
from mkdocs_gitguard.slo.exposition import Family
from mkdocs_gitguard.slo.live import LiveMetrics
from mkdocs_gitguard.slo.openslo import objectives_of
from mkdocs_gitguard.state.measurements import Measurements

_LOOPBACK: Final = "127.0.0.1"

_MINUTE: Final = 60.0
"""Seconds between two measurements of what a process that stays has done."""

metrics_option = click.option(
    "--metrics",
    metavar="IP:PORT",
    default="",
    help="Answer /metrics there. Default: 127.0.0.1 at METRICS_PORT, nowhere unless that is set.",
)


def offer_metrics(
    address: str,
    root: Path,
    state: Measurements | None,
    read_settings: Callable[[], Settings],
    *,
    serves: bool = False,
) -> LiveMetrics | None:
    """Answer `/metrics` as long as the process lives; return None where nobody is to be answered.

    Args:
        address: `IP:PORT`, or `""` for what METRICS_PORT says.
        root: the folder of `mkdocs.yml`.
        state: what is remembered; None: nothing is known of any site.
        read_settings: gives those in force. With SLO_MONITORING_ENABLED off there are no metrics.
        serves: whether the process answers requests of its own.

    Raises:
        SettingError: the address is wrong or taken, or prometheus_client is not installed.
    """
    settings = read_settings()
    if not address and settings.metrics_port:
        address = f"{_LOOPBACK}:{settings.metrics_port}"
    if not address:
        return None
    if not settings.flags.slo_monitoring:
        echo("SLO_MONITORING_ENABLED is false: there are no metrics.", err=True)
        return None

    def read() -> tuple[Family, ...]:
        in_force = read_settings()
        if state is None or not in_force.flags.slo_monitoring:
            return ()
        return families_of(state, objectives_of(root, in_force.phase), now=system_clock())

    with needing("metrics", "/metrics"):
        metrics = LiveMetrics(read, serves=serves)
    echo(f"Metrics: port {serve_metrics(metrics, address)}", err=True)
    return metrics


def keep_each_minute(keep: Callable[..., None], state: Measurements) -> None:
    """Have what a process counts remembered each minute, in a thread of its own, as long as the process lives.

    Args:
        keep: remembers it: `ServedTimes.keep`, `RefusedWebhooks.keep`.
        state: where.
    """

    def keep_on() -> None:
        while True:
            time.sleep(_MINUTE)
            try:
                keep(state, at=system_clock())
            except GitGuardError as error:
                warn(str(error))

    Thread(target=keep_on, name="measurements", daemon=True).start()
