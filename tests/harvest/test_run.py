"""A whole harvest: many repositories, each one's trouble its own."""

from pathlib import Path

import pytest
from make.git import git, import_commits, make_repository

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.harvest import run as harvest_run
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.progress import ReadOutcome
from mkdocs_gitguard.harvest.run import HarvestResult, harvest
from mkdocs_gitguard.harvest.sources import RepositorySource


class Told:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.outcomes: dict[str, ReadOutcome] = {}
        self.ended = False

    def begin(self, total: int) -> None:
        self.total = total

    def start(self, source: RepositorySource) -> None:
        pass

    def finish(self, source: RepositorySource, outcome: ReadOutcome) -> None:
        self.outcomes[source.name] = outcome

    def end(self) -> None:
        self.ended = True


def run(folder: Path, *entries: object, progress: Told | None = None, **options: object) -> HarvestResult:
    return harvest(
        HarvestOptions(repositories=entries, folder=folder, **options),  # type: ignore[arg-type]
        progress=progress,
    )


def outcomes(folder: Path, *entries: object, **options: object) -> dict[str, ReadOutcome]:
    progress = Told()
    run(folder, *entries, progress=progress, **options)
    assert progress.ended
    return progress.outcomes


def test_an_unmoved_repository_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_repository(tmp_path / "r", {"README.md": "# R\n\nOne.\n"})
    first = run(tmp_path, "r")
    monkeypatch.setattr("mkdocs_gitguard.git.repository.run", None)
    progress = Told()
    assert run(tmp_path, "r", progress=progress).facts == first.facts
    assert progress.outcomes == {"r": "cached"}
    monkeypatch.undo()
    import_commits(folder, [("Second", {"b": "2"})])
    assert outcomes(tmp_path, "r") == {"r": "updated"}
    git(folder, "tag", "v1")
    assert outcomes(tmp_path, "r") == {"r": "updated"}
    assert outcomes(tmp_path, "r") == {"r": "cached"}
    assert outcomes(tmp_path, {"path": "r", "description": "Mine"}) == {"r": "updated"}
    assert outcomes(tmp_path, {"path": "r", "description": "Mine"}, pull_request_pages=3) == {"r": "read"}


def test_what_is_read_on_is_what_is_read_whole(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r", {"a": "1"})
    run(tmp_path, "r")
    import_commits(folder, [("Fix (#7)", {"a": "2"}), ("More", {"b": "1"})])
    assert run(tmp_path, "r").facts == run(tmp_path, "r", cache=False).facts


def test_a_rewritten_history_is_read_anew(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r", {"a": "1"})
    import_commits(folder, [("Old", {"b": "1"})])
    run(tmp_path, "r")
    git(folder, "update-ref", "refs/heads/main", "main~1")
    import_commits(folder, [("New", {"c": "1"})])
    git(folder, "reflog", "expire", "--expire=all", "--all")
    git(folder, "gc", "--quiet", "--prune=now")
    [facts] = run(tmp_path, "r").facts
    assert facts.history.commits == 2
    assert b"b" not in facts.history.paths.split(b"\0")


def test_what_moved_while_it_was_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pushes by force, there and back: what was read between them is not kept under where the branch stands."""
    folder = make_repository(tmp_path / "r", {"a": "1"})
    older = git(folder, "rev-parse", "main")
    import_commits(folder, [("Newer", {"b": "1"})])
    newer = git(folder, "rev-parse", "main")
    git(folder, "update-ref", "refs/heads/main", older)
    read_facts = harvest_run.read_facts

    def pushed_meanwhile(*args, **kwargs):
        git(folder, "update-ref", "refs/heads/main", newer)
        facts = read_facts(*args, **kwargs)
        git(folder, "update-ref", "refs/heads/main", older)
        return facts

    monkeypatch.setattr(harvest_run, "read_facts", pushed_meanwhile)
    [facts] = run(tmp_path, "r").facts
    assert facts.head == newer
    monkeypatch.undo()
    [facts] = run(tmp_path, "r").facts
    assert facts.head == older


def test_housekeeping_moves_nothing(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r", {"a": "1"})
    git(folder, "tag", "-a", "-m", "One", "v1")
    run(tmp_path, "r")
    git(folder, "gc", "--quiet")
    assert not (folder / ".git/refs/heads/main").exists()
    assert outcomes(tmp_path, "r") == {"r": "cached"}


def test_a_repository_that_is_not_selected_is_not_opened(tmp_path: Path) -> None:
    make_repository(tmp_path / "open", {"a": "1"})
    make_repository(tmp_path / "secret", {"a": "1"})
    (tmp_path / "secret/.git/HEAD").write_text("broken")
    make_repository(tmp_path / "other/secret", {"a": "1"})
    options = HarvestOptions(repositories=("*", "other/secret"), folder=tmp_path)
    progress = Told()
    result = harvest(options, progress=progress, select=lambda source: "secret" not in source.name)
    assert progress.outcomes == {"open": "read"}
    assert "secret" not in repr(result)


def test_a_broken_cache_costs_time_only(tmp_path: Path) -> None:
    make_repository(tmp_path / "r", {"a": "1"})
    whole = run(tmp_path, "r")
    (tmp_path / ".gitguard/state.db").write_bytes(b"no database" * 1000)
    broken = run(tmp_path, "r")
    assert broken.facts == whole.facts
    assert [(finding.code, finding.severity) for finding in broken.findings] == [("cache-unusable", "info")]


def test_git_passes_the_state_folder_over(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "portal", {"README.md": "# Portal\n"})
    harvest(HarvestOptions(repositories=(".",), folder=folder))
    assert (folder / ".gitguard/state.db").is_file()
    assert git(folder, "status", "--porcelain") == ""
    own = tmp_path / "mine"
    own.mkdir()
    harvest(HarvestOptions(repositories=(".",), folder=folder, state_dir=own))
    assert not (own / ".gitignore").exists(), "a folder that was there is the user's own"


def test_a_cache_that_cannot_be_made(tmp_path: Path) -> None:
    make_repository(tmp_path / "r", {"a": "1"})
    (tmp_path / ".gitguard").write_text("a file in its place")
    result = run(tmp_path, "r")
    assert len(result.facts) == 1
    assert [finding.code for finding in result.findings] == ["cache-unusable"]


def test_a_pattern_that_is_wrong_is_told_once_and_at_once(tmp_path: Path) -> None:
    make_repository(tmp_path / "r", {"a": "1"})
    with pytest.raises(SettingError, match="pull_request_patterns"):
        run(tmp_path, "r", pull_request_patterns=("(",))


def test_order_is_that_of_the_entries(tmp_path: Path) -> None:
    for name in "dcba":
        make_repository(tmp_path / name, {"a": "1"})
    assert [facts.about.name for facts in run(tmp_path, "c", "*", jobs=4).facts] == ["c", "a", "b", "d"]
