"""Whatever one repository holds or raises costs only itself."""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from make.git import git, make_repository

from mkdocs_gitguard import entry_points as loader
from mkdocs_gitguard.assembly import core
from mkdocs_gitguard.assembly.snapshot import assemble
from mkdocs_gitguard.assembly.stages import ViewOptions, stages
from mkdocs_gitguard.entry_points import POLICY_FORMATS
from mkdocs_gitguard.errors import Interruption
from mkdocs_gitguard.git import repository as git_repository
from mkdocs_gitguard.harvest import run
from mkdocs_gitguard.harvest.history import log, reader
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.run import HarvestResult, harvest
from mkdocs_gitguard.model import Flags, Organization, Snapshot
from mkdocs_gitguard.policies import read as policies_read
from mkdocs_gitguard.policies.file_scan import FoundPolicy
from mkdocs_gitguard.policies.format import Found, PolicyFormat
from mkdocs_gitguard.policies.registry import policy_formats

ALL = Flags(owners=True, policy_transparency=True)


def harvested(folder: Path, **options: object) -> HarvestResult:
    if not (folder / "good").exists():
        make_repository(folder / "good", {"README.md": "# Good\n\nIt is good.\n", "x.rego": "package x\n"})
    return harvest(HarvestOptions(repositories=("*",), folder=folder, **options))  # type: ignore[arg-type]


def assembled(result: HarvestResult) -> Snapshot:
    return assemble(
        result.facts,
        organization=Organization(id="organization:acme", name="Acme"),
        findings=result.findings,
        stages=stages(ALL, ViewOptions()),
    )


def codes(snapshot: Snapshot, repository: str = "repository:local/bad") -> list[str]:
    return [finding.code for finding in snapshot.findings if finding.repository == repository]


def commit_of(folder: Path, author: str, committer: str, message: str = "Hi (#2)") -> None:
    tree = git(folder, "rev-parse", "HEAD^{tree}")
    text = f"tree {tree}\nauthor A <a@b.c> {author}\ncommitter A <a@b.c> {committer}\n\n{message}\n"
    made = git(folder, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=text.encode())
    git(folder, "update-ref", "refs/heads/main", made)


@pytest.mark.parametrize("raised", [ValueError("x"), RecursionError(), MemoryError(), OverflowError(), KeyError("a")])
def test_any_exception_while_reading_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, raised: Exception
) -> None:
    make_repository(tmp_path / "bad", {"a": "1"})
    read_facts = run.read_facts

    def read(repository: object, about: object, *args: object) -> object:
        if about.name == "bad":  # type: ignore[attr-defined]
            raise raised
        return read_facts(repository, about, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "read_facts", read)
    with caplog.at_level(logging.DEBUG, logger="mkdocs.plugins.gitguard"):
        result = harvested(tmp_path)
    assert [facts.about.name for facts in result.facts] == ["good"]
    [finding] = result.findings
    assert (finding.code, finding.repository, finding.severity) == ("unexpected", "repository:local/bad", "error")
    assert finding.hint.startswith("Set ")
    assert "Traceback" in caplog.text


def test_passwords_do_not_reach_the_debug_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    make_repository(tmp_path / "bad", {"a": "1"})

    def read(*_: object) -> None:
        raise ValueError("https://mira:hunter2@example.org/x")

    monkeypatch.setattr(run, "read_facts", read)
    with caplog.at_level(logging.DEBUG, logger="mkdocs.plugins.gitguard"):
        harvested(tmp_path)
    assert "Traceback" in caplog.text
    assert "hunter2" not in caplog.text


def test_what_must_end_the_build_is_no_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise Interruption

    monkeypatch.setattr(run, "read_facts", read)
    with pytest.raises(Interruption):
        harvested(tmp_path)


@pytest.mark.parametrize("function", ["settle", "_repository", "_pull_requests", "origin_of"])
def test_any_exception_while_putting_together_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    make_repository(tmp_path / "bad", {"a": "1"})
    result = harvested(tmp_path)
    before = getattr(core, function)

    def broken(*args: object) -> object:
        if "repository:local/bad" in (args[-1], getattr(getattr(args[0], "about", None), "id", "")):
            raise ValueError
        return before(*args)

    monkeypatch.setattr(core, function, broken)
    snapshot = assembled(result)
    assert [repository.name for repository in snapshot.repositories] == ["good"]
    assert codes(snapshot) == ["unexpected"]


