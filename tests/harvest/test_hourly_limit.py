"""`MAX_REPOS_PER_HOUR`: so many in any hour, and each in its turn."""

import multiprocessing
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from make.git import git, import_commits, make_repository
from make.git_server import GitServer, serve

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.harvest.hourly_limit import Allowance, HourlyReads
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.progress import ReadOutcome
from mkdocs_gitguard.harvest.run import HarvestResult, harvest
from mkdocs_gitguard.harvest.sources import RepositorySource

NAMES = ("one", "two", "three", "four", "five", "six")
START = 1_768_000_000

At = Callable[[float], None]


class Reads:
    """Counts which repositories were fetched or read."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def begin(self, total: int) -> None:
        pass

    def start(self, source: RepositorySource) -> None:
        pass

    def finish(self, source: RepositorySource, outcome: ReadOutcome) -> None:
        self.counts[source.name] += outcome in ("read", "updated")

    def end(self) -> None:
        pass


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Set the clock to so many hours after the start."""

    def set_clock(hours: float) -> None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(START + int(hours * 3600)))

    set_clock(0)
    return set_clock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        make_repository(tmp_path / name, {"README.md": f"# {name}\n"})
    return tmp_path


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in NAMES:
        repository = make_repository(tmp_path / f"served/acme/{name}.git", {"README.md": f"# {name}\n"})
        for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
            git(repository, "config", key, "true")
    with serve(tmp_path / "served") as running:
        yield running


def run(folder: Path, limit: int, *entries: str, reads: Reads | None = None) -> HarvestResult:
    options = HarvestOptions(repositories=entries or NAMES, folder=folder, allow_http=True)
    counted = HourlyReads(limit, options.state_folder / "state.db")
    return harvest(options, allowance=Allowance(counted), progress=reads)


def shown(result: HarvestResult) -> set[str]:
    return {facts.about.name for facts in result.facts}


def carried_over(result: HarvestResult) -> set[str]:
    return {str(finding.repository).rpartition("/")[2] for finding in result.findings if finding.code == "carried-over"}


def move(folder: Path, name: str, hour: float) -> None:
    import_commits(folder / name, [(f"At {hour} (#1)", {"file": f"{hour}\n"})])


def test_after_three_hours_all_six_were_read(folder: Path, at: At) -> None:
    """The first by their names; and those that wait are said to wait."""
    turns = []
    before: set[str] = set()
    for hour in range(3):
        at(hour + hour / 3600)
        result = run(folder, 2)
        turns.append(shown(result) - before)
        before = shown(result)
        assert carried_over(result) == set(NAMES) - before
    assert turns == [{"five", "four"}, {"one", "six"}, {"three", "two"}]


