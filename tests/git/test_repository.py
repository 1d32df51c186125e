"""Opened repositories: what is read, what a hostile one cannot do, and how failures are told."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from make.git import git, import_commits, make_repository

from mkdocs_gitguard.errors import GitCommandError, SourceError
from mkdocs_gitguard.git.process import kill_all
from mkdocs_gitguard.git.repository import GitRepository


def test_tree_and_blobs_come_in_order(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r", {"b.txt": "two\n", "a/x.txt": "one\n", "empty": ""})
    repository = GitRepository.open(folder)
    commit = repository.resolve("HEAD")
    assert commit == git(folder, "rev-parse", "HEAD")
    entries = list(repository.tree(commit or ""))
    assert [(entry.mode, entry.type, entry.path) for entry in entries] == [
        ("100644", "blob", "a/x.txt"),
        ("100644", "blob", "b.txt"),
        ("100644", "blob", "empty"),
    ]
    ids = [entry.id for entry in entries]
    missing = "0" * 40
    blobs = list(repository.blobs([*ids, missing, ids[0]], limit=100))
    assert [blob.data for blob in blobs] == [b"one\n", b"two\n", b"", None, b"one\n"]
    assert [blob.size for blob in blobs] == [4, 4, 0, -1, 4]


def test_a_blob_over_the_limit_is_not_read(tmp_path: Path) -> None:
    folder = make_repository(tmp_path, {"big": b"x" * 3_000_000, "small": "s"})
    repository = GitRepository.open(folder)
    ids = [entry.id for entry in repository.tree(repository.resolve("HEAD") or "")]
    assert [(blob.size, blob.data) for blob in repository.blobs(ids, limit=1000)] == [(3_000_000, None), (1, b"s")]


def test_many_blobs_do_not_deadlock(tmp_path: Path) -> None:
    files = {f"{number}.txt": f"{number}\n" * 200 for number in range(3000)}
    repository = GitRepository.open(make_repository(tmp_path, files))
    entries = list(repository.tree(repository.resolve("HEAD") or ""))
    blobs = repository.blobs([entry.id for entry in entries], limit=10_000)
    assert {entry.path: (blob.data or b"").decode() for entry, blob in zip(entries, blobs, strict=True)} == files


def test_a_failed_stream_is_an_error_and_names_the_repository(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "acme", {"a": "1"})
    repository = GitRepository.open(folder, label="acme/billing")
    with pytest.raises(GitCommandError, match=r"acme/billing: git log failed with code 128: fatal: bad object"):
        repository.output("log", "--end-of-options", "1" * 40)


def test_a_missing_tree_is_an_error_not_a_short_tree(tmp_path: Path) -> None:
    folder = make_repository(tmp_path, {"a/b": "1", "c": "2"})
    tree = git(folder, "rev-parse", "HEAD:a")
    (folder / ".git/objects" / tree[:2] / tree[2:]).unlink(missing_ok=True)
    for pack in (folder / ".git/objects/pack").glob("*"):
        pack.unlink()
    repository = GitRepository.open(folder)
    with pytest.raises(GitCommandError):
        list(repository.tree(git_head(folder)))


def git_head(folder: Path) -> str:
    return (folder / ".git/refs/heads/main").read_text().strip()


def test_a_slow_process_is_stopped(tmp_path: Path) -> None:
    repository = GitRepository.open(make_repository(tmp_path, {"a": "1"}), label="slow", time_limit=0.3)

    def never() -> Iterator[bytes]:
        yield b""
        while not stopped:
            yield b"\n"

    stopped: list[bool] = []
    with pytest.raises(GitCommandError, match=r"slow: git cat-file was stopped after 0\.3 seconds"):
        for _ in repository.stream("cat-file", "--batch-check", "--buffer", stdin=never()):
            pass
    stopped.append(True)


def test_without_a_time_limit(tmp_path: Path) -> None:
    repository = GitRepository.open(make_repository(tmp_path, {"a": "1"}), time_limit=0)
    assert [entry.path for entry in repository.tree(git_head(tmp_path))] == ["a"]


def test_a_stream_that_is_dropped_ends_its_process(tmp_path: Path) -> None:
    folder = make_repository(tmp_path, {f"{n}.txt": "x" * 50 for n in range(3000)})
    repository = GitRepository.open(folder)
    stream = repository.stream("log", "-p", "--no-textconv", "--no-ext-diff", "--end-of-options", git_head(folder))
    next(stream)
    stream.close()  # type: ignore[attr-defined] - a generator


def test_an_error_in_the_input_is_raised_where_it_is_read(tmp_path: Path) -> None:
    repository = GitRepository.open(make_repository(tmp_path, {"a": "1"}))

    def broken() -> Iterator[bytes]:
        yield b"HEAD\n"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(repository.stream("cat-file", "--batch-check", stdin=broken()))


def test_only_reading_commands_run(tmp_path: Path) -> None:
    repository = GitRepository.open(make_repository(tmp_path, {"a": "1"}))
    with pytest.raises(ValueError, match="only reads"):
        repository.output("gc")


@pytest.mark.parametrize("ref", ["--output=stolen", "-h", "", "a\nb", "a\0b", "../../etc/passwd", "nothing", "0" * 40])
def test_a_ref_that_is_none(tmp_path: Path, ref: str) -> None:
    repository = GitRepository.open(make_repository(tmp_path, {"a": "1"}))
    assert repository.resolve(ref) is None
    assert not (tmp_path / "stolen").exists()
    assert not (tmp_path / ".git/stolen").exists()


def test_refs_resolve_to_commits(tmp_path: Path) -> None:
    folder = make_repository(tmp_path, {"a": "1"})
    commit = git(folder, "rev-parse", "HEAD")
    git(folder, "tag", "-a", "-m", "One", "v1.0")
    git(folder, "branch", "next")
    import_commits(folder, [("Second", {"b": "2"})], branch="next")
    git(folder, "pack-refs", "--all")
    repository = GitRepository.open(folder)
    for ref in ("HEAD", "main", "refs/heads/main", "v1.0", "refs/tags/v1.0", commit, commit[:10], "next~1"):
        assert repository.resolve(ref) == commit, ref
    assert repository.resolve("next") == git(folder, "rev-parse", "next")


def test_configuration_of_a_hostile_repository_runs_nothing(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "r", {"a.txt": "1\n", ".gitattributes": "*.txt diff=evil filter=evil\n"})
    import_commits(folder, [("Change", {"a.txt": "2\n"})])
    (folder / ".git/info/attributes").write_text("*.txt diff=evil filter=evil\n")
    proof = tmp_path / "proof"
    script = tmp_path / "evil"
    script.write_text(f"#!/bin/sh\necho $0 >> {proof}\n")
    script.chmod(0o755)
    (tmp_path / "included").write_text(f"[core]\n\tpager = {script}\n[log]\n\tshowSignature = true\n")
    for key in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "core.askPass",
        "core.alternateRefsCommand",
        "core.editor",
        "gpg.program",
        "gpg.ssh.program",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "pager.log",
        "alias.log",
        "uploadpack.packObjectsHook",
    ):
        git(folder, "config", key, f"!{script}" if key == "alias.log" else str(script))
    git(folder, "config", "log.showSignature", "true")
    git(folder, "config", "include.path", str(tmp_path / "included"))
    git(folder, "config", "color.ui", "always")
    (folder / ".git/hooks/post-index-change").write_text(script.read_text())
    (folder / ".git/hooks/post-index-change").chmod(0o755)
    signed = git_bytes_commit(folder).replace(
        b"\n\nChange", b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n -----END PGP SIGNATURE-----\n\nChange"
    )
    commit = hash_object(folder, signed)
    subprocess.run(["git", "log", "-p", "--ext-diff", commit], cwd=folder, capture_output=True, check=False)
    assert proof.is_file(), "the trap must work on a git that is not hardened"
    proof.unlink()
    git(folder, "config", "core.worktree", "../../nowhere")
    repository = GitRepository.open(folder)
    assert repository.resolve("HEAD")
    log = repository.output(
        "log", "-z", "--raw", "--no-abbrev", "--no-renames", "--format=%H", "--end-of-options", commit
    )
    assert b"\x1b" not in log
    assert log.count(b"a.txt") == 2
    counts = repository.output("diff-tree", "-r", "--numstat", "--no-ext-diff", "--end-of-options", commit)
    assert b"1\t1\ta.txt" in counts
    assert [entry.path for entry in repository.tree(commit)] == [".gitattributes", "a.txt"]
    assert repository.output("for-each-ref", "--format=%(refname)") == b"refs/heads/main\n"
    assert not proof.exists(), proof.read_text()


def git_bytes_commit(folder: Path) -> bytes:
    return (git(folder, "cat-file", "commit", "HEAD") + "\n").encode()


def hash_object(folder: Path, content: bytes) -> str:
    return git(folder, "hash-object", "-t", "commit", "-w", "--stdin", stdin=content)


def test_the_environment_of_a_hook_does_not_lead_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = make_repository(tmp_path / "other", {"other": "1"})
    folder = make_repository(tmp_path / "mine", {"mine": "1"})
    for name, value in {
        "GIT_DIR": str(other / ".git"),
        "GIT_WORK_TREE": str(other),
        "GIT_INDEX_FILE": str(other / ".git/index"),
        "GIT_OBJECT_DIRECTORY": str(other / ".git/objects"),
        "GIT_COMMON_DIR": str(other / ".git"),
        "GIT_CONFIG_PARAMETERS": "'log.showRoot=false'",
        "GIT_GLOB_PATHSPECS": "1",
        "GIT_NAMESPACE": "other",
        "GIT_EXTERNAL_DIFF": "false",
    }.items():
        monkeypatch.setenv(name, value)
    repository = GitRepository.open(folder)
    commit = repository.resolve("HEAD") or ""
    assert [entry.path for entry in repository.tree(commit)] == ["mine"]
    assert b"mine" in repository.output("log", "--raw", "--end-of-options", commit)


def test_long_object_ids(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--object-format=sha256")
    import_commits(tmp_path, [("Begin", {"a": "1"})])
    repository = GitRepository.open(tmp_path)
    commit = repository.resolve("HEAD") or ""
    assert len(commit) == 64
    [entry] = repository.tree(commit)
    assert [blob.data for blob in repository.blobs([entry.id], limit=9)] == [b"1"]
    assert commit.encode() in repository.output("log", "--raw", "--end-of-options", commit)


def test_the_empty_repository_is_made_anew_when_it_was_cleaned_away(tmp_path: Path) -> None:
    folder = make_repository(tmp_path, {"a": "1"})
    shutil.rmtree(GitRepository.open(folder)._for_objects["GIT_DIR"])
    repository = GitRepository.open(folder)
    assert [entry.path for entry in repository.tree(git_head(folder))] == ["a"]


def test_interrupting_ends_what_runs(tmp_path: Path) -> None:
    repository = GitRepository.open(make_repository(tmp_path, {"a": "1"}))
    is_fed, is_gone = threading.Event(), threading.Event()

    def never() -> Iterator[bytes]:
        yield b"\n"
        # The input waits for ever; released as soon as the process is gone.
        is_fed.set()
        assert is_gone.wait(60)

    def interrupt() -> None:
        is_fed.wait(60)
        kill_all()
        is_gone.set()

    threading.Thread(target=interrupt).start()
    with pytest.raises(GitCommandError, match="failed with code -9"):
        list(repository.stream("cat-file", "--batch-check", stdin=never()))


def test_not_a_repository(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    for name in ("folder", "file"):
        with pytest.raises(SourceError, match=f"{name} is not a git repository"):
            GitRepository.open(tmp_path / name)
    with pytest.raises(SourceError, match="nowhere does not exist"):
        GitRepository.open(tmp_path / "nowhere")
