"""From a report's bytes to its documents: JSON in any layout, JSON lines, YAML of several documents, gzip.

What is broken costs only itself: a cut-off line, a bad element of an array, one document of several, the end of a
gzip file. JSON lines are read as a stream; other layouts are held whole, up to the limit.
"""

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import Any, Final, NamedTuple

import msgspec
import yaml

from mkdocs_gitguard.decisions.report import ReportProblem

LARGEST_REPORT: Final = 64 * 2**20
"""Bytes of one report that are read, after decompression. OPA's own default for one upload is 32 KiB."""
LARGEST_YAML: Final = 16 * 2**20
"""Bytes of one YAML report that are read; YAML is parsed 50 times slower than JSON."""

_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 1 << 16
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_BLANKS: Final = re.compile(r"[ \t\r\n]+")
_YAML_SEPARATOR: Final = re.compile(rb"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_YAML_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CUT_OFF_HINT: Final = "Give the report whole; what stands before was read."


class Document(NamedTuple):
    """One decoded value and the line it starts on, from 1."""

    value: Any
    line: int


def documents(chunks: Iterable[bytes], limit: int = LARGEST_REPORT) -> Iterator[Document | ReportProblem]:
    """Yield the documents of a report in its order, and a problem for each part that could not be read.

    Args:
        chunks: the report's bytes, as they are: plain or gzip.
        limit: bytes to read at most, after decompression.
    """
    problems: list[ReportProblem] = []
    plain = _limited(_unzipped(iter(chunks), problems), limit, problems)
    leading: list[bytes] = []
    for chunk in plain:
        leading.append(chunk)
        if chunk.removeprefix(_BYTE_ORDER_MARK).strip():
            break
    head = b"".join(leading).removeprefix(_BYTE_ORDER_MARK)
    parts = chain([head], plain)
    if head.lstrip()[:1] in (b"{", b"["):
        yield from _json_documents(parts)
    elif head.strip():
        yield from _yaml_documents(b"".join(parts))
    yield from problems


def _unzipped(chunks: Iterator[bytes], problems: list[ReportProblem]) -> Iterator[bytes]:
    first = b""
    for chunk in chunks:
        first += chunk
        if len(first) >= len(_GZIP):
            break
    chunks = chain([first], chunks)
    if not first.startswith(_GZIP):
        yield from chunks
        return
    unzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
    in_member = False
    try:
        for chunk in chunks:
            rest = chunk if in_member else chunk.lstrip(b"\0")  # archivers pad with zeros
            while rest:
                in_member = True
                yield unzip.decompress(rest, _CHUNK)
                rest = unzip.unconsumed_tail
                if unzip.eof:
                    rest = unzip.unused_data.lstrip(b"\0")
                    unzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
                    in_member = False
        yield unzip.flush()
    except zlib.error as error:
        problems.append(ReportProblem(message=f"The gzip data is damaged: {error}.", hint=_CUT_OFF_HINT))
        return
    if in_member and not unzip.eof:
        problems.append(ReportProblem(message="The gzip data is cut off.", hint=_CUT_OFF_HINT))


def _limited(chunks: Iterator[bytes], limit: int, problems: list[ReportProblem]) -> Iterator[bytes]:
    left = limit
    for chunk in chunks:
        yield chunk[:left]
        left -= len(chunk)
        if left < 0:
            problems.append(
                ReportProblem(
                    message=f"The report is larger than {limit:,} bytes; the rest was not read.",
                    hint="Split the report, or give only the newest part of it.",
                )
            )
            return


def _json_documents(chunks: Iterable[bytes]) -> Iterator[Document | ReportProblem]:
    lines = _lines(chunks)
    skipped = 0
    first = b""
    for first in lines:
        if first.strip():
            break
        skipped += 1
    value = _decoded(first)
    if value is None:
        text = b"".join([first, b"\n", *(line + b"\n" for line in lines)]).decode("utf-8", "replace")
        yield from _json_values(text, skipped + 1)
        return
    for number, line in enumerate(chain([first], lines), skipped + 1):
        if number > skipped + 1:
            if not line.strip():
                continue
            value = _decoded(line)
        if value is None:
            yield ReportProblem(message="The line is not JSON, or is cut off.", hint=_CUT_OFF_HINT, line=number)
        elif isinstance(value, list):
            yield from (Document(item, number) for item in value)
        else:
            yield Document(value, number)


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            yield b"".join([*held, line])
            held = []
        held.append(rest)
    if last := b"".join(held):
        yield last


def _decoded(line: bytes) -> Any:
    """Return the line's value, None where it is not an array or object."""
    try:
        value = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None


def _after_blanks(text: str, at: int) -> int:
    """Return the position of the next character from `at` on that is not a blank, or the text's length."""
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at


def _json_values(text: str, line: int) -> Iterator[Document | ReportProblem]:
    """Yield the elements of a top-level array, or the values that stand one after the other."""
    decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
    position = _after_blanks(text, 0)
    is_array = text[position : position + 1] == "["
    if is_array:
        position = _after_blanks(text, position + 1)
    line += text.count("\n", 0, position)
    indent = text[text.rfind("\n", 0, position) + 1 : position]
    next_start = re.compile(rf"\n{re.escape(indent)}(?=\{{)") if not indent.strip() else re.compile(r"\n(?=\{)")
    while position < len(text):
        if is_array and text[position] == "]":
            return
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            reason = "It is nested too deeply" if isinstance(error, RecursionError) else "It is not JSON, or is cut off"
            yield ReportProblem(message=f"{reason}.", hint=_CUT_OFF_HINT, line=line)
            found = next_start.search(text, position)
            if found is None:
                return
            end = found.end()
        else:
            yield Document(value, line)
            end = _after_blanks(text, end)
            if is_array and text[end : end + 1] == ",":
                end = _after_blanks(text, end + 1)
        line += text.count("\n", position, end)
        position = end
    if is_array:
        yield ReportProblem(message="The array has no end: the report is cut off.", hint=_CUT_OFF_HINT, line=line)


def _yaml_documents(data: bytes) -> Iterator[Document | ReportProblem]:
    if len(data) > LARGEST_YAML:
        data = data[:LARGEST_YAML]
        yield ReportProblem(
            message=f"The YAML is larger than {LARGEST_YAML:,} bytes; the rest was not read.",
            hint="Split the report, or write it as JSON.",
        )
    line = 1
    starts = [0, *(match.start() for match in _YAML_SEPARATOR.finditer(data)), len(data)]
    for start, end in pairwise(starts):
        part = data[start:end]
        found = _yaml_document(part, line)
        if isinstance(found, ReportProblem) or found.value is not None:
            yield found
        line += part.count(b"\n")


def _yaml_document(part: bytes, line: int) -> Document | ReportProblem:
    try:
        loader = _YAML_LOADER(part)
        try:
            node = loader.get_single_node()
            if node is None:
                return Document(None, line)
            if _has_alias(node):
                return ReportProblem(
                    message="The YAML document uses aliases, which no policy engine writes.",
                    hint="Write the report without anchors and aliases.",
                    line=line,
                )
            return Document(loader.construct_document(node), line)
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        return ReportProblem(message=f"The YAML is broken: {problem}.", line=line + mark.line if mark else line)


def _has_alias(node: yaml.Node) -> bool:
    """Tell whether a node stands in two places, which makes a small text a huge value."""
    seen: set[int] = set()
    waiting: list[Any] = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(current, tuple):
            waiting.extend(current)
            continue
        if id(current) in seen:
            return True
        seen.add(id(current))
        if isinstance(current, yaml.CollectionNode):
            waiting.extend(current.value)
    return False
