"""`gitguard events serve`: the receiver of webhooks."""

import ipaddress
import os
from functools import partial
from pathlib import Path
from typing import Final

import click

from mkdocs_gitguard.cli.events_site import (
    SECRET_VARIABLE,
    events_of,
    fresh_selection,
    is_shown_by,
    secrets_of,
)
from mkdocs_gitguard.cli.extras import needing
from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.live_metrics import keep_each_minute
from mkdocs_gitguard.cli.output import echo, warn
from mkdocs_gitguard.cli.rollout_site import open_site
from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.events.event import Event
from mkdocs_gitguard.events.forge_hooks import BY_SOURCE
from mkdocs_gitguard.events.log import Appended
from mkdocs_gitguard.events.receiver import HOOKS_PATH, Receiver
from mkdocs_gitguard.slo.served import RefusedWebhooks

_PORT: Final = 8003


@click.command("serve", epilog=examples("gitguard events serve --port 8003"))
@click.option(
    "-f", "--config-file", type=click.Path(path_type=Path), help="The mkdocs.yml to use instead of the one here."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=_PORT, show_default=True, help="0: any free one.")
@click.option("--unsigned", is_flag=True, help="Take on what is not signed. Only where nobody else can reach it.")
def serve(config_file: Path | None, *, host: str, port: int, unsigned: bool) -> None:
    """Receive webhooks at /hooks and keep them in the log.

    The secret that each webhook is signed with comes from GITGUARD_WEBHOOK_SECRET, or of one forge alone from
    GITGUARD_WEBHOOK_SECRET_GITHUB, _GITLAB, _GITEA, _FORGEJO, _BITBUCKET, _GITGUARD; several, a line each, all count.
    202 is answered when the event is on the disk. What the rollout leaves out is not kept. /healthz says that the
    receiver is up, /readyz whether the last event could be kept.
    """
    with needing("api", "The receiver"):
        from mkdocs_gitguard.cli.http_server import serve_http  # noqa: PLC0415 - the extra `api`
    secrets = secrets_of(os.environ)
    _check_secrets(secrets, host, unsigned=unsigned)
    site = open_site(config_file)
    selection = fresh_selection(site, config_file)
    refused = RefusedWebhooks()
    if site.settings.flags.slo_monitoring:
        keep_each_minute(refused.keep, site.state)
    with events_of(site) as log:

        def append(event: Event) -> Appended:
            (appended,) = log.append([event])
            return appended

        app = Receiver(
            append,
            secrets=secrets,
            is_shown=partial(is_shown_by, selection),
            now=system_moment,
            note=lambda line: echo(line, err=True),
            answered=refused.observe,
        )
        status = log.status()
        for warning in status.warnings:
            warn(warning)
        echo(f"Log: {status.engine} {status.version}, {status.place}", err=True)
        echo(f"Webhooks: http://{host}:{port}{HOOKS_PATH}{' (unsigned)' if unsigned else ''}", err=True)
        serve_http(app, host=host, port=port, grace=15, is_named=False)


def _check_secrets(secrets: dict[str, tuple[str, ...]], host: str, *, unsigned: bool) -> None:
    if unknown := sorted(secrets.keys() - {"", *BY_SOURCE}):
        known = ", ".join(name.upper() for name in BY_SOURCE)
        raise SettingError(
            f"{SECRET_VARIABLE}_{unknown[0].upper()} is not of a forge that is known.", hint=f"Use one of {known}."
        )
    missing = [] if "" in secrets else [name for name in BY_SOURCE if name not in secrets]
    if unsigned:
        if not _is_loopback(host):
            raise SettingError(
                f"--unsigned with --host {host} would let anybody write into the log.",
                hint=f"Set {SECRET_VARIABLE}, or listen on 127.0.0.1.",
            )
    elif not secrets:
        raise SettingError(
            f"{SECRET_VARIABLE} is not set, so that nobody could tell who sends.",
            hint="Set it to the secret that the webhook has at the forge; or give --unsigned, to try it out.",
        )
    elif missing:
        # A forge without a secret could be spoken for by anybody.
        for name in missing:
            secrets[name] = (os.urandom(32).hex(),)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
