"""What the commands' help has in common: examples, and lists of commands that are not cut at the terminal's width."""

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
