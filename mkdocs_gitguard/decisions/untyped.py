"""Values whose type nobody warrants: each function gives the wanted type, or its empty value.

Reports are written by many tools in many versions. A field of the wrong type counts as one that is not there.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

_LARGEST_NUMBER = 2**63 - 1
_LATEST_SECOND = 253_402_300_799  # the last one of year 9999, the last that datetime holds


def mapping(value: Any) -> Mapping[str, Any]:
    """Return `value` if it is an object, else an empty one; members whose key is not text are left out."""
    if not isinstance(value, Mapping):
        return {}
    if all(isinstance(key, str) for key in value):
        return value
    return {key: member for key, member in value.items() if isinstance(key, str)}


def items(value: Any) -> Sequence[Any]:
    """Return `value` if it is an array, else an empty one."""
    return value if isinstance(value, list | tuple) else ()


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """Return the objects in the array `value`."""
    return [mapping(item) for item in items(value) if isinstance(item, Mapping)]


def text(value: Any) -> str:
    """Return `value` if it is text, a number's digits if it is a number of 64 bits, else `""`."""
    if isinstance(value, str):
        return value if value.isascii() else text_of(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value) if abs(value) <= _LARGEST_NUMBER else ""


def text_of(value: str) -> str:
    """Return `value` with halves of surrogate pairs, which JSON lets through and UTF-8 cannot hold, replaced by `?`."""
    return value.encode("utf-8", "replace").decode("utf-8")


def whole(value: Any) -> int:
    """Return `value` as a whole number from 0 up, from a number or its digits, else 0; more than 64 bits count as 0."""
    if isinstance(value, bool):
        return 0
    if isinstance(value, int):
        return value if 0 <= value <= _LARGEST_NUMBER else 0
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:  # noqa: PLR2004 - exact in JSON
        return int(value)
    return 0


def parse_time(value: Any) -> datetime | None:
    """Return a moment in UTC from RFC 3339 text, from seconds since 1970 or from what YAML made of it, else None."""
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, date):
            moment = datetime(value.year, value.month, value.day, tzinfo=UTC)
        elif isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
        elif isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= _LATEST_SECOND:
            moment = datetime.fromtimestamp(value, UTC)
        else:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
