"""Webhooks for drills: GitHub's push, signed, sent to a receiver that is called in this process, with no socket."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import MutableMapping, Sequence
from typing import Any, Final, NamedTuple

from mkdocs_gitguard.chaos.made_events import LogPlace
from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.events.event import Event
from mkdocs_gitguard.events.log import Appended, EventLog
from mkdocs_gitguard.events.receiver import HOOKS_PATH, Receiver

_SECRET: Final = "the drill's own"  # noqa: S105 - of a receiver that nobody else can reach
_AT_ONCE: Final = 16
_PART: Final = 1 << 20


class Sending(NamedTuple):
    """One request."""

    text: str
    """What the event is about: the same text, the same body."""
    delivery: str = ""
    """`""`: the text."""
    secret: str = _SECRET
    signed_as: str = ""
    """The text that the signature is of; `""`: its own."""
    body: bytes = b""
    """Sent instead of a push."""
    is_cut: bool = False
    """The sender goes away in the middle of the body."""
    is_chunked: bool = False
    """No header says how long it is."""


class SignedReceiver:
    """A receiver with a secret, over a log."""

    def __init__(self, log: EventLog, place: LogPlace) -> None:
        """Make the receiver; what it takes on is written down as an appender's."""

        def append(event: Event) -> Appended:
            (appended,) = log.append([event])
            return appended

        self._place = place
        self._app = Receiver(
            append,
            secrets={"": (_SECRET,)},
            is_shown=lambda _: True,
            now=system_moment,
            note=lambda _: None,
        )

    def send_all(self, sendings: Sequence[Sending]) -> list[tuple[Sending, int]]:
        """Send, several at once; return what each was answered, a status of HTTP."""
        answers = asyncio.run(self._all(sendings))
        pairs = list(zip(sendings, answers, strict=True))
        with self._place.file("acknowledged").open("a") as file:
            file.writelines(f"{sending.delivery or sending.text}\n" for sending, answer in pairs if answer == 202)  # noqa: PLR2004
        return pairs

    async def _all(self, sendings: Sequence[Sending]) -> list[int]:
        limit = asyncio.Semaphore(_AT_ONCE)

        async def one(sending: Sending) -> int:
            async with limit:
                return await self._one(sending)

        return await asyncio.gather(*map(one, sendings))

    async def _one(self, sending: Sending) -> int:
        body = sending.body or _push(sending.text)
        signed = _push(sending.signed_as) if sending.signed_as else body
        signature = hmac.new(sending.secret.encode(), signed, hashlib.sha256).hexdigest() if sending.secret else ""
        headers = {
            "content-type": "application/json",
            "x-github-event": "push",
            "x-github-delivery": sending.delivery or sending.text,
            **({"x-hub-signature-256": f"sha256={signature}"} if signature else {}),
            **({} if sending.is_chunked else {"content-length": str(len(body))}),
        }
        parts = [body[at : at + _PART] for at in range(0, len(body), _PART)] or [b""]
        if sending.is_cut:
            parts = [body[: len(body) // 2]]
        answers: list[int] = []

        async def receive() -> MutableMapping[str, Any]:
            if not parts:
                return {"type": "http.disconnect"}
            part = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(parts) or sending.is_cut}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                answers.append(message["status"])

        pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await self._app({"type": "http", "method": "POST", "path": HOOKS_PATH, "headers": pairs}, receive, send)
        return answers[0]


def _push(text: str) -> bytes:
    repository = {"full_name": "acme/billing", "html_url": "https://github.com/acme/billing"}
    return json.dumps({"ref": "refs/heads/main", "repository": repository, "text": text}).encode()
