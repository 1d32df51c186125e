"""The types that a setting's text can have, each with its parser and the way it is written back.

Durations and sizes are written as NATS writes them, because the same variables configure JetStream there:
durations as Go's `time.ParseDuration` (https://pkg.go.dev/time#ParseDuration) plus `d` and `w`; sizes as
nats-server's configuration, where `KB` is 1,024 bytes and `K` 1,000
(https://docs.nats.io/running-a-nats-service/configuration).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, TypeVar
from urllib.parse import urlsplit

from mkdocs_gitguard.late_pattern import late_pattern

T = TypeVar("T")

UNLIMITED: Final = -1
"""A count or size without a limit."""

_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_BYTES: Final = {"": 1, "b": 1} | {
    unit + suffix: base**power
    for power, unit in enumerate("kmgt", start=1)
    for suffix, base in (("", 1000), ("b", 1024), ("i", 1024), ("ib", 1024))
}
_DURATION: Final = late_pattern(r"(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+")
_DURATION_PART: Final = late_pattern(r"(\d+(?:\.\d+)?)(ms|[smhdw])")
_SIZE: Final = late_pattern(r"(\d+(?:\.\d+)?)\s*([kmgt]?(?:i?b|i)?)")
_MAX_DIGITS: Final = 18
_MAX_PORT: Final = 65535


@dataclass(frozen=True)
class ValueType(Generic[T]):
    """How one type of value is read and written."""

    label: str
    """What the documentation calls it, with an example."""
    parse: Callable[[str], T]
    """Takes the text, blanks stripped; raises ValueError whose message ends the sentence "It must be ..."."""
    write: Callable[[T], str]
    allows_empty: bool = False
    """An empty text is a value of its own; else it counts as "not set"."""


def _parse_flag(text: str) -> bool:
    lowered = text.lower()
    if lowered in {"true", "1", "yes", "on"}:
        return True
    if lowered in {"false", "0", "no", "off"}:
        return False
    raise ValueError("true or false")


def _parse_duration(text: str) -> timedelta:
    lowered = text.lower()
    if len(lowered) <= _MAX_DIGITS and _DURATION.fullmatch(lowered):
        seconds = sum(float(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(lowered))
        try:
            return timedelta(seconds=seconds)
        except OverflowError:
            pass
    raise ValueError("a duration with its unit, such as 600s, 72h or 1h30m (ms, s, m, h, d, w)")


def _write_duration(value: timedelta) -> str:
    seconds = value.total_seconds()
    # Hours are the largest unit on purpose: the plan says 72h, and Go knows no days.
    for unit in ("h", "m", "s"):
        if seconds and seconds % _SECONDS[unit] == 0:
            return f"{int(seconds / _SECONDS[unit])}{unit}"
    return f"{round(seconds * 1000)}ms" if seconds else "0s"


def _parse_size(text: str) -> int:
    if text == "-1":
        return UNLIMITED
    match = _SIZE.fullmatch(text.lower())
    if match and len(text) <= _MAX_DIGITS:
        return int(float(match[1]) * _BYTES[match[2]])
    raise ValueError("a size such as 512MB or 10GB, or -1 for no limit")


def _write_size(value: int) -> str:
    if value == UNLIMITED:
        return "-1"
    for unit in ("tb", "gb", "mb", "kb"):
        if value and value % _BYTES[unit] == 0:
            return f"{value // _BYTES[unit]}{unit.upper()}"
    return f"{value}B"


def _parse_count(text: str) -> int:
    if re.fullmatch(r"-1|[0-9]{1,18}", text):
        return int(text)
    raise ValueError("a whole number, or -1 for no limit")


def _parse_positive(text: str) -> int:
    if re.fullmatch(r"[0-9]{1,18}", text) and int(text) > 0:
        return int(text)
    raise ValueError("a whole number above 0")


def _parse_share(text: str) -> float:
    percent = text.endswith("%")
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text.rstrip("%")):
        value = float(text.rstrip("%")) / (100 if percent else 1)
        if value <= 1:
            return value
    raise ValueError("a share from 0 to 1, such as 0.05 or 5%")


def _parse_port_or_none(text: str) -> int:
    return 0 if text == "0" else _parse_port(text)


def _parse_port(text: str) -> int:
    if re.fullmatch(r"[0-9]{1,5}", text) and 0 < int(text) <= _MAX_PORT:
        return int(text)
    raise ValueError(f"a port from 1 to {_MAX_PORT}")


def _parse_list(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"[^\s,]+", text)))


def _parse_log_level(text: str) -> str:
    level = {"WARN": "WARNING"}.get(text.upper(), text.upper())
    if level in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        return level
    raise ValueError("DEBUG, INFO, WARN, ERROR or CRITICAL")


def _url_parser(schemes: tuple[str, ...], *, is_shown: bool) -> Callable[[str], str]:
    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
        except ValueError:
            parts = urlsplit("")
        if is_shown and "@" in parts.netloc:
            raise ValueError("a URL without user and password, for it is shown to readers")
        if not text or (parts.scheme in schemes and parts.hostname and not re.search(r"\s", text)):
            return text
        raise ValueError(f"a URL that starts with {' or '.join(f'{scheme}://' for scheme in schemes)}")

    return parse


def choice(*words: str) -> ValueType[str]:
    """Return the type of a setting that is one of a few words."""

    def parse(text: str) -> str:
        if text in words:
            return text
        raise ValueError(" or ".join(words))

    return ValueType(" or ".join(f"`{word}`" for word in words), parse, str)


def url(*schemes: str, is_shown: bool = False) -> ValueType[str]:
    """Return the type of a URL, or nothing, with one of the schemes; one that is shown may hold no credentials."""
    parse = _url_parser(schemes, is_shown=is_shown)
    return ValueType(f"URL ({', '.join(schemes)})", parse, str, allows_empty=True)


FLAG: Final = ValueType("flag: `true`, `false`", _parse_flag, lambda value: "true" if value else "false")
DURATION: Final = ValueType("duration: `72h`, `600s`", _parse_duration, _write_duration)
SIZE: Final = ValueType("size: `10GB`, `-1` for no limit", _parse_size, _write_size)
COUNT: Final = ValueType("count: `50`, `-1` for no limit", _parse_count, str)
POSITIVE: Final = ValueType("whole number above 0", _parse_positive, str)
SHARE: Final = ValueType("share: `0.05` or `5%`", _parse_share, str)
PORT: Final = ValueType("port", _parse_port, str)
PORT_OR_NONE: Final = ValueType("port, or `0` for none", _parse_port_or_none, str)
NAMES: Final = ValueType("list, by commas or blanks", _parse_list, ",".join, allows_empty=True)
LOG_LEVEL: Final = ValueType("`DEBUG`, `INFO`, `WARN`, `ERROR` or `CRITICAL`", _parse_log_level, str)
TEXT: Final = ValueType("text", str, str, allows_empty=True)
