"""Files of a git folder that nobody may wait at: pipes, devices, links to them, and files without end."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from make.git import git, make_repository

from mkdocs_gitguard.bounded_file import read_start
from mkdocs_gitguard.git.config import remote_url
from mkdocs_gitguard.git.directory import GitDirectory
from mkdocs_gitguard.git.files import alternates_in, read_whole
from mkdocs_gitguard.git.problems import RepositoryError
from mkdocs_gitguard.git.repository import GitRepository

PLACES = [
    "packed-refs",
    "shallow",
    "config",
    "config.worktree",
    "refs/tags/z",
    "refs/heads/a/b/c",
    "refs/pull/1/head",
    "objects/info/alternates",
    "objects/pack/pack-1.idx",
    "objects/aa/" + "b" * 38,
    "reftable/tables.list",
]


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_socket(path: Path) -> None:
    # A socket's own path may only have a hundred characters.
    before = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(path.name)
    finally:
        os.chdir(before)


def link_to_a_pipe(path: Path) -> None:
    os.mkfifo(path.parent / "elsewhere")
    path.symlink_to("elsewhere")


@pytest.mark.parametrize("make", [pipe, endless, a_socket, link_to_a_pipe])
@pytest.mark.parametrize("place", PLACES)
def test_git_is_not_started_where_it_would_wait(tmp_path: Path, place: str, make: Callable[[Path], None]) -> None:
    folder = make_repository(tmp_path / "a", {"x": "1"})
    path = folder / ".git" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    make(path)
    with pytest.raises(RepositoryError, match="where git expects a file") as raised:
        GitRepository.open(folder, label="a")
    assert raised.value.code == "special-file"
    assert raised.value.hint.startswith("Fix ")


@pytest.mark.parametrize("place", ["HEAD", "commondir"])
def test_a_pipe_that_says_where_the_repository_is(tmp_path: Path, place: str) -> None:
    folder = make_repository(tmp_path / "a", {"x": "1"})
    (folder / ".git" / place).unlink(missing_ok=True)
    os.mkfifo(folder / ".git" / place)
    with pytest.raises(RepositoryError):
        GitRepository.open(folder, label="a")


@pytest.mark.parametrize(
    "section",
    [
        "[include]\n\tpath = {}\n",
        '[INCLUDE]\nPATH = "{}"\n',
        '[includeIf "gitdir:**"]\n\tpath = {}\n',
        "[include] path = \\\n{}\n",
    ],
)
def test_a_configuration_that_includes_a_pipe(tmp_path: Path, section: str) -> None:
    folder = make_repository(tmp_path / "a", {"x": "1"})
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "included").write_text(section.format(tmp_path / "fifo"))
    with (folder / ".git/config").open("a") as file:
        file.write(section.format("../../included"))
    with pytest.raises(RepositoryError, match="fifo is a named pipe"):
        GitRepository.open(folder, label="a")


def test_includes_that_include_each_other_end(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "a", {"x": "1"})
    (tmp_path / "included").write_text("[include]\n\tpath = included\n\tpath = missing\n")
    with (folder / ".git/config").open("a") as file:
        file.write("[include]\n\tpath = ../../included\n")
    GitRepository.open(folder, label="a")


def test_a_pipe_in_alternates_that_are_quoted(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "a", {"x": "1"})
    (tmp_path / "one/pack").mkdir(parents=True)
    os.mkfifo(tmp_path / "one/pack/a.pack")
    (folder / ".git/objects/info/alternates").write_text(f'"{tmp_path}/\\157ne"\n')
    with pytest.raises(RepositoryError, match=r"a\.pack is a named pipe"):
        GitRepository.open(folder, label="a")


@pytest.mark.parametrize(
    "content",
    [
        "secret\n",
        '"secret"',
        '"secret"\n',
        "# no\nsecret",
        '"x"-secret\n',
        '"\n/../secret"\n',
        "secret\0x",
        r'"secret\000x"',
        r'"\163ecret"',
        '"a\\q\nsecret',
    ],
)
def test_alternates_are_read_as_git_reads_them(tmp_path: Path, content: str) -> None:
    lender = make_repository(tmp_path / "lender", {"x": "1"})
    objects = make_repository(tmp_path / "a", {"y": "1"}) / ".git/objects"
    (objects / "\n").mkdir()
    (objects / "secret").symlink_to(lender / ".git/objects")
    (objects / "info/alternates").write_text(content)
    assert git(tmp_path / "a", "cat-file", "-t", git(lender, "rev-parse", "HEAD")) == "commit"
    assert "secret" in [os.path.normpath(path) for path in alternates_in(content.encode())]


def test_a_pipe_in_alternates_of_alternates(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "a", {"x": "1"})
    (tmp_path / "one/info").mkdir(parents=True)
    (tmp_path / "one/info/alternates").write_text("../two\n../one\n")
    (tmp_path / "two/pack").mkdir(parents=True)
    os.mkfifo(tmp_path / "two/pack/a.pack")
    (folder / ".git/objects/info/alternates").write_text(f"# a comment\n{tmp_path / 'one'}\n")
    with pytest.raises(RepositoryError, match=r"a\.pack is a named pipe"):
        GitRepository.open(folder, label="a")


@pytest.mark.parametrize("place", ["packed-refs", "config", "shallow", "refs/heads/large"])
def test_a_file_without_end_is_not_read(tmp_path: Path, place: str) -> None:
    folder = make_repository(tmp_path / "a", {"x": "1"})
    with (folder / ".git" / place).open("ab") as file:
        file.truncate(1 << 40)
    with pytest.raises(RepositoryError, match="are not read") as raised:
        GitRepository.open(folder, label="a")
    assert raised.value.code == "too-large"


def test_links_and_folders_of_the_usual_kind_are_no_trouble(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "a", {"x": "1"}, remote="https://github.com/acme/a.git")
    (folder / ".git/refs/tags/away").symlink_to("gone")
    (folder / ".git/refs/tags/ring").symlink_to("ring")
    (folder / ".git/refs/remotes").mkdir()
    (folder / ".git/refs/remotes/back").symlink_to("..")
    (folder / ".git/packed-refs").mkdir()
    a_socket(folder / ".git/fsmonitor--daemon.ipc")
    directory = GitDirectory.find(folder, label="a")
    assert directory.head().branch == "main"
    assert remote_url(directory.common_dir) == "https://github.com/acme/a.git"
    GitRepository.open(folder, label="a")


def test_reading_a_file_that_is_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"12345")
    with pytest.raises(OSError, match="regular"):
        read_start(tmp_path / "pipe", 10)
    with pytest.raises(OSError, match="regular"):
        read_start(tmp_path, 10)
    with pytest.raises(RepositoryError):
        read_whole(tmp_path / "file", 4)
    assert read_start(tmp_path / "file", 4) == b"1234"
    assert read_whole(tmp_path / "file", 5) == b"12345"


def test_a_branch_whose_name_holds_a_line_separator_of_unicode(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "a", {"x": "1"})
    git(folder, "branch", "b\u2028c")
    (folder / ".git/reftable").mkdir()
    assert "refs/heads/b\u2028c" in GitRepository.open(folder, label="a").directory.refs("refs/heads/")
