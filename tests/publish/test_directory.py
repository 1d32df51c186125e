"""The directory target: atomic, durable, shared where unchanged, and whole whatever moment the publisher dies at."""

import fcntl
import os
import random
import resource
import shutil
import signal
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from make.release import make_site, manifest_of, seen

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.publish.directory import DirectoryTarget
from mkdocs_gitguard.publish.release import damage, decode_manifest


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


def whole(target: DirectoryTarget) -> int:
    """Return how many releases there are; fail if a folder holds anything but what its manifest says, or too little."""
    releases = target.folder / "releases"
    assert {path.name for path in releases.iterdir() if path.name.startswith(".")} <= {".spare"}
    ids = [release.id for release in target.releases()]
    assert {path.name for path in releases.iterdir()} - {".spare"} == set(ids)
    current = (target.folder / "current").resolve()
    for folder in map(releases.joinpath, ids):
        manifest = decode_manifest((folder / "release.json").read_bytes(), label=folder.name)
        assert damage(folder, manifest) == []
        files = {file.path for file in manifest.files} | {"release.json"}
        assert tree(folder) == files | {str(parent) for file in files for parent in Path(file).parents}
    for path in tree(releases / ".spare") if (releases / ".spare").exists() else ():
        assert (releases / ".spare" / path).is_dir() or (releases / ".spare" / path).samefile(current / path)
    return len(ids)


def tree(folder: Path) -> set[str]:
    """Return all that a folder holds, itself as `.`, and fail at what is neither file nor folder."""
    paths = [folder, *folder.rglob("*")]
    assert all(stat.S_IFMT(path.lstat().st_mode) in {stat.S_IFREG, stat.S_IFDIR} for path in paths)
    assert len({stat.S_IMODE(path.lstat().st_mode) for path in paths if path.is_dir()}) == 1
    return {str(path.relative_to(folder)) for path in paths}


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
    with pytest.raises(PublishError, match=f"holds no release 'x'. Choose one of {ids[2]}, {ids[1]}, {ids[0]}"):
        target.rollback("x")


def test_the_release_readers_came_from_survives_a_publish_after_a_rollback(target: DirectoryTarget, site: Path) -> None:
    ids = [publish(target, site, name) for name in ("one", "two", "three")]
    target.rollback(ids[0])
    publish(target, site, "four")
    assert [release.id for release in target.releases()][1:] == [ids[2], ids[0]]
    assert seen(target.folder / "current") == "four"
    assert whole(target) == 3


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
    patient = DirectoryTarget("out", root=target.folder.parent, wait=180)
    child = _fork(lambda: _hold(target.folder / ".lock", 0.3))
    assert patient.publish(site, manifest_of(site)).is_new
    os.waitpid(child, 0)
    assert seen(target.folder / "current") == "two"


def test_a_foreign_link_or_folder_is_not_touched(target: DirectoryTarget, site: Path) -> None:
    (target.folder / "current").mkdir(parents=True)
    with pytest.raises(PublishError, match="current is not a link that gitguard made"):
        target.publish(site, manifest_of(site))
    (target.folder / "current").rmdir()
    (target.folder / "current").symlink_to("/etc")
    with pytest.raises(PublishError, match="leads to /etc, which is not a release"):
        target.publish(site, manifest_of(site))
    assert not target.releases()


def test_a_target_within_the_site_or_in_the_place_of_a_file(tmp_path: Path, site: Path) -> None:
    """Published into the site, releases would be part of the next one, and gone with the next build."""
    for argument in ("site", "site/public"):
        with pytest.raises(PublishError, match=r"lies in the site that is published, .*Name a folder outside of it"):
            DirectoryTarget(argument, root=tmp_path).publish(site, manifest_of(site))
    assert not (site / "releases").exists()
    (tmp_path / "file").touch()
    with pytest.raises(PublishError, match=r"File exists \(.*Move the file away that is in its place"):
        DirectoryTarget("file", root=tmp_path).publish(site, manifest_of(site))


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
    assert whole(target) == 1, "what was begun is gone at once, the disk is needed"
    assert target.publish(site, manifest).is_new
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        target.rollback()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert seen(target.folder / "current") == "one"


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


