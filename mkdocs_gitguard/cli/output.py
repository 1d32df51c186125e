"""What the commands print.

Every line goes through here, so that nothing of a repository is more than text: no control sequence reaches a terminal,
no command a CI runner.
"""

import sys
from collections.abc import Iterable

import click

from mkdocs_gitguard.log_text import log_json, log_line, log_lines


def echo(text: str = "", *, err: bool = False) -> None:
    """Print one line; what would end it sooner is written out."""
    click.echo(log_line(text), err=err)


def warn(text: str) -> None:
    """Print a warning to standard error."""
    echo(f"Warning: {text}", err=True)


def echo_lines(lines: Iterable[str]) -> None:
    """Print lines."""
    for line in lines:
        echo(line)


def echo_text(text: str) -> None:
    """Print text of several lines of our own, each of them nothing but text."""
    click.echo(log_lines(text))


def echo_json(document: str | bytes) -> None:
    """Print a JSON document."""
    data = document.encode() if isinstance(document, str) else document
    click.echo(log_json(data).decode())


def echo_made(text: str, *, nl: bool = True) -> None:
    """Print text as it stands: a report that has escaped what is not its own, a page of the docs."""
    click.echo(text, nl=nl)


def command_data(text: str) -> str:
    """Return a text as the data of a workflow command of GitHub's: actions/toolkit, `command.ts` (2026-08)."""
    return log_line(text).replace("%", "%25")


def command_property(text: str) -> str:
    """Return a text as a property of such a command."""
    return command_data(text).replace(":", "%3A").replace(",", "%2C")


def write_json(document: bytes) -> None:
    """Write a JSON document to standard output as it is, but for what is more than text to a terminal or CI runner."""
    sys.stdout.buffer.write(log_json(document))
