"""The artifact is the tar that actions/upload-pages-artifact makes, and always the same bytes."""

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from make.release import make_site, manifest_of

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.publish import artifact
from mkdocs_gitguard.publish.artifact import ArtifactTarget


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = make_site(tmp_path / "site", "one")
    (site / ".hidden").write_text("no")
    (site / ".git").mkdir()
    (site / ".git" / "config").write_text("no")
    (site / "a" / "b" / ".well-known").mkdir(parents=True)
    (site / "a" / "b" / ("long" * 40 + ".html")).write_text("yes")
    (site / "a" / "b" / ".well-known" / "x").write_text("no")
    return site


def test_it_is_what_the_official_action_packs(tmp_path: Path, site: Path) -> None:
    target = ArtifactTarget("artifact.tar", root=tmp_path)
    done = target.publish(site, manifest_of(site))
    (site / "release.json").touch()
    theirs = tmp_path / "theirs.tar"
    # The command of actions/upload-pages-artifact 5.0.0, word for word.
    subprocess.run(
        ["tar", "--dereference", "--hard-dereference", "--directory", site, "-cf", theirs,
         "--exclude=.git", "--exclude=.github", "--exclude=.[^/]*", "."],
        check=True,
    )  # fmt: skip
    with tarfile.open(tmp_path / "artifact.tar") as ours, tarfile.open(theirs) as other:
        assert {entry.name: entry.type for entry in ours} == {entry.name: entry.type for entry in other}
        assert all(entry.mode & 0o444 == 0o444 for entry in ours)
        assert ours.extractfile("./index.html").read() == b"<title>one</title>"  # type: ignore[union-attr]
    assert done.release.files == 5
    shutil.unpack_archive(tmp_path / "artifact.tar", tmp_path / "unpacked", filter="data")
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
