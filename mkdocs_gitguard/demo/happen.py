"""Merges one more pull request in a repository of Acme, so that a portal that is kept fresh has something to show."""

import json
import random
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.demo.cast import CAST
from mkdocs_gitguard.demo.history import addition, label
from mkdocs_gitguard.demo.merges import OBJECTS, VERBS, merge
from mkdocs_gitguard.demo.organisation import MADE, git
from mkdocs_gitguard.demo.stories import Story, stories
from mkdocs_gitguard.demo.stream import Stream
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.late_pattern import late_pattern

_BRANCH: Final = "gitguard-demo"
_BUSY: Final = 9
"""Of the repositories, those in front are the ones in which something happens each day."""
_NUMBER: Final = late_pattern(r"[#!]([0-9]+)|PR ([0-9]+):")


class Merged(NamedTuple):
    """A pull request that was merged."""

    repository: str
    number: int
    title: str


def happen(folder: Path, *, repository: str = "", at: int) -> Merged:
    """Merge a pull request in a repository of Acme, in the words of its forge, and update its work tree.

    Args:
        folder: that `make` made.
        repository: its name, as `ledger`; "": the dice decide.
        at: Unix seconds of the merge.

    Raises:
        SettingError: the folder was not made by `make`, or has no such repository.
        GitCommandError: git failed, or changes of the user's own in the work tree would be overwritten.
    """
    present = [story for story in _made(folder) if (folder / "repositories" / story.name / ".git").is_dir()]
    names = {story.name: story for story in present}
    if repository.rpartition("/")[2] not in names and (repository or not names):
        raise SettingError(
            f"{folder} has no repository {repository}." if repository else f"{folder} has no repository left.",
            hint=f"Use one of {', '.join(names)}." if names else "Make it anew: gitguard demo DIR",
        )
    commits = sum(int(git("rev-list", "--count", "main", folder=folder / "repositories" / name)) for name in names)
    dice = random.Random(f"{at} {commits}")
    story = names[repository.rpartition("/")[2]] if repository else dice.choice(present[:_BUSY])
    return _merge(folder / "repositories" / story.name, story, dice, at)


def _made(folder: Path) -> list[Story]:
    try:
        made = json.loads((folder / MADE).read_text(encoding="utf-8"))
        return stories(int(made["repositories"]), int(made["seed"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingError(
            f"{folder} was not made by `gitguard demo`.", hint="Make one first: gitguard demo DIR"
        ) from error


def _merge(folder: Path, story: Story, dice: random.Random, at: int) -> Merged:
    head = git("rev-parse", "--verify", "main^{commit}", folder=folder)
    subjects = git("log", "--format=%s%n%b", "-500", "main", folder=folder)
    number = 1 + max((int(one or other) for one, other in _NUMBER.findall(subjects)), default=0)
    crew = [person for person in CAST if person.team == story.team and not person.has_left]
    author, merger = dice.choice(crew), dice.choice(crew)
    title = f"{dice.choice(VERBS)} {dice.choice(OBJECTS)}"
    paths = git("ls-tree", "-r", "--name-only", "main", folder=folder).split("\n")
    code = [
        path for path in paths if "/" in path and not path.startswith((".", "policies/", "kyverno/", "gatekeeper/"))
    ]
    touched = dice.sample(code or paths, min(2, len(code or paths)))
    files = [
        (path, git("show", f"main:{path}", folder=folder) + "\n" + addition(path, title, number)) for path in touched
    ]
    parts: list[bytes] = []
    stream = Stream(parts.append, branch=f"refs/heads/{_BRANCH}")
    merge(
        stream,
        dice,
        stream.known(head),
        forge=story.forge,
        repository=f"acme/{story.name}",
        number=number,
        title=title,
        author=author,
        merger=merger,
        at=at,
        files=files,
    )
    stream.end()
    git("fast-import", "--quiet", "--done", "--force", folder=folder, stdin=parts)
    try:
        git("merge", "--quiet", "--ff-only", _BRANCH, folder=folder)
    finally:
        for branch in (_BRANCH, "topic"):
            if git("branch", "--list", branch, folder=folder):
                git("branch", "--quiet", "-D", branch, folder=folder)
    return Merged(label(story), number, title)
