"""Makes the git repositories of an organisation that does not exist, from a seed: the load fixture of the benchmarks.

    python -m benchmarks.organisation FOLDER [--repositories 200] [--pull-requests 20000] [--seed 1] [--jobs 2]

FOLDER gets a bare repository each in `repositories/NAMESPACE/NAME.git`, `people.yml`, decision reports in `reports/`,
and a site in `mkdocs.yml` that shows it all. The histories are merged in the words of GitHub, GitLab, Bitbucket, Azure
DevOps and Gitea; there are CODEOWNERS files with planted faults, policies in four languages, tags, an owner who left,
programs that commit. The same seed gives the same commits, bit for bit, whatever the number of jobs.

Each repository is one `git fast-import` of a stream that is made here, so that 2,000 of them with 200,000 pull requests
take minutes. As in a real organisation a few repositories are large and most are small (Zipf's law).
"""

import argparse
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

import yaml

from mkdocs_gitguard.demo.cast import TEAMS, Person, people
from mkdocs_gitguard.demo.merges import FORGES, OBJECTS, VERBS, merge
from mkdocs_gitguard.demo.stream import Stream

END = 1_790_000_000
"""Unix seconds of the youngest commit; SOURCE_DATE_EPOCH of a build that is to look young is a little more."""
YEARS = 3
FAULTY = 0.25
"""Share of CODEOWNERS files with faults."""
NAMESPACE = "acme"
WEIGHTS = (55, 20, 10, 8, 7)
NOUNS = [
    "gateway",
    "ledger",
    "catalog",
    "session",
    "invoice",
    "report",
    "worker",
    "mailer",
    "proxy",
    "index",
    "console",
    "agent",
    "bridge",
    "vault",
    "router",
]
ROLES = ["service", "api", "client", "library", "tools", "operator", "charts", "docs", "infra"]
FOLDERS = ("src", "src/core", "src/http", "src/store", "docs", "deploy", "tests", "tests/e2e", "tools", "web/app")
ENDINGS = {"docs": "md", "deploy": "yaml", "tests": "py", "tools": "sh", "web": "ts", "src": "py"}


class Plan(NamedTuple):
    """One repository, before it is made."""

    name: str
    forge: str
    pull_requests: int
    team: str
    seed: str

    @property
    def label(self) -> str:
        """What the portal calls it; Azure DevOps has projects between organisation and repository."""
        return f"{NAMESPACE}/{NAMESPACE}/{self.name}" if self.forge == "azure" else f"{NAMESPACE}/{self.name}"


class Made(NamedTuple):
    """One repository, made."""

    name: str
    commits: int
    pull_requests: int


