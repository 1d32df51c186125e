"""`gitguard watch --drills`: drills in time, as a process of its own beside the watch."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from mkdocs_gitguard.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs_gitguard.cli.rollout_site import RolloutSite

_PATIENCE: Final = 120.0
"""Seconds that the drill at work has to end, which no drill takes."""

drills_option = click.option(
    "--drills", is_flag=True, help="Run each chaos drill every week, in sandboxes beside the watch."
)


@contextmanager
def drills_beside(site: RolloutSite, *, wanted: bool) -> Iterator[None]:
    """Have drills run while the block does, where they are wanted; the one at work comes to its end.

    Each has a state folder of its own; of the site's they write the journal and measurements.

    Raises:
        SettingError: they are wanted, and turned off.
    """
    if not wanted:
        yield
        return
    if not site.settings.chaos_engineering_enabled:
        raise SettingError("--drills is given, and CHAOS_ENGINEERING_ENABLED is false.", hint="Set it to true.")
    command = [sys.executable, "-P", "-m", "mkdocs_gitguard", "chaos", "schedule", "-f", str(site.loaded.config.path)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
