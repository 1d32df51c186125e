"""From an event to a fresh page: `python -m benchmarks.freshness [--repositories 200] [--pull-requests 1600]`.

Makes an organisation, starts `gitguard watch` on it, merges a pull request in a random repository, puts the event into
the log and waits until the pull request has its page, many times. The peer in the same run is a whole `mkdocs build`
of the site when nothing has moved. Reports how long it took from the event's acceptance until the page stood in the
site's folder, and until all did that are about the merge, by stages too, the processor's seconds for each event, the
memory of the watch, and the load of the machine, on which all times of a clock depend. A site grows by its events: the
memory at last is shown beside that of a watch that is started anew on the same site then. With `--in-place` each merge
takes the place of the one before it in its repository, as by a forced push, and nothing grows.
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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.organisation import make_organisation
from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.events.event import Event, EventRepository
from mkdocs_gitguard.events.opening import open_log
from mkdocs_gitguard.state.measurements import Measurements, percentile

_GITGUARD = (sys.executable, "-P", "-m", "mkdocs_gitguard")
_LONGEST = 120.0
"""Seconds that a page may take."""
_ANEW = 60
"""Events after which a watch that was started anew has at hand what it needs."""
_NUMBERS = 1_000_000
"""Above those of the organisation's own pull requests."""
_IDENTITY = {"GIT_AUTHOR_NAME": "Mira Hansen", "GIT_AUTHOR_EMAIL": "mira@acme.example"}
_FORGE = {"GIT_COMMITTER_NAME": "GitHub", "GIT_COMMITTER_EMAIL": "noreply@github.com"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repositories", type=int, default=200)
    parser.add_argument("--pull-requests", type=int, default=1_600)
    parser.add_argument("--events", type=int, default=200)
    parser.add_argument("--in-place", action="store_true", help="undo the merge before in the same repository")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make_organisation(
            folder, repositories=given.repositories, pull_requests=given.pull_requests, seed=given.seed, jobs=2
        )
        subprocess.run([*_GITGUARD, "build"], cwd=folder, check=True, capture_output=True)
        pages = sum(1 for _ in (folder / "site").rglob("index.html"))
        began = time.perf_counter()
        # `gitguard build` would find that there is nothing to do.
        subprocess.run([sys.executable, "-P", "-m", "mkdocs", "build"], cwd=folder, check=True, capture_output=True)
        again = time.perf_counter() - began
        print(
            f"{given.repositories} repositories, {pages:,} pages; a build of nothing moved: {again:.2f} s", flush=True
        )
        numbers = count(1)
        merges = Merges(folder, random.Random(given.seed), are_in_place=given.in_place)
        with watching(folder) as watch:
            measure(merges, watch, list(islice(numbers, given.events)), again)
        with watching(folder) as watch:
            anew = merges.make(watch, list(islice(numbers, min(given.events, _ANEW))))
        print(
            f"memory of a watch that is started anew: {in_tenths(anew.memory)} MiB over {len(anew.memory)} more events"
        )


class Watching(NamedTuple):
    """A watch at work."""

    process: int
    health: str
    """URL below which it tells how it is."""

    @property
    def answered(self) -> int:
        """How many events it has answered."""
        with urlopen(f"{self.health}/healthz") as answer:
            number: int = json.load(answer)["answered"]
            return number


@contextmanager
def watching(folder: Path) -> Iterator[Watching]:
    """Have a watch at work that is ready for events."""
    with (folder / "watch.log").open("w") as log:
        command = [*_GITGUARD, "watch", "--reconcile", "0", "--health", "127.0.0.1:0"]
        watch = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        yield Watching(watch.pid, health_of(folder / "watch.log"))
    finally:
        watch.send_signal(signal.SIGTERM)
        watch.wait()


def health_of(log: Path) -> str:
    """Wait until the watch that writes to a log is ready, and return where it tells how it is."""
    while not (port := re.search(r"Health: port (\d+)", log.read_text())):
        time.sleep(0.1)
    url = f"http://127.0.0.1:{port[1]}"
    while True:
        with suppress(URLError), urlopen(f"{url}/readyz") as answer:
            if answer.status == HTTPStatus.OK:
                return url
        time.sleep(0.1)


class Merged(NamedTuple):
    """What merges took."""

    stood: list[float]
    """Seconds until the page of each stood."""
    memory: list[int]
    """Bytes that the watch held after each."""


class Merges:
    """Merges of pull requests in the random repositories of an organisation."""

    def __init__(self, folder: Path, dice: random.Random, *, are_in_place: bool) -> None:
        """Find the repositories below the folder that are of GitHub."""
        self.folder = folder
        self._dice = dice
        self._are_in_place = are_in_place
        self._heads: dict[Path, str] = {}
        repositories = sorted((folder / "repositories").glob("*/*.git"))
        self._github = [path for path in repositories if "github.com" in (path / "config").read_text()]

    def _onto(self, repository: Path) -> str:
        """Return what to merge into: the head, or what was the head before the first merge."""
        if not self._are_in_place:
            return "HEAD"
        if repository not in self._heads:
            command = ["git", "rev-parse", "HEAD"]
            self._heads[repository] = subprocess.check_output(command, cwd=repository, text=True).strip()
        return self._heads[repository]

    def make(self, watch: Watching, numbers: Sequence[int]) -> Merged:
        """Merge a pull request, tell the log, and wait until all is answered; again and again."""
        log = open_log(self.folder / ".gitguard" / "events.db")
        merged = Merged([], [])
        for answered, number in enumerate(numbers, 1):
            repository = self._dice.choice(self._github)
            name = f"{repository.parent.name}/{repository.stem}"
            merge(repository, _NUMBERS + number, onto=self._onto(repository))
            about = EventRepository(name=name, urls=(f"https://github.com/{name}",))
            body = str(number).encode()
            page = self.folder / "site" / "pull-request" / name / str(_NUMBERS + number) / "index.html"
            began = time.perf_counter()
            log.append([Event(source="github", name="push", body=body, accepted_at=system_moment(), repository=about)])
            while not page.is_file():
                time.sleep(0.002)
                if time.perf_counter() - began > _LONGEST:
                    raise SystemExit(f"{page} is not there.")
            merged.stood.append(time.perf_counter() - began)
            while watch.answered < answered:
                time.sleep(0.05)
            merged.memory.append(resident(watch.process))
        log.close()
        return merged


def measure(merges: Merges, watch: Watching, numbers: Sequence[int], again: float) -> None:
    """Merge, and print how long it took until what stood."""
    folder, spent = merges.folder, processor_seconds(watch.process)
    merged = merges.make(watch, numbers)
    spent = processor_seconds(watch.process) - spent
    state = Measurements(folder / ".gitguard" / "state.db")
    seconds = [measured.value for measured in state.measurements("freshness")]
    half, most = percentile(merged.stood, 50), percentile(merged.stood, 99)
    print(
        f"{len(numbers)} merges, from event to its page: p50 {half:.2f} s, p99 {most:.2f} s, "
        f"longest {max(merged.stood):.2f} s"
    )
    half, most = percentile(seconds, 50), percentile(seconds, 99)
    print(f"to all pages about it: p50 {half:.2f} s, p99 {most:.2f} s, longest {max(seconds):.2f} s")
    for stage in ("seen", "read", "made"):
        reached = [measured.value for measured in state.measurements(f"freshness.{stage}")]
        print(f"  {stage}: p50 {percentile(reached, 50):.2f} s, p99 {percentile(reached, 99):.2f} s")
    print(f"  {sum(value >= 1 for value in seconds)} of them took a second or longer")
    print(f"p50 is {half / again:.2f} times that build")
    print(f"processor: {spent / len(numbers):.2f} s for each event; load of the machine {os.getloadavg()[1]:.1f}")
    pages = sum(1 for _ in (folder / "site").rglob("index.html"))
    print(f"memory of the watch, at each tenth of the events: {in_tenths(merged.memory)} MiB; {pages:,} pages now")


def in_tenths(sizes: Sequence[int]) -> str:
    """Return how many MiB were held at each tenth of the events."""
    return ", ".join(f"{sizes[number * (len(sizes) - 1) // 10] / 2**20:.0f}" for number in range(11))


def resident(process: int) -> int:
    """Return the bytes of memory that a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def processor_seconds(process: int) -> float:
    """Return the seconds of the processor that a process has taken, the children that have ended among them."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def merge(repository: Path, number: int, *, onto: str = "HEAD") -> None:
    """Merge a pull request into a commit as GitHub does, without a work tree, and make that the head."""

    def git(*arguments: str, stdin: str = "") -> str:
        environment = {**os.environ, **_IDENTITY, **_FORGE}
        return subprocess.run(
            ["git", *arguments],
            cwd=repository,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    head, branch = git("rev-parse", onto), git("symbolic-ref", "HEAD")
    blob = git("hash-object", "-w", "--stdin", stdin=f"{number}\n")
    tree = git("mktree", stdin=git("ls-tree", head) + f"\n100644 blob {blob}\tnote-{number}.txt\n")
    commit = git("commit-tree", tree, "-p", head, stdin="Add a note\n")
    message = f"Merge pull request #{number} from mira/notes\n\nAdd a note {number}\n"
    git("update-ref", branch, git("commit-tree", tree, "-p", head, "-p", commit, stdin=message))


if __name__ == "__main__":
    main()
