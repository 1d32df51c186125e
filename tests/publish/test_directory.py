"""The directory target: atomic, durable, shared where unchanged, and whole whatever moment the publisher dies at."""

import fcntl
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from publish.sites import make_site, manifest_of, seen

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.publish.directory import DirectoryTarget


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: `syncfs` waits there for nobody else's writes."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_site(tmp_path / "site", "one")


@pytest.fixture
def target(tmp_path: Path) -> DirectoryTarget:
    return DirectoryTarget("out", root=tmp_path, keep=3, wait=0.2)


def publish(target: DirectoryTarget, site: Path, content: str) -> str:
    make_site(site, content)
    return target.publish(site, manifest_of(site)).release.id


def test_a_release_is_published_and_told(target: DirectoryTarget, site: Path) -> None:
    done = target.publish(site, manifest_of(site, commit="c0ffee", snapshot="5eed"))
    assert (done.is_new, done.written, done.linked) == (True, 4, 0)
    assert seen(target.folder / "current") == "one"
    current = target.current()
    assert current is not None
    assert current.release == done.release
    assert (current.release.commit, current.release.snapshot, current.release.phase) == ("c0ffee", "5eed", "canary")
    assert current.release.flags.publish
    assert done.release.id.startswith("20260210T120000Z-")


def test_unchanged_files_are_shared_and_the_site_is_not(target: DirectoryTarget, site: Path) -> None:
    first = target.folder / "releases" / publish(target, site, "one")
    make_site(site, "two")
    done = target.publish(site, manifest_of(site))
    second = target.folder / "releases" / done.release.id
    assert (done.written, done.linked) == (1, 3)
    assert (first / "page-0/index.html").stat().st_ino == (second / "page-0/index.html").stat().st_ino
    assert (site / "page-0/index.html").stat().st_ino != (second / "page-0/index.html").stat().st_ino
    (site / "page-0/index.html").write_text("built again in place")
    assert seen(target.folder / "current") == "two"


def test_the_same_content_is_no_new_release(target: DirectoryTarget, site: Path) -> None:
    first = publish(target, site, "one")
    done = target.publish(site, manifest_of(site))
    assert (done.is_new, done.release.id) == (False, first)
    assert len(target.releases()) == 1


def test_releases_are_ordered_kept_and_dropped(target: DirectoryTarget, site: Path) -> None:
    ids = [publish(target, site, str(number)) for number in range(5)]
    assert ids == sorted(ids)
    assert [release.id for release in target.releases()] == ids[:1:-1]


def test_rollback_goes_back_one_by_one_and_then_forward(target: DirectoryTarget, site: Path) -> None:
    ids = [publish(target, site, name) for name in ("one", "two", "three")]
    assert target.rollback().id == ids[1]
    assert seen(target.folder / "current") == "two"
    assert target.rollback().id == ids[0]
    with pytest.raises(PublishError, match="no earlier release"):
        target.rollback()
    assert target.rollback(ids[2]).id == ids[2]
    assert seen(target.folder / "current") == "three"
    with pytest.raises(PublishError, match=f"holds no release 'x'. It holds {ids[2]}, {ids[1]}, {ids[0]}"):
        target.rollback("x")


def test_the_release_readers_came_from_survives_a_publish_after_a_rollback(target: DirectoryTarget, site: Path) -> None:
    ids = [publish(target, site, name) for name in ("one", "two", "three")]
    target.rollback(ids[0])
    publish(target, site, "four")
    assert ids[0] not in {release.id for release in target.releases()}
    assert seen(target.folder / "current") == "four"
    assert len(target.releases()) == 3


def test_going_forward_again_after_a_rollback_copies_nothing(target: DirectoryTarget, site: Path) -> None:
    for name in ("one", "two"):
        publish(target, site, name)
    target.rollback()
    done = target.publish(site, manifest_of(site))
    assert (done.is_new, done.written, done.linked) == (True, 0, 4)
    assert seen(target.folder / "current") == "two"


def test_a_damaged_release_is_not_rolled_back_to(target: DirectoryTarget, site: Path) -> None:
    first = publish(target, site, "one")
    publish(target, site, "two")
    (target.folder / "releases" / first / "index.html").write_text("tampered")
    with pytest.raises(PublishError, match=r"is damaged, and was not switched to: index\.html has other content"):
        target.rollback()
    assert seen(target.folder / "current") == "two"


