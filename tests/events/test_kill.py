"""Appenders, consumers and the server, killed at random moments: nothing acknowledged is lost, nothing kept twice.

Sixty rounds and more: `python -m benchmarks.events_kill`.
"""

import pytest

from benchmarks.events_kill import kill_rounds


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", "jetstream"])
def test_kills_at_random_moments(tmp_path, engine) -> None:
    counts = kill_rounds(tmp_path, 12, engine)
    assert counts["acknowledged"] > 100
    assert counts["kills of the appender"]
    assert counts["kills of the consumer"]
    assert {what: counts[what] for what in ("lost", "doubled", "not worked on", "dead letters")} == {
        "lost": 0,
        "doubled": 0,
        "not worked on": 0,
        "dead letters": 0,
    }
