"""Kills publishes at random moments while a reader polls the site: `python -m benchmarks.publish_kill [KILLS] [FILES]`.

The reader follows the link as a web server does, once for each look, and compares every file of the release that it
finds with the release's manifest. It must never find none, a half one, or a mixed one. Then a publish of many files of
which ten differ is timed, beside `cp --archive` of the same files as the peer.
"""

import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_gitguard.model import Flags
from mkdocs_gitguard.publish.directory import DirectoryTarget
from mkdocs_gitguard.publish.release import MANIFEST, Manifest, damage, decode_manifest, describe_site, make_manifest

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

FORK = multiprocessing.get_context("fork")


def make_site(folder: Path, content: str, files: int, changed: int = 10) -> None:
    """Write a site of which `changed` pages differ with `content`."""
    for number in range(files):
        path = folder / f"part-{number % 100}" / f"page-{number}" / "index.html" if number else folder / "index.html"
        if number < changed or not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"<title>{content if number < changed else number}</title>\n" + "lorem ipsum " * 800)


def manifest_of(site: Path) -> Manifest:
    return make_manifest(describe_site(site), created_at=datetime.now(UTC), phase="canary", flags=Flags())


def poll(link: Path, stop: "Synchronized[int]", report: "multiprocessing.Queue[Counter[str]]") -> None:
    """Look at the site again and again until told to stop."""
    seen: Counter[str] = Counter()
    while not stop.value:
        try:
            root = link.resolve(strict=True)
            found = damage(root, decode_manifest((root / MANIFEST).read_bytes(), label=root.name))
            seen["mixed" if found else "whole"] += 1
        except Exception as error:  # noqa: BLE001 whatever a reader meets is what is counted
            seen[f"missing: {error}"] += 1
    report.put(seen)


def kill_loop(root: Path, kills: int, files: int) -> None:
    site, target = root / "site", DirectoryTarget("public", root=root, keep=3)
    make_site(site, "start", files)
    target.publish(site, manifest_of(site))
    stop, report = FORK.Value("i", 0), FORK.Queue()
    reader = FORK.Process(target=poll, args=(root / "public" / "current", stop, report))
    reader.start()
    began = time.perf_counter()
    make_site(site, "timing", files)
    target.publish(site, manifest_of(site))
    usual = time.perf_counter() - began
    chance, outcomes = random.Random(6), Counter[str]()
    for number in range(kills):
        make_site(site, f"release {number}", files)
        manifest = manifest_of(site)
        before = target.current()
        publisher = FORK.Process(target=target.publish, args=(site, manifest))
        publisher.start()
        time.sleep(chance.uniform(0, usual))
        if publisher.is_alive():
            os.kill(publisher.pid or 0, signal.SIGKILL)
        publisher.join()
        now = target.current()
        is_new = now is not None and before is not None and now.release.id != before.release.id
        was_killed = publisher.exitcode == -signal.SIGKILL
        # So that the moments spread over the whole of a publish, however loaded the machine is just now.
        usual *= 1.15 if was_killed else 0.6
        killed = "killed" if was_killed else "ended by itself"
        outcomes[f"{killed}, readers see the {'new' if is_new else 'old'} release"] += 1
    stop.value = 1
    seen = report.get()
    reader.join()
    target.publish(site, manifest_of(site))
    left = [path.name for path in (root / "public" / "releases").glob(".*")]
    for what, count in sorted(outcomes.items()):
        print(f"{count:5}  {what}")
    print(f"reader: {dict(seen)}; releases kept: {len(target.releases())}")
    print(f"left over after the next publish: {left or 'nothing'}")


def timing(root: Path, files: int) -> None:
    site, target = root / "big", DirectoryTarget("big-public", root=root, keep=3)
    make_site(site, "first", files)
    target.publish(site, manifest_of(site))
    times = []
    for number in range(5):
        make_site(site, f"next {number}", files)
        began = time.perf_counter()
        done = target.publish(site, manifest_of(site))
        times.append(time.perf_counter() - began)
        assert (done.written, done.linked) == (10, files - 10)
    began = time.perf_counter()
    subprocess.run(["cp", "--archive", site, root / "copy"], check=True)
    peer = time.perf_counter() - began
    best = min(times)
    print(f"publish of {files:,} files, 10 of them new: best {best:.2f} s, worst {max(times):.2f} s")
    print(f"cp --archive of the same: {peer:.2f} s; ratio {best / peer:.2f}")


def main() -> None:
    kills, files = (int(text) for text in (*sys.argv[1:], "200", "300")[:2])
    root = Path(tempfile.mkdtemp(prefix="publish-kill-"))
    try:
        kill_loop(root, kills, files)
        timing(root, 10_000)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
