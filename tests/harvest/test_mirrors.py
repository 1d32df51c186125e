"""Clone URLs, from a real git server: mirrors are partial, refreshed cheaply, and keep no secret."""

import base64
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from make.git import git, import_commits, make_repository
from make.git_server import GitServer, serve

from mkdocs_gitguard.git.process import GitProcessError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest import mirrors
from mkdocs_gitguard.harvest.contents import skip_comments
from mkdocs_gitguard.harvest.mirrors import token_variable
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.run import HarvestResult, harvest
from mkdocs_gitguard.model import Finding


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    folder = make_repository(
        tmp_path / "served/acme/billing.git", {"README.md": "# Billing\n\nBills everyone for everything.\n", "old": "1"}
    )
    for key in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        git(folder, "config", key, "true")
    with serve(tmp_path / "served") as running:
        yield running


def run(server: GitServer, folder: Path, *entries: object, **options: object) -> HarvestResult:
    return harvest(
        HarvestOptions(
            repositories=entries or (f"{server.url}/acme/billing.git",),  # type: ignore[arg-type]
            folder=folder,
            allow_http=True,
            **options,  # type: ignore[arg-type]
        )
    )


def mirror_of(folder: Path) -> Path:
    [mirror] = (folder / ".gitguard/mirrors").rglob("*.git")
    return mirror


def the_only(result: HarvestResult) -> Finding:
    [finding] = result.findings
    return finding


def test_a_clone_url_is_read_from_a_partial_mirror(server: GitServer, tmp_path: Path) -> None:
    result = run(server, tmp_path)
    assert result.findings == ()
    [facts] = result.facts
    assert facts.about.id == "repository:acme/billing"
    assert facts.default_branch == "main"
    assert facts.history.commits == 1
    assert facts.readme_description
    mirror = GitRepository.open(mirror_of(tmp_path))
    assert mirror.is_partial
    entries = {entry.path: entry.id for entry in mirror.tree(facts.head)}
    held = {path: blob.size >= 0 for path, blob in zip(entries, mirror.blobs(entries.values(), limit=9), strict=True)}
    assert held == {"README.md": True, "old": False}


def test_a_mirror_in_which_nothing_moved_costs_one_request(server: GitServer, tmp_path: Path) -> None:
    run(server, tmp_path)
    server.requests.clear()
    run(server, tmp_path)
    assert [request.split("?")[0].rpartition("/")[2] for request in server.requests] == ["refs", "git-upload-pack"]
    server.requests.clear()
    run(server, tmp_path, max_age=3600)
    run(server, tmp_path, refresh=False)
    assert server.requests == []


def test_a_mirror_follows_what_moved(server: GitServer, tmp_path: Path) -> None:
    run(server, tmp_path)
    served = tmp_path / "served/acme/billing.git"
    import_commits(served, [("Second (#2)", {"new": "2"})])
    git(served, "tag", "v1")
    git(served, "branch", "gone")
    [facts] = run(server, tmp_path).facts
    assert facts.history.commits == 2
    assert [tag.name for tag in facts.tags] == ["v1"]
    git(served, "branch", "-D", "gone")
    git(served, "branch", "-m", "main", "trunk")
    [facts] = run(server, tmp_path).facts
    assert facts.default_branch == "trunk"
    assert git(mirror_of(tmp_path), "for-each-ref", "--format=%(refname)") == "refs/heads/trunk\nrefs/tags/v1"


def test_pull_refs_are_left_out_unless_asked_for(server: GitServer, tmp_path: Path) -> None:
    served = tmp_path / "served/acme/billing.git"
    git(served, "update-ref", "refs/pull/7/head", "HEAD")
    run(server, tmp_path)
    assert "refs/pull" not in git(mirror_of(tmp_path), "for-each-ref")
    run(server, tmp_path, pull_refs=True)
    assert "refs/pull/7/head" in git(mirror_of(tmp_path), "for-each-ref")


def test_blobs_come_in_one_request(server: GitServer, tmp_path: Path) -> None:
    served = tmp_path / "served/acme/billing.git"
    import_commits(served, [("Owners", {"CODEOWNERS": "* @mira\n", "LICENSE": "MIT License\n", ".mailmap": "\n"})])
    server.requests.clear()
    run(server, tmp_path)
    fetches = [request for request in server.requests if request.startswith("POST")]
    # Listing, commits and trees, then the files: README, licence and mailmap at once, owners at once.
    assert 3 <= len(fetches) <= 6, fetches


def test_lines_of_pull_requests_are_counted_in_a_mirror(server: GitServer, tmp_path: Path) -> None:
    served = tmp_path / "served/acme/billing.git"
    import_commits(served, [("Fix (#7)", {"old": "1\n2\n"}), ("Add (#8)", {"new": "x\n"})])
    [facts] = run(server, tmp_path).facts
    assert [[(file.path, file.additions, file.deletions) for file in counts.files] for counts in facts.line_counts] == [
        [("new", 1, 0)],
        [("old", 2, 1)],
    ]


