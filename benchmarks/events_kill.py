"""Kills appenders, consumers and the server at random moments: `python -m benchmarks.events_kill [ROUNDS] [ENGINE]`.

An appender writes down every event that the log has acknowledged, a consumer every event that it has worked on, before
it acknowledges it. At the end every event that was acknowledged must be in the log, once; every event of the log must
have been worked on; and to work on one twice must have done the same as once. ENGINE is sqlite, jetstream or both.
"""

import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.events.event import Event, EventRepository
from mkdocs_gitguard.events.log import Consumer, EventLog
from mkdocs_gitguard.events.opening import open_log
from tests.make.nats_server import NatsServer

FORK = multiprocessing.get_context("fork")
CONSUMER = Consumer(name="watch", ack_wait=1.0, most_tries=1000)


def make_event(delivery: str) -> Event:
    return Event(
        source="github",
        name="push",
        body=f'{{"delivery": "{delivery}"}}'.encode() + b" " * 1000,
        accepted_at=datetime.now(UTC),
        delivery=delivery,
        repository=EventRepository(name="acme/billing"),
    )


def append(path: Path, url: str, number: int) -> None:
    """Append for ever, and write down what was acknowledged."""
    log, chance = open_log(path, url=url, stream="kill"), random.Random(number)
    at = 0
    with path.with_name("acknowledged").open("ab", buffering=0) as file:
        while True:
            deliveries = [f"{number}-{at + more}" for more in range(chance.choice([1, 1, 1, 20]))]
            at += len(deliveries)
            with contextlib.suppress(EventError):
                log.append([make_event(delivery) for delivery in deliveries])
                file.write("".join(f"{delivery}\n" for delivery in deliveries).encode())


def consume(path: Path, url: str, _: int) -> None:
    """Consume for ever, and write down what was worked on."""
    log = open_log(path, url=url, stream="kill")
    with path.with_name("effects").open("ab", buffering=0) as file:
        while True:
            with contextlib.suppress(EventError):
                deliveries = log.consume(CONSUMER, most=10, wait=0.2)
                file.write("".join(f"{item.sequence} {item.event.delivery}\n" for item in deliveries).encode())
                log.acknowledge(deliveries)


def kill_rounds(place: Path, rounds: int, engine: str, seed: int = 15) -> Counter[str]:
    """Kill, and return what came of it; of `lost`, `doubled` and `not worked on` there must be none."""
    chance, counts = random.Random(seed), Counter[str]()
    server = NatsServer(place / "nats") if engine == "jetstream" else None
    if server:
        server.start()
    path, url = place / "events.db", server.url if server else ""
    workers = {role: _start(role, path, url, 0) for role in (append, consume)}
    for number in range(1, rounds + 1):
        time.sleep(chance.uniform(0.05, 0.7))
        for role in chance.choice([(append,), (consume,), (append, consume), ()]):
            os.kill(workers[role].pid or 0, signal.SIGKILL)
            workers[role].join()
            counts[f"kills of {role.__name__}"] += 1
            workers[role] = _start(role, path, url, number)
        if server and chance.random() < 0.4:
            server.kill()
            counts["kills of the server"] += 1
            time.sleep(chance.uniform(0, 0.3))
            server.start()
    for worker in workers.values():
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join()
    log = open_log(path, url=url, stream="kill")
    try:
        counts.update(compare(log, path))
        return counts
    finally:
        log.close()
        if server:
            server.stop()


def _start(role: Callable[[Path, str, int], None], path: Path, url: str, number: int) -> multiprocessing.Process:
    worker = FORK.Process(target=role, args=(path, url, number), daemon=True)
    worker.start()
    return worker


def compare(log: EventLog, path: Path) -> Counter[str]:
    """Work through the rest, and compare what was written down with the log."""
    effects = [line.split() for line in _lines(path.with_name("effects"))]
    idle_since = time.monotonic()
    while time.monotonic() - idle_since < 2 * CONSUMER.ack_wait + 1:
        if deliveries := log.consume(CONSUMER, most=100, wait=0.5):
            effects += [[str(item.sequence), item.event.delivery] for item in deliveries]
            log.acknowledge(deliveries)
            idle_since = time.monotonic()
    acknowledged = _lines(path.with_name("acknowledged"))
    kept = Counter(stored.event.delivery for stored in log.read())
    sequences = {str(stored.sequence) for stored in log.read()}
    worked_on = {sequence for sequence, *_ in effects}
    return Counter(
        {
            "acknowledged": len(acknowledged),
            "in the log": kept.total(),
            "worked on again": len(effects) - len(worked_on),
            "lost": sum(not kept[delivery] for delivery in acknowledged),
            "doubled": sum(number - 1 for number in kept.values()),
            "not worked on": len(sequences - worked_on),
            "dead letters": len(log.dead_letters()),
        }
    )


def _lines(path: Path) -> list[str]:
    """Return whole lines: the last may have been cut off by a kill."""
    text = path.read_text() if path.exists() else ""
    return text[: text.rfind("\n") + 1].splitlines()


def main() -> None:
    rounds, engine = (*sys.argv[1:], *("60", "both")[len(sys.argv) - 1 :])
    for name in ("sqlite", "jetstream") if engine == "both" else (engine,):
        place = Path(tempfile.mkdtemp(prefix="events-kill-"))
        try:
            counts = kill_rounds(place, int(rounds), name)
        finally:
            shutil.rmtree(place)
        print(f"{name}, {rounds} rounds: " + ", ".join(f"{number:,} {what}" for what, number in counts.items()))


if __name__ == "__main__":
    main()
