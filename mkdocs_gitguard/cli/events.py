"""`gitguard events`: the log of what forges send, looked at, added to, replayed and cut."""

import base64
import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.cli.events_consumers import consumers
from mkdocs_gitguard.cli.events_serve import serve
from mkdocs_gitguard.cli.events_site import (
    event_in_words,
    events_file,
    events_of,
    fresh_selection,
    retention_in_words,
    wanted_retention,
)
from mkdocs_gitguard.cli.lazy_group import Group, examples
from mkdocs_gitguard.cli.output import echo, echo_json, warn
from mkdocs_gitguard.cli.rollout_site import RolloutSite, with_site
from mkdocs_gitguard.clock import system_clock, system_moment
from mkdocs_gitguard.errors import EventError, ParseError, SettingError
from mkdocs_gitguard.events.event import LARGEST_BODY, Event
from mkdocs_gitguard.events.forge_hooks import BY_SOURCE
from mkdocs_gitguard.events.intake import document_of, facts_of, guess_sender, headers_for, take_in
from mkdocs_gitguard.events.log import EventLog, Retention, StoredEvent
from mkdocs_gitguard.events.own import OWN_NAMES, Replay, replay_event, replayed
from mkdocs_gitguard.events.rehearsal import rehearse
from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.rollout.resolve import RETENTIONS
from mkdocs_gitguard.rollout.values import DURATION

_PHASES: Final = {"3a": "initial", "3b": "steady"}
_MOST: Final = 50

_form_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_since_option = click.option("--since", default="", help="Only what was taken on in this time, such as 24h.")
_repository_option = click.option(
    "-r", "--repository", default="", metavar="REPOSITORY", help="Only about this one: namespace/name."
)


@click.group(
    "events",
    cls=Group,
    epilog=examples(
        "gitguard events serve               # receive webhooks",
        "gitguard events status",
        "gitguard events replay --since 24h  # have a day worked through again",
    ),
)
def events() -> None:
    """The log of what forges send: receive it, look at it, replay it, cut it.

    Without JETSTREAM_URL it is a file, events.db in the site's state folder; with it, a stream of that server. It needs
    no flag: an event only says where to look again, and what the rollout leaves out is never kept.
    """


events.add_command(consumers)
events.add_command(serve)


@events.command("add", epilog=examples("gitguard events add event.json --forge github --event push"))
@click.argument("file", metavar="[FILE|-]", default="", type=click.Path(path_type=str))
@with_site
@click.option("--forge", type=click.Choice(sorted(BY_SOURCE)), help="Who sent it. Default: told by its content.")
@click.option("--event", "name", default="", help="What it is called: push. Default: told by its content.")
@click.option("--delivery", default="", help="The sender's id of the delivery. The same id is kept once.")
@_form_option
def add(site: RolloutSite, file: str, *, forge: str | None, name: str, delivery: str, form: str) -> None:
    """Add an event from FILE, or from standard input (-).

    Without FILE it is that of the GitHub Actions job: GITHUB_EVENT_PATH and GITHUB_EVENT_NAME.
    """
    path = file or os.environ.get("GITHUB_EVENT_PATH", "")
    if not path:
        raise SettingError("No event is named.", hint="Name a file, or - for standard input.")
    if not file:
        forge, name = forge or "github", name or os.environ.get("GITHUB_EVENT_NAME", "")
    body = _body(path)
    if not forge or not name:
        guessed_forge, guessed_name = guess_sender(document_of({}, body))
        forge, name = forge or guessed_forge, name or guessed_name
    if not forge or not name:
        raise ParseError(
            f"{path} does not say who sent it and what it is.", hint="Give --forge and --event, such as github push."
        )
    hook = BY_SOURCE[forge]
    try:
        taken = take_in(hook, headers_for(hook, name, delivery), body, at=system_moment())
    except ParseError as error:
        raise ParseError(f"{path}: {error.message}", hint=error.hint) from error
    if taken.facts.subject in ("other", "ping"):
        _answer(form, {"status": "ignored"}, f"Not kept: nothing that the portal shows changes by {forge} {name}.")
        return
    if not fresh_selection(site, None).shows(taken.event.repository):
        _answer(form, {"status": "ignored"}, "Not kept: it is not about a repository that the portal shows.")
        return
    with events_of(site) as log:
        (appended,) = log.append([taken.event])
    status = "duplicate" if appended.is_duplicate else "accepted"
    words = f"is event {appended.sequence} again" if appended.is_duplicate else f"is event {appended.sequence}"
    _answer(form, {"status": status, "sequence": appended.sequence}, f"{event_in_words(taken.event)} {words}.")


