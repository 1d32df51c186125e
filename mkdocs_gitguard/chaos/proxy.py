"""A proxy on the loopback that makes a connection slow, swallows what goes through it, or resets it."""

import asyncio
import multiprocessing
import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal

from mkdocs_gitguard.chaos.broker import free_port
from mkdocs_gitguard.chaos.processes import fork, kill

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

Mode = Literal["pass", "slow", "swallow", "reset"]
_MODES: Final[tuple[Mode, ...]] = ("pass", "slow", "swallow", "reset")
_FORK: Final = multiprocessing.get_context("fork")
_BLOCK: Final = 1 << 14
_DELAY: Final = 0.03
"""Seconds that each block waits where it is slow."""
_LOOK: Final = 0.02
_LINGER: Final = struct.pack("ii", 1, 0)
"""Closed so, a socket is reset: socket(7), `SO_LINGER`."""


class Proxy:
    """A process between a port of its own and a server's."""

    def __init__(self, server_port: int) -> None:
        """Start it; all goes through as it is."""
        self.port = free_port()
        self._mode = _FORK.Value("i", 0)
        self._server_port = server_port
        self._process: BaseProcess = fork(self._serve)

    def set(self, mode: Mode) -> None:
        """Do something else from now on, also to connections that are open."""
        self._mode.value = _MODES.index(mode)

    def stop(self) -> None:
        """End it."""
        kill(self._process)

    def _serve(self) -> None:
        async def serve() -> None:
            server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
            async with server:
                await server.serve_forever()

        asyncio.run(serve())

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            other_reader, other_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:
            _reset(writer)
            return
        ways = [
            asyncio.create_task(self._carry(reader, other_writer)),
            asyncio.create_task(self._carry(other_reader, writer)),
            asyncio.create_task(self._until_reset()),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, other_writer):
            _reset(end)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while block := await reader.read(_BLOCK):
                # The mode is another process's to set, so that it is looked at.
                while _MODES[self._mode.value] == "swallow":  # noqa: ASYNC110
                    await asyncio.sleep(_LOOK)
                if _MODES[self._mode.value] == "slow":
                    await asyncio.sleep(_DELAY)
                writer.write(block)
                await writer.drain()

    async def _until_reset(self) -> None:
        while _MODES[self._mode.value] != "reset":  # noqa: ASYNC110 - as above
            await asyncio.sleep(_LOOK)


def _reset(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError, AttributeError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
    writer.transport.abort()
