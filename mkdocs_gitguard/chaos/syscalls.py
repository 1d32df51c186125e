"""Kills a piece of work at a system call, or has calls fail: by strace(1), attached to a copy of this process.

`strace -e inject=…`: https://man7.org/linux/man-pages/man1/strace.1.html, "Tampering".
"""

import ctypes
import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.chaos.processes import fork, wait
from mkdocs_gitguard.chaos.trial import NotRunError
from mkdocs_gitguard.late_pattern import late_pattern

CHANGES: Final = (
    "openat,write,pwrite64,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,mkdir,mkdirat,rmdir,"
    "fsync,fdatasync,syncfs,ftruncate"
)
"""The calls by which files are made, changed and brought to disk."""
_CALL: Final = late_pattern(r"\d+ +(\w+)\(")
_PATIENCE: Final = 10.0
_ATTACHED: Final = b"attached"
_PR_SET_PTRACER: Final = 0x59616D61
_ANY: Final = ctypes.c_ulong(-1)


class Traced(NamedTuple):
    """What came of a piece of work."""

    code: int
    """That it ended with; less than 0: it was killed."""
    calls: Mapping[str, int]
    """By name, how often it made the calls that were looked at."""


def strace_program() -> str:
    """Return where strace is.

    Raises:
        NotRunError: it is nowhere.
    """
    program = shutil.which("strace")
    if program is None:
        raise NotRunError("strace is not installed")
    return program


def traced(work: Callable[[], object], *, folder: Path, calls: str = CHANGES, inject: str = "") -> Traced:
    """Do a piece of work in a copy of this process, under strace.

    Args:
        work: what is done.
        folder: for strace's own output.
        calls: those that are looked at.
        inject: what is done to them: `signal=KILL:when=4`, `error=ENOSPC:when=3+`; `""`: nothing. strace counts each
            call by itself, so that of several each is done it to from its own n-th time on.

    Raises:
        NotRunError: strace is not there, or may not trace on this machine.
        TimeoutError: the work did not end.
    """
    reader, writer = os.pipe()
    process = fork(partial(_after_a_word, work, reader, writer))
    os.close(reader)
    output = folder / "strace"
    injection = ["-e", f"inject={calls}:{inject}"] if inject else []
    tracer = subprocess.Popen(
        [strace_program(), "-f", "-p", str(process.pid), "-o", str(output), "-e", f"trace={calls}", *injection],
        stderr=subprocess.PIPE,
    )
    assert tracer.stderr is not None  # noqa: S101 - as asked for
    try:
        first = tracer.stderr.readline()
        if _ATTACHED not in first:
            raise NotRunError(f"strace cannot trace here: {first.decode(errors='replace').strip()}")
        os.write(writer, b".")
        code = wait(process)
    finally:
        os.close(writer)
        # Without the word, the copy ends as well.
        process.join(_PATIENCE)
        if tracer.poll() is None:
            tracer.wait(_PATIENCE)
        tracer.stderr.close()
    lines = output.read_text(errors="replace").splitlines()
    return Traced(code, Counter(match[1] for line in lines if (match := _CALL.match(line))))


def failing(pid: int, path: Path, *, calls: str, error: str, output: Path) -> "subprocess.Popen[bytes]":
    """Have calls on one file fail in a process that runs already, until strace is ended; return strace's process.

    Raises:
        NotRunError: strace is not there, or may not trace on this machine.
    """
    tracer = subprocess.Popen(
        [
            *(strace_program(), "-f", "-p", str(pid), "-P", str(path), "-o", str(output)),
            *("-e", f"trace={calls}", "-e", f"inject={calls}:error={error}"),
        ],
        stderr=subprocess.PIPE,
    )
    assert tracer.stderr is not None  # noqa: S101 - as asked for
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        line = tracer.stderr.readline()
        if _ATTACHED in line:
            return tracer
        if not line:
            break
    tracer.kill()
    tracer.wait()
    raise NotRunError("strace cannot trace here")


def _after_a_word(work: Callable[[], object], reader: int, writer: int) -> None:
    os.close(writer)
    # Where Yama lets a process be traced by its parents alone: it may be traced by whoever wants to.
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY, 0, 0, 0)
    if os.read(reader, 1):
        work()
