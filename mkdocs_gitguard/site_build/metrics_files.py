"""What a site tells machines of its measurements: `metrics/` beside its pages, and the history taken up from there."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from mkdocs_gitguard.errors import SettingError, SourceError, mask_credentials
from mkdocs_gitguard.model import Measurement
from mkdocs_gitguard.slo.alert_rules import alert_rules
from mkdocs_gitguard.slo.dashboards import BOARDS, dashboard
from mkdocs_gitguard.slo.evaluate import levels_of
from mkdocs_gitguard.slo.exposition import BUILD_TIMESTAMP, exposition, families
from mkdocs_gitguard.slo.metrics import counter_names
from mkdocs_gitguard.state.files import replace_file
from mkdocs_gitguard.state.history_file import HISTORY_FILE, MOST_BYTES, read_history, read_history_file, write_history

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mkdocs_gitguard.model.service_levels import ServiceLevels
    from mkdocs_gitguard.slo.exposition import Family
    from mkdocs_gitguard.slo.objective import Objective
    from mkdocs_gitguard.state.measurements import Measurements

METRICS_ROOT: Final = "metrics"
"""Folder of the site."""
_METRICS: Final = "gitguard.prom"
_FRESHNESS: Final = "freshness"
"""Name of the objective that a gate asks for."""
_TIMEOUT: Final = 20.0
"""Seconds that a server may take for each answer."""


def write_metrics(
    folder: Path, measurements: Measurements, objectives: Sequence[Objective], *, now: datetime
) -> tuple[Path, ...]:
    """Write metrics, alert rules, dashboards and the history; return their paths.

    Remembers whether the objective of freshness is met, as a gate of the rollout asks.

    Raises:
        SettingError: the state file is damaged, or the folder cannot be written.
    """
    judged = levels_of(objectives, measurements, now=now)
    measurements.remember(*_of_gates(judged, now))
    latest = measurements.latest(until=now)
    shown = families(latest, _totals(measurements, latest), judged, at=now)
    files = {
        _METRICS: exposition(shown).encode(),
        "gitguard.openmetrics": exposition(shown, is_openmetrics=True).encode(),
        "alerts.yml": alert_rules(objectives).encode(),
        HISTORY_FILE: write_history(measurements.packed()),
        **{f"dashboards/{board.name}.json": dashboard(board).encode() for board in BOARDS},
    }
    try:
        for name, data in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            replace_file(folder / name, data)
    except OSError as error:
        raise SettingError(f"{folder} cannot be written: {error.strerror}.", hint="Name another folder.") from error
    return tuple(folder / name for name in files)


def families_of(measurements: Measurements, objectives: Sequence[Objective], *, now: datetime) -> tuple[Family, ...]:
    """Return the metrics of a process that stays: all that is remembered now, and when the last build was.

    Raises:
        SettingError: the state file is damaged.
    """
    latest = measurements.latest(until=now)
    built = next((item.at for item in latest if item.name == "build.duration"), None)
    return families(latest, _totals(measurements, latest), levels_of(objectives, measurements, now=now), at=built)


def _totals(measurements: Measurements, latest: Iterable[Measurement]) -> Mapping[str, float]:
    return measurements.totals(counter_names(item.name for item in latest))


def metrics_of(folder: Path) -> datetime | None:
    """Return when the metrics in a folder were written; None: there are none, or nobody can tell."""
    try:
        lines = (folder / _METRICS).read_text(encoding="utf-8").splitlines()
        return next(
            datetime.fromtimestamp(float(line.removeprefix(BUILD_TIMESTAMP)), UTC)
            for line in lines
            if line.startswith(f"{BUILD_TIMESTAMP} ")
        )
    except (OSError, ValueError, OverflowError, StopIteration):
        return None


def _of_gates(judged: ServiceLevels, now: datetime) -> list[Measurement]:
    return [
        Measurement(name="freshness.met", value=level.measured >= level.target, at=now, evidence=level.why)
        for level in judged.objectives
        if level.name == _FRESHNESS and level.measured is not None
    ]


def take_in_history(source: str, measurements: Measurements) -> tuple[int, int]:
    """Take up the history of another run.

    Args:
        source: its file, a folder that holds it or a site with it, or the URL of one of these.
        measurements: where it goes.

    Returns:
        How many days and measurements were new, and how many are damaged and left out.

    Raises:
        SourceError: it cannot be read.
        ParseError: it is not a history, or one of a newer version.
        SettingError: the state file cannot be written.
    """
    if urlsplit(source).scheme in ("http", "https"):
        name = "" if source.endswith(HISTORY_FILE) else f"{METRICS_ROOT}/{HISTORY_FILE}"
        url = urljoin(source if source.endswith("/") or not name else f"{source}/", name)
        days, damaged = read_history(fetched(url), label=mask_credentials(url))
    else:
        path = Path(source)
        places = (path, path / HISTORY_FILE, path / METRICS_ROOT / HISTORY_FILE)
        file = next((place for place in places if place.is_file()), None)
        if file is None:
            raise SourceError(f"{source} holds no history.", hint=f"Name the file {METRICS_ROOT}/{HISTORY_FILE}.")
        days, damaged = read_history_file(file)
    return measurements.take_in(days), damaged


def fetched(url: str) -> bytes:
    """Return what stands at a URL.

    Raises:
        SourceError: nothing does, or it cannot be read.
    """
    data = fetched_if_there(url)
    if data is None:
        raise SourceError(f"{url} answers 404.", hint="See that a release with metrics is there.")
    return data


def fetched_if_there(url: str) -> bytes | None:
    """Return what stands at a URL, None where nothing does.

    Raises:
        SourceError: it cannot be read.
    """
    # Imported where something is fetched: what judges and writes metrics need not wait for it.
    import urllib.error  # noqa: PLC0415
    import urllib.request  # noqa: PLC0415

    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as response:  # noqa: S310 - the scheme is http or https
            data: bytes = response.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == HTTPStatus.NOT_FOUND:
                return None
            raise SourceError(
                f"{url} answers {error.code}.", hint="See that a release with metrics is there."
            ) from error
    except (OSError, ValueError) as error:
        raise SourceError(f"{url} cannot be read: {error}.", hint="See that it can be reached.") from error
    if len(data) > MOST_BYTES:
        raise SourceError(f"{url} has more than {MOST_BYTES:,} bytes.", hint="Name a history's file.")
    return data
