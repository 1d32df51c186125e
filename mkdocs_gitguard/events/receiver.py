"""The HTTP receiver of webhooks, an ASGI application (https://asgi.readthedocs.io/en/latest/specs/www.html).

It answers 202 when the event is on the disk, and never before. What it answers otherwise: 200 for what is not kept, and
why (a duplicate, nothing that the portal shows, a repository that it does not show); 400 for what is not an event, 401
for one that is not signed, 408 for a body that does not come to its end, 413 for one that is too large, and 503 where
the event could not be kept.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, MutableMapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import msgspec

from mkdocs_gitguard.errors import GitGuardError, ParseError
from mkdocs_gitguard.events.event import LARGEST_BODY, Event
from mkdocs_gitguard.events.forge_hook import ForgeHook
from mkdocs_gitguard.events.forge_hooks import FORGE_HOOKS
from mkdocs_gitguard.events.intake import Taken, hook_of, take_in
from mkdocs_gitguard.events.log import Appended

HOOKS_PATH: Final = "/hooks"
_BODY_SECONDS: Final = 20.0
"""That a sender has for the whole of a body. Forges send theirs in one go."""
_ANSWER_SECONDS: Final = 8.0
"""GitHub gives up after 10."""
_MOST_BYTES: Final = 256 * 1024 * 1024
"""Of all bodies that are being read or written at once."""
_NOT_SHOWN: Final = "It is not about a repository that the portal shows."
"""The same for one that is left out and for one that nobody has ever heard of."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Answer(NamedTuple):
    """What the sender is told."""

    status: HTTPStatus
    words: Mapping[str, object]
    note: str = ""
    """A line for our own log; never holds what a header or a body says beyond names."""


