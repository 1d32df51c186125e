"""The Graph API's server: the exported files with ETags, compressed siblings, CORS and JSON errors.

What is sent under an ETag are the bytes whose digest it is, also while a newer release is written over this one: each
file is compared before it is sent, and where it is another already, the answer is 503 until the newer one is whole.

Needs the extra `api` (starlette, uvicorn). With the flag off every path but `/healthz` answers 404 and says why: the
rollout plan's "accessible (but disabled)".
"""

import asyncio
import contextlib
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mkdocs_gitguard.errors import GitGuardError
from mkdocs_gitguard.graph_api.documents import ErrorDocument, HealthDocument
from mkdocs_gitguard.graph_api.layout import API_ROOT
from mkdocs_gitguard.graph_api.opened_file import Comparer, OpenedFile
from mkdocs_gitguard.graph_api.release import ApiRelease, Served, stamp_of
from mkdocs_gitguard.graph_api.shards import nodes_of, own_document

_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_ALLOW: Final = ", ".join(_METHODS)
_IN_MEMORY: Final = 1 << 20
"""Bytes up to which a file is read at once; a larger one is streamed, in ranges if asked for."""
_SHARDS_AT_HAND: Final = 32
_LOOK_EVERY: Final = 1.0
"""Seconds between looks for a newer release."""
_NOWHERE: Final = f"There is no such file. Start at /{API_ROOT}/index.json."
_HEALTH: Final = "/healthz"
_encode = msgspec.json.Encoder().encode


