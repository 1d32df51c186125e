"""Nothing of a repository that a phase leaves out is in the output: not a byte, packed or not, first build or later."""

import gzip
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import brotli
import pytest
from make.git import import_commits, make_repository

COMMAND = [sys.executable, "-m", "mkdocs_gitguard"]

# Each field of the left-out repository bears a canary of its own, so that a leak tells where it came from. All are
# letters only: escaping in HTML, URLs and SQLite leaves them as they are, whatever the case.
CANARIES = {
    place: f"canaryzq{place}"
    for place in (
        "namespace", "name", "folder", "file", "readme", "licence", "title", "branch", "author", "email", "login",
        "tag", "owner", "team", "policy", "rule", "description", "decision", "message", "bot", "body", "host",
    )
}  # fmt: skip


def secret_files() -> dict[str, str]:
    c = CANARIES
    return {
        "README.md": f"# {c['name']}\n\n{c['readme']} is what this is.\n",
        "LICENSE": f"Copyright {c['licence']}\n",
        f"{c['folder']}/{c['file']}.py": "x = 1\n",
        ".github/CODEOWNERS": f"* @{c['owner']} @acme/{c['team']} {c['email']}@example.org\n",
        f"policy/{c['policy']}.rego": f"# METADATA\n# title: {c['description']}\npackage {c['policy']}\n\n"
        f'deny_{c["rule"]} contains msg if {{ msg := "{c["message"]}" }}\n',
        ".github/workflows/ci.yml": f"name: {c['description']}\non: push\njobs:\n  {c['rule']}:\n    runs-on: ubuntu-24.04\n"
        f"    steps:\n      - uses: actions/checkout@{c['tag']}\n",
        "canary/kyverno.yaml": f"apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata:\n  name: {c['policy']}\nspec:\n  rules:\n"
        f"  - name: {c['rule']}\n    match: {{}}\n    validate: {{message: {c['message']}}}\n",
    }


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    c = CANARIES
    site = tmp_path / "site"
    (site / "docs").mkdir(parents=True)
    remote = "https://github.com/acme/{}.git"
    rego = 'package guard\n\n# METADATA\n# title: No\ndeny contains msg if { msg := "no" }\n'
    files = {"README.md": "# Billing\n\nBills.\n", "CODEOWNERS": "* @mira\n", "policy/guard.rego": rego}
    for name in ("billing", "ledger"):
        folder = make_repository(tmp_path / name, files, remote=remote.format(name))
        import_commits(tmp_path / name, [(f"Round {name} (#7)", {"src/round.py": "x = 1\n"})])
        assert folder
    hidden = tmp_path / "hidden"
    make_repository(hidden, secret_files(), remote=f"https://github.com/{c['namespace']}/{c['name']}.git")
    environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    for role in ("AUTHOR", "COMMITTER"):
        environ |= {
            f"GIT_{role}_NAME": c["author"], f"GIT_{role}_EMAIL": f"1+{c['login']}@users.noreply.github.com",
            f"GIT_{role}_DATE": "2026-01-10T12:00:00Z",
        }  # fmt: skip

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=hidden, env=environ, check=True, capture_output=True)

    body = f"Co-authored-by: {c['bot']}[bot] <{c['email']}@example.net>"
    git("reset", "-q", "--hard")
    git("commit", "-q", "--allow-empty", "-m", f"{c['title']} (#41)", "-m", f"{c['body']}\n\n{body}")
    git("tag", "-a", f"v1.0.0-{c['tag']}", "-m", c["tag"])
    git("branch", c["branch"])
    (site / "decisions.json").write_text(
        f'[{{"filename": "{c["name"]}/{c["file"]}.yaml", "namespace": "{c["policy"]}", "successes": 0, '
        f'"failures": [{{"msg": "{c["decision"]}", "metadata": {{"query": "data.{c["policy"]}.deny"}}}}]}}]'
    )
    (site / "opa.json").write_text(
        f'{{"decision_id": "1", "timestamp": "2026-01-12T00:00:00Z", "path": "{c["policy"]}/deny", "result": ["{c["decision"]}"], '
        f'"input": {{"repository": "{c["namespace"]}/{c["name"]}", "{c["file"]}": "{c["message"]}"}}}}\n'
    )
    (site / "docs" / "about.md").write_text("# About\n")
    (site / "mkdocs.yml").write_text(
        "site_name: Portal\ntheme: {name: material}\nplugins:\n  - search\n  - gitguard:\n"
        "      repositories: [../billing, ../ledger, ../hidden]\n      decisions:\n"
        f"        - {{path: decisions.json, repository: {c['namespace']}/{c['name']}}}\n"
        "        - opa.json\n"
    )
    return site


def build(site: Path, **environment: str) -> str:
    done = subprocess.run(
        [*COMMAND, "build", "--site-dir", "out"],
        cwd=site,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1770000000", "CODEX_OWNERS_ENABLED": "true", **environment},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def leaks(folder: Path) -> dict[str, list[str]]:
    """Return the canaries found, with the files that hold them."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        shown = path.relative_to(folder).as_posix()
        contents = [shown.encode()]
        if path.is_file():
            contents.append(path.read_bytes())
            if path.suffix == ".gz":
                contents.append(gzip.decompress(contents[1]))
            elif path.suffix == ".br":
                contents.append(brotli.decompress(contents[1]))
            elif contents[1].startswith(b"SQLite format 3"):
                with sqlite3.connect(path) as database:
                    contents.append("\n".join(database.iterdump()).encode())
                database.close()
        # Case aside, and without what a path's encoding puts before capital letters.
        text = b"\n".join(contents).lower()
        for place, canary in CANARIES.items():
            if canary.encode() in text:
                found.setdefault(place, []).append(shown)
    return found


def test_a_left_out_repository_leaves_no_trace(portfolio: Path) -> None:
    # The canaries do reach the output where the repository is shown, or the search below would prove nothing.
    build(portfolio, CODEX_ROLLOUT_PHASE="advanced")
    shown = leaks(portfolio / "out")
    assert set(CANARIES) - set(shown) <= {"licence", "branch", "body", "host"}, "these no view shows of any repository"
    assert any(path.endswith(".sqlite") for path in shown["name"])
    assert any(path.endswith(".gz") for path in shown["name"])
    # A partial rollback: the same site, the same state, the repository excluded now.
    log = build(
        portfolio,
        CODEX_ROLLOUT_PHASE="advanced",
        CODEX_REPO_EXCLUDE_LIST=f"{CANARIES['namespace']}/{CANARIES['name']}",
    )
    assert leaks(portfolio / "out") == {}
    assert "canaryzq" not in log.lower()
    assert (portfolio / "out/repository/acme/billing/index.html").is_file()


def test_a_share_leaves_the_others_unread(portfolio: Path) -> None:
    """From an empty state: what is not in the canary is not even opened."""
    (portfolio.parent / "hidden" / ".git" / "HEAD").write_text("broken")
    log = build(portfolio, CODEX_ROLLOUT_PHASE="canary", CODEX_REPO_INCLUDE_LIST="acme/billing")
    assert leaks(portfolio / "out") == {}
    assert "canaryzq" not in log.lower()
    assert not (portfolio / "out/repository/acme/ledger").exists()
