"""Groups of commands: help with examples that is cut nowhere, and commands that are imported when asked for."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

_WHOLE = 1000
"""Letters; longer than any first sentence."""


def examples(*lines: str) -> str:
    """Return the end of a command's help: lines that can be typed as they stand, a comment behind `#`."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def write_commands(formatter: click.HelpFormatter, heading: str, commands: dict[str, click.Command]) -> None:
    """Write a list of commands with the whole first sentence of each."""
    with formatter.section(heading):
        formatter.write_dl([(name, command.get_short_help_str(_WHOLE)) for name, command in commands.items()])


class Group(click.Group):
    """A group of commands whose help is not cut."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        commands = {name: self.commands[name] for name in self.list_commands(ctx)}
        write_commands(
            formatter, "Commands", {name: command for name, command in commands.items() if not command.hidden}
        )


class LazyCommand(NamedTuple):
    """Where a command is, and what the group's help says of it."""

    where: str
    """`module:attribute`."""
    help: str = ""
    """The first paragraph of its docstring."""
    is_hidden: bool = False
    """It does not stand in the group's help."""
    section: str = "Operate"
    """The heading that it stands under in the group's help."""


class LazyGroup(click.Group):
    """A group whose commands are imported one by one."""

    def __init__(self, *args: Any, lazy: Mapping[str, LazyCommand], **options: Any) -> None:
        """Take what any group takes, and the commands to import, by name."""
        super().__init__(*args, **options)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, sorted."""
        return sorted({*super().list_commands(ctx), *self._lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now; None where there is none of that name."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self._lazy[cmd_name].where.partition(":")
        command = getattr(import_module(module), attribute)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands by section, in the order of their registration, importing none of them."""
        sections: dict[str, dict[str, click.Command]] = {}
        for name, lazy in self._lazy.items():
            if not lazy.is_hidden:
                sections.setdefault(lazy.section, {})[name] = click.Command(name, help=lazy.help)
        own = {name: self.commands[name] for name in super().list_commands(ctx) if name not in self._lazy}
        if own:
            sections["Commands"] = own
        for section, commands in sections.items():
            write_commands(formatter, section, commands)
