"""What is known over time, between builds: in the state folder, and taken up from what an earlier run published."""

from __future__ import annotations

import zlib
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

import msgspec

from mkdocs_gitguard.bounded_file import read_file
from mkdocs_gitguard.errors import ParseError, SettingError, mask_credentials
from mkdocs_gitguard.model.trend import TREND_PATH, TREND_VERSION, Trend, merged
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.metrics_files import METRICS_ROOT, fetched_if_there
from mkdocs_gitguard.state.files import replace_file
from mkdocs_gitguard.state.folder import make_state_folder
from mkdocs_gitguard.state.history_file import HISTORY_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

TREND_FILE: Final = "trend.msgpack"
_MOST_BYTES: Final = 1 << 26
"""Of the file, unpacked. Of 2,000 repositories of which each changes every day, ten years have a third."""
_from_msgpack: Final = msgspec.msgpack.Decoder(Trend).decode
_from_json: Final = msgspec.json.Decoder(Trend).decode


def kept_trend(state_folder: Path) -> Trend:
    """Return what is known, nothing where nothing is kept; what is damaged is told, and begins anew."""
    path = state_folder / TREND_FILE
    if not path.exists():
        return Trend()
    try:
        return _decoded(read_file(path, _MOST_BYTES), _from_msgpack, str(path))
    except (OSError, ParseError) as error:
        log.warning("What was known over time begins anew: %s", error)
        return Trend()


def keep_trend(state_folder: Path, trend: Trend) -> None:
    """Keep what is known.

    Raises:
        SettingError: the state folder cannot be written.
    """
    try:
        make_state_folder(state_folder)
        replace_file(state_folder / TREND_FILE, msgspec.msgpack.encode(trend))
    except OSError as error:
        raise SettingError(f"{state_folder} cannot be written: {error.strerror}.", hint="Name another.") from error


def take_in_trend(source: str, state_folder: Path) -> int:
    """Take up what another run knew over time, and return how many days were new; 0 where it knew nothing.

    Args:
        source: the history of its measurements, a folder that holds it or a site with it, or the URL of one of these.
        state_folder: where it goes.

    Raises:
        SourceError: it cannot be read.
        ParseError: it is damaged, or of another version.
        SettingError: the state folder cannot be written.
    """
    data = _published(source)
    if data is None:
        return 0
    inflate = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = inflate.decompress(data, _MOST_BYTES)
    except zlib.error as error:
        raise ParseError(f"{TREND_PATH} of {mask_credentials(source)} is damaged: {error}.", hint=_HINT) from error
    own = kept_trend(state_folder)
    both = merged(own, _decoded(plain, _from_json, f"{TREND_PATH} of {mask_credentials(source)}"))
    if both != own:
        keep_trend(state_folder, both)
    return len({*both.days} - {*own.days})


def _published(source: str) -> bytes | None:
    if urlsplit(source).scheme in ("http", "https"):
        site = source.removesuffix(HISTORY_FILE).rstrip("/").removesuffix(METRICS_ROOT)
        return fetched_if_there(urljoin(site if site.endswith("/") else f"{site}/", TREND_PATH))
    path = Path(source)
    folders = (path, path.parent, path.parent.parent)
    file = next((place for folder in folders if (place := folder / TREND_PATH).is_file()), None)
    return read_file(file, _MOST_BYTES) if file is not None else None


_HINT: Final = "Leave it out."


def _check_day(day: str) -> None:
    if date.fromisoformat(day).isoformat() != day:
        raise ValueError(f"{day} is not a day")


def _decoded(data: bytes, decode: Callable[[bytes], Trend], label: str) -> Trend:
    try:
        trend = decode(data)
        for day in {*trend.days, *(day for entries in trend.repositories.values() for day, _ in entries)}:
            _check_day(day)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise ParseError(f"{label} is damaged: {error}.", hint=_HINT) from error
    if trend.version != TREND_VERSION:
        raise ParseError(f"{label} was written by another version (format {trend.version}).", hint=_HINT)
    return trend
