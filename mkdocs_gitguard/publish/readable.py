r"""What readers of a site see in its files: packed files unpacked, pages without their tags, escapes undone.

A secret that a page shows need not stand in the page's bytes: highlighting puts each token into a span of its own,
HTML writes `&amp;` for `&`, JSON `\n` for a line break, and SQLite cuts a long text over several pages of its file.
Each of these is a reading of a file, beside its bytes.
"""

import gzip
import re
import sqlite3
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from html import unescape
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Any, Final, NamedTuple

from mkdocs_gitguard.errors import PublishError
from mkdocs_gitguard.late_pattern import late_pattern

_BLOCK: Final = 1 << 23
"""Bytes of a file that are looked at together."""
_OVERLAP: Final = 1 << 16
"""Bytes that are looked at twice where a line is longer than a block, so that nothing is cut."""
_CHUNK: Final = 1 << 16
_ROWS: Final = 1000
"""Rows of a table that are looked at together."""
_IN_MEMORY: Final = 1 << 26
"""Bytes of an unpacked file up to which it does not go to disk."""
_MOST_UNPACKED: Final = 4 << 30
"""Bytes: a packed file that holds more is refused, not scanned in part."""
_GZIP: Final = b"\x1f\x8b"
_SQLITE: Final = b"SQLite format 3\0"
_MARKUP: Final = (".html", ".htm", ".svg", ".xml")
_ESCAPED: Final = (".json", ".ndjson", ".js", ".map", ".html", ".htm")

_ATTRIBUTES: Final = r"(?>(?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*)"
_INLINE_TAG: Final = (
    r"</?(?:a|abbr|b|bdi|bdo|cite|code|data|del|dfn|em|font|i|ins|kbd|label|mark|q|s|samp|small|span|strong|sub|sup"
    rf"|time|tspan|tt|u|var|wbr)(?:[\s/]{_ATTRIBUTES})?>|<!--.{{0,10000}}?-->"
)
"""Tags that do not part what stands before them from what stands behind them."""
_OTHER_TAG: Final = rf"</?[a-z!?]{_ATTRIBUTES}>"
_INLINE: Final = late_pattern(_INLINE_TAG, re.IGNORECASE | re.DOTALL)
_OTHER: Final = late_pattern(_OTHER_TAG, re.IGNORECASE)
_TAG: Final = late_pattern(rf"(?P<inline>{_INLINE_TAG})|{_OTHER_TAG}", re.IGNORECASE | re.DOTALL)
_TAG_WITH_ENTITY: Final = late_pattern(r"<[a-z][^<>&]*+&[^<>]*+>", re.IGNORECASE)
_ESCAPE: Final = late_pattern(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\"'\\/bfnrt]))")
_LINE_OF_SOURCE: Final = late_pattern(r'<(?:a|span) class="gg-ln"(?: href="([^"]*)")? data-line="(\d+)"')
_SOURCE_BEGINS: Final = '<div class="gg-source'
_SHARED: Final = late_pattern(r'[^>]* data-gg-lines="([^"]*)"><pre><code[^>]* style="counter-reset:gg-line (\d+)"')
"""What lines share that a style sheet numbers: their URL, `{line}` for the number, and the number before the first."""
_SHARED_LINE: Final = late_pattern(r'<span(?: id="L\d+")?>')
_SOURCE_ENDS: Final = "</pre></div>"


class Place(NamedTuple):
    """Where something stands."""

    line: int
    """Of the file, from 1; 0 where a file has no lines of its own."""
    source: str = ""
    """In words, the line of the source that a page shows there; `""` where it shows none."""


class Reading(NamedTuple):
    """A text that readers see."""

    text: str
    place: Callable[[int], Place]
    """Of a character of the text."""


