"""Several processes as one: they start in order, speak with their name before each line, and end together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_PATIENCE: Final = 20.0
"""Seconds that a process has to end by itself."""
_LOOK: Final = 0.2
_LAST_WORDS: Final = 5.0
"""Seconds that are waited for what one has said before it ended; a child of its own may hold its output open."""


class Program(NamedTuple):
    """One of the processes."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = {}
    """Beside that of the whole."""
    is_up: Callable[[], bool] = lambda: True
    """Whether what starts after it may start."""


class _Running(NamedTuple):
    """A program that was started."""

    program: Program
    process: subprocess.Popen[str]
    reader: threading.Thread
    """Passes on what it says."""


def run_together(
    programs: Sequence[Program],
    *,
    folder: Path,
    say: Callable[[str, str], None],
    must_stop: Callable[[], bool],
    patience: float = _PATIENCE,
) -> str:
    """Run programs until told to stop, or one of them ends; then end all, the last first. Return which one ended.

    Args:
        programs: in the order of starting.
        folder: that they work in.
        say: is given the name of a program and a line of it.
        must_stop: asked five times a second.
        patience: seconds that one may take to come up, and to end.

    Raises:
        SettingError: one did not come up.
    """
    running: list[_Running] = []
    try:
        for program in programs:
            running.append(_start(program, folder, say))
            _await(running[-1], must_stop, patience)
        while not must_stop():
            for one in running:
                if one.process.poll() is not None:
                    return one.program.name
            time.sleep(_LOOK)
        return ""
    finally:
        for one in reversed(running):
            _end(one, patience)


def _start(program: Program, folder: Path, say: Callable[[str, str], None]) -> _Running:
    process = subprocess.Popen(
        program.command,
        cwd=folder,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **program.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        # The terminal's Ctrl+C is for us, who end them in order.
        start_new_session=True,
    )

    def read() -> None:
        assert process.stdout is not None  # noqa: S101 - as asked for
        with process.stdout as lines:
            for line in lines:
                say(program.name, line.rstrip("\n"))

    reader = threading.Thread(target=read, name=program.name, daemon=True)
    reader.start()
    return _Running(program, process, reader)


def _await(one: _Running, must_stop: Callable[[], bool], patience: float) -> None:
    end = time.monotonic() + patience
    while not one.program.is_up():
        if must_stop():
            return
        if one.process.poll() is not None or time.monotonic() > end:
            raise SettingError(f"{one.program.name} did not start: see what it said above.", hint="Fix that first.")
        time.sleep(_LOOK)


def _end(one: _Running, patience: float) -> None:
    """End a process, and pass on its last words: why it has failed is among them."""
    process = one.process
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    one.reader.join(_LAST_WORDS)
