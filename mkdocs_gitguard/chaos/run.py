"""Runs one drill: in a process, a folder and an environment of its own, within its time, and nothing is left of it."""

from __future__ import annotations

import logging
import multiprocessing
import os
import platform
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from mkdocs_gitguard import __version__
from mkdocs_gitguard.chaos import steps
from mkdocs_gitguard.chaos.trial import NotRunError, Sandbox
from mkdocs_gitguard.chaos.verdict import failure_of
from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import Interruption
from mkdocs_gitguard.log_text import log_line
from mkdocs_gitguard.model.drill import DrillOutcome, DrillResult
from mkdocs_gitguard.rollout.settings import DECLARATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from mkdocs_gitguard.chaos.trial import Drill

_FORK: Final = multiprocessing.get_context("fork")
_RESULT: Final = "result.json"
_LOG: Final = "log"
_SANDBOX: Final = b"SANDBOX"
"""What results call the folder."""
_GRACE: Final = 10.0
"""Seconds that a drill has to put right what it did, when its time is over."""
_LOG_LINES: Final = 30
_LONGEST_LINE: Final = 500
_OF_THE_USER: Final = ("GIT_", "GITGUARD_", "XDG_")
"""How the names begin of variables that, beside the settings, would have a drill touch something of the user's."""
_SANDBOX_VARIABLE: Final = "GITGUARD_DRILL"
"""Set to the sandbox's folder in every program that a drill starts."""
_EPOCH: Final = "1800000000"
_PACKAGES: Final = ("chaostoolkit-lib", "mkdocs", "nats-py")


def run_drill(drill: Drill, *, seed: int, swap: Callable[[], None] | None = None) -> DrillResult:
    """Run a drill and return how it went; whatever happens in it is a result, and no error.

    Args:
        drill: the drill.
        seed: that all its chance comes from.
        swap: for tests alone: called in the drill's process before it begins, to swap a part of the system for a broken
            one. What it sets holds in that process, and in those that come of it.
    """
    began, at = time.monotonic(), system_moment()
    folder = Path(tempfile.mkdtemp(prefix="gitguard-drill-")).resolve()
    try:
        process = _FORK.Process(target=_inside, args=(drill, folder, seed, at, swap))
        process.start()
        process.join(drill.about.time_limit)
        late = process.is_alive()
        if late:
            process.terminate()
            process.join(_GRACE)
        _end_all(process.pid or 0, folder)
        process.join()
        seconds = time.monotonic() - began
        result = DrillResult(
            about=drill.about,
            outcome="failed",
            why=f"The drill's process ended with code {process.exitcode}, and without a result.",
            began=at,
            seconds=seconds,
            seed=seed,
            versions=_versions(),
        )
        with suppress(OSError, msgspec.MsgspecError):
            # The folder is another one each time, and nobody's business.
            document = (folder / _RESULT).read_bytes().replace(str(folder).encode(), _SANDBOX)
            result = msgspec.json.decode(document, type=DrillResult)
        if late:
            why = f"It was not done in {drill.about.time_limit} seconds."
            result = msgspec.structs.replace(result, outcome="failed", why=why)
        return msgspec.structs.replace(result, seconds=seconds, log=_log_of(folder))
    finally:
        _unmount(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _inside(drill: Drill, folder: Path, seed: int, at: datetime, swap: Callable[[], None] | None) -> None:
    """Run the drill, in its own process, and leave the result in its folder."""
    os.setsid()
    signal.signal(signal.SIGTERM, _stop)
    _enclose(folder)
    sandbox = Sandbox(folder, seed=seed)
    if swap is not None:
        swap()
    outcome, why = _run(drill, sandbox)
    before, after = (*steps.tallies()[:2], None, None)[:2]
    result = DrillResult(
        about=drill.about,
        outcome=outcome,
        why=why,
        began=at,
        seconds=0,
        seed=seed,
        before=before,
        after=after,
        detected=sandbox.detected_after,
        recovered=sandbox.recovered_after,
        steps=tuple(sandbox.steps),
        versions=_versions(),
    )
    (folder / _RESULT).write_bytes(msgspec.json.encode(result))


def _run(drill: Drill, sandbox: Sandbox) -> tuple[DrillOutcome, str]:
    # Imported here, in the one process that runs it: it needs the extra `chaos`, and a result does not.
    from mkdocs_gitguard.chaos import experiment  # noqa: PLC0415

    trial = drill.trial(sandbox)
    steps.begin(trial)
    try:
        trial.prepare()
    except NotRunError as error:
        trial.put_right()
        return "not run", f"Not run, because {error}."
    except Interruption:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the result
        trial.put_right()
        return "failed", f"The drill could not be prepared: {type(error).__name__}: {error}"
    sandbox.note("Prepared")
    journal = experiment.run(drill.about)
    why = failure_of(journal, steps.tallies(), recovered=sandbox.recovered_after)
    if why:
        return "failed", why
    looked_at = steps.tallies()[-1].looked_at
    return "passed", f"{looked_at:,} compared: nothing is lost, doubled or different."


def _stop(*_: object) -> None:
    raise TimeoutError("The drill's time is over.")


def _enclose(folder: Path) -> None:
    """Have this process know nothing of the user's settings, and write and log into the folder alone."""
    settings = {name.upper() for name in DECLARATIONS}
    for name in [name for name in os.environ if name.startswith(_OF_THE_USER) or name in settings]:
        del os.environ[name]
    scratch = folder / "tmp"
    scratch.mkdir()
    home = folder / "home"
    home.mkdir()
    os.environ |= {
        _SANDBOX_VARIABLE: str(folder),
        "HOME": str(home),
        "NO_MKDOCS_2_WARNING": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SOURCE_DATE_EPOCH": _EPOCH,
        "TMPDIR": str(scratch),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
    }
    tempfile.tempdir = None
    log = os.open(folder / _LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    sys.stdout = sys.stderr = os.fdopen(log, "a", buffering=1, errors="replace")
    os.chdir(folder)
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.WARNING, force=True)


def _end_all(pid: int, folder: Path) -> None:
    """End what is left of a drill: its group of processes, and programs that it has started in other groups."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    entry = f"{_SANDBOX_VARIABLE}={folder}".encode()
    for place in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if entry in place.read_bytes().split(b"\0"):
                os.kill(int(place.parent.name), signal.SIGKILL)


def _unmount(folder: Path) -> None:
    """Unmount what a drill has mounted in its folder, the last first."""
    with suppress(OSError):
        mounted = [line.split()[1] for line in Path("/proc/mounts").read_text("utf-8", "replace").splitlines()]
        for place in reversed([place for place in mounted if place.startswith(f"{folder}/")]):
            subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)


def _log_of(folder: Path) -> tuple[str, ...]:
    """Return the last lines of a drill's log; the folder, which is another one each time, by a name."""
    try:
        text = (folder / _LOG).read_text("utf-8", "replace")
    except OSError:
        return ()
    lines = [line for line in text.replace(str(folder), _SANDBOX.decode()).splitlines() if line.strip()]
    return tuple(log_line(line[:_LONGEST_LINE]) for line in lines[-_LOG_LINES:])


def _versions() -> Mapping[str, str]:
    return dict(_each_version())


def _each_version() -> Iterator[tuple[str, str]]:
    yield "mkdocs-gitguard", __version__
    yield "Python", platform.python_version()
    yield "SQLite", sqlite3.sqlite_version
    yield "system", f"{platform.system()} {platform.release()}"
    for name in _PACKAGES:
        with suppress(PackageNotFoundError):
            yield name, version(name)
