"""A large file that is compared with its digest and then sent from the very same opened file.

While a newer release is written its files are renamed over the older ones. An opened file stays what it was when it
was opened, so what has been compared is what is sent, however long that takes.
"""

import asyncio
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mkdocs_gitguard.late_pattern import late_pattern

_CHUNK: Final = 1 << 18
_BLOCK: Final = 1 << 20
_RANGE: Final = late_pattern(r"bytes=(\d{0,18})-(\d{0,18})")


class _Identity(NamedTuple):
    """What is another when a file has other bytes: none of them is written in place."""

    device: int
    inode: int
    modified: int
    size: int


class Comparer:
    """Opens files that have the digest that they should have, and remembers which were compared."""

    def __init__(self) -> None:
        """Start with nothing compared."""
        self._compared: dict[str, tuple[_Identity, str]] = {}

    def open(self, path: Path, sha256: str) -> int | None:
        """Return the descriptor of the opened file, to be closed by the caller; None if it is not what it should be."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            if self._is_right(str(path), descriptor, sha256):
                opened, descriptor = descriptor, -1
                return opened
        except OSError:
            pass
        finally:
            if descriptor >= 0:
                os.close(descriptor)
        return None

    def _is_right(self, path: str, descriptor: int, sha256: str) -> bool:
        status = os.fstat(descriptor)
        known = (_Identity(status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size), sha256)
        if self._compared.get(path) == known:
            return True
        digest = hashlib.sha256()
        at = 0
        while block := os.pread(descriptor, _BLOCK, at):
            digest.update(block)
            at += len(block)
        if digest.hexdigest() != sha256:
            return False
        self._compared[path] = known
        return True


class OpenedFile(Response):
    """Sends an opened file, or one range of it (RFC 9110, section 14), and closes it."""

    def __init__(
        self,
        descriptor: int,
        size: int,
        *,
        etag: str,
        request: Mapping[bytes, bytes],
        headers: dict[str, str],
        kind: str,
    ) -> None:
        """Take the file over.

        Args:
            descriptor: of the opened file.
            size: its bytes.
            etag: quoted.
            request: the request's headers.
            headers: of the answer.
            kind: the media type.
        """
        self._descriptor = descriptor
        wanted = request.get(b"range", b"").decode("latin-1")
        if request.get(b"if-range", etag.encode()) != etag.encode():
            wanted = ""
        self._begin, self._end = 0, size
        status = 200
        more = {"Accept-Ranges": "bytes"}
        # A server may pass over a range (section 14.2): so is one of another unit or form, and several at once.
        if match := _RANGE.fullmatch(wanted.replace(" ", "")):
            part = _range(match[1], match[2], size)
            if part is not None:
                self._begin, self._end = part
                status = 206 if self._begin < self._end else 416
                shown = f"{self._begin}-{self._end - 1}" if status == 206 else "*"  # noqa: PLR2004 as above
                more["Content-Range"] = f"bytes {shown}/{size}"
        super().__init__(status_code=status, headers={**headers, **more}, media_type=kind)
        self.headers["Content-Length"] = str(self._end - self._begin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        del receive
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            at = self._begin if scope["method"] != "HEAD" else self._end
            while at < self._end:
                chunk = await asyncio.to_thread(os.pread, self._descriptor, min(_CHUNK, self._end - at), at)
                if not chunk:
                    return
                at += len(chunk)
                await send({"type": "http.response.body", "body": chunk, "more_body": at < self._end})
            if self._begin == self._end or scope["method"] == "HEAD":
                await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            os.close(self._descriptor)


def _range(first: str, last: str, size: int) -> tuple[int, int] | None:
    """Return begin and end of a range, both the same if nothing of the file is in it; None if it says nothing."""
    if not first:
        return (max(0, size - int(last)), size) if last else None
    begin = int(first)
    end = min(size, int(last) + 1) if last else size
    if last and int(last) < begin:
        return None
    return (begin, end) if begin < size else (0, 0)
