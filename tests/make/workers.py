"""A site of real repositories, harvested by one process and by workers on a real nats-server."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from make.exported import tree
from make.git import Scratch
from make.servers import PATIENCE

from mkdocs_gitguard.harvest.elsewhere import Elsewhere
from mkdocs_gitguard.harvest.hourly_limit import Allowance
from mkdocs_gitguard.harvest.look import Looker
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.progress import ReadOutcome
from mkdocs_gitguard.harvest.run import HarvestResult, harvest
from mkdocs_gitguard.harvest.sources import RepositorySource, expand
from mkdocs_gitguard.workers.jetstream.coordinator import Coordinator
from mkdocs_gitguard.workers.jetstream.worker import Worker
from mkdocs_gitguard.workers.reading import JobReader


class Outcomes:
    """Remembers how each repository was read."""

    def __init__(self) -> None:
        self.by_name: dict[str, ReadOutcome] = {}
        self.started: list[str] = []
        """Those that this process itself was at work on."""

    def begin(self, total: int) -> None:
        self.total = total

    def start(self, source: RepositorySource) -> None:
        self.started.append(source.name)

    def finish(self, source: RepositorySource, outcome: ReadOutcome) -> None:
        assert source.name not in self.by_name, "it is done once"
        self.by_name[source.name] = outcome

    def end(self) -> None:
        pass


class Portal:
    """Some repositories with policies and pull requests, and a stream of their own on a server."""

    def __init__(self, folder: Path, url: str, *, names: tuple[str, ...] = ("api", "billing", "ledger")) -> None:
        self.folder = folder
        self.url = url
        self.stream = f"site-{folder.name}"[-60:]
        self.warnings: list[str] = []
        self.lines: list[str] = []
        self._readers: list[JobReader] = []
        self.repositories = {name: Scratch(folder / "repositories" / name) for name in names}
        for name, scratch in self.repositories.items():
            scratch.git("remote", "add", "origin", f"https://github.com/acme/{name}.git")
            scratch.write("Begin", {"README.md": f"# {name}\n", "CODEOWNERS": "* @mira\n"})
            scratch.write("Fix rounding (#7)", {"policy.rego": "package repo\n\ndeny contains 1 if input.x\n"})

    def options(self, state: str, **options: object) -> HarvestOptions:
        return HarvestOptions(
            repositories=("repositories/*",),
            folder=self.folder,
            state_dir=self.folder / state,
            **options,  # type: ignore[arg-type]
        )

    def coordinator(self, most_at_once: int = 4) -> Coordinator:
        return Coordinator(self.url, self.stream, most_at_once, self.warnings.append)

    def harvest(
        self,
        state: str,
        elsewhere: Elsewhere | None = None,
        outcomes: Outcomes | None = None,
        allowance: Allowance | None = None,
        **options: object,
    ) -> HarvestResult:
        return harvest(
            self.options(state, **options), elsewhere=elsewhere, progress=outcomes or Outcomes(), allowance=allowance
        )

    def looker(self, **options: object) -> Looker:
        return Looker(self.options("unused", **options))

    def reader(self, state: str, **options: object) -> JobReader:
        given = self.options(state, **options)
        self._readers.append(JobReader(given, {source.id: source for source in expand(given).sources}))
        return self._readers[-1]

    def close(self) -> None:
        """Close what workers hold open."""
        for reader in self._readers:
            reader.close()

    @contextmanager
    def worker(self, state: str, reader: JobReader | None = None, **options: object) -> Iterator[None]:
        """Have a worker at work in a thread."""
        is_over = threading.Event()
        worker = Worker(
            self.url,
            self.stream,
            reader or self.reader(state, **options),
            must_stop=is_over.is_set,
            tell=self.lines.append,
            most_at_once=4,
        )
        thread = threading.Thread(target=worker.run, name=state)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join(PATIENCE)
            assert not thread.is_alive()


def same(one: HarvestResult, other: HarvestResult) -> bool:
    """Whether two harvests give the same bytes."""
    encode = msgspec.msgpack.encode
    return (encode(one.facts), encode(one.findings), one.digests) == (
        encode(other.facts),
        encode(other.findings),
        other.digests,
    )


def pages_in(folder: Path) -> dict[str, bytes]:
    """Return the files of a built site, without what tells of how long something took."""
    measured = ("rollout/", "status/", "metrics/", "dashboards/", "api/v1/manifest.json", "api/v1/service-levels.json")
    return {path: data for path, data in tree(folder).items() if not path.startswith(measured)}


def await_that(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
