"""The Action's steps, run in bash with webhook payloads of GitHub's shape and a GitHub that answers."""

import json
import shutil
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from action.runner import ACTION, Run, run_action
from make.git import commit, git, make_repository

from mkdocs_gitguard.state.measurements import Measurements

HOSTILE = '$(touch pwned) `touch pwned` "; touch pwned; " ${{ github.token }} <script>'


class FakeGitHub(HTTPServer):
    """Keeps the comments of one issue."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), FakeHandler)
        self.comments: list[dict[str, object]] = [{"id": 1, "body": "a comment of somebody"}]
        self.calls: list[str] = []
        self.tokens: set[str] = set()


class FakeHandler(BaseHTTPRequestHandler):
    server: FakeGitHub

    def _answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        self.server.calls.append(f"{self.command} {self.path.partition('?')[0]}")
        self.server.tokens.add(self.headers["Authorization"])
        if self.command == "POST":
            self.server.comments.append({"id": len(self.server.comments) + 1, **body})
        elif self.command == "PATCH":
            self.server.comments[int(self.path.rpartition("/")[2]) - 1] |= body
        content = json.dumps(self.server.comments).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def fake_github() -> Iterator[FakeGitHub]:
    server = FakeGitHub()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def checkout(folder: Path, *messages: str) -> Path:
    """Make what actions/checkout would, with a commit for each message."""
    make_repository(folder, remote=f"https://github.com/Codertocat/{folder.name}")
    for number, message in enumerate(messages):
        commit(folder, message, {f"file-{number}.py": "x = 1\n"})
    return folder


def payload(tmp_path: Path, name: str, **more: object) -> Path:
    """An event as GitHub sends it, less the fields that nobody reads."""
    path = tmp_path / f"{name}.json"
    path.write_text(
        json.dumps(
            {
                "repository": {"id": 1, "name": "Hello-World", "full_name": "Codertocat/Hello-World"},
                "sender": {"login": "Codertocat"},
                **more,
            }
        )
    )
    return path


def act(tmp_path: Path, event_name: str, event: Path, *, env: dict[str, str] | None = None, **inputs: str) -> Run:
    temp = tmp_path / f"runner-{len(list(tmp_path.glob('runner-*')))}"
    temp.mkdir()
    return run_action(tmp_path / "Hello-World", temp, event=event, event_name=event_name, inputs=inputs, env=env or {})


def test_a_push_builds_the_checkout_and_preview_refuses_to_publish(tmp_path: Path) -> None:
    checkout(tmp_path / "Hello-World", "Start", "Add the second (#2)")
    run = act(tmp_path, "push", payload(tmp_path, "push", ref="refs/heads/main", commits=[]))
    assert not run.failed, run.log
    assert run.ran == ["Build", "Publish", "Summary"]
    assert run.outputs["published"] == "false"
    assert run.outputs["phase"] == "preview"
    assert run.outputs["artifact"] == ""
    assert "The phase is preview, which never publishes" in run.outputs["reasons"]
    assert json.loads(run.outputs["counts"])["pull requests"] == 1
    assert Path(run.outputs["site"], "repository/!codertocat/!hello-!world/index.html").is_file()
    assert "| Repositories | 1 |" in run.summary
    assert "**Not published:**" in run.summary


def test_production_publishes_the_artifact_that_github_deploys(tmp_path: Path) -> None:
    workspace = checkout(tmp_path / "Hello-World", "Start")
    (workspace / "docs").mkdir()
    (workspace / "docs" / "about.md").write_text("# About\n")
    (workspace / "mkdocs.yml").write_text(
        "site_name: Portal\ntheme: {name: material}\nplugins: [{gitguard: {phase: production}}]\n"
    )
    url = "https://codertocat.github.io/portal/"
    run = act(tmp_path, "push", payload(tmp_path, "push"), env={"DOCS_PUBLISH_URL": url}, history="none")
    assert not run.failed, run.log
    assert run.outputs["published"] == "true"
    with tarfile.open(run.outputs["artifact"]) as artifact:
        assert {"./index.html", "./release.json", "./rollout/index.html"} <= set(artifact.getnames())
    assert f"**Published** release `{run.outputs['release']}`" in run.summary
    assert "[Open the portal](https://codertocat.github.io/portal/)" in run.summary
    assert "### Phase 3: Full Production: " in run.summary
    # Another machine, which knows nothing but what was published.
    published = tmp_path / "published"
    shutil.move(Path(run.outputs["site"], "metrics"), published)
    shutil.rmtree(workspace / ".gitguard")
    stopped = act(
        tmp_path,
        "push",
        payload(tmp_path, "push"),
        env={"CODEX_PUBLISH_ENABLED": "false"},
        publish="true",
        history=str(published),
    )
    assert stopped.failed == ""
    assert len(Measurements(workspace / ".gitguard" / "state.db").measurements("build.duration")) == 2
    assert Path(stopped.outputs["site"], "metrics", "history.msgpack").is_file()
    assert (stopped.outputs["published"], stopped.outputs["artifact"]) == ("false", "")
    assert stopped.outputs["reasons"] == "CODEX_PUBLISH_ENABLED is false (environment)."


@pytest.mark.slow
def test_a_pull_request_gets_one_comment_and_nothing_in_an_input_is_run(
    tmp_path: Path, fake_github: FakeGitHub
) -> None:
    checkout(tmp_path / "Hello-World", "Start", "Add the second (#2)")
    checkout(tmp_path / "Other", "Start")
    event = payload(tmp_path, "pull_request", action="opened", number=2, pull_request={"number": 2, "title": HOSTILE})
    env = {"GITHUB_API_URL": f"http://127.0.0.1:{fake_github.server_port}", "DOCS_PUBLISH_URL": "https://x.example/p"}
    inputs = {"repositories": f".\n\n../Other\n../{HOSTILE}", "publish": "false", "comment": "true"}
    first = act(tmp_path, "pull_request", event, env=env, **inputs)
    assert not first.failed, first.log
    assert first.ran == ["Build", "Summary", "Comment"]
    assert json.loads(first.outputs["counts"])["repositories"] == 2
    again = act(tmp_path, "pull_request", event, env=env, **inputs)
    assert not again.failed, again.log
    assert not list(tmp_path.rglob("pwned"))
    issue = "/repos/Codertocat/Hello-World/issues"
    assert [call for call in fake_github.calls if "GET" not in call] == [
        f"POST {issue}/2/comments",
        f"PATCH {issue}/comments/2",
    ]
    assert fake_github.tokens == {"Bearer t0ken"}
    body = str(fake_github.comments[1]["body"])
    assert "(https://x.example/p/pull-request/%21codertocat/%21hello-%21world/2/)" in body
    assert "Built, not published" in body


def test_a_build_that_fails_is_told_and_fails_the_job(tmp_path: Path) -> None:
    checkout(tmp_path / "Hello-World", "Start")
    run = act(tmp_path, "push", payload(tmp_path, "push"), phase="stagging")
    assert run.failed == "Build"
    assert "There is no phase 'stagging'. Did you mean staging?" in run.log


def published_site(folder: Path, **files: str) -> Path:
    checkout(folder, "Start")
    (folder / "docs").mkdir()
    for name, text in {"docs/about.md": "# About", **files}.items():
        (folder / name).write_text(text)
    (folder / "mkdocs.yml").write_text(
        "site_name: Portal\ntheme: {name: mkdocs}\nplugins: [{gitguard: {phase: production, strict_findings: never}}]\n"
    )
    return folder


@pytest.mark.slow
def test_an_artifact_of_another_run_is_not_this_ones(tmp_path: Path) -> None:
    event = payload(tmp_path, "push")
    temp = tmp_path / "runner"

    def run(site: Path, env: dict[str, str] | None = None, **inputs: str) -> Run:
        return run_action(site, temp, event=event, event_name="push", inputs=inputs, env=env or {})

    first, second = (published_site(tmp_path / name) for name in ("first", "second"))
    assert run(first).outputs["artifact"] == str(temp / "artifact.tar")
    stopped = run(second, {"CODEX_PUBLISH_ENABLED": "false"})
    assert (stopped.outputs["published"], stopped.outputs["artifact"]) == ("false", "")
    own = run(first, target="pages-artifact:out/site.tar")
    assert own.outputs["artifact"] == str(first / "out" / "site.tar")
    built = run(first, publish="false")
    assert (built.outputs["published"], built.outputs["artifact"], built.outputs["release"]) == ("false", "", "")
    # The build fails before any plugin hears of it.
    assert run(first).outputs["published"] == "true"
    text = (first / "mkdocs.yml").read_text()
    (first / "mkdocs.yml").write_text(text.replace("name: mkdocs", "name: mkdocs, custom_dir: none"))
    broken = run(first)
    assert broken.failed == "Build"
    assert broken.outputs["published"] != "true"
    assert broken.outputs["artifact"] == ""


def test_a_publish_that_fails_is_told_in_the_outputs(tmp_path: Path) -> None:
    published_site(tmp_path / "Hello-World")
    assert act(tmp_path, "push", payload(tmp_path, "push")).outputs["published"] == "true"
    secret = "AKIA" + "Z7Q2M4N6P8R1T3V5"
    (tmp_path / "Hello-World" / "docs" / "about.md").write_text(f"# About\n\n{secret}\n")
    run = act(tmp_path, "push", payload(tmp_path, "push"))
    assert run.failed == "Publish"
    assert run.ran[-1] == "Summary"
    assert (run.outputs["published"], run.outputs["artifact"], run.outputs["release"]) == ("false", "", "")
    assert "looks like a secret: AWS Access Key" in run.outputs["reasons"]
    assert "**Not published:**" in run.summary
    assert secret not in run.log + run.summary + run.outputs["reasons"]


def test_a_build_that_strict_aborts_is_told_as_failed(tmp_path: Path) -> None:
    site = published_site(tmp_path / "Hello-World")
    assert act(tmp_path, "push", payload(tmp_path, "push")).outputs["published"] == "true"
    (site / "docs" / "about.md").write_text("# About\n\n[x](none.md)\n")
    run = act(tmp_path, "push", payload(tmp_path, "push"), strict="true")
    assert run.failed == "Build"
    assert "The build did not end well" in run.summary
    assert (run.outputs["published"], run.outputs["artifact"]) == ("false", "")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_break_in_an_input_sets_no_other_output(tmp_path: Path, end: str) -> None:
    checkout(tmp_path / "Hello-World", "Start")
    (tmp_path / "other.yml").write_text("site_name: Other\n")
    hostile = f"mkdocs.yml{end}config={tmp_path}/other.yml{end}artifact=/etc/passwd"
    run = act(
        tmp_path, "push", payload(tmp_path, "push"),
        **{"config-file": hostile, "target": hostile, "phase": f"preview{end}published=true"},
    )  # fmt: skip
    assert run.failed == "Build"
    assert "The input config-file has more than one line." in run.log
    assert run.outputs["artifact"] == ""
    assert run.outputs["published"] != "true"


def test_a_line_break_behind_an_input_does_no_harm(tmp_path: Path) -> None:
    published_site(tmp_path / "Hello-World")
    run = act(tmp_path, "push", payload(tmp_path, "push"), **{"config-file": "mkdocs.yml\n", "publish": "false"})
    assert not run.failed, run.log
    assert Path(run.outputs["site"], "about/index.html").is_file()


def test_no_module_of_the_checkout_is_imported(tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    modules = ("yaml", "mkdocs", "venv", "click", "git", "jinja2", "sitecustomize")
    files = {
        f"{name}.py": f"open({str(marker)!r}, 'a').write(__name__)\nraise ImportError(__name__)\n" for name in modules
    }
    published_site(tmp_path / "Hello-World", **files)
    run = act(tmp_path, "push", payload(tmp_path, "push"))
    assert not run.failed, run.log
    assert not marker.exists()
    for step in ACTION["runs"]["steps"]:
        assert "run" not in step or step["env"]["PYTHONSAFEPATH"] == "1"


def test_every_input_and_output_is_documented() -> None:
    for kind in ("inputs", "outputs"):
        for name, spec in ACTION[kind].items():
            assert len(spec["description"]) > 15, name
    assert all(step.get("shell") == "bash" for step in ACTION["runs"]["steps"] if "run" in step)
    for step in ACTION["runs"]["steps"]:
        if "uses" in step:
            assert len(step["uses"].rpartition("@")[2]) == 40


def test_what_a_pull_request_changes_is_one_comment_that_is_changed_in_place(
    tmp_path: Path, fake_github: FakeGitHub
) -> None:
    workspace = checkout(tmp_path / "Hello-World", "Start")
    base = git(workspace, "rev-parse", "HEAD")
    git(workspace, "checkout", "-q", "-b", "topic")
    commit(workspace, "Work", {"CODEOWNERS": "* @mira\n", "a.py": "x()  # nosemgrep: a because @acme/all says so\n"})
    fake_github.comments.append({"id": 2, "body": "<!-- gitguard-portal -->\nof another step"})
    env = {"GITHUB_API_URL": f"http://127.0.0.1:{fake_github.server_port}"}

    def act_on(head: str) -> Run:
        request = {"number": 2, "title": HOSTILE, "base": {"sha": base}, "head": {"sha": head}}
        event = payload(tmp_path, "pull_request", action="opened", number=2, pull_request=request)
        return act(tmp_path, "pull_request", event, env=env, publish="false", changes="true")

    first = act_on(git(workspace, "rev-parse", "HEAD"))
    assert not first.failed, first.log
    assert first.ran == ["Build", "Summary", "Changes"]
    assert "`a` in `a.py:1`, because `because @acme/all says so`" in str(fake_github.comments[2]["body"])
    commit(workspace, "Take it back", {"a.py": "x()\n"})
    again = act_on(git(workspace, "rev-parse", "HEAD"))
    assert not again.failed, again.log
    body = str(fake_github.comments[2]["body"])
    assert body.startswith("<!-- gitguard-changes -->\n### What this changes: 2 files\n")
    assert "because" not in body
    issue = "/repos/Codertocat/Hello-World/issues"
    assert [call for call in fake_github.calls if "GET" not in call] == [
        f"POST {issue}/2/comments",
        f"PATCH {issue}/comments/3",
    ]
