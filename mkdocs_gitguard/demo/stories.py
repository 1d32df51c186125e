"""The repositories of Acme: what each is, who looks after it, and what happened in it.

The files that matter (code owners, policies, pipelines) lie in `acme/NAME/PERCENT TITLE/`: when that share of a
repository's history is over, a pull request of that title leaves them behind.
"""

import random
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.demo.cast import CAST
from mkdocs_gitguard.late_pattern import late_pattern

_FILES: Final = Path(__file__).with_name("acme")


class Change(NamedTuple):
    """A pull request that is told of: its title, and the files that it leaves behind, by path."""

    percent: int
    title: str
    files: dict[str, str]


class Story(NamedTuple):
    """A repository, before it is made.

    Attributes:
        name: without the organisation's.
        forge: one of `merges.FORGES`.
        team: who looks after it.
        pull_requests: how many.
        folders: where its code is, each with the files' ending, as `src/http/*.py`.
        quiet_days: days since something happened there last.
        years: of history.
    """

    name: str
    forge: str
    team: str
    pull_requests: int
    folders: tuple[str, ...]
    quiet_days: int = 0
    years: float = 3


STORIES: Final = (
    Story("guardrails", "github", "security", 44, ("docs/*.md",)),
    Story("payments-api", "github", "payments", 120, ("src/cards/*.py", "src/bank/*.py", "deploy/*.yaml", "docs/*.md")),
    Story("checkout-web", "github", "web", 90, ("src/pay/*.ts", "src/cart/*.ts", "src/pages/*.ts")),
    Story("ledger", "gitlab", "payments", 80, ("src/store/*.rs", "src/books/*.rs", "migrations/*.sql", "docs/*.md")),
    Story("identity-service", "gitlab", "identity", 60, ("src/tokens/*.go", "src/sessions/*.go", "docs/*.md")),
    Story("cluster-policies", "github", "platform", 24, ("docs/*.md",)),
    Story("infrastructure", "github", "platform", 70, ("network/*.tf", "clusters/*.tf", "dns/*.tf")),
    Story("mobile-app", "bitbucket", "mobile", 64, ("src/pay/*.kt", "src/home/*.kt", "tests/*.kt")),
    Story("data-pipelines", "azure", "data", 50, ("jobs/*.py", "reports/*.sql"), quiet_days=3),
    Story("developer-tools", "github", "platform", 36, ("bin/*.sh", "lint/*.py", "docs/*.md"), quiet_days=12),
    Story("handbook", "gitea", "docs", 30, ("docs/on-call/*.md", "docs/releases/*.md"), quiet_days=5),
    Story("legacy-billing", "github", "identity", 22, ("src/*.py",), quiet_days=760, years=2),
)
"""Twelve, the most telling first."""
_LATER: Final = late_pattern(r"@day\+(\d+)@")
_A_YEAR: Final = 365
_NOUNS: Final = ("search", "mail", "stock", "returns", "prices", "loyalty", "fraud", "shipping", "chat", "reviews")
_ROLES: Final = ("service", "api", "worker", "client", "library", "console", "agent", "proxy", "tools", "charts")


def stories(count: int, seed: int) -> list[Story]:
    """Return `count` repositories: those of `STORIES`, and beyond them small ones of which nothing is told."""
    dice = random.Random(f"{seed} stories")
    chosen = list(STORIES[:count])
    for number in range(count - len(chosen)):
        again = number // (len(_NOUNS) * len(_ROLES))
        name = f"{_NOUNS[number % len(_NOUNS)]}-{_ROLES[number // len(_NOUNS) % len(_ROLES)]}"
        chosen.append(
            Story(
                f"{name}-{again}" if again else name,
                dice.choice(("github", "github", "gitlab", "bitbucket", "gitea")),
                dice.choice([person.team for person in CAST]),
                dice.randint(4, 40),
                ("src/*.py", "docs/*.md"),
                quiet_days=dice.choice((0, 1, 2, 5, 20, 90, 400)),
            )
        )
    return chosen


def changes(story: Story, end: int) -> list[Change]:
    """Return what is told of a repository, in the order in which it happened; the first is how it began.

    Args:
        story: of the repository.
        end: Unix seconds after which nothing has happened yet; `@day+30@` in a file is the day thirty days later.
    """
    folder = _FILES / story.name
    if not folder.is_dir():
        about = f"The {story.name.replace('-', ' ')} of Acme, looked after by {story.team}."
        owners = {"CODEOWNERS": f"* @acme/{story.team}\n"} if story.quiet_days < _A_YEAR else {}
        return [Change(0, "Begin", {"README.md": f"# {story.name}\n\n{about}\n", **owners})]
    steps = []
    for step in sorted(path for path in folder.iterdir() if path.is_dir()):
        percent, _, title = step.name.partition(" ")
        steps.append(Change(int(percent), title, dict(_read(step, sorted(step.rglob("*")), end))))
    return steps


def _read(folder: Path, paths: Sequence[Path], end: int) -> Iterator[tuple[str, str]]:
    def day(later: re.Match[str]) -> str:
        return (datetime.fromtimestamp(end, UTC) + timedelta(days=int(later[1]))).date().isoformat()

    for path in paths:
        if path.is_file():
            yield path.relative_to(folder).as_posix(), _LATER.sub(day, path.read_text(encoding="utf-8"))
