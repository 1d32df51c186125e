"""Nothing of a repository that one only looks at is run, and nothing that it has committed for us is used."""

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from make.git import environment, git, make_repository
from make.servers import PATIENCE

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.state.user_folders import user_state_folder

COMMANDS = {
    "build": ["build"],
    "build DIR": ["build", ".", "-d", "../out"],
    "preview": ["preview", "--address", "127.0.0.1:0"],
    "owners check": ["owners", "check"],
    "owners of": ["owners", "of", "README.md"],
    "owners explain": ["owners", "explain", "README.md"],
    "policies list": ["policies", "list"],
    "policies check": ["policies", "check"],
    "harvest": ["harvest", "-o", "../snapshot.json"],
    "harvest DIR": ["harvest", ".", "-o", "../snapshot.json"],
    "export": ["export", "../exported"],
    "export backstage": ["export", "--format", "backstage", "../exported"],
    "rollout status": ["rollout", "status"],
    "rollout check": ["rollout", "check"],
    "rollout select": ["rollout", "select"],
    "rollout plan": ["rollout", "plan"],
    "github summary": ["github", "summary"],
    "publish": ["publish", "--target", "directory:../published"],
}
SITE = "site_name: x\nplugins: [gitguard]\n"
HOSTILE = {
    "hooks": {"mkdocs.yml": f"{SITE}hooks: [evil.py]\n"},
    "inherited hooks": {"mkdocs.yml": f"{SITE}INHERIT: base.yml\n", "base.yml": "hooks: [evil.py]\n"},
    "merged hooks": {"mkdocs.yml": f"{SITE}<<: {{hooks: [evil.py]}}\n"},
    "a plugin that imports": {"mkdocs.yml": "site_name: x\nplugins: [gitguard, {macros: {module_name: evil}}]\n"},
    "a group": {
        "mkdocs.yml": "site_name: x\ntheme: material\nplugins: [{group: {enabled: true, plugins: [gitguard,"
        " {macros: {module_name: evil}}]}}]\n"
    },
    "a Markdown extension": {"mkdocs.yml": f"{SITE}markdown_extensions: [evil]\n"},
    "a Python tag": {"mkdocs.yml": f"{SITE}x: !!python/object/apply:runpy.run_path [evil.py]\n"},
    "a theme": {
        "mkdocs.yml": f"{SITE}theme: {{name: mkdocs, custom_dir: theme}}\n",
        "theme/main.html": "{{ config.__class__.__init__.__globals__['__builtins__'].exec(\"import evil\") }}",
    },
    "a template": {
        "mkdocs.yml": f"{SITE}extra_templates: [x.html]\n",
        "docs/x.html": "{{ config.__class__.__init__.__globals__['__builtins__'].exec(\"import evil\") }}",
    },
}


def make_hostile(folder: Path, files: dict[str, str], canary: Path) -> Path:
    evil = f"open({str(canary)!r}, 'a').write(__file__)\n"
    modules = {f"{name}.py": evil for name in ("evil", "mkdocs", "yaml", "click", "jinja2", "git", "venv")}
    common = {"README.md": "# Harmless\n", "CODEOWNERS": "* @mira\n", "docs/about.md": "# About\n", **modules}
    make_repository(folder.with_suffix(".origin"), {**common, **files})
    git(folder.parent, "clone", "--quiet", str(folder.with_suffix(".origin")), str(folder))
    return folder


