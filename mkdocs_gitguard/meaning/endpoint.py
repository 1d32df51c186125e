"""A model behind an endpoint that speaks OpenAI's `/embeddings`, within a budget.

https://platform.openai.com/docs/api-reference/embeddings/create: `{"model", "input": [text]}` is answered by
`{"data": [{"index", "embedding"}], "usage": {"total_tokens"}}`. What does not fit into the budget, or is not answered
in time, waits for a later build: a build does not fail because a service does.
"""

from __future__ import annotations

import time
from http.client import HTTPException
from typing import TYPE_CHECKING, Final
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

import msgspec
import numpy as np

from mkdocs_gitguard.errors import mask_credentials
from mkdocs_gitguard.meaning.as_bytes import in_bytes
from mkdocs_gitguard.model import Record
from mkdocs_gitguard.state.memory_file import load_memory, save_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from mkdocs_gitguard.meaning.settings import ModelSettings
    from mkdocs_gitguard.model import EmbeddingCounts

TEXTS_A_REQUEST: Final = 64
_TRIES: Final = 3
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that another try may not meet."""
_LONGEST_WAIT: Final = 10.0
"""Seconds between two tries."""
_LARGEST_ANSWER: Final = 1 << 26
"""Bytes."""
_LETTERS_A_TOKEN: Final = 3
"""Of English about 4; where the endpoint counts more, the next request knows."""
_TIMEOUTS_A_BUILD: Final = 3
_LONGEST_VECTOR: Final = 8_192
_FAILURES: Final = (OSError, HTTPException, msgspec.MsgspecError, ValueError, RecursionError)
"""Of asking an endpoint; a `URLError` is an `OSError`."""


class _Item(Record, frozen=True, forbid_unknown_fields=False):
    index: int
    embedding: list[float]


class _Usage(Record, frozen=True, forbid_unknown_fields=False):
    total_tokens: int = 0


class _Answer(Record, frozen=True, forbid_unknown_fields=False):
    data: list[_Item]
    usage: _Usage = _Usage()


class Ledger(Record, frozen=True):
    """What has been spent on a day."""

    day: str
    tokens: int


class _NoRedirect(HTTPRedirectHandler):
    """A redirect would carry the key to another host."""

    def redirect_request(self, *_: object) -> None:
        return None


class Endpoint:
    """The model; one for each build."""

    def __init__(
        self, settings: ModelSettings, *, key: str, ledger: Path | None, today: str, warn: Callable[[str], None]
    ) -> None:
        """Keep what is given; nothing is asked yet.

        Args:
            settings: with `url` and `name`.
            key: is sent as a bearer token, `""` for none.
            ledger: file that keeps what was spent today; None: nowhere.
            today: the day (UTC), `2026-11-01`.
            warn: is told why texts have to wait, in words.
        """
        self.name = settings.name
        self.identity = f"{settings.url} {settings.name}"
        self._settings = settings
        self._key = key
        self._ledger = ledger
        self._today = today
        self._warn = warn
        self._opener = build_opener(_NoRedirect)

    def embed(self, texts: Sequence[str], counts: EmbeddingCounts) -> list[bytes | None]:
        """Return the vectors of texts; see `Model`."""
        vectors: list[bytes | None] = []
        deadline = time.monotonic() + _TIMEOUTS_A_BUILD * self._settings.timeout
        for part in _parts(texts):
            answered = self._answered(part, counts, deadline)
            if answered is None:
                break
            vectors += answered
        return vectors + [None] * (len(texts) - len(vectors))

    def _answered(self, texts: Sequence[str], counts: EmbeddingCounts, deadline: float) -> list[bytes] | None:
        """Return the vectors of texts that fit into one request; None: they have to wait, and it was told why."""
        spent = self._spent()
        needed = sum(len(text) // _LETTERS_A_TOKEN + 1 for text in texts)
        if spent + needed > self._settings.tokens:
            self._warn(f"The day's budget of {self._settings.tokens:,} tokens is used up: {spent:,} are spent.")
            return None
        for turn in range(_TRIES):
            reason, pause = self._reason_to_stop(counts, deadline), None
            if not reason:
                counts.requests += 1
                try:
                    answer = self._ask(texts, min(deadline - time.monotonic(), self._settings.timeout))
                except _FAILURES as error:
                    reason, pause = _in_words(error, turn)
                else:
                    tokens = max(answer.usage.total_tokens, 0) or needed
                    counts.tokens += tokens
                    self._spend(spent + tokens)
                    return [_vector(item) for item in sorted(answer.data, key=lambda item: item.index)]
            if pause is None or turn == _TRIES - 1:
                self._warn(reason)
                return None
            time.sleep(max(0.0, min(pause, deadline - time.monotonic())))
        return None

    def _reason_to_stop(self, counts: EmbeddingCounts, deadline: float) -> str:
        if counts.requests >= self._settings.requests:
            return f"The build's budget of {self._settings.requests:,} requests is used up."
        return "The endpoint takes too long." if time.monotonic() >= deadline else ""

    def _ask(self, texts: Sequence[str], timeout: float) -> _Answer:
        body = msgspec.json.encode({"model": self._settings.name, "input": list(texts), "encoding_format": "float"})
        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "mkdocs-gitguard"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        request = Request(self._settings.url, data=body, headers=headers, method="POST")  # noqa: S310 - http or https
        with self._opener.open(request, timeout=timeout) as response:
            data = response.read(_LARGEST_ANSWER + 1)
        if len(data) > _LARGEST_ANSWER:
            raise ValueError("the answer is too long")
        answer = _decode(data)
        if sorted(item.index for item in answer.data) != list(range(len(texts))):
            raise ValueError("an answer is missing")
        if len({len(item.embedding) for item in answer.data}) != 1 or len(answer.data[0].embedding) > _LONGEST_VECTOR:
            raise ValueError("vectors differ in length")
        return answer

    def _spent(self) -> int:
        known = load_memory(self._ledger, _decode_ledger) if self._ledger is not None else None
        return known.tokens if known is not None and known.day == self._today else 0

    def _spend(self, tokens: int) -> None:
        if self._ledger is not None:
            save_memory(self._ledger, msgspec.json.encode(Ledger(self._today, tokens)), is_synced=True)


def _parts(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for first in range(0, len(texts), TEXTS_A_REQUEST):
        yield texts[first : first + TEXTS_A_REQUEST]


def _in_words(error: Exception, turn: int) -> tuple[str, float | None]:
    """Return what went wrong, in words, and the seconds after which another try may go well; None: none may."""
    if isinstance(error, HTTPError):
        asked = error.headers.get("Retry-After", "") if error.headers else ""
        pause = float(asked) if asked.isascii() and asked.isdigit() else 2.0**turn / 2
        return f"The endpoint answers {error.code}.", min(pause, _LONGEST_WAIT) if error.code in _PASSING else None
    if isinstance(error, OSError | HTTPException):
        reason = mask_credentials(str(getattr(error, "reason", error)))
        return f"The endpoint cannot be asked: {reason}.", 2.0**turn / 4
    return "What the endpoint answers is not what /embeddings answers.", None


def _vector(item: _Item) -> bytes:
    return in_bytes(np.array(item.embedding, dtype=np.float64))


_decode: Final = msgspec.json.Decoder(_Answer).decode
_decode_ledger: Final = msgspec.json.Decoder(Ledger).decode