def test_two_publishers_at_once(target: DirectoryTarget, site: Path) -> None:
    publish(target, site, "one")
    with (target.folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_site(site, "two")
        with pytest.raises(
            PublishError, match=r"Another publisher \(process \d+ on .*\) is at work .* for 0.2 seconds"
        ):
            target.publish(site, manifest_of(site))
    assert seen(target.folder / "current") == "one"
    patient = DirectoryTarget("out", root=target.folder.parent, wait=10)
    child = _fork(lambda: _hold(target.folder / ".lock", 0.3))
    assert patient.publish(site, manifest_of(site)).is_new
    os.waitpid(child, 0)
    assert seen(target.folder / "current") == "two"


def test_a_foreign_link_or_folder_is_not_touched(target: DirectoryTarget, site: Path) -> None:
    (target.folder / "current").mkdir(parents=True)
    with pytest.raises(PublishError, match="current is no link of ours"):
        target.publish(site, manifest_of(site))
    (target.folder / "current").rmdir()
    (target.folder / "current").symlink_to("/etc")
    with pytest.raises(PublishError, match="leads to /etc, which is no release"):
        target.publish(site, manifest_of(site))
    assert not target.releases()


def test_a_full_target(target: DirectoryTarget, site: Path) -> None:
    """The limit on file sizes stands for a disk that takes no more: the kernel refuses a write in the middle."""
    publish(target, site, "one")
    make_site(site, "two")
    (site / "large.bin").write_bytes(b"x" * 100_000)
    manifest = manifest_of(site)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(PublishError, match=r"The directory out cannot be written: .* Readers still see"):
            target.publish(site, manifest)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert seen(target.folder / "current") == "one"
    assert target.publish(site, manifest).is_new
    assert not list((target.folder / "releases").glob(".*"))


def test_a_target_that_we_may_not_write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        site = make_site(root / "site", "one")
        manifest = manifest_of(site)
        (root / "out").mkdir(mode=0o555)

        def attempt() -> None:
            if os.geteuid() == 0:  # root may write anywhere: be nobody
                os.setuid(65534)
            with pytest.raises(PublishError, match=r"cannot be written: Permission denied .*Give this user the right"):
                DirectoryTarget("out", root=root).publish(site, manifest)

        assert os.waitpid(_fork(attempt), 0)[1] == 0


def test_a_site_that_changes_meanwhile_is_not_published(target: DirectoryTarget, site: Path) -> None:
    publish(target, site, "one")
    make_site(site, "two")
    manifest = manifest_of(site)
    make_site(site, "six")
    with pytest.raises(PublishError, match=r"index\.html changed while it was published"):
        target.publish(site, manifest)
    assert seen(target.folder / "current") == "one"


def _steps(action: Callable[[], object], tmp_path: Path) -> Iterator[Callable[[], object]]:
    """Yield `action` to be run so often as it takes steps on disk, each time killed by itself one step later.

    A step is what Python's audit events show: an open, rename, link, mkdir, rmdir, remove or listing.
    """
    marker = tmp_path / "ended"
    step = 0
    while not marker.exists():

        def attempt(limit: int = step) -> None:
            count = 0

            def die(event: str, _: object) -> None:
                nonlocal count
                # Killing is an event of its own, which must not ask again.
                if event == "open" or (event.startswith(("os.", "shutil.")) and event != "os.kill"):
                    count += 1
                    if count > limit:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(die)
            action()
            limit = sys.maxsize
            marker.touch()

        status = os.waitpid(_fork(attempt), 0)[1]
        assert os.WIFSIGNALED(status) != marker.exists()
        yield action
        step += 1


def test_kill_at_every_step_of_a_publish(tmp_path: Path, target: DirectoryTarget, site: Path) -> None:
    """And of the clearing up after the kill before: each next publish finds what the last one left."""
    for name in ("zero", "one"):
        publish(target, site, name)
    target_two = DirectoryTarget("out", root=tmp_path, keep=2, wait=0)
    make_site(site, "two")
    manifest = manifest_of(site)
    saved = tmp_path / "saved"
    shutil.copytree(target.folder, saved, symlinks=True)
    titles = []
    for again in _steps(lambda: target_two.publish(site, manifest), tmp_path):
        titles.append(seen(target.folder / "current"))
        again()
        assert seen(target.folder / "current") == "two"
        assert not list((target.folder / "releases").glob(".*"))
        shutil.rmtree(target.folder)
        shutil.copytree(saved, target.folder, symlinks=True)
    assert set(titles) == {"one", "two"}
    assert titles == sorted(titles)
    assert len(titles) > 40


def test_kill_at_every_step_of_a_rollback(tmp_path: Path, target: DirectoryTarget, site: Path) -> None:
    first = publish(target, site, "one")
    second = publish(target, site, "two")
    titles = []
    for again in _steps(lambda: target.rollback(first), tmp_path):
        titles.append(seen(target.folder / "current"))
        again()
        assert seen(target.folder / "current") == "one"
        target.rollback(second)
    assert titles[0] == "two"
    assert titles[-1] == "one"
    assert len(titles) > 10


def test_a_reader_at_random_kills_sees_whole_releases_only(tmp_path: Path, target: DirectoryTarget, site: Path) -> None:
    """The short form of benchmarks/publish_kill.py, which does it 200 times."""
    publish(target, site, "start")
    chance = random.Random(6)
    for number in range(15):
        make_site(site, f"release {number}")
        manifest = manifest_of(site)
        child = _fork(lambda manifest=manifest: target.publish(site, manifest))
        killed_at = time.monotonic() + chance.uniform(0.0, 0.03)
        while time.monotonic() < killed_at:
            assert seen(target.folder / "current").startswith(("release", "start"))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        assert seen(target.folder / "current") in {f"release {number}", f"release {number - 1}", "start"}
        target.publish(site, manifest)
        assert seen(target.folder / "current") == f"release {number}"


def _hold(lock: Path, seconds: float) -> None:
    with lock.open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        time.sleep(seconds)


def _fork(action: Callable[[], object]) -> int:
    """Run `action` in a child process that shares nothing but the disk; exit status 1 if it raises."""
    child = os.fork()
    if child:
        return child
    try:
        action()
    except BaseException:  # noqa: BLE001 the child must end here, whatever it met
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)
