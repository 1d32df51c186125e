"""Two workers against one: `python -m benchmarks.workers [--repositories 60] [--pull-requests 20000] [--rounds 3]`.

Makes an organisation, starts a nats-server, and has the same repositories harvested by one process alone, by one worker
and by two, each time from nothing: state folders and stream are new. Prints how long each took, the median of the
rounds' ratios, and whether the snapshots are the same bytes.
"""

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from benchmarks.organisation import make_organisation
from mkdocs_gitguard.chaos.broker import Broker

GITGUARD = (sys.executable, "-P", "-m", "mkdocs_gitguard")
_START = 30.0
"""Seconds."""


class Site:
    """The site of an organisation, as each machine has it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self._round = 0
        self._environment = dict(os.environ)

    def config(self, name: str) -> Path:
        """Return the `mkdocs.yml` of a machine, whose state is gone."""
        path = self.folder / f"{name}.yml"
        options = {"repositories": ["repositories/*/*.git"], "state_dir": f".{name}"}
        path.write_text(yaml.safe_dump({"site_name": "Acme", "plugins": [{"gitguard": options}]}))
        shutil.rmtree(self.folder / f".{name}", ignore_errors=True)
        return path

    def harvest(self, workers: int) -> tuple[float, bytes]:
        """Return the seconds and the snapshot of a harvest by so many workers; 0: by this process alone."""
        self._round += 1
        self._environment |= {"JETSTREAM_URL": self.url, "JETSTREAM_STREAM": f"round-{self._round}"}
        output = self.folder / "snapshot.json"
        with self._workers(workers):
            environment = self._environment | ({"GITGUARD_WORKERS": "jetstream"} if workers else {})
            command = [*GITGUARD, "harvest", "-f", str(self.config("builder")), "-o", str(output)]
            began = time.perf_counter()
            done = subprocess.run(command, cwd=self.folder, env=environment, check=True, capture_output=True, text=True)
            seconds = time.perf_counter() - began
        if "read here" in done.stderr:
            raise SystemExit(done.stderr)
        return seconds, output.read_bytes()

    @contextmanager
    def _workers(self, number: int) -> Iterator[None]:
        processes: list[subprocess.Popen[bytes]] = []
        try:
            for name in (f"worker-{index}" for index in range(number)):
                log = self.folder / f"{name}.log"
                with log.open("wb") as stream:
                    command = [*GITGUARD, "worker", "-f", str(self.config(name))]
                    processes.append(
                        subprocess.Popen(command, cwd=self.folder, env=self._environment, stdout=stream, stderr=stream)
                    )
                end = time.monotonic() + _START
                while "Reads for builds" not in log.read_text():
                    if time.monotonic() > end:
                        raise SystemExit(log.read_text())
                    time.sleep(0.05)
            time.sleep(1)
            yield
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
                process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repositories", type=int, default=60)
    parser.add_argument("--pull-requests", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_organisation(folder, repositories=given.repositories, pull_requests=given.pull_requests, seed=1, jobs=2)
        broker = Broker(folder / "nats")
        broker.start()
        try:
            site = Site(folder, broker.url)
            rounds = [[site.harvest(workers) for workers in (0, 1, 2)] for _ in range(given.rounds)]
        finally:
            broker.stop()
    for number, (alone, one, two) in enumerate(rounds, 1):
        print(f"round {number}: alone {alone[0]:.1f} s, one worker {one[0]:.1f} s, two workers {two[0]:.1f} s")
    ratio = statistics.median(one[0] / two[0] for _, one, two in rounds)
    snapshots = {snapshot for harvests in rounds for _, snapshot in harvests}
    print(
        f"{given.repositories} repositories: two workers are {ratio:.2f} times as fast as one; "
        f"{'the snapshots are the same bytes' if len(snapshots) == 1 else 'THE SNAPSHOTS DIFFER'}"
    )


if __name__ == "__main__":
    main()
