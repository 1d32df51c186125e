"""`gitguard api`: the Graph API's server, and its exports of the whole graph."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click

from mkdocs_gitguard.cli.build import config_option
from mkdocs_gitguard.cli.export import portal_pages
from mkdocs_gitguard.cli.extras import needing
from mkdocs_gitguard.cli.lazy_group import Group, examples
from mkdocs_gitguard.cli.live_metrics import keep_each_minute, metrics_option, offer_metrics
from mkdocs_gitguard.cli.loaded_site import LoadedSite, load_site
from mkdocs_gitguard.cli.output import echo, warn
from mkdocs_gitguard.cli.served_export import refuse_left_out, site_of
from mkdocs_gitguard.cli.site import read_loaded, tell_findings
from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.graph_api import BY_DEFAULT, EXPORTS
from mkdocs_gitguard.graph_api.exports import write_plain
from mkdocs_gitguard.graph_api.nodes import ApiInput
from mkdocs_gitguard.graph_api.release import find_export
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.rollout.settings import Settings
from mkdocs_gitguard.slo.served import ServedTimes
from mkdocs_gitguard.state.database import STATE_FILE
from mkdocs_gitguard.state.files import written_beside
from mkdocs_gitguard.state.measurements import Measurements


@click.group(
    "api",
    cls=Group,
    epilog=examples(
        "gitguard api serve site  # needs: pip install 'mkdocs-gitguard[api]'",
        "gitguard api export graph --format graphml",
    ),
)
def api() -> None:
    """Serve the Graph API, and export the whole graph."""


@api.command(
    "serve",
    epilog=examples("gitguard api serve site", "gitguard api serve public/current --host 0.0.0.0 --port 8002"),
)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
@config_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Default: GRAPH_API_PORT, 8002 unless set. 0: any free one."
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    help="Origin whose pages may read the answers. Default: GRAPH_API_CORS_ORIGINS, every one unless set.",
)
@click.option("--phase", default="", help="Rollout phase; default: as `gitguard rollout status` says.")
@metrics_option
def serve(
    folder: Path,
    config_file: Path | None,
    *,
    host: str,
    port: int | None,
    origins: tuple[str, ...],
    phase: str,
    metrics: str,
) -> None:
    """Serve the Graph API of a built portal.

    DIR is a built site, or its folder api/v1, or a folder that holds one as `site`. A newer build, or a link moved to
    another release, is picked up within a second. While GRAPH_API_ENABLED is off every path answers 404 and says so;
    /healthz answers always. Settings are those of the site around DIR, else of the one here.
    """
    with needing("api", "The server"):
        from mkdocs_gitguard.cli.http_server import serve_http  # noqa: PLC0415 - the extra `api`
        from mkdocs_gitguard.graph_api.server import application  # noqa: PLC0415 - as above
    root = find_export(folder / "site" if (folder / "site").is_dir() and not (folder / "api").is_dir() else folder)
    site = site_of(root, config_file)
    read_settings = partial(
        resolve_settings,
        phase or (site.options.phase if site else ""),
        environ=os.environ,
        root=site.folder if site else Path(),
    )
    settings = read_settings()
    is_on = settings.flags.graph_api
    port = settings.graph_api_port if port is None else port
    if is_on:
        refuse_left_out(root, site, settings)
    app = application(
        root if is_on else None,
        origins=origins or settings.graph_api_cors_origins,
        refuse=lambda: refuse_left_out(root, site, read_settings()),
        observe=_observer(metrics, site, read_settings),
    )
    echo(f"Graph API {'at' if is_on else 'is disabled; /healthz at'} http://{host}:{port}", err=True)
    serve_http(app, host=host, port=port, grace=10)


def _observer(
    metrics: str, site: LoadedSite | None, read_settings: Callable[[], Settings]
) -> Callable[[int, float], None]:
    """Offer the server's metrics, and return what is told of each answer."""
    state = Measurements(site.state_folder / STATE_FILE, warn=warn) if site is not None else None
    live = offer_metrics(metrics, site.folder if site else Path(), state, read_settings, serves=True)
    served = ServedTimes()

    keeps = state is not None and read_settings().flags.slo_monitoring
    if state is not None and keeps:
        keep_each_minute(served.keep, state)

    def observe(status: int, seconds: float) -> None:
        if keeps:
            served.observe(seconds)
        if live is not None:
            live.observe(status, seconds)

    return observe


@api.command(
    "export",
    epilog=examples("gitguard api export graph", "gitguard api export graph --format graphml --format cytoscape"),
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@config_option
@click.option(
    "--format",
    "formats",
    type=click.Choice(list(EXPORTS)),
    multiple=True,
    default=BY_DEFAULT,
    show_default=True,
    help="May be repeated.",
)
def export(folder: Path, config_file: Path | None, formats: tuple[str, ...]) -> None:
    """Write the whole graph into DIR, a file a format, without building the site.

    The files are those of api/v1/export in the site, unpacked: graph.ndjson, graph.sqlite, graph.graphml,
    graph.cytoscape.json. Their hrefs count from that folder.
    """
    loaded = load_site(Path(), config_file)
    site = read_loaded(loaded)
    pages = portal_pages(loaded, site)
    graph = ApiInput(pages.portal.graph, pages.urls_of_nodes)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in dict.fromkeys(formats):
            with written_beside(folder / EXPORTS[name].file) as part:
                write_plain(EXPORTS[name], graph, part)
            echo(str(folder / EXPORTS[name].file))
    except OSError as error:
        raise PublishError(
            f"{error.filename or folder} cannot be written: {error.strerror}.", hint="Choose another folder."
        ) from error
    tell_findings(site.snapshot.findings)