def test_a_release_begins_as_the_one_that_was_dropped(tmp_path: Path, site: Path) -> None:
    target = DirectoryTarget("out", root=tmp_path, keep=2)
    for name in ("one", "two", "three"):
        publish(target, site, name)
    spare = target.folder / "releases/.spare"
    assert tree(spare) == {".", *(f"page-{number}{end}" for number in range(3) for end in ("", "/index.html"))}
    folder = (spare / "page-1").stat().st_ino
    make_site(site, "four")
    done = target.publish(site, manifest_of(site))
    assert (done.written, done.linked) == (1, 3)
    assert (target.folder / "current/page-1").stat().st_ino == folder
    assert (target.folder / "current/page-1/index.html").stat().st_nlink == 3
    assert whole(target) == 2


def _foreign(spare: Path, _: Path) -> None:
    (spare / ".htaccess").write_text("Options +Indexes")
    (spare / "page-1/more/deep").mkdir(parents=True)
    (spare / "page-1/more/deep/.hidden").write_text("foreign")
    (spare / os.fsdecode(b"\xff.html")).write_text("no text")
    (spare / "release.json").write_text("{}")
    os.mkfifo(spare / "page-1/pipe")


def _altered(spare: Path, _: Path) -> None:
    file = spare / "page-1/index.html"
    size = file.stat().st_size
    file.unlink()
    file.write_text("x" * size)


def _exchanged(spare: Path, current: Path) -> None:
    (spare / "page-1/index.html").unlink()
    (spare / "page-1/index.html").hardlink_to(current / "page-2/index.html")


def _missing(spare: Path, _: Path) -> None:
    shutil.rmtree(spare / "page-0")
    (spare / "page-1/index.html").unlink()


def _links(spare: Path, current: Path) -> None:
    (spare / "page-1/index.html").unlink()
    (spare / "page-1/index.html").symlink_to(current / "page-1/index.html")
    shutil.rmtree(spare / "page-2")
    (spare / "page-2").symlink_to(current / "page-2")
    (spare / "index.html").symlink_to("/etc/passwd")


def _other_kinds(spare: Path, _: Path) -> None:
    (spare / "page-1/index.html").unlink()
    (spare / "page-1/index.html").mkdir()
    shutil.rmtree(spare / "page-2")
    (spare / "page-2").write_text("a file where a folder belongs")


def _open_to_all(spare: Path, _: Path) -> None:
    (spare / "page-1").chmod(0o777)


def _open_itself(spare: Path, _: Path) -> None:
    spare.chmod(0o777)


def _no_folder(spare: Path, _: Path) -> None:
    shutil.rmtree(spare)
    spare.write_text("a file")


def _link_itself(spare: Path, current: Path) -> None:
    shutil.rmtree(spare)
    spare.symlink_to(current)


def _old_layout(spare: Path, current: Path) -> None:
    spare.rename(spare.with_name(".dropping-20260101T000000Z-0a1b2c3d4e5f"))
    shutil.copytree(current, spare.with_name(".making-20260101T000000Z-0a1b2c3d4e5f"))


@pytest.mark.parametrize(
    "plant",
    [
        _foreign, _altered, _exchanged, _missing, _links, _other_kinds, _open_to_all, _open_itself, _no_folder,
        _link_itself, _old_layout,
    ],
)  # fmt: skip
def test_whatever_stands_in_the_spare_a_release_is_what_its_manifest_says(
    tmp_path: Path, site: Path, plant: Callable[[Path, Path], None]
) -> None:
    target = DirectoryTarget("out", root=tmp_path, keep=2)
    for name in ("one", "two", "three"):
        publish(target, site, name)
    plant(target.folder / "releases/.spare", (target.folder / "current").resolve())
    publish(target, site, "four")
    assert seen(target.folder / "current") == "four"
    assert whole(target) == 2
    publish(target, site, "five")
    assert whole(target) == 2
    target.rollback()
    assert seen(target.folder / "current") == "four"


def test_the_spare_is_no_use_without_a_current_release(tmp_path: Path, site: Path) -> None:
    target = DirectoryTarget("out", root=tmp_path, keep=2)
    for name in ("one", "two", "three"):
        publish(target, site, name)
    (target.folder / "current").unlink()
    publish(target, site, "four")
    assert seen(target.folder / "current") == "four"
    assert whole(target) == 2


