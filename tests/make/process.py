"""Commands in processes of their own, which are copies of the test's: to start Python and load all modules takes longer
than a small build."""

import os
import signal
import sys
import tempfile
import threading
import traceback
import warnings
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from subprocess import CompletedProcess

import click

PROGRAMS = {"mkdocs": "mkdocs.__main__:cli", "mkdocs_gitguard": "mkdocs_gitguard.cli:cli"}
"""What `python -m` runs."""
_PATIENCE = 600.0
"""Seconds after which a command that hangs is killed, and its test fails."""


def run(folder: Path, program: str, *arguments: str, **environment: str) -> CompletedProcess[str]:
    """Run what `python -m PROGRAM ARGUMENTS` would, with these variables besides those that there are."""
    module, _, name = PROGRAMS[program].partition(":")
    command = getattr(import_module(module), name)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        with warnings.catch_warnings():
            # Python 3.12 and newer: a test's servers may have threads, of which the copy has none.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            for own, given in enumerate((output, errors), 1):
                os.dup2(given.fileno(), own)
            os._exit(_code(command, folder, program, arguments, environment))
        watch = threading.Timer(_PATIENCE, os.kill, (child, signal.SIGKILL))
        watch.start()
        status = os.waitpid(child, 0)[1]
        watch.cancel()
        texts = [(given.seek(0), given.read().decode())[1] for given in (output, errors)]
    return CompletedProcess([program, *arguments], os.waitstatus_to_exitcode(status), *texts)


def _code(
    command: click.Command, folder: Path, program: str, arguments: tuple[str, ...], environment: Mapping[str, str]
) -> int:
    """Return the exit code of a command that is run in the place of this process."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(place, "r" if place == 0 else "w") for place in range(3))
    # Pytest makes errors of warnings.
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    os.chdir(folder)
    os.environ.update(environment)
    sys.argv = [program, *arguments]
    try:
        command.main([*arguments], prog_name=program)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
    except BaseException:  # noqa: BLE001 - what Python itself would show
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code
