"""One git process: started through GitPython, streamed, timed, and its exit code checked."""

import atexit
import fcntl
import os
import resource
import signal
import threading
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, Popen
from typing import IO, TYPE_CHECKING, Final, cast

from mkdocs_gitguard.errors import GitCommandError
from mkdocs_gitguard.late_pattern import late_pattern

if TYPE_CHECKING:
    from io import BufferedReader

_CHUNK: Final = 1 << 20
_WORTH_WAKING: Final = 1 << 18
"""Bytes: of a long output, less than this is waited for a little, until git has written more of it."""
_LITTLE: Final = 0.004
"""Seconds, in which git writes a quarter of what the pipe holds."""
_STDERR_KEPT: Final = 4096
_COUNT_DIGITS: Final = 6
_REASON: Final = late_pattern(r"fatal:|error:|remote:| ! \[|ssh:|.*(?:Permission denied|verification failed)")
"""How git, the server and ssh begin a line that says why; ssh's two commonest reasons come without a name before."""
_UNSHOWABLE: Final = late_pattern(r"[^ -~]+")


class GitProcessError(GitCommandError):
    """A git process failed; `exit_code` is what it ended with, None where it ran out of time or never began."""

    def __init__(self, message: str, *, exit_code: int | None, hint: str = "") -> None:
        """Keep the exit code beside the message."""
        super().__init__(message, hint=hint)
        self.exit_code = exit_code


def config_environment(settings: Mapping[str, str], *, beside_users: bool = False) -> dict[str, str]:
    """Return the variables that set git's configuration for one process, over all files and out of `ps`' sight.

    Args:
        settings: values by key.
        beside_users: whether settings that the user's own variables make count as well, as far as these do not set
            them.
    """
    count = os.environ.get("GIT_CONFIG_COUNT", "") if beside_users else ""
    first = int(count) if count.isdecimal() and len(count) < _COUNT_DIGITS else 0
    environment = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for index, (key, value) in enumerate(settings.items(), first):
        environment[f"GIT_CONFIG_KEY_{index}"] = key
        environment[f"GIT_CONFIG_VALUE_{index}"] = value
    return environment


def run(
    args: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    label: str,
    time_limit: float,
    stdin: Iterable[bytes] = (),
    memory_limit: int = 0,
) -> Generator[bytes, None, None]:
    """Run git and yield what it prints, in chunks of at most 1 MiB.

    Args:
        args: options and command, without `git`.
        folder: where it runs.
        environment: variables set over the present ones. A variable cannot be taken away, only set.
        label: what messages call the repository.
        time_limit: seconds until it and all that it started are killed; 0: never.
        stdin: what it reads; iterated in another thread.
        memory_limit: bytes that it may have for itself, mapped files not counted; 0: any number. Linux only.

    Raises:
        GitProcessError: git is not there, ended with another code than 0 or ran out of time.
    """
    # Imported where git is first run: it takes a tenth of a second, which most commands need not wait for. GitPython
    # looks for git when it is imported and would end in an ImportError without one. A missing git is told as a
    # GitCommandError instead. One thread at a time: another would meet it before it knows where git is.
    with _IMPORTING:
        os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
        from git.cmd import Git  # noqa: PLC0415
        from git.exc import GitCommandNotFound  # noqa: PLC0415

    command = next((argument for argument in args if not argument.startswith("-")), "")
    feeds = not (isinstance(stdin, tuple) and not stdin)
    try:
        # A session of its own: git starts helpers, which must end with it and must not ask at the terminal.
        process = Git(folder).execute(
            [Git.GIT_PYTHON_GIT_EXECUTABLE, *args],
            istream=PIPE if feeds else None,
            as_process=True,
            env=environment,
            start_new_session=True,
        )
    except GitCommandNotFound as error:
        raise GitProcessError(
            "git cannot be started.", exit_code=None, hint="Install git 2.32 or newer and put it on PATH."
        ) from error
    # GitPython types the pipes as if they might not be there; they are, as asked for above.
    popen = cast("Popen[bytes]", process.proc)
    stdout = cast("BufferedReader", popen.stdout)
    _widen(stdout)
    _limit_memory(popen.pid, memory_limit)
    watch = _Watch(popen.pid, time_limit)
    _RUNNING.add(watch)
    errors = _Tail(cast("IO[bytes]", popen.stderr))
    feeder = _Feeder(cast("IO[bytes]", popen.stdin), stdin) if feeds else None
    finished = False
    received = 0
    try:
        while chunk := stdout.read1(_CHUNK):
            yield chunk
            received += len(chunk)
            # Git writes 4 KiB at a time; waking up for each costs more than all that is then done with them.
            if len(chunk) < _WORTH_WAKING <= received:
                time.sleep(_LITTLE)
        exit_code = popen.wait()
        finished = True
    finally:
        watch.stop()
        _RUNNING.discard(watch)
        if not finished:
            watch.kill()
            popen.wait()
        stdout.close()
        stderr = errors.text()
        if feeder:
            feeder.join()
    if watch.expired:
        raise GitProcessError(
            f"{label}: git {command} was stopped after {time_limit:g} seconds.",
            exit_code=None,
            hint="Raise `time_limit`, or see whether the repository can be read at all.",
        )
    if feeder and feeder.error:
        raise feeder.error
    if exit_code:
        raise GitProcessError(f"{label}: git {command} failed with code {exit_code}: {stderr}", exit_code=exit_code)