def _body(path: str) -> bytes:
    try:
        if path != "-":
            return read_file(Path(path), LARGEST_BODY)
        body = sys.stdin.buffer.read(LARGEST_BODY + 1)
    except OSError as error:
        raise ParseError(f"The event {path} cannot be read: {error.strerror or error}.") from error
    if len(body) > LARGEST_BODY:
        raise ParseError(f"The event has more than {LARGEST_BODY:,} bytes.", hint="Send one as a forge does.")
    return body


def _answer(form: str, document: dict[str, Any], sentence: str) -> None:
    if form == "json":
        echo_json(msgspec.json.encode(document))
    else:
        echo(sentence)


@events.command("status", epilog=examples("gitguard events status --format json"))
@with_site
@_form_option
def status_command(site: RolloutSite, form: str) -> None:
    """Show what the log holds, its retention, and how far each consumer is."""
    with events_of(site) as log:
        status = log.status()
    wanted = wanted_retention(site.settings)
    if form == "json":
        document = msgspec.to_builtins(status) | {"wanted_retention": msgspec.to_builtins(wanted)}
        echo_json(msgspec.json.format(msgspec.json.encode(document), indent=2))
        return
    echo(f"Log: {status.engine} {status.version}, {status.place}")
    if status.events:
        echo(f"Events: {status.events:,}, {status.first} to {status.last}, {status.bytes:,} bytes")
        echo(f"Taken on: {_shown(status.first_at)} to {_shown(status.last_at)}")
    else:
        echo("Events: none")
    echo(f"Retention: {retention_in_words(status.retention)}")
    if status.retention != wanted:
        echo(f"  The settings say {retention_in_words(wanted)}: see `gitguard events retention`.")
    for consumer in status.consumers:
        echo(
            f"Consumer {consumer.name}: {consumer.waiting:,} waiting, {consumer.in_hand:,} in hand, "
            f"all acknowledged to {consumer.acknowledged_to}"
        )
    echo(f"Dead letters: {status.dead_letters:,}")
    for warning in status.warnings:
        warn(warning)


@events.command("list", epilog=examples("gitguard events list --since 24h -r acme/billing"))
@with_site
@_since_option
@_repository_option
@click.option("--most", type=click.IntRange(1), default=_MOST, show_default=True, help="The newest so many.")
@_form_option
def list_(site: RolloutSite, *, since: str, repository: str, most: int, form: str) -> None:
    """List events, the newest last."""
    with events_of(site) as log:
        chosen = list(_matching(log, since, repository))[-most:]
    if form == "json":
        echo_json(msgspec.json.format(msgspec.json.encode([_as_value(stored) for stored in chosen]), indent=2))
        return
    for stored in chosen:
        event = stored.event
        echo(f"{stored.sequence:>8}  {_shown(event.accepted_at)}  {event_in_words(event)}  {event.delivery}".rstrip())


