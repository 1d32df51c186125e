"""What was measured on one day under one name, packed; and the rules by which it is thinned.

A day (UTC) is in one of three forms, by how many later days of the same name there are. Not by the clock: one that
jumps a year ahead for one build makes one day more, and costs nothing that was measured before.

| form      | which days         | what is left                                                              |
|-----------|--------------------|---------------------------------------------------------------------------|
| `whole`   | the newest 7       | every point, with its evidence: the gates of the rollout look back so far |
| `points`  | the next 83        | every point to the minute, four significant digits, without evidence      |
| `summary` | all that are older | number, sum, least, most and last                                         |

A day of more than 1,440 points under one name keeps 1,440 of them, evenly chosen in the order of their values, so that
least, most and every percentile stay; each then counts for several.
"""

import math
import sys
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import accumulate, repeat
from typing import Final, NamedTuple

import msgspec

from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.model import Measurement

WHOLE_DAYS: Final = 7
POINT_DAYS: Final = 90
"""Days of one name that keep their points, the whole ones among them."""
MOST_POINTS: Final = 1440
"""Of a day and name."""

_FORMAT: Final = 1
_LARGEST: Final = 1 << 22
"""Bytes of an unpacked day; a day of 1,440 points with a long sentence each has a tenth."""
_DIGITS: Final = 4
_DAY: Final = timedelta(days=1).total_seconds()
_MOST: Final = sys.float_info.max


class Point(NamedTuple):
    """One measured value."""

    at: datetime
    value: float
    weight: float = 1.0
    """How many measured values it stands for."""
    evidence: str = ""


class Day(NamedTuple):
    """All that is left of one day and name."""

    name: str
    day: str
    """`2026-11-28`, UTC."""
    unit: str
    number: int
    """How often it was measured."""
    total: float
    """The sum of all values."""
    least: float
    most: float
    last: float
    points: tuple[Point, ...] = ()
    """In the order of time; none in a summary."""

    def measurements(self) -> Iterable[Measurement]:
        """Yield the points as they were measured, as far as that is left."""
        for point in self.points:
            yield Measurement(name=self.name, value=point.value, unit=self.unit, at=point.at, evidence=point.evidence)


class PackedDay(NamedTuple):
    """A day as it is kept."""

    name: str
    day: str
    form: int
    """As `form_at` gives it."""
    data: bytes


class _Packed(msgspec.Struct, array_like=True, frozen=True):
    """A day as it is encoded; times in seconds since midnight, each less the one before."""

    format: int
    unit: str
    number: int
    total: float
    least: float
    most: float
    last: float
    times: str = ""
    values: str = ""
    evidences: tuple[str, ...] = ()
    evidence_of: str = ""


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_Packed)


def day_of(points: Iterable[Measurement]) -> Day:
    """Return a day of its measurements; what stands there twice counts once.

    Args:
        points: of one name and one day, at least one. Of one moment the last one given is the newest.
    """
    distinct = {(item.at.astimezone(UTC), item.value, item.evidence): item for item in points}
    ordered = sorted(distinct.values(), key=lambda item: item.at)
    values = [item.value for item in ordered]
    return Day(
        name=ordered[-1].name,
        day=ordered[-1].at.astimezone(UTC).date().isoformat(),
        unit=ordered[-1].unit,
        number=len(ordered),
        total=max(-_MOST, min(_MOST, sum(values))),
        least=min(values),
        most=max(values),
        last=values[-1],
        points=_sampled([Point(item.at.astimezone(UTC), item.value, 1.0, item.evidence) for item in ordered]),
    )


def merged(first: Day, second: Day) -> Day:
    """Return what two histories know of one day and name together; neither's word is counted twice.

    Where one of them is thinner, nobody can tell which of its values the other knows, so the one of more values stands.
    """
    are_complete = all(day.points and day.number == len(day.points) for day in (first, second))
    if are_complete and _is_rounded(first) == _is_rounded(second):
        both = [*first.measurements(), *second.measurements()]
        return day_of(sorted(both, key=lambda item: (item.at, item.value, item.evidence)))
    return max(first, second, key=lambda day: (day.number, len(day.points), not _is_rounded(day), day))


def form_at(place: int) -> int:
    """Return the form of a day that has so many newer ones: 0 whole, 1 points, 2 summary."""
    return (place >= WHOLE_DAYS) + (place >= POINT_DAYS)


def in_form(day: Day, form: int) -> Day:
    """Return a day in a form, or as it is where it is thinner already."""
    if form == 0:
        return day
    return day._replace(points=tuple(map(_rounded, day.points)) if form == 1 else ())


