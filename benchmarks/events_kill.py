"""Kills appenders, consumers and the server at random moments: `python -m benchmarks.events_kill [ROUNDS] [ENGINE]`.

What appends, consumes and compares is that of the drills: `mkdocs_gitguard/chaos/made_events.py`.
ENGINE is sqlite, jetstream or both.
"""

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from mkdocs_gitguard.chaos.broker import Broker
from mkdocs_gitguard.chaos.made_events import LogPlace, LogUsers, tally_of, work_through

ROLES = ("appender", "consumer")


def kill_rounds(place: Path, rounds: int, engine: str, seed: int = 15) -> Counter[str]:
    """Kill, and return what came of it; of `lost` and `doubled` there must be none."""
    chance, counts = random.Random(seed), Counter[str]()
    server = Broker(place / "nats") if engine == "jetstream" else None
    if server:
        server.start()
    log_place = LogPlace(place / "events.db", server.url if server else "")
    users = LogUsers(log_place)
    for _ in range(rounds):
        time.sleep(chance.uniform(0.05, 0.7))
        roles = chance.choice([ROLES[:1], ROLES[1:], ROLES, ()])
        users.kill(*roles)
        users.start(*roles)
        counts.update(f"kills of the {role}" for role in roles)
        if server and chance.random() < 0.4:
            server.kill()
            counts["kills of the server"] += 1
            time.sleep(chance.uniform(0, 0.3))
            server.start()
    users.end()
    log = log_place.open()
    try:
        work_through(log, log_place)
        tally = tally_of(log, log_place)
        stored = {item.sequence for item in log.read()}
        effects = [sequence for sequence, _ in log_place.effects()]
        counts.update(
            {
                "acknowledged": len(log_place.acknowledged()),
                "in the log": len(stored),
                "worked on again": len(effects) - len({*effects}),
                "lost": tally.lost,
                "doubled": tally.doubled,
                "not worked on": len(stored - {*effects}),
                "dead letters": len(log.dead_letters()),
            }
        )
        return counts
    finally:
        log.close()
        if server:
            server.stop()


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