@events.command("show", epilog=examples("gitguard events show 17"))
@click.argument("sequence", type=click.IntRange(1))
@with_site
@_form_option
def show(site: RolloutSite, sequence: int, form: str) -> None:
    """Show an event: what its sender called it, where it says to look, and its body."""
    with events_of(site) as log:
        stored = log.find(sequence)
    if stored is None:
        raise EventError(f"The log holds no event {sequence}.", hint="Choose one that `gitguard events list` shows.")
    event = stored.event
    value = _as_value(stored) | _body_value(event)
    if form == "json":
        echo_json(msgspec.json.format(msgspec.json.encode(value), indent=2))
        return
    echo(f"Event {sequence}: {event_in_words(event)}")
    echo(f"Taken on: {_shown(event.accepted_at)}")
    echo(f"Delivery: {event.delivery or '(none)'}")
    for name, given in event.headers.items():
        echo(f"{name}: {given}")
    for name, fact in value["facts"].items():
        if fact and name != "repository":
            echo(f"{name}: {fact}")
    echo_json(msgspec.json.format(msgspec.json.encode(value.get("body", value.get("body_base64"))), indent=2))


@events.command(
    "replay",
    epilog=examples("gitguard events replay --since 24h --dry-run", "gitguard events replay --from 17 --to 40"),
)
@with_site
@_since_option
@click.option("--from", "first", type=click.IntRange(1), help="The first event.")
@click.option("--to", "last", type=click.IntRange(1), help="The last event. Default: the newest.")
@_repository_option
@click.option("--why", default="", help="Why, for the log.")
@click.option("--dry-run", is_flag=True, help="Say what would be replayed, and ask for nothing.")
@_form_option
def replay(
    site: RolloutSite,
    *,
    since: str,
    first: int | None,
    last: int | None,
    repository: str,
    why: str,
    dry_run: bool,
    form: str,
) -> None:
    """Have events worked through again: those of a time, a stretch, or a repository.

    The wish is written into the log as an event of its own, and whoever works through the log reads the stretch again.
    Nothing is done twice in effect: an event only says where to look.
    """
    if not since and first is None:
        raise SettingError("Nothing says what to replay.", hint="Give --since 24h, or --from and --to.")
    with events_of(site) as log:
        beginning = next((stored.sequence for stored in log.read(since=_moment(since))), 0) if since else 0
        end = last or log.status().last
        wanted = Replay(first=max(beginning, first or 0), last=end, repository=repository, reason=why)
        number = sum(1 for _ in replayed(log, wanted)) if beginning or not since else 0
        if number and not dry_run:
            log.append([replay_event(wanted, at=system_moment())])
    document = msgspec.to_builtins(wanted) | {"events": number, "asked": bool(number) and not dry_run}
    if not number:
        sentence = "There is nothing to replay."
    else:
        verb = "would be" if dry_run else "are"
        sentence = f"{number:,} events, {wanted.first} to {wanted.last}, {verb} worked through again."
    _answer(form, document, sentence)


@events.command("dead", epilog=examples("gitguard events dead"))
@with_site
@_form_option
def dead(site: RolloutSite, form: str) -> None:
    """List the dead letters: events that a consumer was handed again and again in vain, each with the last reason."""
    with events_of(site) as log:
        letters = log.dead_letters()
    if form == "json":
        values = [
            {
                "consumer": letter.consumer,
                "sequence": letter.sequence,
                "tries": letter.tries,
                "reason": letter.reason,
                "at": letter.at,
                "event": _as_value(StoredEvent(sequence=letter.sequence, event=letter.event)) if letter.event else None,
            }
            for letter in letters
        ]
        echo_json(msgspec.json.format(msgspec.json.encode(values), indent=2))
        return
    for letter in letters:
        about = event_in_words(letter.event) if letter.event else "(cut since)"
        tries = f"{letter.tries} tries by {letter.consumer}"
        echo(f"{letter.sequence:>8}  {_shown(letter.at)}  {about}  {tries}: {letter.reason}")
    if not letters:
        echo("There are no dead letters.")


