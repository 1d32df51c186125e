"""Pull requests as forges leave them behind in git, each in its own words."""

import random
from types import MappingProxyType
from typing import Final

from mkdocs_gitguard.demo.cast import Person
from mkdocs_gitguard.demo.stream import Stream

FORGES: Final = MappingProxyType(
    {
        "github": "https://github.com/acme/{name}.git",
        "gitlab": "https://gitlab.com/acme/{name}.git",
        "bitbucket": "https://bitbucket.org/acme/{name}.git",
        "azure": "https://dev.azure.com/acme/apps/_git/{name}",
        "gitea": "https://gitea.com/acme/{name}.git",
    }
)
"""By forge, a repository's remote. The forge decides on the words of a merge."""
_SQUASHED: Final = 0.5
VERBS: Final = (
    *("Add", "Fix", "Remove", "Speed up", "Tidy", "Document", "Test", "Rename"),
    *("Simplify", "Move", "Guard", "Retry", "Log", "Cache", "Upgrade"),
)
OBJECTS: Final = (
    "the retry loop",
    "the health check",
    "rate limits",
    "the cache key",
    "an index on created_at",
    "the login page",
    "error messages",
    "the upgrade guide",
    "metrics of the queue",
    "the Dockerfile",
    "the release workflow",
    "pagination",
    "time zones",
    "the feature flag",
    "a race in shutdown",
    "the token refresh",
    "currency rounding",
    "the client's timeouts",
    "unused columns",
    "the nightly job",
)


def merge(
    stream: Stream,
    dice: random.Random,
    head: int,
    *,
    forge: str,
    repository: str,
    number: int,
    title: str,
    author: Person,
    merger: Person,
    at: int,
    files: list[tuple[str, str]],
) -> int:
    """Add a pull request in the words of its forge, as a merge or squashed into one commit, and return its mark.

    Args:
        stream: what it is added to.
        dice: decides on the way in which it is merged.
        head: mark of the commit that it is merged into.
        forge: one of `FORGES`.
        repository: what its forge calls it, as `acme/ledger`.
        number: of the pull request.
        title: its first line.
        author: who wrote it.
        merger: who merged it.
        at: Unix seconds of the merge.
        files: paths and contents that it leaves behind.
    """
    branch = f"{author.login}/{title.lower().replace(' ', '-').replace(chr(39), '')}"
    if dice.random() < _SQUASHED or forge == "azure":
        message = {
            "github": f"{title} (#{number})",
            "gitlab": f"{title}\n\nSee merge request {repository}!{number}",
            "bitbucket": f"Merged in {branch} (pull request #{number})\n\n{title}",
            "azure": f"Merged PR {number}: {title}",
            "gitea": f"{title} (#{number})",
        }[forge]
        committer = "GitHub <noreply@github.com>" if forge == "github" else ""
        return stream.commit(message, author, at, files, onto=head, committer=committer)
    tip = head
    for place, file in enumerate(files[:2]):
        part = files[place:] if place == 1 else [file]
        tip = stream.commit(
            title if place == 0 else "Answer the review",
            author,
            at - 3_600 + place * 600,
            part,
            onto=tip,
            branch="refs/heads/topic",
        )
    message = {
        "github": f"Merge pull request #{number} from {author.login}/topic-{number}\n\n{title}",
        "gitlab": f"Merge branch '{branch}' into 'main'\n\n{title}\n\nSee merge request {repository}!{number}",
        "bitbucket": f"Merged in {branch} (pull request #{number})\n\n{title}\n\nApproved-by: {merger.name}",
        "gitea": f"Merge pull request '{title}' (#{number}) from {branch} into main",
    }[forge]
    return stream.commit(message, merger, at, files, onto=head, merged=tip)
