"""Kills the watch, its workers and the server at random moments: `python -m benchmarks.workers_kill [--rounds 60]`.

Makes an organisation, and starts a nats-server, `gitguard watch --workers jetstream` and two workers. Each round merges
a pull request, puts the event into the log, and kills some of them (SIGKILL) while they are at it. At the end all
events have to be worked through, each merged pull request has to stand in the portal once, and the portal has to be
that of a clean build by one process.
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import yaml

from benchmarks.freshness import merge
from benchmarks.organisation import make_organisation
from mkdocs_gitguard.chaos.broker import Broker
from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.events.event import Event, EventRepository
from mkdocs_gitguard.events.log import EventLog
from mkdocs_gitguard.events.opening import open_log

GITGUARD = (sys.executable, "-P", "-m", "mkdocs_gitguard")
_FIRST_NUMBER = 1_000_000
_PATIENCE = 900.0
"""Seconds until all events have to be worked through."""
_MEASURED = (
    *("rollout/", "status/", "metrics/", "dashboards/", "over-time/", "api/v1/service-levels.json"),
    *("api/v1/manifest.json", "api/v1/index.json", "api/v1/changes.ndjson"),
)
"""Files that tell of the builds themselves."""
_OF_OBJECTIVES = re.compile(
    rb'<li class="gg-need[^"]*">(?:(?!</li>).)*?href="[^"]*status/(?:(?!</li>).)*</li>', re.DOTALL
)
"""What the home page says of them: which objectives are missed."""
_STREAM = "kill-rounds"
_BUILD_TIMEOUT = "2m"
_MOST_SHOWN = 25


class Processes:
    """The watch, its workers and the server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = Broker(folder / "nats")
        self.server.start()
        self._environment = os.environ | {
            "JETSTREAM_URL": self.server.url,
            "JETSTREAM_STREAM": _STREAM,
            # What a killed watch had in hand is handed out again a minute after that.
            "BUILD_TIMEOUT": _BUILD_TIMEOUT,
        }
        self._options = yaml.safe_load((folder / "mkdocs.yml").read_text())
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        for name in ("watch", "worker-1", "worker-2"):
            self.start(name)

    def config(self, name: str) -> Path:
        """Return the `mkdocs.yml` of a machine, with a state folder of its own."""
        (plugin,) = (item for item in self._options["plugins"] if isinstance(item, dict) and "gitguard" in item)
        plugin["gitguard"]["state_dir"] = f".{name}"
        path = self.folder / f"{name}.yml"
        path.write_text(yaml.safe_dump(self._options))
        return path

    def start(self, name: str) -> None:
        """Start one of them, in place of what was killed."""
        command = ["worker"] if name.startswith("worker") else ["watch", "--reconcile", "0", "--workers", "jetstream"]
        config = self.folder / f"{name}.yml"
        if not config.exists():
            self.config(name)
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [*GITGUARD, *command, "-f", str(config)],
                cwd=self.folder,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """Kill one of them, with whatever it has started."""
        process = self._running[name]
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End all but the server."""
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            process.wait()

    def build(self, site: Path) -> None:
        """Build the portal anew by one process."""
        command = [*GITGUARD, "build", "--clean", "-f", str(self.config("clean")), "-d", str(site)]
        subprocess.run(command, cwd=self.folder, env=self._environment, check=True, capture_output=True)

    def open_log(self) -> EventLog:
        """Open the log."""
        return open_log(self.folder / "unused", url=self.server.url, stream=_STREAM)


def kill_rounds(folder: Path, rounds: int, seed: int) -> Counter[str]:
    """Kill, and return what came of it; of `lost`, `twice` and `other files` there must be none."""
    chance, counts = random.Random(seed), Counter[str]()
    repositories = [
        path
        for path in sorted((folder / "repositories").glob("*/*.git"))
        if "github.com" in (path / "config").read_text()
    ]
    processes = Processes(folder)
    merged: list[str] = []
    try:
        for number in range(_FIRST_NUMBER, _FIRST_NUMBER + rounds):
            repository = chance.choice(repositories)
            merge(repository, number)
            name = f"{repository.parent.name}/{repository.stem}"
            _append(processes, name, number)
            merged.append(f"{name}/{number}")
            time.sleep(chance.uniform(0.2, 4))
            for role in chance.choice([("watch",), ("worker-1",), ("worker-1", "worker-2"), ("watch", "worker-2"), ()]):
                processes.kill(role)
                processes.start(role)
                counts[f"kills of {role.partition('-')[0]}"] += 1
            if chance.random() < 0.3:
                processes.server.kill()
                counts["kills of server"] += 1
                time.sleep(chance.uniform(0, 0.5))
                processes.server.start()
        left = _await_worked_through(processes)
        processes.stop()
        processes.build(folder / "clean")
        site, clean = _files(folder / "site"), _files(folder / "clean")
        nodes = Counter(_numbers(folder / "site"))
        others = sorted(path for path in site.keys() | clean.keys() if site.get(path) != clean.get(path))
        for path in others[:_MOST_SHOWN]:
            print(f"{path} is not that of a clean build", file=sys.stderr)
        counts.update(
            {
                "acknowledged": len(merged),
                "not worked through": left,
                "lost": sum(not nodes[item] for item in merged),
                "twice": sum(nodes[item] > 1 for item in merged),
                "files": len(clean),
                "other files": len(others),
            }
        )
        return counts
    finally:
        processes.stop()
        processes.server.stop()


def _append(processes: Processes, name: str, number: int) -> None:
    log = processes.open_log()
    about = EventRepository(name=name, urls=(f"https://github.com/{name}",))
    body = str(number).encode()
    log.append([Event(source="github", name="push", body=body, accepted_at=system_moment(), repository=about)])
    log.close()


def _await_worked_through(processes: Processes) -> int:
    """Wait until the watch has acknowledged everything, and return how many events it has not."""
    log, end = processes.open_log(), time.monotonic() + _PATIENCE
    try:
        while True:
            consumers = [item for item in log.status().consumers if item.name == "watch"]
            left = sum(item.waiting + item.in_hand for item in consumers)
            if (consumers and not left) or time.monotonic() > end:
                return left if consumers else -1
            time.sleep(1)
    finally:
        log.close()


def _files(folder: Path) -> dict[str, bytes]:
    paths = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: _OF_OBJECTIVES.sub(b"", path.read_bytes())
        for name, path in paths.items()
        if not name.startswith(_MEASURED)
    }


def _numbers(site: Path) -> list[str]:
    """Return `acme/billing/1000001` of each pull request in the portal's index, as often as it stands there."""
    pages = (site / "api/v1/kinds/pull-request").glob("index*.json")
    items = [item for page in pages for item in json.loads(page.read_text())["items"]]
    return [item["id"].partition(":")[2] for item in items]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--repositories", type=int, default=8)
    parser.add_argument("--seed", type=int, default=15)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_organisation(
            folder, repositories=given.repositories, pull_requests=10 * given.repositories, seed=given.seed, jobs=2
        )
        counts = kill_rounds(folder, given.rounds, given.seed)
    print(f"{given.rounds} rounds: " + ", ".join(f"{number:,} {what}" for what, number in counts.items()))


if __name__ == "__main__":
    main()
