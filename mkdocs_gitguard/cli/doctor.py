"""`gitguard doctor`: what this machine has of what the portal and its services need."""

import platform
import sqlite3
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final, Literal, NamedTuple

import click
import msgspec

from mkdocs_gitguard.cli.events_site import events_of
from mkdocs_gitguard.cli.extras import needing
from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.output import echo, echo_json
from mkdocs_gitguard.cli.rollout_site import RolloutSite, open_site
from mkdocs_gitguard.cli.site_file import strange_server
from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.events.sqlite.faults import has_wal_reset_fault
from mkdocs_gitguard.events.sqlite.file import EventsFile
from mkdocs_gitguard.git.process import GitProcessError, run
from mkdocs_gitguard.harvest.look import Looker
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.site_build.shown_sources import harvest_options
from mkdocs_gitguard.state.database import EVENTS_FILE

_PACKAGE: Final = "mkdocs-gitguard"
_EXTRAS: Final = {
    "api": "the Graph API's server and the receiver of webhooks",
    "chaos": "drills",
    "embeddings": "the search by meaning",
    "jetstream": "events on a JetStream server",
    "metrics": "/metrics of the watch and of the Graph API's server",
    "minilm": "a better model for the search by meaning",
    "notices": "notices to chats and by e-mail",
    "offline": "diagrams that Mermaid draws in the browser (`diagrams: client`), from the site's own files",
    "pagefind": "Pagefind's search beside ours",
    "publish": "the scan for secrets, compressed files",
}
_REQUIREMENT: Final = late_pattern(r"[A-Za-z0-9._-]+")
_EXTRA: Final = late_pattern(r"""extra\s*==\s*["']([a-z]+)["']""")
_GIT_WAIT: Final = 20.0
"""Seconds."""
_MARKS: Final = {"ok": "✓", "note": "-", "warning": "!", "error": "✗"}


class Diagnosis(NamedTuple):
    """One thing that was looked at."""

    what: str
    state: Literal["ok", "note", "warning", "error"]
    """`note`: not there, and not needed; `warning`: works, but; `error`: does not work."""
    sentence: str


@click.command("doctor", epilog=examples("gitguard doctor", "gitguard doctor --format json"))
@click.option(
    "-f", "--config-file", type=click.Path(path_type=Path), help="The mkdocs.yml to use instead of the one here."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def doctor(config_file: Path | None, form: str) -> None:
    """Say what this machine has: Python, git, SQLite and its known fault, the extras, the site's event log.

    Exit code 1 where something that is needed does not work.
    """
    diagnoses = list(_diagnoses(config_file))
    if form == "json":
        echo_json(msgspec.json.format(msgspec.json.encode([item._asdict() for item in diagnoses]), indent=2))
    else:
        for item in diagnoses:
            echo(f"{_MARKS[item.state]} {item.what}: {item.sentence}")
    if any(item.state == "error" for item in diagnoses):
        raise click.exceptions.Exit(1)


def _diagnoses(config_file: Path | None) -> Iterator[Diagnosis]:
    yield Diagnosis("Python", "ok", f"{platform.python_version()}, {sys.executable}.")
    yield _git()
    yield _sqlite()
    for name, purpose in _EXTRAS.items():
        yield _extra(name, purpose)
    try:
        site = open_site(config_file)
    except GitGuardError as error:
        yield Diagnosis("Site", "error", str(error))
        return
    yield Diagnosis("Site", "ok", f"{site.loaded.config.path}, phase {site.settings.phase}.")
    events = _events(site)
    yield events
    is_asked = site.settings.jetstream_url and events.state != "error"
    if is_asked and not strange_server(site.loaded.config, is_named=site.loaded.is_named):
        yield _workers(site)


def _git() -> Diagnosis:
    try:
        printed = b"".join(run(["--version"], folder=Path(), environment={}, label="git", time_limit=_GIT_WAIT))
    except GitProcessError as error:
        return Diagnosis("git", "error", str(error))
    return Diagnosis("git", "ok", printed.decode("utf-8", "replace").strip().removeprefix("git version ") + ".")


def _sqlite() -> Diagnosis:
    if has_wal_reset_fault(sqlite3.sqlite_version_info):
        return Diagnosis(
            "SQLite",
            "warning",
            f"{sqlite3.sqlite_version} may lose commits where two processes write or checkpoint at the same moment "
            "(fixed in 3.51.3). The event log keeps that from happening; let no other program write to "
            f"{EVENTS_FILE}.",
        )
    return Diagnosis("SQLite", "ok", f"{sqlite3.sqlite_version}.")


def _extra(name: str, purpose: str) -> Diagnosis:
    missing = [requirement for requirement in _requirements(name) if not _is_installed(requirement)]
    if missing:
        return Diagnosis(
            f"Extra {name}",
            "note",
            f"not installed: {', '.join(missing)}. For {purpose}: pip install '{_PACKAGE}[{name}]'.",
        )
    return Diagnosis(f"Extra {name}", "ok", f"{purpose}.")


def _requirements(extra: str) -> Iterator[str]:
    """Yield the packages of an extra: `nats-py>=2.16; extra == "jetstream"`."""
    for line in requires(_PACKAGE) or ():
        name, of_extra = _REQUIREMENT.match(line), _EXTRA.search(line)
        if name and of_extra and of_extra[1] == extra:
            yield name[0]


def _is_installed(package: str) -> bool:
    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True


def _events(site: RolloutSite) -> Diagnosis:
    path = site.state_folder / EVENTS_FILE
    try:
        if server := strange_server(site.loaded.config, is_named=site.loaded.is_named):
            sentence = f"{server} is of the site's own env file, and is not asked without your word: name the site"
            return Diagnosis("Events", "note", f"{sentence}, --config-file {site.loaded.config.path}.")
        if site.settings.jetstream_url:
            with events_of(site) as log:
                status = log.status()
            if status.warnings:
                return Diagnosis("Events", "warning", " ".join(status.warnings))
            return Diagnosis("Events", "ok", f"nats-server {status.version}, {status.place}, {status.events:,} events.")
        if not path.is_file():
            return Diagnosis("Events", "note", f"there is no log yet; {path} is made with the first event.")
        file = EventsFile(path, schema="")
        try:
            damage = file.damage()
        finally:
            file.close()
    except GitGuardError as error:
        return Diagnosis("Events", "error", str(error))
    return Diagnosis("Events", "error", damage) if damage else Diagnosis("Events", "ok", f"{path} is sound.")


def _workers(site: RolloutSite) -> Diagnosis:
    settings = site.settings
    try:
        with needing("jetstream", "JetStream"):
            from mkdocs_gitguard.workers.jetstream.status import workers_status  # noqa: PLC0415 - the extra `jetstream`
        options = harvest_options(site.loaded.options, site.root, settings, site.state_folder)
        status = workers_status(settings.jetstream_url, settings.jetstream_stream, Looker(options).setup)
    except GitGuardError as error:
        return Diagnosis("Workers", "error", str(error))
    if status is None:
        return Diagnosis("Workers", "note", "none has been here; builds read by themselves.")
    sentence = (
        f"{status.waiting} wait for jobs; {status.in_hand} of at most {status.most_at_once} jobs are in hand"
        f" (MAX_CONCURRENT_BUILDS), {status.queued} wait."
    )
    if status.others:
        others = f" {status.others} of another version of mkdocs-gitguard, or with other options, get none of them."
        return Diagnosis("Workers", "warning", sentence + others)
    return Diagnosis("Workers", "ok", sentence)