class ReleaseKeeper:
    """Holds the release that is served, and puts a newer one in its place as a whole."""

    def __init__(self, folder: Path, refuse: Callable[[], None]) -> None:
        """Read the release that is there.

        Args:
            folder: the API's root.
            refuse: raises a GitGuardError where the release in it is not to be served.

        Raises:
            SourceError: there is none.
        """
        self._folder = folder
        self._refuse = refuse
        self.release = ApiRelease(folder)

    def refresh(self) -> bool:
        """Take a newer release if there is a whole one; return whether there was."""
        if stamp_of(self._folder) == self.release.stamp:
            return False
        try:
            release = ApiRelease(self._folder)
            self._refuse()
        except GitGuardError:
            # Half written, away for a moment while a link is moved, or not to be seen: what is there still holds.
            return False
        self.release = release
        return True

    async def watch(self) -> None:
        """Refresh for ever. The manifest is read beside the loop: a large one takes a while."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            await asyncio.to_thread(self.refresh)


class _Timed:
    """Tells of each answer, but for those to probes, which status it had and how long it took."""

    def __init__(self, app: ASGIApp, observe: Callable[[int, float], None]) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == _HEALTH:
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def sending(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._observe(status, time.perf_counter() - began)


def application(
    folder: Path | None,
    *,
    origins: Sequence[str] = ("*",),
    refuse: Callable[[], None] = lambda: None,
    observe: Callable[[int, float], None] = lambda _, __: None,
) -> Starlette:
    """Return the ASGI application.

    Args:
        folder: the API's root, or a symbolic link to it that is moved to newer releases; None: the flag is off.
        origins: origins whose pages may read the answers (https://fetch.spec.whatwg.org/#http-cors-protocol).
        refuse: asked of every newer release: raises a GitGuardError where it is not to be served.
        observe: is told of each answer: its status, and the seconds that it took.

    Raises:
        SourceError: `folder` holds no export.
    """
    keeper = ReleaseKeeper(folder, refuse) if folder is not None else None

    @contextlib.asynccontextmanager
    async def watching(_: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(keeper.watch()) if keeper else None
        yield
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return Starlette(
        routes=[
            Route(_HEALTH, _Health(keeper)),
            Route("/{path:path}", _Files(keeper) if keeper else _Disabled()),
        ],
        middleware=[
            Middleware(_Timed, observe=observe),
            Middleware(
                CORSMiddleware,
                allow_origins=list(origins),
                allow_methods=_METHODS,
                allow_headers=["If-None-Match", "Range"],
                expose_headers=["ETag"],
            ),
        ],
        # Paths that no route takes: a line break in one is enough.
        exception_handlers={404: _not_found},
        lifespan=watching,
    )


async def _not_found(_: Request, __: Exception) -> Response:
    return _error(404, _NOWHERE)


class _Health:
    """Whether the server is up, and what it serves."""

    def __init__(self, keeper: ReleaseKeeper | None) -> None:
        self._keeper = keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in _METHODS:
            await _not_allowed()(scope, receive, send)
            return
        keeper = self._keeper
        document = HealthDocument(
            graph_api="enabled" if keeper else "disabled", release=keeper.release.id if keeper else ""
        )
        headers = {"Cache-Control": "no-store"}
        await Response(_encode(document), media_type="application/json", headers=headers)(scope, receive, send)


class _Disabled:
    """What the flag's being off looks like from outside."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        allowed = scope["method"] in _METHODS
        await (_error(404, "Graph API is disabled") if allowed else _not_allowed())(scope, receive, send)


class _Files:
    """The files of the release at hand."""

    def __init__(self, keeper: ReleaseKeeper) -> None:
        self._keeper = keeper
        self._comparer = Comparer()
        self._nodes: dict[str, dict[str, msgspec.Raw]] = {}
        """By the digest of a shard, what stands in it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self._response(scope))(scope, receive, send)

    async def _response(self, scope: Scope) -> Response:
        if scope["method"] not in _METHODS:
            return _not_allowed()
        if scope["method"] == "OPTIONS":
            return Response(status_code=204, headers={"Allow": _ALLOW})
        prefix = f"/{API_ROOT}/"
        path = scope["path"]
        headers = dict(scope["headers"])
        encodings = accepted_encodings(headers.get(b"accept-encoding", b"").decode("latin-1"))
        name = path.removeprefix(prefix) if path.startswith(prefix) else ""
        for _ in range(2):
            release = self._keeper.release
            shard = release.shard_of(name)
            served = release.find(shard or name, frozenset() if shard else encodings)
            if served is None:
                return _error(404, _NOWHERE)
            response = self._send_node(served, shard, name, headers) if shard else await self._send(served, headers)
            if response is not None:
                return response
            # The file is not what the manifest says: a newer release is being written over this one.
            await asyncio.to_thread(self._keeper.refresh)
        return _error(503, "A new release is being written. Try again in a second.", {"Retry-After": "1"})

    def _send_node(self, served: Served, shard: str, name: str, request: dict[bytes, bytes]) -> Response | None:
        """Return a node out of its shard; None if the shard is not the one that the manifest names."""
        nodes = self._nodes.get(served.sha256)
        if nodes is None:
            data = _read(served)
            if data is None:
                return None
            if len(self._nodes) >= _SHARDS_AT_HAND:
                del self._nodes[next(iter(self._nodes))]
            nodes = self._nodes[served.sha256] = nodes_of(data)
        if name not in nodes:
            return _error(404, _NOWHERE)
        data = _encode(own_document(nodes[name], shard, name))
        etag = f'"{hashlib.sha256(data).hexdigest()}"'
        headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if _matches(etag, request.get(b"if-none-match", b"").decode("latin-1")):
            return Response(status_code=304, headers=headers)
        return Response(data, media_type="application/json", headers=headers)

    async def _send(self, served: Served, request: dict[bytes, bytes]) -> Response | None:
        """Return the answer, or None if the file is not the one that the manifest names."""
        headers = {"ETag": served.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if served.encoding:
            headers["Content-Encoding"] = served.encoding
        if_none_match = request.get(b"if-none-match", b"").decode("latin-1")
        if if_none_match and _matches(served.etag, if_none_match):
            return Response(status_code=304, headers=headers)
        if served.size > _IN_MEMORY:
            descriptor = await asyncio.to_thread(self._comparer.open, served.path, served.sha256)
            if descriptor is None:
                return None
            return OpenedFile(
                descriptor, served.size, etag=served.etag, request=request, headers=headers, kind=served.media_type
            )
        data = _read(served)
        return None if data is None else Response(data, media_type=served.media_type, headers=headers)


def _read(served: Served) -> bytes | None:
    """Return the bytes of a file, None if they are not those that the manifest names."""
    try:
        data = served.path.read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == served.sha256 else None


def accepted_encodings(header: str) -> frozenset[str]:
    """Return the content codings that an `Accept-Encoding` header takes (RFC 9110, section 12.5.3)."""
    codings = set()
    for part in header.lower().split(","):
        coding, _, parameters = part.partition(";")
        quality = parameters.replace(" ", "").removeprefix("q=")
        if quality.strip("0.") or not parameters:
            codings.add(coding.strip())
    return frozenset(codings)


def _matches(etag: str, header: str) -> bool:
    """Compare weakly, as `If-None-Match` does (RFC 9110, section 13.1.2)."""
    return header.strip() == "*" or etag in {part.strip().removeprefix("W/") for part in header.split(",")}


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return Response(
        _encode(ErrorDocument(status=status, error=message)),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def _not_allowed() -> Response:
    return _error(405, f"Only {_ALLOW}.", {"Allow": _ALLOW})
