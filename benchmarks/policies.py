"""How long policies take to index from git objects, beside peers, in one run.

    python -m benchmarks.policies [--rounds N] GIT_DIRECTORY...

Each is a (bare) git directory; its head commit is read. Three things are timed:

(Each is the best of the rounds, but for the peers, which take too long for more than one. `CPU` leaves out git.)

- Rego: every `.rego` file of all repositories, from the tree to linked policies. The peer is `regopy` (rego-cpp), the
  only engine on PyPI that the tests use, which only has to parse the same texts from memory.
- YAML: every `.yaml` and `.yml` file, from the tree to linked policies. The peer is PyYAML's C loader
  (`yaml.load_all`), which only has to load the same bytes from memory.
- A second scan, in which nothing moved: the tree is listed, no blob is read.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import yaml
from regopy import Interpreter, RegoError

from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.git.tree import TreeEntry
from mkdocs_gitguard.harvest.contents.policy_files import read_policy_files
from mkdocs_gitguard.policies import LARGEST, FileScan, PolicyScan, link

Result = TypeVar("Result")


class Opened(NamedTuple):
    """A repository at its head."""

    repository: GitRepository
    node: str
    head: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repositories", nargs="+", type=Path, metavar="GIT_DIRECTORY")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    opened = [open_repository(path, number) for number, path in enumerate(options.repositories)]
    for title, endings, peer_title, peer in (
        ("Rego", (".rego",), "regopy, parsing only", parse_rego),
        ("YAML", (".yaml", ".yml"), "yaml.load_all(CSafeLoader), loading only", load_yaml),
    ):
        data = [blob for one in opened for blob in read_blobs(one, endings)]
        if not data:
            continue
        ours, used, scans = best(lambda endings=endings: [index(one, endings) for one in opened], options.rounds)
        theirs, _, done = best(lambda peer=peer, data=data: peer(data), 1)
        again, _, _ = best(
            lambda endings=endings, scans=scans: [
                index(one, endings, files) for one, (files, _) in zip(opened, scans, strict=True)
            ],
            options.rounds,
        )
        policies = sum(len(scan.policies) for _, scan in scans)
        rules = sum(len(scan.rules) for _, scan in scans)
        print(
            f"{title}: {len(data):,} files, {sum(map(len, data)) / 1e6:.1f} MB, {policies:,} policies, {rules:,} rules"
        )
        print(f"  indexed from git objects     {ours:8.2f} s ({used:.2f} s CPU)")
        print(f"  again, nothing moved         {again:8.2f} s")
        print(f"  {peer_title}: {theirs:.2f} s for {done:,} files: {theirs / ours:.1f} times as long")


def open_repository(path: Path, number: int) -> Opened:
    repository = GitRepository.open(path, label=str(path))
    head = repository.resolve("HEAD") or sys.exit(f"{path} has no commit")
    return Opened(repository, f"repository:benchmark/{number}", head)


def entries(one: Opened, endings: tuple[str, ...]) -> list[TreeEntry]:
    return [entry for entry in one.repository.tree(one.head) if entry.path.endswith(endings)]


def read_blobs(one: Opened, endings: tuple[str, ...]) -> list[bytes]:
    ids = [entry.id for entry in entries(one, endings) if entry.mode.startswith("100")]
    return [blob.data for blob in one.repository.blobs(ids, limit=LARGEST) if blob.data is not None]


def index(
    one: Opened, endings: tuple[str, ...], previous: tuple[FileScan, ...] = ()
) -> tuple[tuple[FileScan, ...], PolicyScan]:
    files = read_policy_files(one.repository, entries(one, endings), previous)
    return files, link(files, one.node, one.head)


def parse_rego(texts: list[bytes]) -> int:
    done = 0
    for text in texts:
        try:
            Interpreter().add_module("benchmark", text.decode("utf-8", "replace"))
            done += 1
        except RegoError:
            continue
    return done


def load_yaml(texts: list[bytes]) -> int:
    done = 0
    for text in texts:
        try:
            for _ in yaml.load_all(text, Loader=yaml.CSafeLoader):
                pass
            done += 1
        except yaml.YAMLError:
            continue
    return done


def best(work: Callable[[], Result], rounds: int) -> tuple[float, float, Result]:
    """Return the least seconds by the clock and by the processor, and what the last round gave."""
    times: list[tuple[float, float]] = []
    for _ in range(rounds):
        start, used = time.perf_counter(), time.process_time()
        result = work()
        times.append((time.perf_counter() - start, time.process_time() - used))
    return min(wall for wall, _ in times), min(cpu for _, cpu in times), result


if __name__ == "__main__":
    main()