def pack(day: Day) -> bytes:
    """Return a day in some bytes for each point."""
    midnight = _midnight(day.day)
    seconds = [_number((point.at - midnight).total_seconds()) for point in day.points]
    evidences = dict.fromkeys(point.evidence for point in day.points if point.evidence)
    known = {evidence: str(place) for place, evidence in enumerate(evidences, 1)}
    packed = _Packed(
        format=_FORMAT,
        unit=day.unit,
        number=day.number,
        total=day.total,
        least=day.least,
        most=day.most,
        last=day.last,
        times=" ".join(f"{_number(now - before):.12g}" for before, now in zip([0.0, *seconds], seconds, strict=False)),
        values=" ".join(repr(point.value).removesuffix(".0") for point in day.points),
        evidences=tuple(known),
        evidence_of=" ".join(known.get(point.evidence, "0") for point in day.points) if known else "",
    )
    return zlib.compress(_encoder.encode(packed), 9)


def unpack(name: str, day: str, data: bytes, *, with_points: bool = True) -> Day:
    """Return a day that was packed, or its summary alone, which takes a tenth of the time.

    Raises:
        ParseError: it is damaged, or of a newer version.
    """
    packed = _opened(name, day, data)
    try:
        points = tuple(_points(packed, _midnight(day))) if with_points else ()
        summary = (packed.total, packed.least, packed.most, packed.last)
        if packed.number < max(1, len(points)) or not all(map(math.isfinite, summary)):
            raise ValueError("it does not add up")  # noqa: TRY301 - one way out of all damage
    except (ValueError, OverflowError, IndexError) as error:
        raise ParseError(f"{name} of {day} is damaged: {error}.") from error
    return Day(name, day, packed.unit, packed.number, *summary, points=points)


def is_whole(packed: PackedDay) -> bool:
    """Tell whether a day can be opened, without looking at each point."""
    try:
        _opened(packed.name, packed.day, packed.data)
        _midnight(packed.day)
    except (ParseError, ValueError):
        return False
    return packed.form in range(form_at(POINT_DAYS) + 1)


def _opened(name: str, day: str, data: bytes) -> _Packed:
    try:
        inflate = zlib.decompressobj()
        plain = inflate.decompress(data, _LARGEST)
        if inflate.unconsumed_tail or not inflate.eof:
            raise ValueError("it is cut off, or too large")  # noqa: TRY301 - one way out of all damage
        packed = _decoder.decode(plain)
        if packed.format != _FORMAT:
            raise ValueError("it was written by another version")  # noqa: TRY301 - as above
    except (zlib.error, msgspec.MsgspecError, ValueError) as error:
        raise ParseError(f"{name} of {day} is damaged: {error}.") from error
    return packed


def _points(packed: _Packed, midnight: datetime) -> Iterable[Point]:
    """Yield the points; list by list, for a year has 50,000 under each name."""
    values = [*map(float, packed.values.split())]
    places = [*map(int, packed.evidence_of.split())] or [0] * len(values)
    seconds = [*accumulate(map(float, packed.times.split()))]
    if not len(values) == len(places) == len(seconds):
        raise ValueError("values and times are not as many")
    if not values:
        return ()
    is_sound = all(map(math.isfinite, values)) and all(map(math.isfinite, seconds))
    if not is_sound or min(seconds) < 0 or max(seconds) > _DAY or min(places) < 0:
        raise ValueError("a value or a time of day cannot be")
    evidences = ("", *packed.evidences)
    moments = [midnight + timedelta(0, second) for second in seconds]
    weight = packed.number / len(values)
    return map(Point, moments, values, repeat(weight), [evidences[place] for place in places])


def _sampled(points: list[Point]) -> tuple[Point, ...]:
    if len(points) <= MOST_POINTS:
        return tuple(points)
    by_value = sorted(range(len(points)), key=lambda place: (points[place].value, place))
    step = (len(points) - 1) / (MOST_POINTS - 1)
    chosen = sorted(by_value[round(number * step)] for number in range(MOST_POINTS))
    weight = len(points) / MOST_POINTS
    return tuple(points[place]._replace(weight=weight) for place in chosen)


def _rounded(point: Point) -> Point:
    return point._replace(
        at=point.at.replace(second=0, microsecond=0), value=float(f"{point.value:.{_DIGITS}g}"), evidence=""
    )


def _is_rounded(day: Day) -> bool:
    return all(_rounded(point) == point._replace(evidence="") for point in day.points)


def _midnight(day: str) -> datetime:
    return datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)


def _number(seconds: float) -> float:
    return round(seconds, 6)