class Receiver:
    """The application."""

    def __init__(
        self,
        append: Callable[[Event], Appended],
        *,
        secrets: Mapping[str, Sequence[str]],
        is_shown: Callable[[Taken], bool],
        now: Callable[[], datetime],
        note: Callable[[str], None],
        answered: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Take what it needs.

        Args:
            append: keeps an event, and returns when it is on the disk. Called from several threads.
            secrets: by source; `""` for all sources without secrets of their own. Where there is none for a source,
                nothing of it is checked: whoever serves so must listen where only friends are.
            is_shown: says whether an event is about a repository that the rollout shows.
            now: the clock.
            note: is told of each sending, a line.
            answered: is told the status of each answer.
        """
        self._append = append
        self._secrets = secrets
        self._is_shown = is_shown
        self._now = now
        self._note = note
        self._answered = answered
        self._held = 0
        self._late = set[asyncio.Task[Answer]]()
        self._last_failure = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            return
        began = time.perf_counter()
        answer = await self._answer(scope, receive)
        if answer.note:
            self._note(f"{answer.note} ({answer.status.value}, {(time.perf_counter() - began) * 1000:.0f} ms)")
        self._answered(answer.status.value)
        await _send(answer, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        headers = _headers(scope)
        hook = self._route(scope, headers)
        if isinstance(hook, Answer):
            return hook
        body = bytearray()
        try:
            refusal = await self._read(hook, headers, receive, body)
            if refusal is not None:
                return refusal
            return await self._in_time(hook, asyncio.to_thread(self._take, hook, headers, bytes(body)))
        finally:
            self._held -= len(body)

    async def _in_time(self, hook: ForgeHook, take: Coroutine[Any, Any, Answer]) -> Answer:
        """Return the answer, or that there is none yet: then what became of it is noted when it is known."""
        work = asyncio.create_task(take)
        try:
            # It goes on beyond that time: what is kept then is a duplicate when it is sent again.
            return await asyncio.wait_for(asyncio.shield(work), _ANSWER_SECONDS)
        except TimeoutError:
            self._last_failure = "the log is too slow"
            self._late.add(work)
            work.add_done_callback(self._note_late)
            return _later(f"{hook.title}: {self._last_failure}, what becomes of the event is told below")

    def _note_late(self, work: asyncio.Task[Answer]) -> None:
        self._late.discard(work)
        if not work.cancelled() and work.exception() is None:
            self._note(f"Later than the sender waits: {work.result().note}")

    async def _read(
        self, hook: ForgeHook, headers: Mapping[str, str], receive: Receive, body: bytearray
    ) -> Answer | None:
        """Read a body; return why it was not read to its end, None where it was."""
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > LARGEST_BODY:
            return _too_large(hook)
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                async for part in _parts(receive):
                    body += part
                    self._held += len(part)
                    if len(body) > LARGEST_BODY:
                        return _too_large(hook)
                    if self._held > _MOST_BYTES:
                        return _later(f"{hook.title}: too much at once")
        except TimeoutError:
            words = {"error": "The body did not come to its end."}
            return Answer(HTTPStatus.REQUEST_TIMEOUT, words, f"{hook.title}: too slow")
        except ConnectionResetError:
            return Answer(HTTPStatus.BAD_REQUEST, {"error": "The body has no end."}, f"{hook.title}: broken off")
        return None

    def _route(self, scope: Scope, headers: Mapping[str, str]) -> Answer | ForgeHook:
        """Return whose webhook it is, or what to answer to anything else."""
        method, path = scope["method"], scope["path"].rstrip("/") or "/"
        if path in ("/healthz", "/readyz") and method in ("GET", "HEAD"):
            is_well = path == "/healthz" or not self._last_failure
            status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
            return Answer(status, {"status": "ok" if is_well else "the last event could not be kept"})
        if path != HOOKS_PATH:
            return Answer(HTTPStatus.NOT_FOUND, {"error": f"There is nothing here. Send events to {HOOKS_PATH}."})
        if method != "POST":
            return Answer(HTTPStatus.METHOD_NOT_ALLOWED, {"error": "Only POST."})
        hook = hook_of(headers)
        if hook is None:
            names = ", ".join(known.event_header for known in FORGE_HOOKS)
            return Answer(HTTPStatus.BAD_REQUEST, {"error": f"No header says what it is: {names}."}, "unknown sender")
        return hook

    def _take(self, hook: ForgeHook, headers: Mapping[str, str], body: bytes) -> Answer:
        """Check, read and keep one event; in a thread."""
        secrets = self._secrets.get(hook.source) or self._secrets.get("") or ()
        if secrets and not hook.is_signed(headers, body, secrets):
            error = f"The signature in {' or '.join(hook.signature_headers)} is missing or wrong."
            return Answer(HTTPStatus.UNAUTHORIZED, {"error": error}, f"{hook.title}: missing or wrong signature")
        try:
            taken = take_in(hook, headers, body, at=self._now())
        except ParseError as error:
            return Answer(HTTPStatus.BAD_REQUEST, {"error": str(error)}, f"{hook.title}: {error}")
        about = f"{hook.title} {taken.event.name} {taken.event.repository.name}".rstrip()
        if taken.facts.subject == "ping":
            return Answer(HTTPStatus.OK, {"status": "pong"}, f"{hook.title}: ping")
        try:
            if reason := self._reason_against(taken):
                # The name of a repository that is not shown is not for our log either.
                words = {"status": "ignored", "reason": reason}
                return Answer(HTTPStatus.OK, words, f"{hook.title}: not kept. {reason}")
            return self._kept(about, self._append(taken.event))
        except GitGuardError as error:
            self._last_failure = str(error)
            return _later(f"{about}: {error}")

    def _reason_against(self, taken: Taken) -> str:
        if taken.facts.subject == "other":
            return "Nothing that the portal shows changes by it."
        return "" if self._is_shown(taken) else _NOT_SHOWN

    def _kept(self, about: str, appended: Appended) -> Answer:
        self._last_failure = ""
        number = appended.sequence
        if appended.is_duplicate:
            return Answer(
                HTTPStatus.OK, {"status": "duplicate", "sequence": number}, f"{about}: is event {number} again"
            )
        return Answer(HTTPStatus.ACCEPTED, {"status": "accepted", "sequence": number}, f"{about}: event {number}")


def _headers(scope: Scope) -> dict[str, str]:
    """Return the headers by name, the first of those that come twice."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return headers


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


def _too_large(hook: ForgeHook) -> Answer:
    return Answer(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        {"error": f"The body has more than {LARGEST_BODY:,} bytes."},
        f"{hook.title}: more than {LARGEST_BODY:,} bytes",
    )


def _later(note: str) -> Answer:
    return Answer(HTTPStatus.SERVICE_UNAVAILABLE, {"error": "The event could not be kept. Send it again."}, note)


async def _send(answer: Answer, send: Send) -> None:
    body = msgspec.json.encode(answer.words)
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
    ]
    if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"30"))
    if answer.status >= HTTPStatus.BAD_REQUEST:
        # What is left of a body that nobody has read would be taken for the next request.
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": answer.status.value, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        else:
            await send({"type": "lifespan.shutdown.complete"})
            return
