"""What of this package goes into all pages, as a digest that is worked out once."""

import os
import sys
import time
from pathlib import Path

import pytest

from mkdocs_gitguard.site_build import epoch
from mkdocs_gitguard.site_build.epoch import digest_of_code


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """Return a package that was installed long ago, as far as its clock tells."""
    folder = tmp_path / "package"
    (folder / "inner" / "__pycache__").mkdir(parents=True)
    (folder / "__init__.py").write_text("x = 1\n")
    (folder / "inner" / "page.html").write_text("<p>")
    return folder


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(epoch, "_TICKS", -1)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "cache" / "kept.digest"


def test_files_that_stand_as_they_did_are_not_read_again(
    package: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = digest_of_code(package, kept=kept)
    assert kept.is_file()
    monkeypatch.setattr(epoch, "file_digest", lambda path: pytest.fail(f"{path} was read"))
    (package / "inner" / "__pycache__" / "page.pyc").write_bytes(b"x")
    assert digest_of_code(package, kept=kept) == first


def test_every_change_counts_though_size_and_times_are_as_before(package: Path, kept: Path) -> None:
    digests = [digest_of_code(package, kept=kept)]
    file = package / "__init__.py"
    before = file.stat()
    file.write_text("x = 2\n")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    digests.append(digest_of_code(package, kept=kept))
    (package / "new.py").touch()
    digests.append(digest_of_code(package, kept=kept))
    (package / "new.py").rename(package / "inner" / "new.py")
    digests.append(digest_of_code(package, kept=kept))
    assert len(set(digests)) == len(digests)
    (package / "inner" / "new.py").unlink()
    file.write_text("x = 1\n")
    assert digest_of_code(package, kept=kept) == digests[0], "it is a digest of what the files hold"


def test_a_package_that_was_just_written_is_read_each_time(
    package: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(epoch, "_TICKS", 10**12)
    digest_of_code(package, kept=kept)
    assert not kept.exists()
    monkeypatch.setattr(epoch, "_TICKS", 0)
    time.sleep(0.01)
    digest_of_code(package, kept=kept)
    assert kept.exists()


def test_of_a_package_made_of_links_what_they_lead_to_counts(package: Path, kept: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text("x = 1\n")
    (package / "linked.py").symlink_to(tmp_path / "elsewhere.py")
    (package / "nowhere.py").symlink_to(tmp_path / "nothing")
    first = digest_of_code(package, kept=kept)
    (tmp_path / "elsewhere.py").write_text("x = 2\n")
    assert digest_of_code(package, kept=kept) != first


@pytest.mark.parametrize("text", ["", "one", "a b c", "\x80"])
def test_what_is_kept_and_is_none_of_ours_is_passed_over(package: Path, kept: Path, text: str) -> None:
    first = digest_of_code(package, kept=kept)
    kept.write_text(text, encoding="latin-1")
    assert digest_of_code(package, kept=kept) == first
    assert kept.read_text().split()[1] == first


def test_where_nothing_can_be_kept_it_is_worked_out(package: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert digest_of_code(package, kept=tmp_path / "file" / "kept") == digest_of_code(package, kept=tmp_path / "none")
