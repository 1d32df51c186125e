"""A portfolio with a repository to leave out, whose every field bears a word of its own, and the search for those words."""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import brotli
from make.events import pull_request, review
from make.git import START, commit, git, import_commits, make_repository

from mkdocs_gitguard.events.sqlite.log import SqliteLog

# Each field of the left-out repository bears a canary of its own, so that a leak tells where it came from. All are
# letters only: escaping in HTML, URLs and SQLite leaves them as they are, whatever the case.
CANARIES = {
    place: f"canaryzq{place}"
    for place in (
        "namespace", "name", "folder", "file", "readme", "licence", "title", "branch", "author", "email", "login",
        "tag", "owner", "team", "policy", "rule", "description", "decision", "message", "bot", "body", "host",
        "event", "label", "reviewer",
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


def make_portfolio(at: Path) -> Path:
    """Make a site with two repositories to show and one to leave out; return the folder of its `mkdocs.yml`."""
    c = CANARIES
    site = at / "site"
    (site / "docs").mkdir(parents=True)
    remote = "https://github.com/acme/{}.git"
    rego = 'package guard\n\n# METADATA\n# title: No\ndeny contains msg if { msg := "no" }\n'
    files = {"README.md": "# Billing\n\nBills.\n", "CODEOWNERS": "* @mira\n", "policy/guard.rego": rego}
    for name in ("billing", "ledger"):
        folder = make_repository(at / name, files, remote=remote.format(name))
        import_commits(at / name, [(f"Round {name} (#7)", {"src/round.py": "x = 1\n"})])
        assert folder
    hidden = at / "hidden"
    make_repository(hidden, secret_files(), remote=f"https://github.com/{c['namespace']}/{c['name']}.git")
    author = f"{c['author']} <1+{c['login']}@users.noreply.github.com>"
    co_author = f"Co-authored-by: {c['bot']}[bot] <{c['email']}@example.net>"
    commit(hidden, f"{c['title']} (#41)\n\n{c['body']}\n\n{co_author}", author=author, at=START + 8 * 24 * 3600)
    git(hidden, "tag", "-a", f"v1.0.0-{c['tag']}", "-m", c["tag"], author=author)
    git(hidden, "branch", c["branch"])
    (site / "decisions.json").write_text(
        f'[{{"filename": "{c["name"]}/{c["file"]}.yaml", "namespace": "{c["policy"]}", "successes": 0, '
        f'"failures": [{{"msg": "{c["decision"]}", "metadata": {{"query": "data.{c["policy"]}.deny"}}}}]}}]'
    )
    (site / "opa.json").write_text(
        f'{{"decision_id": "1", "timestamp": "2026-01-12T00:00:00Z", "path": "{c["policy"]}/deny", "result": ["{c["decision"]}"], '
        f'"input": {{"repository": "{c["namespace"]}/{c["name"]}", "{c["file"]}": "{c["message"]}"}}}}\n'
    )
    (site / ".gitguard").mkdir()
    log = SqliteLog(site / ".gitguard" / "events.db")
    hidden_name = f"{c['namespace']}/{c['name']}"
    labels, reviewers = [c["label"]], [c["reviewer"]]
    log.append([pull_request(99, repository=hidden_name, title=c["event"], labels=labels)])
    log.append([review(99, repository=hidden_name, login=c["reviewer"])])
    # One that git knows: its page shows what events say of it.
    log.append([pull_request(41, repository=hidden_name, labels=labels, reviewers=reviewers)])
    log.append([review(41, repository=hidden_name, login=c["reviewer"])])
    log.close()
    (site / "docs" / "about.md").write_text("# About\n")
    (site / "mkdocs.yml").write_text(
        "site_name: Portal\ntheme: {name: material}\nplugins:\n  - search\n  - gitguard:\n"
        "      repositories: [../billing, ../ledger, ../hidden]\n      decisions:\n"
        f"        - {{path: decisions.json, repository: {c['namespace']}/{c['name']}}}\n"
        "        - opa.json\n"
    )
    return site


def leaks(folder: Path) -> dict[str, list[str]]:
    """Return the canaries found, with the files that hold them."""
    places: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        shown = path.relative_to(folder).as_posix()
        contents = [shown.encode()]
        if path.is_file():
            contents.append(path.read_bytes())
            if path.suffix == ".gz":
                contents.append(gzip.decompress(contents[1]))
            elif path.suffix == ".br":
                contents.append(brotli.decompress(contents[1]))
            if contents[-1].startswith(b"SQLite format 3"):
                with closing(sqlite3.connect(":memory:")) as database:
                    database.deserialize(contents[-1])
                    contents.append("\n".join(database.iterdump()).encode())
        # Case aside, and without what a path's encoding puts before capital letters.
        text = b"\n".join(contents).lower()
        if b"canaryzq" not in text:
            continue
        for place, canary in CANARIES.items():
            if canary.encode() in text:
                places.setdefault(place, []).append(shown)
    return places
