"""From a report's bytes to its documents: JSON in any layout, JSON lines, YAML of several documents, gzip.

What is broken costs only itself: a cut-off line, a bad element of an array, one document of several, the end of a
gzip file. JSON lines are read as a stream; other layouts are held whole, up to the limit.
"""

import codecs
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, pairwise
from typing import Any, Final, NamedTuple

import msgspec
import yaml

from mkdocs_gitguard.bounded_yaml import BoundsError, compose_documents, value_of
from mkdocs_gitguard.decisions.report import ReportProblem
from mkdocs_gitguard.late_pattern import late_pattern

LARGEST_REPORT: Final = 64 * 2**20
"""Bytes of one report that are read, after decompression. OPA's own default for one upload is 32 KiB."""
LARGEST_YAML: Final = 16 * 2**20
"""Bytes of one YAML report that are read; YAML is parsed 50 times slower than JSON."""

_GZIP: Final = b"\x1f\x8b"
_CHUNK: Final = 1 << 16
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""What PowerShell's `>` begins a file with."""
_BLANK_BYTES: Final = b" \t\r\n\x1e\xef\xbb\xbf"
"""Also what stands before each value of a JSON text sequence (RFC 7464), and before a file that was appended."""
_BLANKS: Final = late_pattern(r"[ \t\r\n\x1e\ufeff]+")
_GLUED: Final = late_pattern(rb"[}\]][ \t]*[{\[]")
"""Where a report was appended to one whose last line has no end."""
_PREFIX: Final = late_pattern(rb"(?:[\w.-]{1,100} +\| ?|\d{4}-\d\d-\d\dT[0-9:.+Z-]{8,30} )+(?=\{\")")
"""What `docker compose logs` and `kubectl logs --timestamps` put before each line."""
_YAML_SEPARATOR: Final = late_pattern(rb"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_ARRAY: Final = late_pattern(r"\[[ \t\r\n]*(?:[\[{\]]|\Z)")
"""An array of objects, or one that is empty or cut off; not a program's `[info]`."""
_AT_MARGIN: Final = late_pattern(rb"^(?:\{|\[[ \t\r]*(?:[\[{\]\n]|\Z))", re.MULTILINE)
_MOST_EFFORT: Final = 4
"""Characters that are looked at in vain, for each of a report's."""
_LEAST_EFFORT: Final = 1_000_000
_LEAST_COST: Final = 100
_DEEP_EFFORT: Final = 20_000
"""Characters that an attempt counts for which ended in nesting too deep."""
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
    plain = _limited(_in_utf_8(_unzipped(iter(chunks), problems)), limit, problems)
    leading: list[bytes] = []
    for chunk in plain:
        leading.append(chunk)
        if chunk.strip(_BLANK_BYTES):
            break
    head = b"".join(leading).removeprefix(_BYTE_ORDER_MARK)
    parts = chain([head], plain)
    if head.lstrip(_BLANK_BYTES)[:1] in (b"{", b"["):
        yield from _json_documents(parts)
    elif head.strip():
        data = b"".join(parts)
        json_start = _PREFIX.match(data) or _AT_MARGIN.search(data)
        if json_start and not _YAML_SEPARATOR.search(data, 0, json_start.start()):
            yield from _json_documents([data])
        else:
            yield from _yaml_documents(data)
    yield from problems


def _in_utf_8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield a text as UTF-8, which may be UTF-16 with a byte order mark."""
    first = b""
    for chunk in chunks:
        first += chunk
        if len(first) >= len(_UTF_16[0]):
            break
    chunks = chain([first], chunks)
    if not first.startswith(_UTF_16):
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


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


class _Passed:
    """Lines that do not belong to a report, such as what a program prints between its reports."""

    def __init__(self) -> None:
        self.count = 0
        self.first = 0

    def add(self, line: int) -> None:
        self.count += 1
        self.first = self.first or line

    def over(self, text: str, position: int, line: int) -> int:
        """Pass over the rest of a line of a text, and return where it ends."""
        self.add(line)
        return text.find("\n", position) % (len(text) + 1)

    def problems(self) -> Iterator[ReportProblem]:
        if self.count:
            lines = "1 line that is" if self.count == 1 else f"{self.count:,} lines that are"
            yield ReportProblem(
                message=f"{lines} not JSON {'was' if self.count == 1 else 'were'} passed over.",
                hint="Write reports and the output of programs to files of their own.",
                line=self.first,
            )


def _json_documents(chunks: Iterable[bytes]) -> Iterator[Document | ReportProblem]:
    lines = _lines(chunks)
    passed = _Passed()
    is_first = True
    for number, line in enumerate(lines, 1):
        content = line.strip(_BLANK_BYTES)
        if content[:1] not in (b"{", b"[") and (prefix := _PREFIX.match(content)):
            content = content[prefix.end() :]
        if not content:
            continue
        if content[:1] not in (b"{", b"["):
            passed.add(number)
            continue
        value = _decoded(content)
        if value is None and (is_first or content == b"{" or content.startswith(b"[")):
            # A value of several lines: from here on the text is held whole.
            text = b"".join([line, b"\n", *(other + b"\n" for other in lines)]).decode("utf-8", "replace")
            yield from _json_values(text, number, passed)
            break
        is_first = False
        if value is None and _GLUED.search(content):
            yield from _json_values(content.decode("utf-8", "replace"), number, passed)
        elif value is None:
            yield ReportProblem(message="The line is not JSON, or is cut off.", hint=_CUT_OFF_HINT, line=number)
        elif isinstance(value, list):
            yield from (Document(item, number) for item in value)
        else:
            yield Document(value, number)
    yield from passed.problems()


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


def _json_values(text: str, line: int, passed: _Passed) -> Iterator[Document | ReportProblem]:
    """Yield the values that stand one after the other, of top-level arrays the elements."""
    decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
    position = end = 0
    is_array = False
    indent = ""
    effort = _MOST_EFFORT * len(text) + _LEAST_EFFORT
    while (end := _after_blanks(text, end)) < len(text):
        line += text.count("\n", position, end)
        position = end
        if is_array and text[position] in "],":
            is_array = text[position] == ","
            end = position + 1
            continue
        if not is_array and _ARRAY.match(text, position):
            is_array = True
            end = _after_blanks(text, position + 1)
            indent = text[text.rfind("\n", 0, end) + 1 : end]
            continue
        if not is_array and text[position] != "{":
            objects, stopped = _mixed_array(decoder, text, position, effort)
            effort -= stopped - position
            yield from (Document(value, line) for value in objects)
            end = stopped if objects else passed.over(text, position, line)
            continue
        try:
            value, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            is_deep = isinstance(error, RecursionError)
            yield ReportProblem(
                message="It is nested too deeply." if is_deep else "It is not JSON, or is cut off.",
                hint=_CUT_OFF_HINT,
                line=line,
            )
            effort -= _DEEP_EFFORT if is_deep else getattr(error, "pos", position) - position + _LEAST_COST
            if effort < 0:
                yield ReportProblem(
                    message="Too much of it is not JSON; the rest was not read.", hint=_CUT_OFF_HINT, line=line
                )
                return
            next_start = _next_start(indent).search(text, position)
            if next_start is None:
                return
            end = next_start.end()
            is_array = is_array and text[end] != "["
        else:
            yield Document(value, line)
    if is_array:
        line += text.count("\n", position)
        yield ReportProblem(message="The array has no end: the report is cut off.", hint=_CUT_OFF_HINT, line=line)


def _mixed_array(decoder: json.JSONDecoder, text: str, position: int, effort: int) -> tuple[list[Any], int]:
    """Return the members of an array that begins with something else than an object but holds one, and where it ends.

    Of what is none, the position at which that is known.
    """
    if text[position] != "[" or effort <= 0:
        return [], position
    try:
        members, end = decoder.raw_decode(text, position)
    except RecursionError:
        return [], position + _DEEP_EFFORT
    except json.JSONDecodeError as error:
        return [], error.pos
    return (members if any(isinstance(member, dict) for member in members) else []), end


@lru_cache(maxsize=16)
def _next_start(indent: str) -> re.Pattern[str]:
    """Return what finds where reading can go on: the next object at an indentation, or an array at the margin."""
    objects = re.escape(indent) if not indent.strip() else ""
    return re.compile(rf"\n(?:{objects}(?=\{{)|(?=\[))")


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
        yield from _yaml_document(part, line)
        line += part.count(b"\n")


def _yaml_document(part: bytes, line: int) -> Iterator[Document | ReportProblem]:
    try:
        for node in compose_documents(part):
            if _uses_alias(node):
                yield _uses_aliases(line)
            elif (value := value_of(node)) is not None:
                yield Document(value, line)
    except BoundsError as error:
        yield (
            _uses_aliases(line)
            if error.is_of_aliases
            else ReportProblem(message=f"The YAML {str(error).removeprefix('it ')}.", line=line)
        )
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        yield ReportProblem(message=f"The YAML is broken: {problem}.", line=line + place.line if place else line)


def _uses_aliases(line: int) -> ReportProblem:
    return ReportProblem(
        message="The YAML document uses aliases, which no policy engine writes.",
        hint="Write the report without anchors and aliases.",
        line=line,
    )


def _uses_alias(top: yaml.Node) -> bool:
    """Tell whether a node stands in two places, which makes a small text a huge value."""
    seen: set[int] = set()
    waiting: list[Any] = [top]
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
