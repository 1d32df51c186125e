"""What is known over time between builds: kept, told where it is damaged, taken up from what was published."""

import gzip
import json
import logging
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.model.trend import TREND_PATH, RepositoryFigures, Trend, figures_on, with_day
from mkdocs_gitguard.site_build.trend_file import TREND_FILE, keep_trend, kept_trend, take_in_trend

A = "repository:acme/a"


def known(*days: str, errors: int = 1) -> Trend:
    trend = Trend()
    for day in days:
        trend = with_day(trend, day, {A: RepositoryFigures(errors=errors)})
    return trend


def published(folder: Path, document: object) -> Path:
    (folder / TREND_PATH).parent.mkdir(parents=True, exist_ok=True)
    (folder / TREND_PATH).write_bytes(gzip.compress(msgspec.json.encode(document)))
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    serving = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "site")))
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


def test_it_is_kept_and_what_is_damaged_begins_anew_and_is_told(tmp_path: Path, caplog) -> None:
    assert kept_trend(tmp_path) == Trend()
    keep_trend(tmp_path, known("2026-01-01"))
    assert kept_trend(tmp_path) == known("2026-01-01")
    assert not caplog.records
    data = (tmp_path / TREND_FILE).read_bytes()
    with caplog.at_level(logging.WARNING):
        for bad in (data[:-3], b"", b"\xc1", data.replace(b"2026-01-01", b"2026-13-01")):
            (tmp_path / TREND_FILE).write_bytes(bad)
            assert kept_trend(tmp_path) == Trend()
    assert len([record for record in caplog.records if "begins anew" in record.getMessage()]) == 4


@pytest.mark.parametrize("end", ["", "/", "/metrics", "/metrics/history.msgpack"])
def test_it_is_taken_up_from_a_site_by_any_name_of_it(tmp_path: Path, server: str, end: str) -> None:
    site, state = published(tmp_path / "site", known("2026-01-01", "2026-01-02", errors=5)), tmp_path / "state"
    keep_trend(state, known("2026-01-02", "2026-01-03"))
    assert take_in_trend(f"{server}{end}", state) == 1
    assert take_in_trend(f"{site}{end}", state) == 0
    entries = kept_trend(state).repositories[A]
    assert [figures_on(entries, f"2026-01-0{day}").errors for day in (1, 2, 3)] == [5, 1, 1]


def test_a_site_that_knows_nothing_is_no_error_and_a_damaged_one_is(tmp_path: Path, server: str) -> None:
    (tmp_path / "site").mkdir()
    assert take_in_trend(server, tmp_path) == 0
    assert take_in_trend(str(tmp_path), tmp_path) == 0
    document = json.loads(msgspec.json.encode(known("2026-01-01")))
    for wrong in (
        {**document, "version": 99},
        {**document, "days": ["yesterday"]},
        {**document, "days": ["20260101"]},
        {**document, "repositories": {A: [["2026-01-01", {"errors": -1}]]}},
        [],
    ):
        with pytest.raises(ParseError, match=r"damaged|another version"):
            take_in_trend(str(published(tmp_path / "site", wrong)), tmp_path / "state")
    (tmp_path / "site" / TREND_PATH).write_bytes(b"no gzip")
    with pytest.raises(ParseError, match="damaged"):
        take_in_trend(server, tmp_path / "state")
    assert not (tmp_path / "state").exists()