def test_of_a_mirror_only_what_has_moved_or_come_is_searched_for_skip_comments(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[tuple[bytes, ...]] = []
    search = skip_comments._searched
    monkeypatch.setattr(skip_comments, "_searched", lambda *given: searched.append(tuple(given[3])) or search(*given))
    skip = "x = 1  # nosemgrep: rule-{}\n"
    served = tmp_path / "served/acme/billing.git"
    import_commits(served, [("Add (#7)", {"a.py": skip.format("a"), "b.py": "1\n"})])
    run(server, tmp_path)
    import_commits(served, [("Fix (#8)", {"b.py": skip.format("b"), "c.py": "1\n"})])
    [facts] = run(server, tmp_path).facts
    # All of what counting lines has needed of both commits.
    assert [scan.path for scan in facts.skip_comments] == ["a.py", "b.py"]
    import_commits(served, [("Push", {"c.py": skip.format("c")})])
    [facts] = run(server, tmp_path).facts
    # Nothing counts the lines of a push, so that nothing has needed the file.
    assert [scan.path for scan in facts.skip_comments] == ["a.py", "b.py"]
    assert searched == [(), (b"b.py", b"c.py"), (b"c.py",)]
    anew = run(server, tmp_path / "anew").facts[0]
    assert (anew.skip_comments, anew.unsearched) == (facts.skip_comments, facts.unsearched)


def test_lines_are_counted_where_the_contents_are(tmp_path: Path) -> None:
    served = make_repository(tmp_path / "served", {"a": "1\n"})
    import_commits(served, [("Fix (#7)", {"a": "2\n"}), ("Add (#8)", {"b": "3\n"})])
    git(served, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{served}", "clone")
    [facts] = harvest(HarvestOptions(repositories=("clone",), folder=tmp_path)).facts
    assert facts.is_partial
    assert [[file.path for file in counts.files] for counts in facts.line_counts] == [["b"]]


def test_a_token_reaches_its_host_and_nothing_else(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server.authorization = "Basic " + base64.b64encode(b"git:s3cr3t").decode()
    monkeypatch.setenv("GIT_TRACE_CURL", "1")
    refused = run(server, tmp_path)
    assert refused.facts == ()
    assert the_only(refused).code == "clone-failed"
    assert "GITGUARD_TOKEN_127_0_0_1" in the_only(refused).hint
    monkeypatch.setenv("GITGUARD_TOKEN_127_0_0_1", "s3cr3t")
    assert len(run(server, tmp_path).facts) == 1
    secrets = (b"s3cr3t", server.authorization.removeprefix("Basic ").encode())
    for path in (tmp_path / ".gitguard").rglob("*"):
        assert not path.is_file() or not any(secret in path.read_bytes() for secret in secrets), path
    server.authorization = "Basic other"
    wrong = run(server, tmp_path)
    assert the_only(wrong).code == "refresh-failed"
    assert len(wrong.facts) == 1
    assert "s3cr3t" not in repr(wrong)
    assert "s3cr3t" not in "".join(capfd.readouterr())


def test_a_token_is_not_carried_to_another_host(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(tmp_path / "served") as other:
        server.redirect = other.url.replace("127.0.0.1", "localhost")
        monkeypatch.setenv("GITGUARD_TOKEN_127_0_0_1", "s3cr3t")
        refused = run(server, tmp_path)
        assert all(server.headers)
        assert other.requests == []
        assert "must not redirect" in the_only(refused).hint
        monkeypatch.delenv("GITGUARD_TOKEN_127_0_0_1")
        assert len(run(server, tmp_path).facts) == 1
        assert not any(other.headers)


def test_an_old_mirror_serves_when_the_host_does_not(server: GitServer, tmp_path: Path) -> None:
    first = run(server, tmp_path)
    server.root = tmp_path / "gone"
    again = run(server, tmp_path)
    assert again.facts == first.facts
    finding = the_only(again)
    assert (finding.code, finding.severity) == ("refresh-failed", "warning")
    assert "What was fetched before is shown." in finding.message


def test_a_clone_that_fails_leaves_the_others(server: GitServer, tmp_path: Path) -> None:
    make_repository(tmp_path / "local", {"a": "1"})
    result = run(server, tmp_path, f"{server.url}/acme/nothing.git", "local", f"{server.url}/acme/billing.git")
    assert [facts.about.name for facts in result.facts] == ["local", "billing"]
    finding = the_only(result)
    assert (finding.code, finding.severity, finding.repository) == ("clone-failed", "error", "repository:acme/nothing")
    assert list((tmp_path / ".gitguard/mirrors").rglob(".new-*")) == []


def test_a_clone_that_hangs_is_stopped(server: GitServer, tmp_path: Path) -> None:
    server.hangs.set()
    begun = time.monotonic()
    result = run(server, tmp_path, clone_time_limit=0.7)
    assert time.monotonic() - begun < 50
    assert the_only(result).code == "clone-failed"
    assert "stopped after 0.7 seconds" in the_only(result).message
    assert "clone_time_limit" in the_only(result).hint


def test_files_that_cannot_be_fetched_are_told_and_tried_again(server: GitServer, tmp_path: Path) -> None:
    server.forbidden = git(tmp_path / "served/acme/billing.git", "rev-parse", "HEAD:README.md").encode()
    result = run(server, tmp_path)
    assert [finding.code for facts in result.facts for finding in facts.findings] == ["files-not-fetched"]
    assert [(facts.history.commits, facts.readme_description) for facts in result.facts] == [(1, "")]
    server.forbidden = b""
    again = run(server, tmp_path)
    assert [finding.code for facts in again.facts for finding in facts.findings] == []
    assert [facts.readme_description for facts in again.facts] == ["Bills everyone for everything."]


def test_never_fetched_and_not_to_be(server: GitServer, tmp_path: Path) -> None:
    result = run(server, tmp_path, refresh=False)
    assert the_only(result).code == "not-fetched"
    assert server.requests == []


def test_an_empty_repository_can_be_cloned(server: GitServer, tmp_path: Path) -> None:
    make_repository(tmp_path / "served/acme/empty.git")
    result = run(server, tmp_path, f"{server.url}/acme/empty.git")
    assert [finding.code for facts in result.facts for finding in facts.findings] == ["empty-repository"]


def test_a_state_folder_that_cannot_be_written(server: GitServer, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    result = run(server, tmp_path, state_dir=Path("state"))
    assert {finding.code for finding in result.findings} == {"clone-failed", "cache-unusable"}
    assert any("state_dir" in finding.hint for finding in result.findings)


def test_names_of_token_variables() -> None:
    assert token_variable("git.acme-corp.org") == "GITGUARD_TOKEN_GIT_ACME_CORP_ORG"


SSH = """#!/bin/sh
# Stands where ssh does, without a network: runs the last argument, the command that git wants run on the host.
echo "$@" >> "$SSH_LOG"
for command; do :; done
exec sh -c "$command"
"""


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file that stands where ssh does."""
    script = tmp_path / "ssh"
    script.write_text(SSH)
    script.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(script))
    monkeypatch.setenv("GIT_SSH_VARIANT", "ssh")
    monkeypatch.setenv("SSH_LOG", str(tmp_path / "ssh.log"))
    return script


def test_a_clone_url_by_ssh_is_read_from_a_partial_mirror(server: GitServer, tmp_path: Path, ssh: Path) -> None:
    served = tmp_path / "served/acme/billing.git"
    result = run(server, tmp_path, f"ssh://git@forge.example:2222{served}")
    assert result.findings == ()
    [facts] = result.facts
    assert facts.readme_summary == "Bills everyone for everything."
    assert GitRepository.open(mirror_of(tmp_path)).is_partial
    assert "-p 2222 git@forge.example git-upload-pack" in (tmp_path / "ssh.log").read_text()


@pytest.mark.parametrize(
    "reason",
    ["git@forge.example: Permission denied (publickey).", "Host key verification failed.", "ssh: Connection refused"],
)
def test_why_ssh_lets_nobody_in_is_told(server: GitServer, tmp_path: Path, ssh: Path, reason: str) -> None:
    ssh.write_text(f"#!/bin/sh\necho '{reason}' >&2\nexit 255\n")
    finding = the_only(run(server, tmp_path, "ssh://git@forge.example:2222/acme/billing.git"))
    assert finding.code == "clone-failed"
    assert reason in finding.message
    assert "`ssh -p 2222 forge.example`" in finding.hint


def test_an_unknown_authority_is_told_with_the_setting_for_it(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> Iterator[bytes]:
        raise GitProcessError("fatal: server certificate verification failed.", exit_code=128)

    monkeypatch.setattr(mirrors, "run", refuse)
    assert "GIT_SSL_CAINFO" in the_only(run(server, tmp_path, "https://forge.example/acme/billing.git")).hint


def test_a_mirrors_own_configuration_does_not_count(server: GitServer, tmp_path: Path) -> None:
    run(server, tmp_path)
    mirror = mirror_of(tmp_path)
    ours = (mirror / "config").read_bytes()
    git(mirror, "config", "core.sshCommand", f"touch {tmp_path}/pwned")
    git(mirror, "config", "credential.helper", f"!touch {tmp_path}/pwned")
    git(mirror, "config", "remote.origin.uploadpack", f"touch {tmp_path}/pwned")
    git(mirror, "config", f"url.ext::touch {tmp_path}/pwned.insteadOf", server.url)
    (mirror / "config.worktree").write_text(f"[core]\n\tgitProxy = touch {tmp_path}/pwned\n")
    (mirror / "hooks").mkdir(exist_ok=True)
    (mirror / "hooks/reference-transaction").write_text(f"#!/bin/sh\ntouch {tmp_path}/pwned\n")
    (mirror / "hooks/reference-transaction").chmod(0o755)
    import_commits(tmp_path / "served/acme/billing.git", [("Move", {"new": "1"})])
    assert run(server, tmp_path).findings == ()
    assert not (tmp_path / "pwned").exists()
    assert (mirror / "config").read_bytes() == ours
    assert not (mirror / "config.worktree").exists()