def test_with_all_of_them_moving_none_starves(folder: Path, at: At) -> None:
    reads = Reads()
    for number in range(12):
        at(number / 2 + number / 3600)
        for name in NAMES:
            move(folder, name, number)
        run(folder, 2, reads=reads)
        if number % 6 == 5:
            assert reads.counts == dict.fromkeys(NAMES, (number + 1) // 6)


def test_what_does_not_move_takes_nobodys_turn(folder: Path, at: At) -> None:
    for hour in range(3):
        at(hour * 1.01)
        run(folder, 2)
    reads = Reads()
    for hour in range(3, 6):
        at(hour * 1.01)
        move(folder, "six", hour)
        assert carried_over(run(folder, 2, reads=reads)) == set()
    assert reads.counts["six"] == 3
    assert reads.counts.total() == 3


def test_repositories_that_always_fail_do_not_keep_the_others_out(folder: Path, at: At) -> None:
    for name in ("five", "four", "one"):  # the first by name
        shutil.rmtree(folder / name / ".git/objects")
        (folder / name / ".git/objects").mkdir()
    for hour in range(3):
        at(hour * 1.01)
        result = run(folder, 2)
    assert shown(result) == {"six", "three", "two"}


def test_clone_urls_take_turns_and_a_refresh_counts(server: GitServer, tmp_path: Path, at: At) -> None:
    urls = [f"{server.url}/acme/{name}.git" for name in NAMES]
    for hour in range(3):
        at(hour * 1.01)
        result = run(tmp_path, 2, *urls)
    assert shown(result) == set(NAMES)
    asked = []
    for hour in range(3, 6):
        at(hour * 1.01)
        server.requests.clear()
        result = run(tmp_path, 2, *urls)
        asked.append({name for name in NAMES if any(f"/{name}.git/" in request for request in server.requests)})
        assert carried_over(result) == set(NAMES) - asked[-1]
        assert shown(result) == set(NAMES)
    assert asked == [{"five", "four"}, {"one", "six"}, {"three", "two"}]


def test_clone_urls_and_folders_wait_in_one_queue(server: GitServer, tmp_path: Path, at: At) -> None:
    local = [make_repository(tmp_path / f"here-{name}", {"a": "1"}) for name in ("a", "b", "c")]
    entries = [*(f"{server.url}/acme/{name}.git" for name in NAMES[:3]), *(path.name for path in local)]
    for number in range(6):
        at(number / 2 + number / 3600)
        for path in local:
            move(tmp_path, path.name, number)
        result = run(tmp_path, 2, *entries)
    assert shown(result) == {*NAMES[:3], "here-a", "here-b", "here-c"}


def test_the_limit_holds_in_any_hour(folder: Path, at: At) -> None:
    counts = []
    for minutes in (0, 10, 59, 60.1, 70, 119, 120.3):
        at(minutes / 60)
        for name in NAMES:
            move(folder, name, minutes)
        reads = Reads()
        run(folder, 3, "one", "two", "three", "four", reads=reads)
        counts.append(reads.counts.total())
    assert counts == [3, 0, 0, 3, 0, 0, 3]


def _reserve(state: Path, names: list[str], start: "multiprocessing.synchronize.Barrier", taken: Path) -> None:
    start.wait()
    taken.write_text("\n".join(HourlyReads(5, state).reserve(names)))


def test_processes_at_once_share_the_hour(tmp_path: Path, at: At) -> None:
    fork = multiprocessing.get_context("fork")
    barrier = fork.Barrier(4)
    processes = [
        fork.Process(
            target=_reserve,
            args=(tmp_path / "state.db", [f"{number}-{of}" for of in range(4)], barrier, tmp_path / str(number)),
        )
        for number in range(4)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    taken = [name for number in range(4) for name in (tmp_path / str(number)).read_text().split()]
    assert len(taken) == len(set(taken)) == 5


def test_a_lost_state_file_costs_the_order_only(folder: Path, at: At) -> None:
    run(folder, 2)
    shutil.rmtree(folder / ".gitguard")
    at(1.01)
    assert len(shown(run(folder, 2))) == 2


def test_a_state_file_that_cannot_be_used_is_told(folder: Path, at: At) -> None:
    (folder / ".gitguard").mkdir()
    (folder / ".gitguard/state.db").write_bytes(b"no database" * 100)
    with pytest.raises(SettingError, match=r"MAX_REPOS_PER_HOUR is set, and the state file .*state\.db that counts"):
        run(folder, 2)


def test_a_clock_that_was_put_back_shuts_the_gate_for_no_day(tmp_path: Path, at: At) -> None:
    reads = HourlyReads(1, tmp_path / "state.db")
    at(48)
    assert reads.reserve(["a"]) == {"a"}
    at(0)
    assert reads.reserve(["a", "b"]) == {"b"}
    assert reads.reserve(["c"]) == frozenset()


def test_without_a_limit_nothing_is_counted(folder: Path) -> None:
    harvest(HarvestOptions(repositories=NAMES, folder=folder), allowance=Allowance())
    assert b"repository_reads" not in (folder / ".gitguard/state.db").read_bytes()
