"""A publish of many files of which ten differ: `python -m benchmarks.publish [FILES]`.

Three things are measured, each as processor time (user and system, children too) and wall time:

- the directory target with the digests of the site: the first publish, one that drops nothing yet, and the steady
  state, where each publish drops an old release;
- its peer on the same files in the same run: `cp --archive --link` of the release before, the ten files replaced, a
  manifest by `sha256sum`, `sync --file-system`, the link switched by `mv`, and `rm --recursive` of the oldest release;
- `gitguard publish` as a user runs it, on a portal of as many files with real pages: process start, digests, links,
  secrets, the target, and every file read back.

Wall time waits for the disk, which other processes use as well, so the median of several is told, and the worst.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.made_up import snapshot_with
from benchmarks.pages import build, write_portal
from benchmarks.publish_kill import make_site, manifest_of
from mkdocs_gitguard.publish.directory import DirectoryTarget

KEEP = 5
CHANGED = 10
STEADY = 8
"""Publishes that each drop a release."""


class Cost(NamedTuple):
    """Seconds."""

    processor: float
    wall: float


def measured(action: Callable[[], object]) -> Cost:
    def spent() -> float:
        kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        return sum(usage.ru_utime + usage.ru_stime for usage in map(resource.getrusage, kinds))

    before, began = spent(), time.perf_counter()
    action()
    wall = time.perf_counter() - began
    return Cost(spent() - before, wall)


def printed(what: str, costs: Sequence[Cost]) -> Cost:
    """Print the median and the worst, and return the median."""
    processor, wall = (statistics.median(column) for column in zip(*costs, strict=True))
    worst = max(cost.wall for cost in costs)
    print(f"{what:58} {processor:6.2f} s processor {wall:6.2f} s wall (worst of {len(costs)}: {worst:.2f} s)")
    return Cost(processor, wall)


def ours(root: Path, files: int) -> tuple[Cost, Cost]:
    """Return the costs of a first publish and of one in the steady state."""
    site, target = root / "site", DirectoryTarget("public", root=root, keep=KEEP)
    costs = []

    def publish() -> None:
        # The digests count: the peer's sha256sum does.
        target.publish(site, manifest_of(site))

    for number in range(KEEP + 1 + STEADY):
        make_site(site, f"ours {number}", files, CHANGED)
        costs.append(measured(publish))
    current = target.current()
    assert current is not None
    assert target.damage(current) == []
    assert len(target.releases()) == KEEP
    first = printed("digests and directory target, first", costs[:1])
    printed("digests and directory target, no release to drop", costs[1:KEEP])
    printed("digests and directory target, the first release dropped", costs[KEEP : KEEP + 1])
    return first, printed("digests and directory target, a release dropped each time", costs[KEEP + 1 :])


def peer(root: Path, files: int) -> tuple[Cost, Cost]:
    """Return the same of what one would write in a shell script."""
    site, releases = root / "site", root / "peer"
    changed = [path.relative_to(site) for path in site.rglob("index.html") if is_changed(path)]
    assert len(changed) == CHANGED
    releases.mkdir()

    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, cwd=releases, stdout=subprocess.DEVNULL)

    def publish(number: int) -> None:
        folder = releases / str(number)
        if number:
            run("cp", "--archive", "--link", str(number - 1), str(number))
            for path in changed:
                (folder / path).unlink()
                shutil.copyfile(site / path, folder / path)
            (folder / "SHA256SUMS").unlink()
        else:
            run("cp", "--archive", site, "0")
        run(
            "sh", "-c", f"cd {number} && find . -type f -print0 | xargs -0 sha256sum > ../sums && mv ../sums SHA256SUMS"
        )
        run("sync", "--file-system", str(number))
        run("ln", "--symbolic", "--force", "--no-dereference", str(number), "next")
        run("mv", "--no-target-directory", "next", "current")
        if number >= KEEP:
            run("rm", "--recursive", str(number - KEEP))

    costs = []
    for number in range(KEEP + STEADY):
        make_site(site, f"peer {number}", files, CHANGED)
        costs.append(measured(partial(publish, number)))
    first = printed("cp, sha256sum, sync, mv, first", costs[:1])
    return first, printed("cp --link, sha256sum, sync, mv, rm --recursive", costs[KEEP:])


def is_changed(page: Path) -> bool:
    return page.parent.name == "site" or int(page.parent.name.rpartition("-")[2]) < CHANGED


def command(root: Path, files: int) -> None:
    """Measure `gitguard publish` on a portal of a real build; the site around it is one of a single repository."""
    site = root / "command"
    repository = root / "repository"
    for arguments in (
        ("init", "-q", "-b", "main", repository),
        ("-C", repository, "commit", "-q", "--allow-empty", "-m", "x"),
    ):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x", *arguments], check=True)
    (site / "docs").mkdir(parents=True)
    (site / "mkdocs.yml").write_text(
        "site_name: x\nplugins: [{gitguard: {repositories: ['../repository'], phase: production}}]\n"
    )
    environment = {**os.environ, "CODEX_PUBLISH_TARGET": "directory:public", "CODEX_RELEASES_KEPT": str(KEEP)}

    def gitguard(name: str) -> None:
        program = Path(sys.executable).with_name("gitguard")
        subprocess.run([program, name], cwd=site, env=environment, check=True, capture_output=True)

    gitguard("build")
    portal = write_portal(root / "portal", snapshot_with(files))
    build(portal)
    shutil.rmtree(site / "site")
    (portal / "site").rename(site / "site")
    pages = sorted((site / "site" / "pull-request").rglob("index.html"))[:CHANGED]
    total = sum(path.is_file() for path in (site / "site").rglob("*"))
    costs = []
    for number in range(KEEP + STEADY):
        for page in pages:
            page.write_text(f"{page.read_text()}<!-- {number} -->")
        costs.append(measured(partial(gitguard, "publish")))
    print(f"a portal of {total:,} files, {sum(p.stat().st_size for p in (site / 'site').rglob('*')) / 1e6:,.0f} MB")
    printed("gitguard publish, first: every file scanned for secrets", costs[:1])
    printed("gitguard publish, a release dropped each time", costs[KEEP + 1 :])


def main() -> None:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    root = Path(tempfile.mkdtemp(prefix="publish-"))
    try:
        print(f"{files:,} files, {CHANGED} of them new each time, {KEEP} releases kept")
        (our_first, our_next), (peer_first, peer_next) = ours(root, files), peer(root, files)
        for what, our, their in (("first", our_first, peer_first), ("each next", our_next, peer_next)):
            processor, wall = our.processor / their.processor, our.wall / their.wall
            print(f"ours / peer, {what}: processor {processor:.2f}, wall {wall:.2f}")
        command(root, files)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
