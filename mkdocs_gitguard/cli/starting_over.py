"""How a process that stays starts over when what its site is made by has changed."""

import os
import sys
from typing import NoReturn

from mkdocs_gitguard.cli.output import echo
from mkdocs_gitguard.service.side_server import hand_on_sockets


def start_over() -> NoReturn:
    """Begin anew as the same process, with the same arguments and on the same ports."""
    echo("Starting over: what the site is made by has changed.")
    hand_on_sockets()
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", "-m", "mkdocs_gitguard", *sys.argv[1:]])  # noqa: S606 - ourselves
