"""Kills publishes at random moments while a reader polls the site: `python -m benchmarks.publish_kill [KILLS] [FILES]`.

The reader follows the link as a web server does, once for each look, and compares every file of the release that it
finds with the release's manifest. It must never find none, a half one, or a mixed one. A look that takes longer than
two publishes may see its release vanish, as a whole, and is counted apart: a server follows the link for each file.
After each kill the same site is published again to the end, and must then hold exactly what its manifest says. Two
releases are kept, so that every publish begins with the spare that the one before left, and leaves one itself.
"""

import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs_gitguard.chaos.made_release import make_site, manifest_of
from mkdocs_gitguard.publish.directory import DirectoryTarget
from mkdocs_gitguard.publish.release import MANIFEST, damage, decode_manifest

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

FORK = multiprocessing.get_context("fork")


def poll(link: Path, stop: "Synchronized[int]", report: "multiprocessing.Queue[Counter[str]]") -> None:
    """Look at the site again and again until told to stop."""
    seen: Counter[str] = Counter()
    while not stop.value:
        try:
            root = link.resolve(strict=True)
            damages = damage(root, decode_manifest((root / MANIFEST).read_bytes(), label=root.name))
            if damages and not root.exists() and all("No such file" in sentence for sentence in damages):
                seen["overtaken by two publishes"] += 1
            else:
                seen["mixed" if damages else "whole"] += 1
        except Exception as error:  # noqa: BLE001 whatever a reader meets is what is counted
            seen[f"missing: {error}"] += 1
    report.put(seen)


def kill_loop(root: Path, kills: int, files: int) -> None:
    site, target = root / "site", DirectoryTarget("public", root=root, keep=2)
    releases = root / "public" / "releases"
    for start in range(3):
        make_site(site, f"start {start}", files)
        target.publish(site, manifest_of(site))
    stop, report = FORK.Value("i", 0), FORK.Queue()
    reader = FORK.Process(target=poll, args=(root / "public" / "current", stop, report))
    reader.start()
    make_site(site, "timing", files)
    manifest = manifest_of(site)
    began = time.perf_counter()
    target.publish(site, manifest)
    usual = time.perf_counter() - began
    chance, outcomes, left = random.Random(6), Counter[str](), Counter[str]()
    number = 0
    while left.total() < kills:
        number += 1
        assert (releases / ".spare").is_dir()
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
        usual *= 1.05 if was_killed else 0.9
        killed = "killed" if was_killed else "ended by itself"
        outcomes[f"{killed}, readers see the {'new' if is_new else 'old'} release"] += 1
        hidden = sorted(path.name.partition("-")[0] for path in releases.glob(".*"))
        if was_killed:
            left[" and ".join(hidden) or "neither spare nor leftover"] += 1
        target.publish(site, manifest)
        check_exact(target, releases)
        if not (releases / ".spare").is_dir():
            # The kill cost the spare, and nothing was dropped since.
            make_site(site, f"after {number}", files)
            target.publish(site, manifest_of(site))
    stop.value = 1
    seen = report.get()
    reader.join()
    for what, count in sorted(outcomes.items()):
        print(f"{count:5}  {what}")
    for what, count in sorted(left.items()):
        print(f"{count:5}  kills left: {what}")
    print(f"reader: {dict(seen)}; releases kept: {len(target.releases())}")


def check_exact(target: DirectoryTarget, releases: Path) -> None:
    """Stop unless every release holds exactly the files of its manifest, and nothing stands beside them but a spare."""
    ids = {release.id for release in target.releases()}
    assert {path.name for path in releases.iterdir()} - {".spare"} == ids
    for folder in (releases / name for name in ids):
        manifest = decode_manifest((folder / MANIFEST).read_bytes(), label=folder.name)
        paths = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
        assert paths == {file.path for file in manifest.files} | {MANIFEST}
        assert damage(folder, manifest) == []


def main() -> None:
    kills, files = (int(text) for text in (*sys.argv[1:], "200", "300")[:2])
    root = Path(tempfile.mkdtemp(prefix="publish-kill-"))
    try:
        kill_loop(root, kills, files)
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
