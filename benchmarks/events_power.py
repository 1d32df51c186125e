"""Takes the power away while events are appended: `python -m benchmarks.events_power [ROUNDS] [ENGINE]`. Needs root.

The log lies on a file system of its own, an ext4 image behind a loop device. At a random moment whoever writes is
stopped, what was acknowledged so far is read, and the image is copied as it is: what the kernel still held in memory is
lost, as with the power. The copy is mounted, and must hold every event that was acknowledged, once.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path

from mkdocs_gitguard.chaos.broker import Broker
from mkdocs_gitguard.chaos.made_events import LogPlace, append_for_ever
from mkdocs_gitguard.chaos.processes import fork

_IMAGE_MEGABYTES = 192


def power_rounds(place: Path, rounds: int, engine: str, seed: int = 15) -> Counter[str]:
    """Take the power away, and return what came of it; of `lost` and `doubled` there must be none."""
    chance, counts = random.Random(seed), Counter[str]()
    image, disk, after = place / "disk.img", place / "disk", place / "after"
    for folder in (disk, after):
        folder.mkdir()
    for _ in range(rounds):
        _make_image(image)
        _mount(image, disk)
        counts.update(_one_round(place, disk, image, engine, chance.uniform(0.3, 2.0)))
        subprocess.run(["umount", disk], check=True)
        _mount(place / "copy.img", after)
        try:
            counts.update(_compare(place, after, engine))
        finally:
            subprocess.run(["umount", after], check=True)
    return counts


def _one_round(place: Path, disk: Path, image: Path, engine: str, seconds: float) -> dict[str, int]:
    acknowledged = place / "acknowledged"
    acknowledged.unlink(missing_ok=True)
    server = Broker(disk / "nats") if engine == "jetstream" else None
    if server:
        server.start()
    # What was acknowledged is written down elsewhere, and not on the disk that loses its power.
    log_place = LogPlace(disk / "events.db", server.url if server else "", place)
    writer = fork(partial(append_for_ever, log_place, time.time_ns()))
    deadline = time.monotonic() + 20
    while not acknowledged.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(seconds)
    os.kill(writer.pid or 0, signal.SIGSTOP)
    if server:
        server.send(signal.SIGSTOP)
    # The writer is stopped: what stands there now was acknowledged before the copy begins.
    shutil.copyfile(image, place / "copy.img")
    os.kill(writer.pid or 0, signal.SIGKILL)
    writer.join()
    if server:
        server.kill()
    return {"acknowledged": len(_lines(acknowledged))}


def _compare(place: Path, after: Path, engine: str) -> dict[str, int]:
    server = Broker(after / "nats") if engine == "jetstream" else None
    if server:
        server.start()
    log = LogPlace(after / "events.db", server.url if server else "").open()
    try:
        kept = Counter(stored.event.delivery for stored in log.read())
    finally:
        log.close()
        if server:
            server.stop()
    return {
        "in the log": kept.total(),
        "lost": sum(not kept[delivery] for delivery in _lines(place / "acknowledged")),
        "doubled": sum(number - 1 for number in kept.values()),
    }


def _make_image(image: Path) -> None:
    with image.open("wb") as file:
        file.truncate(_IMAGE_MEGABYTES << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], check=True)


def _mount(image: Path, folder: Path) -> None:
    subprocess.run(["mount", "-o", "loop", image, folder], check=True)


def _lines(path: Path) -> list[str]:
    text = path.read_text() if path.exists() else ""
    return text[: text.rfind("\n") + 1].splitlines()


def main() -> None:
    rounds, engine = (*sys.argv[1:], *("20", "both")[len(sys.argv) - 1 :])
    for name in ("sqlite", "jetstream") if engine == "both" else (engine,):
        place = Path(tempfile.mkdtemp(prefix="events-power-"))
        counts = power_rounds(place, int(rounds), name)
        shutil.rmtree(place)
        print(f"{name}, {rounds} rounds: " + ", ".join(f"{number:,} {what}" for what, number in counts.items()))


if __name__ == "__main__":
    main()
