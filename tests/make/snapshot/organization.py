"""A likely organisation of any size, and one in which every text is hostile."""

import itertools
import random
from datetime import UTC, datetime, timedelta

import msgspec

from mkdocs_gitguard.model import (
    Contribution,
    DirectCommit,
    FileChange,
    FileEntry,
    Finding,
    Forge,
    LanguageShare,
    MonthActivity,
    Organization,
    Owner,
    PullRequest,
    Relation,
    Repository,
    Snapshot,
    Tag,
)

NOW = datetime(2026, 11, 23, 19, tzinfo=UTC)
ACME = Organization(id="organization:acme", name="Acme")

_NAMES = ("billing", "ledger", "storefront", "identity", "search-index", "mobile-app", "infra-live", "data-pipeline")
_PEOPLE = ("Mira Okafor", "Jonas Lindqvist", "Aiko Tanaka", "Priya Raghavan", "Tomás Ibarra", "Wei Zhang", "Lena Vogt")
_VERBS = ("Round", "Cache", "Retry", "Validate", "Drop", "Rename", "Document", "Speed up", "Guard", "Split")
_THINGS = (
    "invoices half to even",
    "the session lookup",
    "webhooks on 5xx",
    "currency codes",
    "Python 3.9",
    "the client",
)
_FOLDERS = ("src/app", "src/app/api", "tests", "docs", "deploy/charts", ".github/workflows")


def forge(namespace: str, name: str) -> Forge:
    web = f"https://github.com/{namespace}/{name}"
    return Forge(
        name="github",
        web_url=web,
        commit=web + "/commit/{sha}",
        file=web + "/blob/{sha}/{path}",
        line="#L{first}",
        lines="#L{first}-L{last}",
        tree=web + "/tree/{sha}/{path}",
        pull_request=web + "/pull/{number}",
        user="https://github.com/{login}",
        tag=web + "/releases/tag/{tag}",
        edit=web + "/edit/{branch}/{path}",
    )


def likely(*, repositories: int = 3, pull_requests: int = 30, files: int = 40, seed: int = 1) -> Snapshot:
    """Return an organisation in which each repository has so many pull requests and files."""
    rng = random.Random(seed)
    people = [
        Owner(id=f"owner:user/{name.split()[0].lower()}", type="user", name=name, logins=(name.split()[0].lower(),))
        for name in _PEOPLE
    ]
    people.append(
        Owner(
            id="owner:user/dependabot[bot]",
            type="user",
            name="dependabot[bot]",
            logins=("dependabot[bot]",),
            is_bot=True,
        )
    )
    repos: list[Repository] = []
    changes: list[PullRequest] = []
    for number in range(repositories):
        base = _NAMES[number % len(_NAMES)]
        name = base if number < len(_NAMES) else f"{base}-{number}"
        repo, theirs = _repository(rng, name, people, pull_requests, files, local=number % 5 == 4)
        repos.append(repo)
        changes += theirs
    repos.sort(key=lambda repo: repo.id)
    changes.sort(key=lambda change: (change.repository, -change.number))
    relations = [Relation(type="part_of", source=c.id, target=c.repository) for c in changes]
    relations += [Relation(type="authored_by", source=c.id, target=c.author) for c in changes if c.author]
    findings = []
    if repos:
        findings = [
            Finding(
                code="shallow-clone",
                severity="warning",
                message="The clone holds only part of the history, so pull requests and activity are left out.",
                hint="Fetch it all: git fetch --unshallow, or fetch-depth: 0 in the workflow.",
                repository=repos[-1].id,
                source="../" + repos[-1].name,
            ),
            Finding(
                code="no-licence",
                severity="info",
                message="No licence file is recognised.",
                hint="Add a LICENSE file at the root.",
                repository=repos[0].id,
            ),
        ]
    return Snapshot(
        organization=ACME,
        repositories=tuple(repos),
        owners=tuple(sorted(people, key=lambda p: p.id)),
        pull_requests=tuple(changes),
        relations=tuple(sorted(relations, key=lambda r: (r.source, r.type, r.target))),
        findings=tuple(findings),
    )


