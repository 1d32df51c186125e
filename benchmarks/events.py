"""The event log against what it is made on: `python -m benchmarks.events [EVENTS]`.

SQLite: durable appends one by one, and 500 at once, of 2 KB events, against bare `sqlite3` that commits the same rows
with the same durability. JetStream: the same against bare nats-py, on one real server with `sync_interval: always`.
What each does is done in many short turns with its peer, and the medians of the turns are told, for a disk is never
idle alone.
"""

import asyncio
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import nats

from mkdocs_gitguard.events.event import Event, EventRepository
from mkdocs_gitguard.events.jetstream.log import JetStreamLog
from mkdocs_gitguard.events.log import Consumer, EventLog
from mkdocs_gitguard.events.sqlite.log import SqliteLog
from tests.make.nats_server import NatsServer

_TURNS = 25
_AT_ONCE = 500


def make_events(start: int, number: int) -> list[Event]:
    return [
        Event(
            source="github",
            name="push",
            body=b'{"number": %d, "x": "%s"}' % (at, b"x" * 2000),
            accepted_at=datetime.now(UTC),
            delivery=f"delivery-{at}",
            repository=EventRepository(name=f"acme/repository-{at % 200}"),
        )
        for at in range(start, start + number)
    ]


def one_by_one(log: EventLog, events: Sequence[Event]) -> None:
    for event in events:
        log.append([event])


def in_batches(log: EventLog, events: Sequence[Event]) -> None:
    for at in range(0, len(events), _AT_ONCE):
        log.append(events[at : at + _AT_ONCE])


def measure(what: str, ours: Callable[[int], None], peers: Callable[[int], None], number: int, peer: str) -> None:
    """Run both in turns, each with the number of the turn, and print the medians."""
    rates: dict[str, list[float]] = {"ours": [], "peer": []}
    for turn in range(_TURNS):
        for name, work in (("ours", ours), ("peer", peers)):
            began = time.perf_counter()
            work(turn)
            rates[name].append(number / (time.perf_counter() - began))
    own, theirs = median(rates["ours"]), median(rates["peer"])
    print(f"{what}: {own:,.0f}/s, {peer} {theirs:,.0f}/s: {own / theirs:.0%}")


def sqlite_log(place: Path, number: int) -> None:
    log = SqliteLog(place / "ours.db")
    raw = sqlite3.connect(place / "raw.db", isolation_level=None)
    for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL"):
        raw.execute(statement)
    raw.execute("CREATE TABLE events (sequence INTEGER PRIMARY KEY, delivery TEXT UNIQUE, key TEXT UNIQUE, body BLOB)")

    def insert(events: Sequence[Event]) -> None:
        raw.execute("BEGIN IMMEDIATE")
        rows = [(event.delivery, event.delivery + "-key", event.body) for event in events]
        raw.executemany("INSERT INTO events (delivery, key, body) VALUES (?, ?, ?)", rows)
        raw.execute("COMMIT")

    def raw_one_by_one(turn: int) -> None:
        for event in singles[turn]:
            insert([event])

    def raw_batches(turn: int) -> None:
        for at in range(0, len(batches[turn]), _AT_ONCE):
            insert(batches[turn][at : at + _AT_ONCE])

    few, many = number // 200, max(_AT_ONCE, number // _TURNS)
    singles = [make_events(turn * few, few) for turn in range(_TURNS)]
    batches = [make_events(10**8 + turn * many, many) for turn in range(_TURNS)]
    measure("sqlite, one by one", lambda turn: one_by_one(log, singles[turn]), raw_one_by_one, few, "sqlite3")
    measure(f"sqlite, {_AT_ONCE} at once", lambda turn: in_batches(log, batches[turn]), raw_batches, many, "sqlite3")
    log.close()
    raw.close()


def jetstream_log(place: Path, number: int) -> None:
    server = NatsServer(place / "nats")
    server.start()
    loop = asyncio.new_event_loop()
    log = JetStreamLog(server.url, "ours")
    client = loop.run_until_complete(nats.connect(server.url))
    js = client.jetstream(publish_async_max_pending=1000)
    loop.run_until_complete(js.add_stream(name="raw", subjects=["raw.>"]))
    few, many = number // 200, max(_AT_ONCE, number // _TURNS)
    singles = [make_events(turn * few, few) for turn in range(_TURNS)]
    batches = [make_events(10**8 + turn * many, many) for turn in range(_TURNS)]

    async def publish(events: Sequence[Event]) -> None:
        for event in events:
            headers = {"Nats-Msg-Id": event.delivery}
            await js.publish(f"raw.{event.repository.name.replace('/', '_')}", event.body, headers=headers)

    async def publish_async(events: Sequence[Event]) -> None:
        for at, event in enumerate(events, 1):
            headers = {"Nats-Msg-Id": event.delivery}
            await js.publish_async(f"raw.{event.repository.name.replace('/', '_')}", event.body, headers=headers)
            if at % _AT_ONCE == 0:
                await js.publish_async_completed()
        await js.publish_async_completed()

    async def fetch(most: int) -> None:
        taken = 0
        while taken < most:
            messages = await subscription.fetch(100, timeout=1)
            await asyncio.gather(*(message.ack_sync() for message in messages))
            taken += len(messages)

    def take(most: int) -> None:
        taken = 0
        while taken < most:
            deliveries = log.consume(consumer, most=100, wait=1)
            log.acknowledge(deliveries)
            taken += len(deliveries)

    measure(
        "jetstream, one by one",
        lambda turn: one_by_one(log, singles[turn]),
        lambda turn: loop.run_until_complete(publish(singles[turn])),
        few,
        "nats-py",
    )
    measure(
        f"jetstream, {_AT_ONCE} at once",
        lambda turn: in_batches(log, batches[turn]),
        lambda turn: loop.run_until_complete(publish_async(batches[turn])),
        many,
        "nats-py",
    )
    consumer = Consumer(name="watch")
    log.consume(consumer, most=1, wait=1)
    subscription = loop.run_until_complete(js.pull_subscribe("raw.>", durable="raw"))
    measure(
        "jetstream, taken and acknowledged",
        lambda _: take(few),
        lambda _: loop.run_until_complete(fetch(few)),
        few,
        "nats-py",
    )
    log.close()
    loop.run_until_complete(client.close())
    loop.close()
    server.stop()


def main() -> None:
    number = int((*sys.argv[1:], "20000")[0])
    for work in (sqlite_log, jetstream_log):
        place = Path(tempfile.mkdtemp(prefix="events-"))
        try:
            work(place, number)
        finally:
            shutil.rmtree(place)


if __name__ == "__main__":
    main()
