"""The artifact is the tar that actions/upload-pages-artifact makes, and always the same bytes."""

import fcntl
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from subprocess import PIPE

import pytest
from make.archives import unpack
from make.release import make_site, manifest_of, seen

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.publish import artifact
from mkdocs_gitguard.publish.artifact import ArtifactTarget

TESTS = Path(__file__).parents[1]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = make_site(tmp_path / "site", "one")
    (site / ".hidden").write_text("yes")
    (site / "a" / ".github" / "b").mkdir(parents=True)
    (site / "a" / ".github" / "b" / "c").write_text("no")
    (site / ".git").mkdir()
    (site / ".git" / "config").write_text("no")
    (site / "a" / "b" / ".well-known").mkdir(parents=True)
    (site / "a" / "b" / ("long" * 40 + ".html")).write_text("yes")
    (site / "a" / "b" / ".well-known" / "x").write_text("yes")
    return site


def test_it_is_what_the_official_action_packs(tmp_path: Path, site: Path) -> None:
    target = ArtifactTarget("artifact.tar", root=tmp_path)
    done = target.publish(site, manifest_of(site))
    (site / "release.json").touch()
    theirs = tmp_path / "theirs.tar"
    # The command of actions/upload-pages-artifact 5.0.0 with include-hidden-files, word for word.
    subprocess.run(
        ["tar", "--dereference", "--hard-dereference", "--directory", site, "-cf", theirs,
         "--exclude=.git", "--exclude=.github", "."],
        check=True,
    )  # fmt: skip
    with tarfile.open(tmp_path / "artifact.tar") as ours, tarfile.open(theirs) as other:
        assert {entry.name: entry.type for entry in ours} == {entry.name: entry.type for entry in other}
        assert all(entry.mode & 0o444 == 0o444 for entry in ours)
        assert ours.extractfile("./index.html").read() == b"<title>one</title>"  # type: ignore[union-attr]
    assert done.release.files == 7
    assert done.warning == "2 files in folders .git or .github are not in the artifact."
    assert done.artifact == str(tmp_path / "artifact.tar")
    assert target.damage(done.manifest) == []
    unpack(tmp_path / "artifact.tar", tmp_path / "unpacked")
    assert (tmp_path / "unpacked" / "release.json").is_file()


def test_the_same_release_is_the_same_bytes(tmp_path: Path, site: Path) -> None:
    target = ArtifactTarget("", root=tmp_path)
    target.publish(site, manifest_of(site))
    first = (tmp_path / "artifact.tar").read_bytes()
    (site / "index.html").touch()
    target.publish(site, manifest_of(site))
    assert (tmp_path / "artifact.tar").read_bytes() == first


def test_what_cannot_be_is_said(tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = ArtifactTarget("", root=tmp_path)
    with pytest.raises(PublishError, match="holds one release only"):
        target.rollback()
    monkeypatch.setattr(artifact, "_LIMIT", 10)
    with pytest.raises(PublishError, match="GitHub Pages publishes at most 10"):
        target.publish(site, manifest_of(site))
    (tmp_path / "file").touch()
    monkeypatch.undo()
    with pytest.raises(PublishError, match=r"The artifact file/a.tar cannot be written"):
        ArtifactTarget("file/a.tar", root=tmp_path).publish(site, manifest_of(site))


def test_publishers_at_once_leave_one_whole_release(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from make.release import *;"
        "from mkdocs_gitguard.publish.artifact import ArtifactTarget;"
        "name, root = sys.argv[1], Path(sys.argv[2]); site = make_site(root / name, name, pages=200);"
        "target = ArtifactTarget('artifact.tar', root=root); done = target.publish(site, manifest_of(site));"
        "print(target.damage(done.manifest))"
    )
    environment = {**os.environ, "PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
    runs = [
        subprocess.Popen([sys.executable, "-c", program, f"site-{n}", str(tmp_path)], env=environment, stdout=PIPE)
        for n in range(4)
    ]
    outputs = [run.communicate()[0].decode().strip() for run in runs]
    assert [run.returncode for run in runs] == [0] * 4
    unpack(tmp_path / "artifact.tar", tmp_path / "unpacked")
    assert seen(tmp_path / "unpacked").startswith("site-")
    assert all(text == "[]" or "another publisher has put release" in text for text in outputs)
    assert [path.name for path in tmp_path.glob(".artifact*")] == []


def test_what_a_killed_publisher_left_is_removed_and_what_a_live_one_writes_is_not(tmp_path: Path, site: Path) -> None:
    dead, live = tmp_path / ".artifact.tar.making-dead", tmp_path / ".artifact.tar.making-live"
    dead.touch()
    with live.open("wb") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        ArtifactTarget("", root=tmp_path).publish(site, manifest_of(site))
    assert (dead.exists(), live.exists()) == (False, True)


def test_a_file_that_changed_after_the_checks_goes_nowhere(tmp_path: Path, site: Path) -> None:
    target = ArtifactTarget("", root=tmp_path)
    first = target.publish(site, manifest_of(site))
    manifest = manifest_of(site)
    for content in ("<title>tow</title>", "<title>one</title> and more", ""):
        (site / "index.html").write_text(content)
        with pytest.raises(PublishError, match=r"index\.html changed while it was published"):
            target.publish(site, manifest)
    assert target.damage(first.manifest) == []
    assert [path.name for path in tmp_path.glob(".artifact*")] == []


@pytest.mark.parametrize("content", [b"", b"no tar", b"\0" * 10240])
def test_an_artifact_that_cannot_be_read_back_is_told(tmp_path: Path, site: Path, content: bytes) -> None:
    target = ArtifactTarget("", root=tmp_path)
    done = target.publish(site, manifest_of(site))
    (tmp_path / "artifact.tar").write_bytes(content)
    (damage,) = target.damage(done.manifest)
    assert damage.startswith("the artifact artifact.tar cannot be read back: ")