def test_people_who_cannot_be_told_apart_cost_their_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_repository(tmp_path / "bad", {"a": "1"})
    result = harvested(tmp_path)
    identify = core.identify

    def broken(origins: object, *args: object) -> object:
        origins = list(origins)  # type: ignore[call-overload]
        if any(origin.repository.endswith("bad") for origin in origins):
            raise RecursionError
        return identify(origins, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(core, "identify", broken)
    snapshot = assembled(result)
    assert [repository.name for repository in snapshot.repositories] == ["good"]
    assert codes(snapshot) == ["unexpected"]


@pytest.mark.parametrize("owners", ["[S][" + "9" * 5000 + "] @m\n* @m\n", "[S][" + "9" * 23 + "] @m\n* @m\n"])
def test_numbers_of_any_length_in_codeowners(tmp_path: Path, owners: str) -> None:
    make_repository(tmp_path / "bad", {"CODEOWNERS": owners}, remote="https://gitlab.com/local/bad.git")
    snapshot = assembled(harvested(tmp_path))
    assert len(snapshot.repositories) == 2
    assert {code for code in codes(snapshot) if not code.startswith("codeowners-")} == set()


@pytest.mark.parametrize(
    "date",
    ["1" * 5000 + " +0000", "-5 +0000", "99999999999999 +0000", "x +0000", "", "1 +9999999999", "١٢٣ +0000", "1" * 11],
)
def test_dates_of_any_kind(tmp_path: Path, date: str) -> None:
    folder = make_repository(tmp_path / "bad", {"a": "1"})
    commit_of(folder, date, "1700000000 +0000")
    tag = f"object {git(folder, 'rev-parse', 'HEAD')}\ntype commit\ntag t\ntagger A <a@b.c> {date}\n\nx\n"
    made = git(folder, "hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=tag.encode())
    git(folder, "update-ref", "refs/tags/t", made)
    snapshot = assembled(harvested(tmp_path))
    assert [change.number for change in snapshot.pull_requests] == [2]
    commit_of(folder, "1700000000 +0000", date)
    snapshot = assembled(harvested(tmp_path))
    assert [repository.name for repository in snapshot.repositories] == ["bad", "good"]
    # A shallow clone asks for the head's date alone.
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{folder}", "shallow")
    assert len(assembled(harvested(tmp_path)).repositories) == 3


def test_names_that_are_not_utf8(tmp_path: Path) -> None:
    folder = make_repository(Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad\xff")), {"a": "1"})
    os.system(f"git -C '{tmp_path}'/bad* branch -m \"$(printf 'b\\377')\"")
    assert git(folder, "symbolic-ref", "HEAD").endswith("\udcff")
    for _ in range(2):
        result = harvested(tmp_path)
        assert {facts.default_branch for facts in result.facts} == {"b\\xff", "main"}
        assert result.findings == ()
    with sqlite3.connect(tmp_path / ".gitguard/state.db") as database:
        assert database.execute("SELECT count(*) FROM harvested_facts").fetchone() == (2,)
    database.close()


def test_a_slow_repository_leaves_time_for_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_repository(tmp_path / "bad", {"a": "1"})
    read_facts = run.read_facts
    ended = threading.Event()

    def read(repository: object, about: object, *args: object) -> object:
        if about.name == "bad":  # type: ignore[attr-defined]
            ended.wait(120)
        return read_facts(repository, about, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "read_facts", read)
    begun = time.monotonic()
    result = harvested(tmp_path, time_for_all=8.0)
    assert time.monotonic() - begun < 55
    ended.set()
    assert [facts.about.name for facts in result.facts] == ["good"]
    [finding] = result.findings
    assert (finding.code, finding.repository) == ("too-slow", "repository:local/bad")


def bomb(folder: Path, levels: int, *, is_gone: bool = False) -> None:
    make_repository(folder, {"a": "1"})
    blob = git(folder, "rev-parse", "HEAD:a")
    tree = git(folder, "mktree", stdin="".join(f"100644 blob {blob}\tf{n}\n" for n in range(10)).encode())
    for _ in range(levels):
        tree = git(folder, "mktree", stdin="".join(f"040000 tree {tree}\td{n}\n" for n in range(10)).encode())
    commit = git(folder, "commit-tree", tree, "-m", "Bomb")
    if is_gone:
        commit = git(folder, "commit-tree", f"{git(folder, 'rev-parse', 'HEAD')}^{{tree}}", "-p", commit, "-m", "Gone")
    git(folder, "update-ref", "refs/heads/main", commit)


@pytest.mark.parametrize(
    ("module", "limit", "value"),
    [
        (git_repository, "MOST_FILES", 900),
        (git_repository, "LARGEST_OUTPUT", 9_000),
        (reader, "MOST_PATHS", 900),
        (reader, "MOST_TOUCHES", 900),
    ],
)
def test_a_tree_bomb_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object, limit: str, value: int
) -> None:
    bomb(tmp_path / "bad", 2, is_gone=module is reader)
    assert len(harvested(tmp_path, cache=False).facts) == 2
    monkeypatch.setattr(module, limit, value)
    result = harvested(tmp_path, cache=False)
    assert [facts.about.name for facts in result.facts] == ["good"]
    [finding] = result.findings
    assert finding.code == "too-large"
    assert f"{value:,}" in finding.message


def test_a_bomb_of_ten_thousand_million_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_repository, "MOST_FILES", 100_000)
    monkeypatch.setattr(git_repository, "MOST_MEMORY", 1 << 27)
    bomb(tmp_path / "bad", 9)
    bomb(tmp_path / "gone", 9, is_gone=True)
    result = harvested(tmp_path)
    assert [facts.about.name for facts in result.facts] == ["good"]
    assert [finding.code for finding in result.findings] == ["too-large", "too-large"]


def test_a_commit_over_the_limit_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "LARGEST_COMMIT", 1 << 20)
    folder = make_repository(tmp_path / "bad", {"a": "1"})
    commit_of(folder, "1 +0000", "1 +0000", "x" * (3 << 20))
    result = harvested(tmp_path)
    assert [facts.about.name for facts in result.facts] == ["good"]
    assert [finding.code for finding in result.findings] == ["too-large"]