def readings(path: Path) -> Iterator[Reading]:
    """Yield the texts that readers of a file see: of a packed one those of what it holds, unless that is beside it.

    Raises:
        PublishError: it is packed and cannot be unpacked wholly.
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        is_gzip = stream.read(len(_GZIP)) == _GZIP or path.suffix == ".gz"
        if not is_gzip and path.suffix != ".br":
            stream.seek(0)
            yield from _of_stream(stream, path.name)
            return
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as whole:
        _unpack(_from_gzip(path) if is_gzip else _from_brotli(path), whole, path)
        whole.seek(0)
        if not _is_same(whole, path.with_suffix("")):
            whole.seek(0)
            yield from _of_stream(whole, path.stem)


def _of_stream(stream: IO[bytes], name: str) -> Iterator[Reading]:
    ending = name[name.rfind(".") :].lower()
    before = 0
    head = b""
    for block in _blocks(stream):
        head = head or block[: len(_SQLITE)]
        text = _decoded(block)
        for reading in _of_text(text, ending):
            yield Reading(reading.text, _moved(reading.place, before))
        before += block.count(b"\n")
    if head == _SQLITE:
        stream.seek(0)
        yield from _of_database(stream)


def _of_text(text: str, ending: str) -> Iterator[Reading]:
    yield Reading(text, lambda at: _place(text, at))
    if ending in _MARKUP and "<" in text:
        seen = _without_tags(text)
        yield Reading(seen, lambda at: _place(text, _offset(text, at)))
        if "&" in text:
            tags = [(match.start(), unescape(match[0]).replace("\n", " ")) for match in _TAG_WITH_ENTITY.finditer(text)]
            joined = "\n".join(tag for _, tag in tags)
            yield Reading(joined, lambda at: _place(text, tags[joined.count("\n", 0, at)][0]))
    if ending in _ESCAPED and "\\" in text:
        undone = _ESCAPE.sub(_undo, text)
        yield Reading(undone, lambda at: Place(undone.count("\n", 0, at) + 1))


def _of_database(stream: IO[bytes]) -> Iterator[Reading]:
    """Yield the texts in the tables of an SQLite file; what SQLite cannot read has been read as bytes."""
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as copy:
        copyfileobj(stream, copy)
        copy.flush()
        with closing(sqlite3.connect(f"file:{copy.name}?mode=ro&immutable=1", uri=True)) as database:
            database.text_factory = _decoded
            tables = []
            with suppress(sqlite3.Error):
                tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (table,) in tables:
                quoted = str(table).replace('"', '""')
                with suppress(sqlite3.Error):
                    rows = database.execute(f'SELECT * FROM "{quoted}"')  # noqa: S608 the name is quoted
                    while several := rows.fetchmany(_ROWS):
                        values = [
                            _decoded(value) if isinstance(value, bytes) else value for row in several for value in row
                        ]
                        text = "\n".join(value for value in values if isinstance(value, str))
                        yield Reading(text, lambda _: Place(0))


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield a stream in blocks that end with a line, as far as lines are not longer than half of one."""
    block = stream.read(_BLOCK)
    while block:
        following = stream.read(_BLOCK)
        end = len(block)
        rest = b""
        if following:
            end = block.rfind(b"\n") + 1
            if end <= len(block) // 2:
                end = len(block)
                rest = block[-_OVERLAP:]
        yield block[:end]
        block = block[end:] + rest + following


def _decoded(data: bytes) -> str:
    """Return text; what is not UTF-8 has a character for each byte."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _is_same(stream: IO[bytes], sibling: Path) -> bool:
    """Say whether a packed file holds the file beside it, which is read itself."""
    with suppress(OSError), sibling.open("rb") as other:
        while (chunk := stream.read(_CHUNK)) == other.read(_CHUNK):
            if not chunk:
                return True
    return False


def _unpack(chunks: Iterable[bytes], target: IO[bytes], path: Path) -> None:
    if path.stat().st_size == 0:
        raise PublishError(f"is empty, which no {path.suffix} file is.")
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > _MOST_UNPACKED:
            raise PublishError(f"holds more than {_MOST_UNPACKED:,} bytes, which is too much to look through.")
        target.write(chunk)


def _from_gzip(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise PublishError(f"is not a whole gzip file: {str(error).rstrip('.')}.") from error


def _from_brotli(path: Path) -> Iterator[bytes]:
    try:
        import brotli  # type: ignore[import-untyped] # noqa: PLC0415 an extra, which ships without types
    except ImportError as error:
        raise PublishError(
            "is packed by brotli, which is not installed.", hint="Install it: pip install 'mkdocs-gitguard[publish]'"
        ) from error
    unpacker: Any = brotli.Decompressor()
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield unpacker.process(chunk)
    except brotli.error as error:
        raise PublishError("is not a brotli file.") from error
    if not unpacker.is_finished():
        raise PublishError("is not a whole brotli file.")


def _without_tags(text: str) -> str:
    seen = _OTHER.sub(" ", _INLINE.sub("", text))
    return unescape(seen) if "&" in seen else seen


def _offset(text: str, at: int) -> int:
    """Return where in a page the line stands that is `at` in what readers see of the page; only asked for findings."""
    begin = length = 0
    for tag in _TAG.finditer(text):
        seen = unescape(text[begin : tag.start()])
        if length + len(seen) > at:
            break
        length += len(seen) + (not tag["inline"])
        begin = tag.end()
    for _ in range(unescape(text[begin:]).count("\n", 0, at - length)):
        begin = text.index("\n", begin) + 1
    return begin


def _place(text: str, at: int) -> Place:
    return Place(text.count("\n", 0, at) + 1, _source_line(text, at))


def _source_line(text: str, at: int) -> str:
    """Return in words which line of which source a page shows at a place, `""` where it shows none."""
    begin = text.rfind(_SOURCE_BEGINS, 0, at)
    if begin < 0 or text.rfind(_SOURCE_ENDS, begin, at) >= 0:
        return ""
    if shared := _SHARED.match(text, begin):
        number = str(int(shared[2]) + sum(1 for _ in _SHARED_LINE.finditer(text, begin, at)))
        url = shared[1].replace("{line}", number)
    elif lines := list(_LINE_OF_SOURCE.finditer(text, begin, at)):
        url, number = lines[-1].groups()
    else:
        return ""
    return f"line {number} of the source" + (f" ({unescape(url)})" if url else "")


def _moved(place: Callable[[int], Place], lines: int) -> Callable[[int], Place]:
    def moved(at: int) -> Place:
        original = place(at)
        return Place(original.line + lines, original.source)

    return moved if lines else place


def _undo(match: re.Match[str]) -> str:
    """Return what an escape stands for; a blank for what has no width, so that lines stay as they are."""
    code = match[1] or match[2]
    letter = chr(int(code, 16)) if code else match[3]
    return " " if (not code and letter in "bfnrt") or letter in "\r\n" else letter
