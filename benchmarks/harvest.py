"""How much a harvest costs beside the git processes that it must run, and how much a second one costs.

    python -m benchmarks.harvest FOLDER [NAME ...]

FOLDER holds repositories (`FOLDER/NAME`, `FOLDER/NAME/repo` or `FOLDER/NAME.git`); without names all are taken. Each
figure is the best of `--rounds`. The peer is `git log`, with the arguments that the harvest uses, and `git ls-tree`
for the same commits, as bare processes that write to nowhere, as many side by side. Both are measured in turns in
the same run. The harvest is a process of its own, so that its memory is its own. It is measured without what the peer
has nothing for, the counting of lines and the reading of policy files, and then with each.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from mkdocs_gitguard.git.directory import size_of
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.history.log import log_arguments
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.run import harvest

VARIANTS = {
    "harvest": (),
    "harvest with line counts": ("--line-counts",),
    "harvest with line counts and policies": ("--line-counts", "--policies"),
}
MEBIBYTE = 1024.0  # ru_maxrss counts KiB


class Cost(NamedTuple):
    """Seconds by the clock and by the processors (ours and our children's), and our greatest memory in MiB."""

    wall: float
    own: float
    children: float
    memory: float = 0.0
    commits: int = 0

    @property
    def cpu(self) -> float:
        """Of both."""
        return self.own + self.children


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=HarvestOptions().workers)
    parser.add_argument("--small", type=int, default=200, help="repositories made for the measurement of second runs")
    parser.add_argument("--harvest-only", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--policies", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--line-counts", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    folders = sorted(filter(None, map(find, candidates(args.folder, args.names))))
    if args.harvest_only:
        print(json.dumps(measure_harvest(folders, args)))
        return
    if not folders:
        parser.error(f"{args.folder} holds no repositories")
    print(f"{len(folders)} repositories, {args.jobs} side by side, best of {args.rounds}")
    peer: list[Cost] = []
    costs: dict[str, tuple[list[Cost], list[Cost]]] = {what: ([], []) for what in VARIANTS}
    for _ in range(args.rounds):
        peer.append(measure_git(folders, args.jobs))
        for what, (first, again) in costs.items():
            with tempfile.TemporaryDirectory() as state:
                first.append(in_a_process(args, state, what))
                again.append(in_a_process(args, state, what))
    report("git log + ls-tree", best(peer))
    for what, (first, again) in costs.items():
        report(what, best(first))
        print(
            f"  {first[0].commits:,} commits, Python's memory {max(cost.memory for cost in first):.0f} MiB (goal 150)"
        )
        print(f"  wall {best(first).wall / best(peer).wall:.2f} times the peer's, ", end="")
        print(f"CPU {best(first).cpu / best(peer).cpu:.2f} times")
        print(f"  again, nothing moved: {1000 * best(again).wall / len(folders):.2f} ms a repository (goal 5)")
    with tempfile.TemporaryDirectory() as scratch:
        small = measure_small(Path(scratch), args.small, args.jobs)
    print(f"{args.small} small repositories again: {1000 * small / args.small:.2f} ms a repository (goal 5)")


def candidates(folder: Path, names: list[str]) -> list[Path]:
    return [folder / name for name in names] if names else list(folder.iterdir())


def find(folder: Path) -> Path | None:
    for path in (folder, folder / "repo", folder.with_name(f"{folder.name}.git")):
        if (path / "HEAD").is_file() or (path / ".git").exists():
            return path
    return None


def in_a_process(args: argparse.Namespace, state: str, what: str) -> Cost:
    command = [sys.executable, "-m", "benchmarks.harvest", str(args.folder), *args.names, *VARIANTS[what]]
    result = subprocess.run(
        [*command, "--jobs", str(args.jobs), "--harvest-only", state], check=True, capture_output=True
    )
    return Cost(*json.loads(result.stdout))


def measure_harvest(folders: list[Path], args: argparse.Namespace) -> Cost:
    options = HarvestOptions(
        repositories=tuple(map(str, folders)),
        state_dir=args.harvest_only,
        jobs=args.jobs,
        policies=args.policies,
        pull_request_pages=200 if args.line_counts else 0,
    )
    begun = time.perf_counter()
    result = harvest(options)
    wall = time.perf_counter() - begun
    for finding in result.findings:
        print(finding.message, file=sys.stderr)
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return Cost(
        wall,
        own.ru_utime + own.ru_stime,
        children.ru_utime + children.ru_stime,
        own.ru_maxrss / MEBIBYTE,
        sum(facts.history.commits for facts in result.facts),
    )


def measure_git(folders: list[Path], jobs: int) -> Cost:
    opened = [(folder, GitRepository.open(folder).directory) for folder in folders]
    # The largest first, as the harvest does.
    opened.sort(key=lambda one: size_of(one[0]), reverse=True)
    heads = [(folder, directory.head().commit) for folder, directory in opened]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(bare_processes, heads))
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, 0.0, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def bare_processes(repository: tuple[Path, str]) -> None:
    folder, head = repository
    environment = {**os.environ, "GIT_DIR": str(GitRepository.open(folder).git_dir)}
    for command in (log_arguments(head), ("ls-tree", "-rz", "--full-tree", head)):
        subprocess.run(["git", "--no-pager", *command], env=environment, stdout=subprocess.DEVNULL, check=True)


def measure_small(scratch: Path, count: int, jobs: int) -> float:
    """Return the seconds of a second harvest of `count` small repositories."""
    for number in range(count):
        folder = scratch / f"acme+service-{number}"
        subprocess.run(["git", "init", "--quiet", "--bare", str(folder)], check=True)
        history = b"".join(
            b"commit refs/heads/main\ncommitter Mira <mira@example.org> %d +0000\ndata 3\nFix\n"
            b"M 100644 inline README.md\ndata 2\n%d\n" % (1_700_000_000 + commit, commit % 10)
            for commit in range(20)
        )
        subprocess.run(["git", "-C", str(folder), "fast-import", "--quiet"], input=history, check=True)
    options = HarvestOptions(repositories=("*",), folder=scratch, jobs=jobs)
    harvest(options)
    seconds = []
    for _ in range(3):
        begun = time.perf_counter()
        harvest(options)
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def best(costs: list[Cost]) -> Cost:
    return min(costs, key=lambda cost: cost.wall)


def report(what: str, cost: Cost) -> None:
    own = f", of it Python {cost.own:.2f} s" if cost.own else ""
    print(f"{what:24} {cost.wall:6.2f} s wall, {cost.cpu:.2f} s CPU{own}")


if __name__ == "__main__":
    main()
