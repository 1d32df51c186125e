"""Whatever stands where a site's or a stranger's file is expected, a command ends soon and names the file."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mkdocs_gitguard.bounded_file import read_file, read_start
from mkdocs_gitguard.cli.folder import LIST_NAME, sync_folder
from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.graph_api.release import ApiRelease
from mkdocs_gitguard.publish.release import decode_manifest
from mkdocs_gitguard.publish.secrets import read_baseline
from mkdocs_gitguard.rollout.env_file import read_env_file
from mkdocs_gitguard.rollout.proposal import read_criticality
from mkdocs_gitguard.site_build.config_file import plugin_options, read_site_file
from mkdocs_gitguard.site_build.given_snapshot import read_snapshot
from mkdocs_gitguard.site_build.owned_sites import allowed
from mkdocs_gitguard.site_build.read_repositories import read_people

NAME = "odd-file"
LAUGHS = "a0: &a0 [x,x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1},*a{n - 1},*a{n - 1}]\n" for n in range(1, 40))
CONTENTS: dict[str, bytes] = {
    "deep flow": b"[" * 100_000,
    "deep block": b"- " * 100_000,
    "deep mapping": b'{"a":' * 100_000,
    "deep mapping of results": b'{"results":' + b'{"a":' * 100_000,
    "laughs": LAUGHS.encode(),
    "holds itself": b"&a [*a]",
    "long number": b"acme/a: " + b"9" * 10_000,
    "long hexadecimal": b"acme/a: 0x" + b"f" * 10_000,
    "no date": b"acme/a: 2026-02-30",
    "key that is no date": b"2026-02-30: high",
    "key that is a list": b"? [a]\n: high",
    "NUL": b"a: \0b",
    "UTF-16": "a: b".encode("utf-16"),
    "UTF-8 with a mark": "\ufeffa: b".encode(),
    "no UTF-8": b"a: \xff\xfe",
    "no UTF-8 in JSON": b'{"files": {"\xff": 1}}',
    "two documents": b"a: 1\n---\nb: 2\n",
    "nothing": b"",
    "control characters": b"a: \x1b[31m\x85\x9b",
}


def no_file(path: Path, kind: str) -> None:
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    elif kind == "ring":
        path.symlink_to(path.name)
    elif kind == "large":
        with path.open("wb") as file:
            file.truncate(1 << 36)


def listed(path: Path) -> None:
    path.rename(path.with_name(LIST_NAME))
    sync_folder(path.parent, [])


def exported(path: Path) -> None:
    for name in ("index.json", "manifest.json"):
        (path.parent / name).write_bytes(path.read_bytes())
    ApiRelease(path.parent)


def remembered(path: Path) -> None:
    target = Path(os.environ["XDG_STATE_HOME"], "mkdocs-gitguard/own-sites.json")
    target.parent.mkdir()
    target.write_bytes(path.read_bytes())
    assert not allowed(path)


READERS: dict[str, Callable[[Path], Any]] = {
    "criticality": read_criticality,
    "phase": read_env_file,
    "people": lambda path: read_people(path.name, path.parent),
    "snapshot": read_snapshot,
    "baseline": read_baseline,
    "list": listed,
    "mkdocs.yml": lambda path: plugin_options(read_site_file(path)),
}
OF_CONTENT: dict[str, Callable[[Path], Any]] = {
    **READERS,
    "export": exported,
    "sites": remembered,
    "manifest": lambda path: decode_manifest(path.read_bytes(), label=str(path)),
}


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    (tmp_path / "files").mkdir()


@pytest.mark.parametrize("reader", OF_CONTENT)
@pytest.mark.parametrize("content", CONTENTS)
def test_any_content_is_read_or_refused(tmp_path: Path, reader: str, content: str) -> None:
    path = tmp_path / "files" / NAME
    path.write_bytes(CONTENTS[content])
    try:
        OF_CONTENT[reader](path)
    except GitGuardError as error:
        assert any(name in str(error) for name in (NAME, LIST_NAME, str(path.parent)))  # noqa: PT017 - some are read


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", ["folder", "pipe", "endless", "ring", "large"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, reader: str, kind: str) -> None:
    path = tmp_path / "files" / NAME
    no_file(path, kind)
    raised: list[BaseException] = []

    def read() -> None:
        try:
            READERS[reader](path)
        except BaseException as error:  # noqa: BLE001 - what it is is looked at below
            raised.append(error)

    # A thread, for nothing else ends the wait for a pipe.
    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive(), "it waits"
    assert [type(error).__mro__[1] for error in raised] == [GitGuardError], raised
    assert str(tmp_path) in str(raised[0])


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_file(path, 5) == b"12345"
    assert read_start(path, 3) == b"123"
    with pytest.raises(OSError, match="more than 4 bytes"):
        read_file(path, 4)
    with pytest.raises(OSError, match="no file can have this name"):
        read_file(Path("a\0b"), 4)