def _widen(pipe: "BufferedReader") -> None:
    """Let git write on while Python is busy with another repository; a system that does not allow it stays slower."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _CHUNK)


def _limit_memory(pid: int, limit: int) -> None:
    if limit and hasattr(resource, "prlimit"):
        # It may have ended already.
        with suppress(ProcessLookupError, PermissionError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (limit, limit))


def kill_all() -> None:
    """Kill every git process that runs: for when the user interrupts, which does not reach their sessions."""
    for watch in tuple(_RUNNING):
        watch.kill()


class _Watch:
    """Kills a process, and all in its session, when its time is over."""

    def __init__(self, pid: int, time_limit: float) -> None:
        self.expired = False
        self._pid = pid
        self._timer = threading.Timer(time_limit or threading.TIMEOUT_MAX, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        self._timer.cancel()

    def kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._pid, signal.SIGKILL)

    def _expire(self) -> None:
        self.expired = True
        self.kill()


_RUNNING: Final[set[_Watch]] = set()
"""Of all threads; single additions and removals are atomic."""
_IMPORTING: Final = threading.Lock()
atexit.register(kill_all)


class _Tail:
    """Reads a process's errors as they come, so that it never waits for a reader, and keeps the last of them."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._kept = b""
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def text(self) -> str:
        self._thread.join()
        lines = [_UNSHOWABLE.sub("?", line) for line in self._kept.decode("utf-8", "replace").splitlines()]
        reasons = [line for line in lines if _REASON.match(line)]
        return " ".join((reasons or lines)[-3:]).strip() or "it gave no reason"

    def _drain(self) -> None:
        with self._stream:
            for line in self._stream:
                self._kept = (self._kept + line)[-_STDERR_KEPT:]


class _Feeder:
    """Writes a process's input in a thread of its own: in one thread with the reading it deadlocks."""

    def __init__(self, stream: IO[bytes], chunks: Iterable[bytes]) -> None:
        self.error: Exception | None = None
        self._stream = stream
        self._chunks = chunks
        self._thread = threading.Thread(target=self._feed, daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join()

    def _feed(self) -> None:
        try:
            # A process that ended early says so by its exit code.
            with suppress(BrokenPipeError), self._stream:
                for chunk in self._chunks:
                    self._stream.write(chunk)
        except Exception as error:  # noqa: BLE001 - raised again in the reader's thread
            self.error = error
