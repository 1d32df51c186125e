"""A command group that imports a command when it is asked for: its help and version are there at once."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click

from mkdocs_gitguard.cli.help_text import write_commands


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
