"""The connection to the server: a loop in a thread of its own, so that the log may be called from anywhere."""

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import APIError, ServerError, ServiceUnavailableError

from mkdocs_gitguard.errors import EventError, mask_credentials

if TYPE_CHECKING:
    from nats.js import JetStreamContext

T = TypeVar("T")

OLDEST_SERVER: Final = (2, 12)
"""Older servers drop settings that they do not know without a word, and cannot hold one delivery to one event."""
_CONNECT: Final = 10.0
"""Seconds."""
_PATIENCE: Final = 30.0
"""Seconds that something is tried again for, while the server is away."""
_LONGEST: Final = 600.0
"""Seconds after which a call is given up whatever it waits for."""
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_HAND_BACK: Final = "Start the server, or fix JETSTREAM_URL. Nothing that was acknowledged is lost."

PASSING: Final = (
    TimeoutError, asyncio.TimeoutError, ConnectionError, ServiceUnavailableError, ServerError, NatsError,
)  # fmt: skip
"""What may be over in a moment. An `APIError` of another kind is an answer, and stays."""


class Link:
    """One connection."""

    def __init__(self, url: str) -> None:
        """Connect.

        Raises:
            EventError: there is no server, it refuses us, it is too old, or it has no JetStream.
        """
        self.url = url
        self.label = mask_credentials(url)
        """Fit to be shown."""
        self._last_error = ""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gitguard-jetstream", daemon=True)
        self._thread.start()
        self._client: Client | None = None
        try:
            self._client = self.run(self._connect())
            self.js: JetStreamContext = self._client.jetstream(timeout=5.0, publish_async_max_pending=1000)
            server = self._client.connected_server_version
            self.version = f"{server.major}.{server.minor}.{server.patch}"
            self._server_numbers = (server.major, server.minor)
            self._check_version()
            self.run(self._check_jetstream())
        except BaseException:
            self.close()
            raise

    @property
    def client(self) -> Client:
        """The connection as nats-py has it."""
        if self._client is None:
            raise EventError("The connection to JetStream is closed.", hint="Report this: it is a fault of ours.")
        return self._client

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Have the loop do something, and wait for it.

        Raises:
            EventError: the server did not do it.
        """
        job = _Job(work)
        self._loop.call_soon_threadsafe(job.begin)
        try:
            return job.result(_LONGEST)
        except (TimeoutError, NatsError, OSError) as error:
            self._loop.call_soon_threadsafe(job.cancel)
            raise self.error(error) from error

    async def until_it_works(self, attempt: Callable[[int], Awaitable[T]]) -> T:
        """Do something again until the server has answered: attempts count from 1.

        Raises:
            EventError: it did not within half a minute.
            APIError: its answer is no.
        """
        loop = asyncio.get_running_loop()
        deadline, pause, number = loop.time() + _PATIENCE, _FIRST_PAUSE, 1
        while True:
            try:
                return await attempt(number)
            except PASSING as error:
                is_answer = isinstance(error, APIError) and not isinstance(error, ServiceUnavailableError | ServerError)
                if is_answer or loop.time() >= deadline:
                    raise
            # By chance, so that many that lost one server do not come back all at once.
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - nobody gains by guessing it
            pause, number = min(2 * pause, _LONGEST_PAUSE), number + 1

    def error(self, error: BaseException) -> EventError:
        """Return what went wrong, in our words."""
        if isinstance(error, EventError):
            return error
        if isinstance(error, APIError):
            hint = {
                10047: "Raise max_file in the server's configuration: it sets JETSTREAM_MAX_BYTES aside at once.",
                10077: "Apply a retention by `gitguard events retention --apply`.",
            }.get(error.err_code or 0, "See the server's log.")
            return EventError(f"JetStream at {self.label} refuses: {error.description}.", hint=hint)
        reason = self._last_error or str(error) or "it does not answer"
        return EventError(f"JetStream at {self.label} cannot be used: {reason}.", hint=_HAND_BACK)

    def close(self) -> None:
        """Close the connection and end the thread."""
        client, self._client = self._client, None
        if self._loop.is_closed():
            return
        if client is not None:
            future = asyncio.run_coroutine_threadsafe(client.close(), self._loop)
            try:
                future.result(_CONNECT)
            except Exception:  # noqa: BLE001 - a lost connection ends in a TypeError of asyncio's (Python 3.12, 3.13)
                future.cancel()
        asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop).result(_CONNECT)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CONNECT)
        self._loop.close()

    async def _connect(self) -> Client:
        try:
            # A refused connection may be tried for ever, whatever the number of attempts: nats-py 2.16.
            return await asyncio.wait_for(
                nats.connect(
                    self.url,
                    name="gitguard",
                    connect_timeout=5,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.25,
                    error_cb=self._note,
                ),
                _CONNECT,
            )
        except (TimeoutError, NatsError, OSError, ValueError) as error:
            raise self.error(error) from error

    async def _note(self, error: Exception) -> None:
        self._last_error = str(error) or type(error).__name__

    def _check_version(self) -> None:
        if self._server_numbers < OLDEST_SERVER:
            raise EventError(
                f"The server at {self.label} is nats-server {self.version}, which is too old: it drops what it does "
                "not know without a word.",
                hint=f"Use nats-server {'.'.join(map(str, OLDEST_SERVER))} or newer.",
            )

    async def _check_jetstream(self) -> None:
        try:
            await self.js.account_info()
        except (APIError, NatsError, TimeoutError) as error:
            raise EventError(
                f"The server at {self.label} does not offer JetStream.",
                hint="Set `jetstream { store_dir: … }` in its configuration.",
            ) from error


class _Job(Generic[T]):
    """Something that the loop does for another thread.

    `asyncio.run_coroutine_threadsafe` hands a result over by two futures and a turn of the loop between them, which is
    a tenth of what an event costs the process.
    """

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self._work = work
        self._task: asyncio.Task[None] | None = None
        self._result: T
        self._error: BaseException | None = None
        self._is_done = threading.Lock()
        self._is_done.acquire()

    def begin(self) -> None:
        """Begin; called by the loop."""
        self._task = asyncio.get_running_loop().create_task(self._do())

    def cancel(self) -> None:
        """Give it up; called by the loop."""
        if self._task is not None:
            self._task.cancel()

    async def _do(self) -> None:
        try:
            self._result = await self._work
        except BaseException as error:
            self._error = error
            if not isinstance(error, Exception):
                raise
        finally:
            self._is_done.release()

    def result(self, timeout: float) -> T:
        """Wait for the result, or what was raised.

        Raises:
            TimeoutError: there is none in time, or the link was closed meanwhile.
        """
        if not self._is_done.acquire(timeout=timeout):
            raise TimeoutError("it does not answer")
        if isinstance(self._error, asyncio.CancelledError):
            raise TimeoutError("the connection was closed") from self._error
        if self._error is not None:
            raise self._error
        return self._result


async def _cancel_all() -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