@events.command(
    "retention", epilog=examples("gitguard events retention", "gitguard events retention --phase 3b --apply")
)
@with_site
@click.option(
    "--phase",
    type=click.Choice(list(_PHASES)),
    help="3a keeps all for 72h; 3b keeps 24h, 1,000,000 events, 10GB. Default: what the settings say.",
)
@click.option("--apply", "is_applied", is_flag=True, help="Put it in force. What it cuts is gone.")
@click.option("--force", is_flag=True, help="Cut also what a consumer has not acknowledged; a gap event tells of it.")
@_form_option
def retention(site: RolloutSite, *, phase: str | None, is_applied: bool, force: bool, form: str) -> None:
    """Show what a retention would cut; with --apply, put it in force."""
    wanted = _retention_of(phase) if phase else wanted_retention(site.settings)
    with events_of(site) as log:
        before = log.status().retention
        cut = log.retain(wanted, force=force) if is_applied else log.preview(wanted)
    if form == "json":
        document = {"before": before, "wanted": wanted, "cut": cut, "applied": is_applied}
        echo_json(msgspec.json.format(msgspec.json.encode(document), indent=2))
        return
    echo(f"In force: {retention_in_words(wanted if is_applied else before)}")
    echo(f"{'Before' if is_applied else 'Asked for'}: {retention_in_words(before if is_applied else wanted)}")
    echo(cut.in_words())
    if not is_applied and before != wanted:
        echo("Nothing was changed: --apply puts it in force.")


def _retention_of(phase: str) -> Retention:
    values = RETENTIONS[_PHASES[phase]]
    return Retention(
        max_age=values["jetstream_max_age"],
        max_messages=values["jetstream_max_msgs"],
        max_bytes=values["jetstream_max_bytes"],
    )


@events.command("rehearse", epilog=examples("gitguard events rehearse"))
@with_site
@_form_option
def rehearse_command(site: RolloutSite, form: str) -> None:
    """Rehearse a replay on a log beside the real one, and measure it for the gate of the canary.

    Events are appended, some of them twice; a consumer is killed in the middle; then all is read again from a sequence
    and from a moment, and the real log is read to its end. Exit code 1 if anything is lost.
    """
    settings = site.settings
    with events_of(site) as log:
        result = rehearse(
            log, events_file(site).parent, url=settings.jetstream_url, stream=f"{settings.jetstream_stream}-rehearsal"
        )
    site.state.remember(
        Measurement(
            name="events.replay-lost",
            value=float(result.lost),
            unit="events",
            at=system_clock(),
            evidence=result.in_words(),
        )
    )
    _answer(form, msgspec.to_builtins(result), result.in_words())
    if result.lost:
        raise click.exceptions.Exit(1)


def _matching(log: EventLog, since: str, repository: str) -> Iterator[StoredEvent]:
    wanted = repository.lower()
    for stored in log.read(since=_moment(since) if since else None):
        about = stored.event.repository
        if not wanted or wanted in (name.lower() for name in (about.name, *about.former_names)):
            yield stored


def _moment(since: str) -> datetime:
    try:
        age: timedelta = DURATION.parse(since)
        return system_moment() - age
    except (ValueError, OverflowError) as error:
        raise SettingError(f"--since is {since!r}.", hint=f"Write {error}.") from error


def _as_value(stored: StoredEvent) -> dict[str, Any]:
    event = stored.event
    try:
        facts = msgspec.to_builtins(facts_of(event)) if event.name not in OWN_NAMES else {}
    except ParseError as error:
        facts = {"error": str(error)}
    return {
        "sequence": stored.sequence,
        "source": event.source,
        "name": event.name,
        "delivery": event.delivery,
        "accepted_at": event.accepted_at,
        "repository": msgspec.to_builtins(event.repository),
        "headers": dict(event.headers),
        "facts": facts,
    }


def _body_value(event: Event) -> dict[str, Any]:
    try:
        return {"body": document_of(event.headers, event.body)}
    except ParseError:
        return {"body_base64": base64.b64encode(event.body).decode()}


def _shown(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S") + "Z" if at else ""