def test_nothing_of_a_repository_that_is_left_out_outlives_its_releases(tmp_path: Path, site: Path) -> None:
    target = DirectoryTarget("out", root=tmp_path, keep=2)
    for name in ("zero", "one"):
        publish(target, site, name)
    secret = site / "acme" / "canary.html"
    secret.parent.mkdir()
    for name in ("two", "three"):
        secret.write_text("canary")
        publish(target, site, name)
    shutil.rmtree(secret.parent)
    publish(target, site, "four")
    publish(target, site, "five")
    left = [path for path in target.folder.rglob("*") if path.is_file() and b"canary.html" in path.read_bytes()]
    assert left == []
    assert not list(target.folder.rglob("canary*"))
    assert whole(target) == 2


def test_a_release_that_nobody_saw_is_not_gone_back_to(tmp_path: Path, target: DirectoryTarget, site: Path) -> None:
    """A publish that dies before its switch leaves one, of the same content as the one after it."""
    first = publish(target, site, "one")
    link = target.folder / "current"
    publish(target, site, "two")
    link.unlink()
    link.symlink_to(f"releases/{first}")
    publish(DirectoryTarget("out", root=tmp_path, keep=2), site, "two")
    assert target.rollback().id == first
    assert seen(link) == "one"


def test_an_old_release_that_cannot_be_dropped_is_told_after_the_switch() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o777)

        def attempt() -> None:
            if os.geteuid() == 0:  # root may remove anything: be nobody
                os.setuid(65534)
            site = root / "site"
            target = DirectoryTarget("out", root=root, keep=2)
            first = publish(target, site, "one")
            publish(target, site, "two")
            stuck = target.folder / "releases" / first / "page-0"
            (stuck / "index.html").unlink()
            (stuck / "index.html").write_text("other")
            stuck.chmod(0o555)
            make_site(site, "three")
            done = target.publish(site, manifest_of(site))
            assert "An old release could not be dropped: The directory out cannot be written" in done.warning
            assert seen(target.folder / "current") == "three"
            make_site(site, "four")
            with pytest.raises(PublishError, match=r"Permission denied \(.*Give this user the right to write there"):
                target.publish(site, manifest_of(site))
            target.rollback()
            assert seen(target.folder / "current") == "two"
            (next((target.folder / "releases").glob(".dropping-*")) / "page-0").chmod(0o755)
            assert not target.publish(site, manifest_of(site)).warning
            assert whole(target) == 2

        assert os.waitpid(_fork(attempt), 0)[1] == 0


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


@pytest.mark.slow
@pytest.mark.parametrize("before", [("zero", "one"), ("zero", "one", "two")], ids=["no spare", "with a spare"])
def test_kill_at_every_step_of_a_publish(
    tmp_path: Path, target: DirectoryTarget, site: Path, before: tuple[str, ...]
) -> None:
    """And of the clearing up after the kill before: each next publish finds what the last one left."""
    target = DirectoryTarget("out", root=tmp_path, keep=2, wait=0)
    for name in before:
        publish(target, site, name)
    assert (target.folder / "releases/.spare").exists() == (len(before) > 2)
    make_site(site, "next", pages=5)
    shutil.rmtree(site / "page-0")
    manifest = manifest_of(site)
    saved = tmp_path / "saved"
    _copy(target.folder, saved)
    titles = []
    for again in _steps(lambda: target.publish(site, manifest), tmp_path):
        titles.append(seen(target.folder / "current"))
        again()
        assert seen(target.folder / "current") == "next"
        assert whole(target) == 2
        target.rollback()
        assert seen(target.folder / "current") == before[-1]
        shutil.rmtree(target.folder)
        _copy(saved, target.folder)
    assert set(titles) == {before[-1], "next"}
    assert sorted(titles, key=[before[-1], "next"].index) == titles
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


def _copy(folder: Path, to: Path) -> None:
    """Copy a target with its hard links, which make it what it is."""
    inodes: dict[int, str] = {}

    def copy(source: str, copied: str) -> None:
        inode = os.lstat(source).st_ino
        if inode in inodes:
            os.link(inodes[inode], copied)
        else:
            shutil.copy2(source, copied)
            inodes[inode] = copied

    shutil.copytree(folder, to, symlinks=True, copy_function=copy)


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


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", "one")
    (tmp_path / "diary.txt").write_text("dear diary")
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / ".lock").symlink_to("../diary.txt")
    with pytest.raises(PublishError, match="cannot be written"):
        DirectoryTarget("public", root=tmp_path).publish(site, manifest_of(site))
    assert (tmp_path / "diary.txt").read_text() == "dear diary"
