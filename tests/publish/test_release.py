"""A release knows every file of a site, and a site that cannot be published is refused."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make.release import NOON, make_site, manifest_of

from mkdocs_gitguard.errors import PublishError, SettingError
from mkdocs_gitguard.model import Flags
from mkdocs_gitguard.publish import TARGETS
from mkdocs_gitguard.publish.directory import DirectoryTarget
from mkdocs_gitguard.publish.release import (
    ReleaseFile,
    after,
    damage,
    decode_manifest,
    describe_site,
    encode_manifest,
    make_manifest,
)
from mkdocs_gitguard.publish.target import open_target

files = st.lists(
    st.builds(ReleaseFile, path=st.text(min_size=1, max_size=9), size=st.integers(0, 9), sha256=st.just("0" * 64)),
    max_size=5,
).map(tuple)


@given(files)
def test_a_manifest_is_read_as_it_was_written(some: tuple[ReleaseFile, ...]) -> None:
    manifest = make_manifest(some, created_at=NOON, phase="canary", flags=Flags(owners=True), checks={"links": "1"})
    assert decode_manifest(encode_manifest(manifest), label="x") == manifest


@given(st.binary(max_size=40))
def test_anything_else_is_no_manifest(data: bytes) -> None:
    with pytest.raises(PublishError, match="The manifest of x is broken"):
        decode_manifest(data, label="x")


def test_ids_move_on_when_the_clock_does_not(tmp_path: Path) -> None:
    manifest = manifest_of(make_site(tmp_path / "site", "one"))
    later = after(manifest, [manifest.release.id, "not an id"])
    assert later.release.id > manifest.release.id
    assert later.release.created_at == NOON
    earlier = make_manifest((), created_at=NOON - timedelta(days=900), phase="x", flags=Flags())
    assert after(earlier, [manifest.release.id]).release.id > manifest.release.id
    assert after(manifest, []) == manifest


def test_damage_is_found(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", "one")
    manifest = manifest_of(site)
    assert damage(site, manifest) == []
    (site / "index.html").write_text("<title>two</title>")
    (site / "page-0" / "index.html").unlink()
    assert damage(site, manifest) == [
        "index.html has other content than the manifest says.",
        "page-0/index.html cannot be read: No such file or directory.",
    ]


def test_the_manifest_of_an_earlier_publish_is_no_part_of_the_site(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site", "one")
    before = describe_site(site)
    (site / "release.json").write_text("{}")
    assert describe_site(site) == before


def test_a_site_that_cannot_be_published(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match=r"holds no built site: there is no index.html. Run `gitguard build` first"):
        describe_site(tmp_path)
    site = make_site(tmp_path / "site", "one")
    (site / "passwd").symlink_to("/etc/passwd")
    with pytest.raises(PublishError, match=r"passwd in .* is not a regular file"):
        describe_site(site)
    (site / "passwd").unlink()
    (site / "a\nb").mkdir()
    with pytest.raises(PublishError, match=r"'a\\nb' in .* has a name that cannot be published"):
        describe_site(site)


def test_targets_are_found_by_scheme(tmp_path: Path) -> None:
    assert open_target("directory:out", root=tmp_path, targets=TARGETS).label == "directory out"
    assert open_target("gh-pages", root=tmp_path, targets=TARGETS).label == "branch gh-pages"
    assert open_target("pages-artifact:x.tar", root=tmp_path, targets=TARGETS).label == "artifact x.tar"
    with pytest.raises(
        SettingError, match=r"no publish target 's3:bucket'. Use one of directory, gh-pages, pages-artifact"
    ):
        open_target("s3:bucket", root=tmp_path, targets=TARGETS)
    with pytest.raises(PublishError, match="names no folder"):
        open_target("directory:", root=tmp_path, targets=TARGETS)


def test_the_same_site_has_the_same_digest(tmp_path: Path) -> None:
    one, two = make_site(tmp_path / "a", "x"), make_site(tmp_path / "b", "x")
    assert manifest_of(one) == manifest_of(two)
    assert DirectoryTarget("out", root=tmp_path).publish(one, manifest_of(one)).is_new
