"""Commands are imported when they are asked for, and the list of them tells what they say of themselves."""

import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import mkdocs_gitguard.cli
from mkdocs_gitguard.cli import COMMANDS, cli


@pytest.mark.parametrize("name", COMMANDS)
def test_what_the_list_says_is_what_the_command_says(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert command.hidden == COMMANDS[name].is_hidden
    if not command.hidden:
        first, _, _ = (command.help or "").partition("\n\n")
        assert COMMANDS[name].help == re.sub(r"\s+", " ", first)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_list_is_in_groups_and_nothing_in_it_is_cut(width: int) -> None:
    result = CliRunner().invoke(cli, ["--help"], terminal_width=width, max_content_width=width)
    headings = re.findall(r"^(\w[\w ]*):$", result.output, re.MULTILINE)
    assert headings == ["Options", "Start", "Build", "Look up", "Roll out", "Operate"]
    words = " ".join(result.output.split())
    for name, command in COMMANDS.items():
        sentence = command.help.split(". ")[0].rstrip(".")
        assert command.is_hidden or f"{name} {sentence}" in words
    assert "..." not in words.replace("[ARGS]...", "")
    assert "reference" not in words


def test_every_command_of_the_folder_is_there() -> None:
    folder = Path(mkdocs_gitguard.cli.__file__).parent
    wanted = {
        (path.stem, match)
        for path in folder.glob("*.py")
        for match in re.findall(r'^@click\.(?:command|group)\(\s*"([a-z]+)"', path.read_text(), re.MULTILINE)
    }
    groups = {name: cli.get_command(click.Context(cli), name) for name in COMMANDS}
    # A command of a group may have a file of its own: events_serve.py.
    own = {
        (stem, name)
        for stem, name in wanted
        for group in [groups.get(stem.partition("_")[0])]
        if "_" not in stem or not isinstance(group, click.Group) or name not in group.commands
    }
    assert {name for _, name in own} == set(COMMANDS)


def test_a_name_that_is_none_is_refused() -> None:
    result = CliRunner().invoke(cli, ["biuld"])
    assert result.exit_code == 2
    assert "No such command 'biuld'" in result.output
