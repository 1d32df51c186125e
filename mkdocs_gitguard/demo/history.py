"""What happened in one repository of Acme, as a stream that `git fast-import` reads."""

import random
from collections.abc import Sequence
from typing import Final

from mkdocs_gitguard.demo.cast import CAST, Person
from mkdocs_gitguard.demo.merges import OBJECTS, VERBS, merge
from mkdocs_gitguard.demo.stories import Change, Story, changes
from mkdocs_gitguard.demo.stream import Stream

DAY: Final = 86_400
_OWN: Final = 0.75
"""Share of pull requests that the team that looks after a repository writes itself."""
_A_RELEASE: Final = 12
"""Pull requests from one release to the next."""
_A_BUMP: Final = 17
_GROWTH: Final = 0.6
"""Less than 1: more happens in the end than in the beginning."""
_BOT: Final = Person(
    "dependabot[bot]", "dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", "", False
)
_WORDS: Final = ("gateway", "session", "invoice", "refund", "retry", "cache", "limits", "health", "client", "report")
_MANY: Final = 5
"""Most files of one pull request."""


def label(story: Story) -> str:
    """Return what a forge calls the repository; Azure DevOps has projects between organisation and repository."""
    return f"acme/apps/{story.name}" if story.forge == "azure" else f"acme/{story.name}"


def write(stream: Stream, story: Story, *, seed: int, end: int) -> None:
    """Write a repository's whole history.

    Args:
        stream: what it is written to.
        story: the repository.
        seed: the same seed and end give the same commits.
        end: Unix seconds after which nothing has happened yet.
    """
    dice = random.Random(f"{seed} {story.name}")
    crew = [person for person in CAST if person.team == story.team] or list(CAST)
    last = end - story.quiet_days * DAY - dice.randrange(DAY // 2)
    began = last - int(story.years * 365 * DAY)
    begin, *later = changes(story, end)
    texts = {path: _beginning(path) for path in _paths(dice, story)}
    due = {max(1, story.pull_requests * change.percent // 100): change for change in later}
    head = stream.commit("Begin", crew[0], began, [*begin.files.items(), *texts.items()])
    span = last - began - 3 * DAY
    moments = sorted(began + 3 * DAY + int(span * dice.random() ** _GROWTH) for _ in range(story.pull_requests))
    for number, at in enumerate(moments, 1):
        author, there = _author(dice, crew, at, end), _present(crew, at, end)
        change = due.get(number) or _change(dice, texts, number)
        texts |= {path: text for path, text in change.files.items() if path in texts}
        head = merge(
            stream,
            dice,
            head,
            forge=story.forge,
            repository=f"acme/{story.name}",
            number=number,
            title=change.title,
            author=author,
            merger=there[number % len(there)],
            at=at,
            files=list(change.files.items()),
        )
        if number % _A_BUMP == 0:
            head = _bump(stream, head, texts, number=number, at=at)
        if number % _A_RELEASE == 0:
            release = number // _A_RELEASE
            stream.tag(f"v{1 + release // 4}.{release % 4}.0", head, crew[0], at + 600)


def _paths(dice: random.Random, story: Story) -> list[str]:
    return [
        f"{folder}/{word}{ending.removeprefix('*')}"
        for folder, _, ending in (place.rpartition("/") for place in story.folders)
        for word in dice.sample(_WORDS, dice.randint(3, 6))
    ]


def _author(dice: random.Random, crew: list[Person], at: int, end: int) -> Person:
    """Return who wrote it: mostly the team."""
    return dice.choice(_present(crew if dice.random() < _OWN else CAST, at, end))


def _present(crew: Sequence[Person], at: int, end: int) -> list[Person]:
    """Return who was there then: whoever has left, left a year and a half before the end."""
    return [person for person in crew if not person.has_left or at < end - 540 * DAY]


def _change(dice: random.Random, texts: dict[str, str], number: int) -> Change:
    title = f"{dice.choice(VERBS)} {dice.choice(OBJECTS)}"
    touched = dice.sample(sorted(texts), min(len(texts), 1 + min(int(dice.expovariate(0.7)), _MANY - 1)))
    return Change(0, title, {path: texts[path] + addition(path, title, number) for path in touched})


def _bump(stream: Stream, head: int, texts: dict[str, str], *, number: int, at: int) -> int:
    path = min(texts)
    texts[path] += addition(path, f"Bump left-pad from 1.{number} to 1.{number + 1}", number)
    return stream.commit(
        f"Bump left-pad from 1.{number} to 1.{number + 1}", _BOT, at + 300, [(path, texts[path])], onto=head
    )


def _beginning(path: str) -> str:
    name = path.rpartition("/")[2].partition(".")[0]
    return {
        "md": f"# {name.capitalize()}\n",
        "py": f'"""The {name}."""\n',
        "yaml": f"kind: {name}\n",
    }.get(path.rpartition(".")[2], f"{_comment(path)} The {name}.\n")


def addition(path: str, title: str, number: int) -> str:
    """Return what a change adds to the end of a file, in the language that its ending names."""
    name = f"step_{number}"
    return {
        "md": f"\n## {title}\n\nDecided in pull request {number}.\n",
        "py": f'\n\ndef {name}() -> None:\n    """{title}."""\n',
        "ts": f"\nexport function {name}(): void {{\n  // {title}\n}}\n",
        "rs": f"\n/// {title}.\npub fn {name}() {{}}\n",
        "go": f"\n// {title}.\nfunc {name}() {{}}\n",
        "kt": f"\n/** {title}. */\nfun {name}() = Unit\n",
        "yaml": f"{name}: true  # {title}\n",
    }.get(path.rpartition(".")[2], f"{_comment(path)} {title}.\n")


def _comment(path: str) -> str:
    return {"sql": "--", "sh": "#", "tf": "#"}.get(path.rpartition(".")[2], "//")