@pytest.mark.parametrize("place", range(0, 1000, 37))
def test_damaged_facts_are_read_anew(tmp_path: Path, place: int) -> None:
    expected = assembled(harvested(tmp_path))
    with sqlite3.connect(tmp_path / ".gitguard/state.db") as database:
        [(facts,)] = database.execute("SELECT facts FROM harvested_facts").fetchall()
        damaged = bytearray(facts)
        damaged[len(facts) * place // 1000] ^= 0xFF
        database.execute("UPDATE harvested_facts SET facts = ?", (bytes(damaged),))
    database.close()
    assert assembled(harvested(tmp_path)) == expected


@pytest.mark.parametrize("facts", [b"", b"\0", b"\0\0\0\0", "text", 1, None])
def test_a_row_that_holds_no_facts_is_read_anew(tmp_path: Path, facts: object) -> None:
    expected = assembled(harvested(tmp_path))
    with sqlite3.connect(tmp_path / ".gitguard/state.db") as database:
        if facts is not None:
            database.execute("UPDATE harvested_facts SET facts = ?", (facts,))
        database.execute("UPDATE harvested_facts SET state = x'00' || state WHERE ?", (facts is None,))
    database.close()
    assert assembled(harvested(tmp_path)) == expected


def read_sentinel(source: object) -> Found:
    path: str = source.path  # type: ignore[attr-defined]
    return Found(policies=(FoundPolicy(format="sentinel", type="policy", name=path, first_line=1, last_line=1),))


SENTINEL = PolicyFormat("sentinel", "Sentinel", lambda path: path.endswith(".sentinel"), (), read_sentinel)


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def install(target: str) -> None:
        entries = [EntryPoint("sentinel", target, POLICY_FORMATS)] if target else []
        monkeypatch.setattr(loader, "in_group", lambda group: entries if group == POLICY_FORMATS else [])
        policy_formats.cache_clear()

    yield install
    policy_formats.cache_clear()


def test_a_format_that_is_installed_later_is_used_at_the_next_harvest(
    tmp_path: Path, installed: Callable[[str], None]
) -> None:
    make_repository(tmp_path / "bad", {"p.sentinel": "main = rule { true }\n"})

    def names() -> list[str]:
        return [policy.name for policy in assembled(harvested(tmp_path)).policies if policy.format == "sentinel"]

    assert names() == []
    installed("harvest.test_guard:SENTINEL")
    assert names() == ["p.sentinel"]
    installed("")
    assert names() == []


def test_another_version_of_the_scan_is_used_at_the_next_harvest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harvested(tmp_path)
    readings: list[object] = []
    read_facts = run.read_facts
    monkeypatch.setattr(run, "read_facts", lambda *args: readings.append(args) or read_facts(*args))
    harvested(tmp_path)
    assert not readings
    monkeypatch.setattr(policies_read, "SCAN_VERSION", 1000)
    harvested(tmp_path)
    assert len(readings) == 1
    harvested(tmp_path, policies=False)
    monkeypatch.setattr(policies_read, "SCAN_VERSION", 1001)
    harvested(tmp_path, policies=False)
    assert len(readings) == 2