def plans(repositories: int, pull_requests: int, seed: int) -> list[Plan]:
    """Return the repositories to make, the largest first; their pull requests add up to `pull_requests`."""
    dice = random.Random(f"{seed} plans")
    shares = [1 / (rank + 4) ** 0.9 for rank in range(repositories)]
    whole = sum(shares)
    counts = [max(1, round(pull_requests * share / whole)) for share in shares]
    counts[0] += pull_requests - sum(counts)
    made: list[Plan] = []
    for rank, count in enumerate(counts):
        noun, role = NOUNS[rank % len(NOUNS)], ROLES[(rank // len(NOUNS)) % len(ROLES)]
        again = rank // (len(NOUNS) * len(ROLES))
        name = "guardrails" if rank == 1 else f"{noun}-{role}" + (f"-{again}" if again else "")
        forge = "github" if rank == 1 else dice.choices(list(FORGES), WEIGHTS)[0]
        made.append(Plan(name, forge, max(1, count), dice.choice(TEAMS), f"{seed} {rank}"))
    return made


def make(plan: Plan, folder: Path, staff: Sequence[Person]) -> Made:
    """Make one repository below `folder`; one that is there already is left alone."""
    target = folder / NAMESPACE / f"{plan.name}.git"
    if (target / "made").is_file():
        return Made(plan.name, *map(int, (target / "made").read_text().split()))
    target.parent.mkdir(parents=True, exist_ok=True)
    git = ["git", "-c", "init.defaultBranch=main", "-c", "core.logAllRefUpdates=false"]
    subprocess.run([*git, "init", "--quiet", "--bare", "--template=", str(target)], check=True)
    with (target / "config").open("a", encoding="utf-8") as config:
        config.write(f'[remote "origin"]\n\turl = {FORGES[plan.forge].format(name=plan.name)}\n')
    importer = subprocess.Popen(
        [*git, "-C", str(target), "fast-import", "--quiet", "--depth=0", "--done"], stdin=subprocess.PIPE
    )
    assert importer.stdin is not None
    stream = Stream(importer.stdin.write)
    _history(stream, plan, staff)
    stream.end()
    importer.stdin.close()
    if importer.wait():
        raise SystemExit(f"git fast-import failed for {plan.name}")
    (target / "made").write_text(f"{stream.commits} {plan.pull_requests}", encoding="ascii")
    return Made(plan.name, stream.commits, plan.pull_requests)


def _history(stream: Stream, plan: Plan, staff: Sequence[Person]) -> None:
    dice = random.Random(plan.seed)
    own = [person for person in staff if person.team == plan.team] or list(staff)
    crew = [*dice.sample(own, min(6, len(own))), *dice.sample(list(staff), min(3, len(staff)))]
    paths = [
        f"{folder}/{noun}{number}.{ENDINGS[folder.partition('/')[0]]}"
        for folder in FOLDERS
        for number, noun in enumerate(dice.sample(NOUNS, dice.randint(1, min(15, 2 + plan.pull_requests // 4))))
    ]
    began = END - YEARS * 365 * 86_400
    step = (END - began) // (plan.pull_requests + 1)
    first = [*_first_files(plan, dice, crew), *((path, f"# {path}\n") for path in paths)]
    head = stream.commit("Begin", crew[0], began, first)
    releases = 0
    for number in range(1, plan.pull_requests + 1):
        at = began + step * number
        author = crew[min(int(dice.expovariate(0.5)), len(crew) - 1)]
        if author.has_left and at > END - 500 * 86_400:
            author = crew[0]
        title = f"{dice.choice(VERBS)} {dice.choice(OBJECTS)}"
        touched = dice.sample(paths, min(len(paths), 1 + min(int(dice.expovariate(0.5)), 8)))
        files = [(path, f"# {path}\nchange = {number}\n") for path in touched]
        merger = crew[number % len(crew)]
        head = merge(
            stream,
            dice,
            head,
            forge=plan.forge,
            repository=f"{NAMESPACE}/{plan.name}",
            number=number,
            title=title,
            author=author,
            merger=merger,
            at=at,
            files=files,
        )
        if number % 40 == 0:
            releases += 1
            stream.tag(f"v{1 + releases // 10}.{releases % 10}.0", head, crew[0], at + 60)
        if number % 23 == 0:
            bot = Person(
                "dependabot[bot]", "dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", "", False
            )
            head = stream.commit(f"Bump left-pad from 1.{number} to 1.{number + 1}", bot, at + 90, files[:1], onto=head)


def _first_files(plan: Plan, dice: random.Random, crew: Sequence[Person]) -> Iterator[tuple[str, str]]:
    """Yield README, licence, code owners with planted faults, policies and workflows."""
    yield "README.md", f"# {plan.name}\n\nThe {plan.name.replace('-', ' ')} of Acme, looked after by {plan.team}.\n"
    if dice.random() < 0.8:
        yield "LICENSE", "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\n"
    place = {"gitlab": ".gitlab/CODEOWNERS", "gitea": "CODEOWNERS"}.get(plan.forge, ".github/CODEOWNERS")
    if dice.random() < 0.85:
        rules = [
            f"* @{NAMESPACE}/{plan.team}",
            f"/docs/ @{crew[0].login} @{NAMESPACE}/docs",
            f"/deploy/ @{NAMESPACE}/infra",
        ]
        faults = [f"/gone/ @{crew[1].login}", f"/src/store/ {crew[1].login}", "/tools/", f"*.ts @{NAMESPACE}/web"]
        planted = dice.sample(faults, 2) if dice.random() < FAULTY else []
        yield place, "# Who is asked\n" + "\n".join([*rules, *planted]) + "\n"
    if plan.name == "guardrails":
        yield from _guardrails()
    if dice.random() < 0.6:
        yield ".github/workflows/ci.yml", _workflow(plan.name)
    if dice.random() < 0.15:
        yield "deploy/policies/require-labels.yaml", _KYVERNO.format(name=f"require-labels-{plan.name}")
    if dice.random() < 0.05:
        yield ".semgrep/rules.yml", _SEMGREP.format(name=plan.name)


def _guardrails() -> Iterator[tuple[str, str]]:
    for name, rules in (
        ("repo", ("no_force", "reviewed", "titled")),
        ("release", ("signed", "noted")),
        ("images", ("pinned",)),
    ):
        lines = [f"package {name}.guard", "", "import rego.v1", ""]
        for rule in rules:
            lines += [
                "# METADATA",
                f"# title: {rule.replace('_', ' ').capitalize()}",
                "# custom:",
                "#   severity: high",
            ]
            lines += [
                "deny contains msg if {",
                f"\tinput.{rule} == false",
                f'\tmsg := "{rule} is asked of every {name}"',
                "}",
                "",
            ]
        yield f"policies/{name}.rego", "\n".join(lines)
        yield (
            f"policies/{name}_test.rego",
            f"package {name}.guard_test\n\nimport rego.v1\n\ntest_ok if {{\n\ttrue\n}}\n",
        )


def _workflow(name: str) -> str:
    return (
        f"name: {name}\non: [push, pull_request]\npermissions:\n  contents: read\njobs:\n"
        "  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n      - run: make test\n"
    )


_KYVERNO = """apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: {name}
spec:
  validationFailureAction: Enforce
  rules:
    - name: check
      match:
        any: [{{resources: {{kinds: [Pod]}}}}]
      validate:
        message: "label team is required"
        pattern:
          metadata:
            labels: {{team: "?*"}}
"""
_SEMGREP = """rules:
  - id: {name}-no-print
    languages: [python]
    severity: WARNING
    message: do not print
    pattern: print(...)
"""


def decisions(made: Sequence[Plan], seed: int, count: int) -> Iterator[str]:
    """Yield `count` decisions on the newest pull requests, a line each, as `policy.decision` events."""
    dice = random.Random(f"{seed} decisions")
    rules = ("no_force", "reviewed", "titled")
    for number in range(count):
        plan = made[dice.randrange(len(made))]
        rule = dice.choice(rules)
        is_denied = dice.random() < 0.2
        at = datetime.fromtimestamp(END - dice.randrange(300 * 86_400), UTC)
        yield json.dumps(
            {
                "event": "policy.decision",
                "schema_version": "1.0",
                "id": f"d{number}",
                "at": at.isoformat().replace("+00:00", "Z"),
                "outcome": "deny" if is_denied else "allow",
                "policy": {"key": "rego:data.repo.guard.deny", "repository": f"{NAMESPACE}/guardrails"},
                "message": f"{rule} is asked of every repo" if is_denied else "",
                "subject": {
                    "repository": plan.label,
                    "pull_request": dice.randint(1, plan.pull_requests),
                },
            }
        )


def site(folder: Path, staff: Sequence[Person], made: Sequence[Plan], seed: int) -> None:
    """Write people.yml, the decision reports and the site's mkdocs.yml."""
    entries = [
        {
            "login": person.login,
            "name": person.name,
            "emails": [person.email],
            "teams": [f"{NAMESPACE}/{person.team}"],
            **({"alumni": True} if person.has_left else {}),
        }
        for person in staff
    ]
    (folder / "people.yml").write_text(yaml.safe_dump({"people": entries}, sort_keys=False), encoding="utf-8")
    (folder / "reports").mkdir(exist_ok=True)
    lines = decisions(made, seed, min(20_000, 10 * len(made)))
    (folder / "reports" / "decisions.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "index.md").write_text("# Acme\n\nAn organisation that does not exist.\n", encoding="utf-8")
    config = {
        "site_name": "Acme",
        "theme": {"name": "material", "font": False},
        "plugins": [
            "search",
            {
                "gitguard": {
                    "repositories": [f"repositories/{NAMESPACE}/*.git"],
                    "people": "people.yml",
                    "decisions": ["reports/*.jsonl"],
                }
            },
        ],
    }
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")


def make_organisation(folder: Path, *, repositories: int, pull_requests: int, seed: int, jobs: int) -> list[Made]:
    """Make the repositories and the site; what an earlier run made is kept."""
    staff = people(seed, max(20, min(360, repositories)))
    wanted = plans(repositories, pull_requests, seed)
    folder.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(jobs) as pool:
        made = list(pool.map(partial(make, folder=folder / "repositories", staff=staff), wanted, chunksize=4))
    site(folder, staff, wanted, seed)
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    """Make what the command line asks for, and say how much that was."""
    parser = argparse.ArgumentParser(prog="benchmarks.organisation", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repositories", type=int, default=200)
    parser.add_argument("--pull-requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args(arguments)
    started = time.perf_counter()
    made = make_organisation(
        given.folder,
        repositories=given.repositories,
        pull_requests=given.pull_requests,
        seed=given.seed,
        jobs=given.jobs,
    )
    print(
        f"{len(made):,} repositories, {sum(one.pull_requests for one in made):,} pull requests, "
        f"{sum(one.commits for one in made):,} commits in {time.perf_counter() - started:.1f} s",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
