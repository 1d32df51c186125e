"""A made-up portfolio of any size, the same for the same size."""

import random
from datetime import UTC, datetime, timedelta

from mkdocs_gitguard.model import FileChange, Forge, Organization, Owner, PullRequest, Repository, Snapshot

NOW = datetime(2026, 11, 18, tzinfo=UTC)
_WORDS = [
    "cache",
    "retry",
    "round",
    "split",
    "guard",
    "rename",
    "the",
    "a",
    "client",
    "session",
    "invoice",
    "webhook",
    "currency",
    "lookup",
    "builder",
    "index",
]
_FOLDERS = ("src/app", "src/app/api/v1", "tests/unit", "docs", "deploy/charts/app/templates", ".github/workflows")


def snapshot_with(pull_requests: int, repositories: int = 10) -> Snapshot:
    """Return a snapshot with so many pull requests, 12 files each on average."""
    rng = random.Random(7)
    people = [
        Owner(id=f"owner:user/person{n}", type="user", name=f"Person {n}", logins=(f"person{n}",)) for n in range(40)
    ]
    repos = []
    changes: list[PullRequest] = []
    for place in range(repositories):
        name = f"service-{place:03}"
        web = f"https://github.com/acme/{name}"
        repos.append(
            Repository(
                id=f"repository:acme/{name}",
                namespace="acme",
                name=name,
                head=f"{rng.getrandbits(160):040x}",
                head_at=NOW,
                default_branch="main",
                forge=Forge(
                    name="github",
                    web_url=web,
                    commit=web + "/commit/{sha}",
                    file=web + "/blob/{sha}/{path}",
                    pull_request=web + "/pull/{number}",
                ),
            )
        )
        changes += (_pull_request(rng, name, number, people) for number in range(pull_requests // repositories, 0, -1))
    return Snapshot(
        organization=Organization(id="organization:acme", name="Acme"),
        repositories=tuple(repos),
        owners=tuple(sorted(people, key=lambda owner: owner.id)),
        pull_requests=tuple(changes),
    )


def _pull_request(rng: random.Random, repository: str, number: int, people: list[Owner]) -> PullRequest:
    return PullRequest(
        id=f"pull-request:acme/{repository}/{number}",
        repository=f"repository:acme/{repository}",
        number=number,
        title=" ".join(rng.choices(_WORDS, k=6)).capitalize(),
        author=rng.choice(people).id,
        merger=rng.choice(people).id,
        merged_at=NOW - timedelta(hours=7 * (100_000 - number) % 30_000),
        commit=f"{rng.getrandbits(160):040x}",
        source_branch=f"topic/{number}",
        files=tuple(
            FileChange(
                path=f"{rng.choice(_FOLDERS)}/{rng.choice(_WORDS)}_{n}.py",
                status=rng.choice(("added", "modified", "deleted")),
                additions=rng.randrange(300),
                deletions=rng.randrange(90),
            )
            for n in range(rng.randrange(1, 24))
        ),
        commits=rng.randrange(1, 8),
        evidence="github-merge-commit",
        confidence="high",
    )
