"""`gitguard events consumers`: who works through the log, and forgetting one who does not any more."""

import click
import msgspec

from mkdocs_gitguard.cli.events_site import events_of
from mkdocs_gitguard.cli.lazy_group import examples
from mkdocs_gitguard.cli.output import echo, echo_json
from mkdocs_gitguard.cli.rollout_site import RolloutSite, with_site
from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.log import ConsumerStatus


@click.command(
    "consumers", epilog=examples("gitguard events consumers", "gitguard events consumers --forget old-machine")
)
@with_site
@click.option("--forget", metavar="NAME", default="", help="Forget this one: nothing is kept back for it any more.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def consumers(site: RolloutSite, forget: str, form: str) -> None:
    """List who works through the log and how far each is; with --forget, forget one.

    A consumer that nobody runs any more keeps retention from cutting what it has not acknowledged, and each cut then
    leaves a gap event. One that is forgotten and comes again is handed all that the log holds.
    """
    with events_of(site) as log:
        known = {consumer.name: consumer for consumer in log.status().consumers}
        if forget and not log.forget(forget):
            raise EventError(
                f"{forget} is not a consumer of this log.", hint="Choose one that `gitguard events consumers` lists."
            )
    left = [consumer for name, consumer in known.items() if name != forget]
    if form == "json":
        echo_json(msgspec.json.format(msgspec.json.encode({"forgotten": forget, "consumers": left}), indent=2))
        return
    if forget:
        echo(f"{forget} is forgotten{_behind(known.get(forget))}.")
        return
    for consumer in left:
        echo(
            f"{consumer.name}: {consumer.waiting:,} waiting, {consumer.in_hand:,} in hand, "
            f"all acknowledged to {consumer.acknowledged_to}"
        )
    if not left:
        echo("Nobody works through the log yet.")


def _behind(consumer: ConsumerStatus | None) -> str:
    number = consumer.waiting + consumer.in_hand if consumer else 0
    return f"; it had not acknowledged {number:,} events" if number else ""