@pytest.fixture(scope="module", params=HOSTILE)
def pattern(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone to be copied, of one kind of hostile repository."""
    folder = tmp_path_factory.mktemp("pattern")
    return make_hostile(folder / "clone", HOSTILE[request.param], folder / "canary")


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_runs_what_a_clone_brings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: Path, command: str
) -> None:
    canary = pattern.parent / "canary"
    canary.unlink(missing_ok=True)
    monkeypatch.chdir(shutil.copytree(pattern, tmp_path / "clone", symlinks=True))
    result = CliRunner().invoke(cli, COMMANDS[command])
    assert not canary.exists()
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    if command in {"build", "build DIR", "preview"}:
        assert result.exit_code == 1
        assert "--config-file" in result.output
    # What a site remembers between runs lies beside its mkdocs.yml.
    assert git(Path.cwd(), "status", "--porcelain", "--ignored") in {"", "!! .gitguard/"}


@pytest.mark.parametrize("start", [[sys.executable, "-m", "mkdocs_gitguard"], ["gitguard"]])
def test_no_module_of_the_folder_that_one_stands_in_is_run(tmp_path: Path, start: list[str]) -> None:
    canary = tmp_path / "canary"
    clone = make_hostile(tmp_path / "clone", {}, canary)
    if start == ["gitguard"]:
        start = [str(Path(sys.executable).with_name("gitguard"))]
    done = subprocess.run([*start, "build", "-d", "../out"], cwd=clone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not canary.exists()
    assert (tmp_path / "out/repository/local/clone.origin/index.html").is_file()
    assert git(clone, "status", "--porcelain", "--ignored") == ""


def test_what_a_clone_has_committed_for_us_is_not_used(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.txt").write_text("precious")
    origin = make_repository(tmp_path / "origin", {"README.md": "# x\n"})
    state = origin / ".gitguard"
    (state / "preview/docs").mkdir(parents=True)
    (state / "preview/docs/start.md").write_text("<script>alert(1)</script>")
    (state / "preview/config/rollout").mkdir(parents=True)
    (state / "preview/config/rollout/current.env").write_text("CODEX_ROLLOUT_PHASE=production\n")
    (state / "state.db").write_bytes(b"forged")
    (state / "site").symlink_to("../../home")
    git(origin, "add", "-A", "-f")
    git(origin, "commit", "--quiet", "-m", "All")
    git(tmp_path, "clone", "--quiet", str(origin), "clone")
    command = [sys.executable, "-m", "mkdocs_gitguard"]
    done = subprocess.run([*command, "build", "clone"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (home / "thesis.txt").read_text() == "precious"
    assert git(tmp_path / "clone", "status", "--porcelain", "--ignored") == ""
    pages = list(Path(os.environ["XDG_CACHE_HOME"]).rglob("*.html"))
    assert pages
    assert not any("alert(1)" in page.read_text() for page in pages)
    status = [*command, "rollout", "status"]
    output = subprocess.run(status, cwd=tmp_path / "clone", capture_output=True, text=True, check=True).stdout
    assert "Phase: preview" in output


@pytest.mark.parametrize("command", ["build", "owners check", "policies list", "harvest", "rollout status"])
def test_a_state_folder_that_came_with_a_plain_site_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    origin = make_repository(tmp_path / "origin", {"mkdocs.yml": SITE, "docs/a.md": "x", ".gitguard/state.db": "x"})
    git(tmp_path, "clone", "--quiet", str(origin), "clone")
    monkeypatch.chdir(tmp_path / "clone")
    if command == "build":
        start = [sys.executable, "-m", "mkdocs_gitguard", "build"]
        done = subprocess.run(start, capture_output=True, text=True, check=False)
        code, output = done.returncode, done.stderr
    else:
        result = CliRunner().invoke(cli, command.split())
        code, output = result.exit_code, result.output
    assert code != 0
    assert "tracked by git" in output
    assert git(Path.cwd(), "status", "--porcelain", "--ignored") == ""


def answer(folder: Path, text: str, *arguments: str) -> tuple[int, str]:
    """Run a command on a terminal, and type an answer."""
    leader, follower = pty.openpty()
    variables = {name: value for name, value in environment().items() if name != "CI"}
    process = subprocess.Popen(
        [sys.executable, "-m", "mkdocs_gitguard", *arguments],
        cwd=folder,
        env={**variables, "NO_MKDOCS_2_WARNING": "1"},
        stdin=follower,
        stdout=subprocess.PIPE,
        stderr=follower,
    )
    os.close(follower)
    os.write(leader, text.encode())
    output = b""
    try:
        while part := os.read(leader, 4096):
            output += part
    except OSError:
        pass
    os.close(leader)
    assert process.stdout is not None
    process.stdout.close()
    return process.wait(timeout=PATIENCE), output.decode()


@pytest.mark.slow
def test_a_site_is_the_users_once_they_say_so(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    files = {"mkdocs.yml": f"{SITE}hooks: [evil.py]\n"}
    clone = make_hostile(tmp_path / "clone", files, canary)
    code, output = answer(clone, "n\n", "build")
    assert (code, canary.exists()) == (0, False), output
    assert "evil.py" in output
    assert "Only its git history is shown" in output
    assert not (clone / "site").exists()
    code, output = answer(clone, "y\n", "build")
    assert (code, canary.exists()) == (0, True), output
    assert (clone / "site/repository/local/clone.origin/index.html").is_file()
    canary.unlink()
    command = [sys.executable, "-m", "mkdocs_gitguard", "build"]
    assert subprocess.run(command, cwd=clone, capture_output=True, check=False).returncode == 0
    assert canary.exists()
    # The word is for what was told, and for this place.
    (clone / "mkdocs.yml").write_text(f"{SITE}hooks: [evil.py, mkdocs.py]\n")
    assert subprocess.run(command, cwd=clone, capture_output=True, check=False).returncode == 1
    assert subprocess.run([*command, "-f", "mkdocs.yml"], cwd=clone, capture_output=True, check=False).returncode == 0


def test_a_site_that_was_laid_down_is_the_users(tmp_path: Path) -> None:
    make_repository(tmp_path / "portal", {"README.md": "x"})
    command = [sys.executable, "-m", "mkdocs_gitguard"]
    subprocess.run([*command, "init", "portal"], cwd=tmp_path, capture_output=True, check=True)
    git(tmp_path / "portal", "add", "-A")
    git(tmp_path / "portal", "commit", "--quiet", "-m", "Site")
    remembered = json.loads((user_state_folder() / "own-sites.json").read_text())
    assert remembered == {str(tmp_path / "portal/mkdocs.yml"): ["*"]}
    done = subprocess.run([*command, "build", "portal"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    git(tmp_path, "clone", "--quiet", "portal", "clone")
    done = subprocess.run([*command, "build", "clone"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "custom_dir" in done.stderr


def test_a_link_to_a_site_of_the_users_is_not_that_site(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    command = [sys.executable, "-m", "mkdocs_gitguard"]
    subprocess.run([*command, "init", "portal"], cwd=tmp_path, capture_output=True, check=True)
    config = tmp_path / "portal/mkdocs.yml"
    config.write_text(config.read_text() + "hooks: [evil.py]\n")
    clone = make_hostile(tmp_path / "clone", {}, canary)
    (clone / "mkdocs.yml").symlink_to("../portal/mkdocs.yml")
    done = subprocess.run([*command, "build", "clone"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, canary.exists()) == (1, False), done.stderr


def test_a_mirror_that_a_clone_brings_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mirror = ".gitguard/mirrors/github.com/acme/billing.git"
    files = {f"{mirror}/HEAD": "ref: refs/heads/main\n", f"{mirror}/objects/x": "", f"{mirror}/refs/x": ""}
    origin = make_repository(tmp_path / "origin", {"README.md": "x", **files})
    git(tmp_path, "clone", "--quiet", str(origin), "clone")
    monkeypatch.chdir(tmp_path / "clone")
    result = CliRunner().invoke(cli, ["policies", "list", "https://github.com/acme/billing"])
    assert result.exit_code == 1
    assert "tracked by git" in result.output