def _repository(
    rng: random.Random, name: str, people: list[Owner], pull_requests: int, files: int, *, local: bool
) -> tuple[Repository, list[PullRequest]]:
    node = f"repository:acme/{name}"
    paths = sorted(
        {f"{rng.choice(_FOLDERS)}/file_{n:04}.py" for n in range(files)} | {"README.md", "LICENSE", "pyproject.toml"}
    )
    moment = NOW - timedelta(hours=rng.randrange(1, 200))
    changes: list[PullRequest] = []
    for number in range(pull_requests, 0, -1):
        moment -= timedelta(hours=rng.randrange(2, 90))
        touched = sorted(rng.sample(paths, min(len(paths), rng.randrange(1, 6))))
        author = rng.choice(people)
        changes.append(
            PullRequest(
                id=f"pull-request:acme/{name}/{number}",
                repository=node,
                number=number,
                title=f"{rng.choice(_VERBS)} {rng.choice(_THINGS)}",
                author=author.id,
                merger=rng.choice(people[:3]).id,
                merged_at=moment,
                commit=f"{rng.getrandbits(160):040x}",
                source_branch=f"{author.logins[0]}/topic-{number}",
                co_authors=(people[1].id,) if number % 7 == 0 else (),
                files=tuple(
                    FileChange(
                        path=path,
                        status=rng.choice(("added", "modified", "modified", "deleted")),
                        additions=rng.randrange(200),
                        deletions=rng.randrange(80),
                    )
                    for path in touched
                ),
                commits=rng.randrange(1, 9),
                reverts=number - 1 if number % 11 == 0 and number > 1 else None,
                evidence="github-merge-commit",
                confidence="high" if number % 3 else "medium",
            )
        )
    months = [f"{2025 + (m + 11) // 12 - 1}-{(m + 11) % 12 + 1:02}" for m in range(24)]
    return (
        Repository(
            id=node,
            namespace="acme",
            name=name,
            description=f"The {name.replace('-', ' ')} service of Acme.",
            readme_path="README.md",
            readme_summary=f"The {name.replace('-', ' ')} service of Acme.\n\nRun it with make run. It keeps nothing that it does not need.",
            licence=rng.choice(("MIT", "Apache-2.0", "")),
            licence_path="LICENSE",
            forge=None if local else forge("acme", name),
            default_branch="main",
            head=f"{rng.getrandbits(160):040x}",
            head_at=changes[0].merged_at if changes else moment,
            first_at=NOW - timedelta(days=1200),
            commits=pull_requests * 3,
            languages=(
                LanguageShare(name="Python", files=files // 2),
                LanguageShare(name="TypeScript", files=files // 4),
                LanguageShare(name="YAML", files=files // 8),
            ),
            tags=tuple(
                Tag(
                    name=f"v1.{n}.0",
                    commit=f"{rng.getrandbits(160):040x}",
                    at=NOW - timedelta(days=40 * (5 - n)),
                    is_release=True,
                )
                for n in range(4, -1, -1)
            ),
            activity=tuple(
                MonthActivity(month=month, commits=rng.randrange(60), pull_requests=rng.randrange(20))
                for month in months
            ),
            contributors=tuple(
                Contribution(
                    owner=p.id,
                    commits=300 // (n + 1),
                    first_at=NOW - timedelta(days=900),
                    last_at=NOW - timedelta(days=n * 40),
                )
                for n, p in enumerate(people)
            ),
            direct_commits=tuple(
                DirectCommit(
                    commit=f"{rng.getrandbits(160):040x}",
                    title=f"Release 1.{n}",
                    author=people[n % len(people)].id,
                    at=NOW - timedelta(days=40 * n),
                )
                for n in range(12)
            ),
            files=tuple(
                FileEntry(
                    path=path,
                    last_commit=rng.choice(changes).commit if changes else "",
                    last_at=NOW - timedelta(days=rng.randrange(600)),
                )
                for path in paths
            ),
        ),
        changes,
    )


HOSTILE = (
    "</title><script>window.pwned=1</script>",
    '"><img src=x onerror=window.pwned=2>',
    "' onmouseover='window.pwned=3",
    "{{ 7*7 }}{% raw %}<!-- [x](javascript:window.pwned=4) `--> ",
    "&lt;/title&gt;&lt;script&gt;window.pwned=5&lt;/script&gt;",
    "\u202egnp.exe\u2066 \x00\x1b[31m\nsecond line",
    "averyveryverylongnamewithoutanyspace" * 9,
    "javascript:window.pwned=6",
)
_TEXTS = {"name", "title", "description", "readme_summary", "readme_path", "licence", "licence_path", "default_branch"}
_TEXTS |= {"path", "source_branch", "evidence", "message", "hint", "source", "code", "namespace"}


def hostile() -> Snapshot:
    """Return a small organisation in which every text that a repository can choose is hostile."""
    tame = likely(repositories=3, pull_requests=6, files=8)
    spite = itertools.cycle(HOSTILE)

    def spoil(value, key=""):
        if isinstance(value, dict):
            if "web_url" in value:
                return {
                    key: inner if key == "name" else f"javascript:window.pwned=7//{inner}"
                    for key, inner in value.items()
                }
            return {key: spoil(inner, key) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [spoil(inner, key) for inner in value]
        if isinstance(value, str) and key in _TEXTS | {"logins"}:
            return next(spite)
        if isinstance(value, str) and value.startswith(("repository:", "pull-request:", "owner:")):
            kind, _, name = value.partition(":")
            return f"{kind}:{name.replace('billing', HOSTILE[1]).replace('mira', HOSTILE[0])}"
        return value

    return msgspec.convert(spoil(msgspec.to_builtins(tame)), Snapshot)
