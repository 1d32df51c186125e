"""How every command is told which repositories it works on: `-r`, once or several times."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

R = TypeVar("R")


class _WithoutOption(click.Argument):
    """Takes repositories that stand without `-r`, as scripts may have them; the usage teaches one way."""

    def get_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Say nothing."""
        return []


def repositories_option(help_text: str) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Return the decorator of a command that works on any number of repositories, its parameter `repositories`.

    Args:
        help_text: what naming some does.
    """

    def decorate(command: Callable[..., R]) -> Callable[..., R]:
        @click.option(
            "-r", "--repository", "named", multiple=True, metavar="REPOSITORY", help=f"{help_text} May be repeated."
        )
        @click.argument("bare", cls=_WithoutOption, nargs=-1)
        @wraps(command)
        def run(*args: Any, named: tuple[str, ...], bare: tuple[str, ...], **options: Any) -> R:
            return command(*args, repositories=(*named, *bare), **options)

        return run

    return decorate


instead_option = click.option(
    "-r",
    "--repository",
    "repositories",
    multiple=True,
    metavar="REPOSITORY",
    help="A folder, a glob or a clone URL, instead of what the site here names. May be repeated.",
)
"""Of a command that takes something else without an option."""
repository_option = click.option(
    "-r",
    "--repository",
    default=".",
    metavar="REPOSITORY",
    help="The folder of the repository. Default: the current one.",
)
"""Of a command that works on one repository."""
