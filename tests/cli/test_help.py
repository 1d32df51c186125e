"""Every command's help: examples that can be typed, summaries that are not cut, one way to name a repository."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from mkdocs_gitguard.cli import cli

WIDTH = 80
ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?:sh|console|bash)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def commands(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            inner = command.get_command(click.Context(command), name)
            assert inner is not None
            if not inner.hidden:
                yield from commands(inner, (*words, name))


ALL = dict(commands(cli))


def help_of(words: tuple[str, ...]) -> str:
    with click.Context(
        ALL[words], info_name=" ".join(("gitguard", *words)), terminal_width=WIDTH, max_content_width=WIDTH
    ) as context:
        return ALL[words].get_help(context)


def examples_of(words: tuple[str, ...]) -> list[str]:
    _, heading, rest = help_of(words).partition("\n  Examples:\n")
    assert heading, f"gitguard {' '.join(words)} has no examples"
    return [line.strip() for line in rest.partition("\n\n")[0].splitlines()]


def typed_words(line: str) -> list[str]:
    """What is typed behind `gitguard`, less comments, and pipes to other programs."""
    words = shlex.split(re.split(r" (?:[|>]|>>|&&|2>) ?", line)[0], comments=True)
    return words[words.index("gitguard") + 1 :]


def check_can_be_typed(line: str) -> None:
    """Fail where a line names a command or option that there is not, or leaves out what is required."""
    typed = typed_words(line)
    command: click.Command = cli
    while isinstance(command, click.Group) and typed and not typed[0].startswith("-"):
        inner = command.get_command(click.Context(command), typed.pop(0))
        assert inner is not None, line
        command = inner
    context = click.Context(command, info_name=command.name, help_option_names=["-h", "--help"])
    values, left, _ = command.make_parser(context).parse_args(typed)
    assert left == [], line
    missing = [item.name for item in command.params if item.required and not values.get(item.name or "")]
    assert missing == [], line


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_command_has_examples_that_can_be_typed(words: tuple[str, ...]) -> None:
    examples = examples_of(words)
    assert examples
    for line in examples:
        assert tuple(typed_words(line)[: len(words)]) == words, line
        check_can_be_typed(line)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_what_the_docs_say_to_type_can_be_typed(page: Path) -> None:
    for block in BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in re.findall(r"^(?:\$ )?(?:[A-Z_]+=\S+ )?(gitguard .*)$", block, re.MULTILINE):
            check_can_be_typed(line.replace("…", ""))


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_nothing_is_cut_or_too_wide_at_80_columns(words: tuple[str, ...]) -> None:
    text = help_of(words)
    assert not re.search(r"[a-z]\.\.\.(\s|$)", text)
    assert [line for line in text.splitlines() if len(line) > WIDTH and "|" not in line] == []


def test_a_repository_is_named_in_one_way() -> None:
    named = {
        # `demo --repositories 12` says how many, and names none.
        " ".join(words): {
            option
            for parameter in command.params
            for option in parameter.opts
            if "repo" in option and not isinstance(parameter.type, click.IntRange)
        }
        for words, command in ALL.items()
    }
    assert {name: options for name, options in named.items() if options} == {
        key: {"--repository"}
        for key in [
            "build",
            "preview",
            "harvest",
            "owners of",
            "owners explain",
            "owners check",
            "owners suggest",
            "policies list",
            "policies show",
            "policies check",
            "people suggest",
            "scorecard check",
            "events list",
            "events replay",
            "demo happen",
            "search",
        ]
    }
    assert "[REPOSITORY" not in "".join(map(help_of, ALL))
