"""A repository with code owners, its ownership made by the analysis itself."""

from datetime import timedelta

from make.snapshot.organization import NOW

from mkdocs_gitguard.codeowners import CodeownersFile
from mkdocs_gitguard.codeowners.ruleset import read_code_owners
from mkdocs_gitguard.model import (
    Account,
    FileChange,
    Forge,
    Organization,
    Owner,
    PullRequest,
    Relation,
    Repository,
    Snapshot,
)
from mkdocs_gitguard.ownership import Authored, OwnerNames, OwnershipInput, analyse

_FORGE = Forge(
    name="github",
    web_url="https://github.com/acme/billing",
    file="https://github.com/acme/billing/blob/{sha}/{path}",
    line="#L{first}",
    tree="https://github.com/acme/billing/tree/{sha}/{path}",
)
TEAM = "owner:team/acme/platform"
_ANN = Owner(
    id="owner:user/ann",
    type="user",
    name="Ann",
    logins=("ann",),
    accounts=(Account(login="ann", host="github.com"),),
    teams=(TEAM,),
    last_at=NOW - timedelta(days=3),
)
_BOB = Owner(id="owner:user/bob", type="user", name="Bob", logins=("bob",), last_at=NOW - timedelta(days=900))
_PLATFORM = Owner(id=TEAM, type="team", name="acme/platform")
OWNERS_FILE = """\
* @acme/platform
/docs/ @bob
/docs/old/ @bob
/docs/*.md @ann
/docs/a.md @bob
/open/
"""
_FILES = ("docs/a.md", "docs/b.md", "docs/c.txt", "open/x", "src/a.py")


def _change(number: int, *paths: str, author: str = "") -> PullRequest:
    return PullRequest(
        id=f"pull-request:acme/billing/{number}",
        repository="repository:acme/billing",
        number=number,
        title=f"Change {number}",
        author=author,
        merged_at=NOW - timedelta(days=10 - number),
        commit="c" * 40,
        files=tuple(FileChange(path=path, status="modified") for path in paths),
        evidence="github-merge-commit",
        confidence="high",
    )


_CHANGES = (
    _change(3, "src/a.py", author="owner:user/ann"),
    _change(2, "docs/c.txt", "open/x", author="owner:user/ann"),
    _change(1, "open/x", author="owner:user/ann"),
)


def owned(text: str | None = OWNERS_FILE, owners: tuple[Owner, ...] = (_ANN, _BOB, _PLATFORM)) -> Snapshot:
    """Return a repository with a CODEOWNERS file (None: without one), a person who is gone, and one who is there."""
    names = OwnerNames(owners)
    data = (text or "").encode()
    file = CodeownersFile(path="CODEOWNERS", mode="100644", size=len(data), data=data)
    result = analyse(
        OwnershipInput(
            repository="repository:acme/billing",
            files=_FILES,
            code_owners=read_code_owners(
                (file,) if text is not None else (), "github", repository="repository:acme/billing"
            ),
            pull_requests=_CHANGES,
            authored=(
                Authored("docs/c.txt", _ANN.id, 7, 1_790_000_000),
                Authored("docs/c.txt", _BOB.id, 2, 1_600_000_000),
                Authored("src/a.py", _ANN.id, 1, 1_790_000_000),
            ),
        ),
        names,
    )
    members = [Relation(type="member_of", source=owner.id, target=team) for owner in owners for team in owner.teams]
    return Snapshot(
        organization=Organization(id="organization:acme", name="Acme"),
        repositories=(
            Repository(id="repository:acme/billing", namespace="acme", name="billing", forge=_FORGE, head="a" * 40),
        ),
        owners=(*owners, *names.added()),
        pull_requests=_CHANGES,
        ownership=(result.ownership,),
        relations=(*members, *result.relations),
        findings=result.findings,
    )
