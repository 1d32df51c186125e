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


@pytest.mark.parametrize("width", ["60", "80", "200"])
def test_the_list_is_as_click_writes_it(width: str) -> None:
    eager = click.Group("cli", commands=[cli.get_command(click.Context(cli), name) for name in COMMANDS])

    def listed(group: click.Command) -> str:
        result = CliRunner().invoke(group, ["--help"], terminal_width=int(width), max_content_width=int(width))
        return result.output.partition("Commands:")[2]

    assert listed(cli) == listed(eager)
    assert "reference" not in listed(cli)


def test_every_command_of_the_folder_is_there() -> None:
    folder = Path(mkdocs_gitguard.cli.__file__).parent
    wanted = {
        (path.stem, match)
        for path in folder.glob("*.py")
        for match in re.findall(r'^@click\.(?:command|group)\("([a-z]+)"', path.read_text(), re.MULTILINE)
    }
    assert {name for _, name in wanted} == set(COMMANDS)


def test_a_name_that_is_none_is_refused() -> None:
    result = CliRunner().invoke(cli, ["biuld"])
    assert result.exit_code == 2
    assert "No such command 'biuld'" in result.output
