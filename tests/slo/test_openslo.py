"""Objectives as OpenSLO files: read with what they mean, refused with file and line where they say what nobody does."""

import contextlib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.rollout.settings import PHASES
from mkdocs_gitguard.settings_files import packaged_folder
from mkdocs_gitguard.slo.objective import Ratio, Threshold
from mkdocs_gitguard.slo.openslo import objectives_of, read_objectives

TEXT = (packaged_folder("slo") / "freshness.yml").read_text()


def read(tmp_path: Path, text: str) -> list[object]:
    path = tmp_path / "own.yml"
    path.write_text(text)
    return list(read_objectives(path, label="config/slo/own.yml"))


def test_the_plan_s_figures_are_there(tmp_path: Path) -> None:
    production = {item.name: item for item in objectives_of(tmp_path, "production")}
    canary = {item.name: item for item in objectives_of(tmp_path, "canary")}
    advanced = {item.name: item for item in objectives_of(tmp_path, "advanced")}
    assert production["error-rate"].target == 0.99
    assert canary["error-rate-canary"].target == 0.95
    assert production["latency"].condition == "< 3000 ms"
    assert canary["latency-canary"].condition == "< 5000 ms"
    assert production["freshness"].indicator == Threshold(measurement="freshness", operator="lt", value=10)
    assert production["freshness"].target == 0.99
    assert (production["policy-coverage"].target, production["policy-coverage"].alert_below) == (0.9, 0.85)
    assert not production["policy-coverage"].burns
    assert advanced["api-response"].condition == "< 500 ms"
    assert advanced["drills"].indicator == Ratio(part="drills.passed", is_bad=False, total="drills.run")
    assert "error-rate" not in canary
    assert "drills" not in production
    assert objectives_of(tmp_path, "preview") == objectives_of(tmp_path, "advanced")
    assert {phase for item in objectives_of(tmp_path) for phase in item.phases} <= {*PHASES}
    assert all(item.window == timedelta(days=28) for item in objectives_of(tmp_path))


def test_a_file_adds_an_objective_and_one_of_our_name_replaces_ours(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "slo"
    folder.mkdir(parents=True)
    (folder / "fast.yml").write_text(TEXT.replace("name: freshness", "name: fast").replace("value: 10", "value: 1"))
    (folder / "drills.yml").write_text("")
    names = {item.name: item for item in objectives_of(tmp_path, "advanced")}
    assert names["fast"].condition == "< 1 s"
    assert names["fast"].file == "config/slo/fast.yml"
    assert "freshness" in names
    assert "drills" not in names


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "slo"
    folder.mkdir(parents=True)
    (folder / "mine.yml").write_text(TEXT)
    with pytest.raises(SettingError, match=r"freshness.yml:2|mine.yml:2"):
        objectives_of(tmp_path)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("measurement: freshness", "measurement: freshnes", "Did you mean freshness?"),
        ("target: 0.99", "target: 1", "not between 0 and 1"),
        ("target: 0.99", "target: much", "is not a number"),
        ("op: lt", "op: under", "`SLO.spec.objectives[0].op` is 'under'"),
        ("Occurrences", "Timeslices", "is 'Timeslices'"),
        ("28d", "28 days", "is not a window"),
        ("28d", "400d", "the longest is 90d"),
        ("isRolling: true", "isRolling: false", "A window of the calendar"),
        ("kind: SLO", "kind: Service", "is 'Service'"),
        ("openslo/v1", "openslo/v2", "Did you mean openslo/v1"),
        ("  service: gitguard", "  servce: gitguard", "Did you mean service"),
        ("  name: freshness\n  displayName", "  name: Fresh Ness\n  displayName", "is not a name"),
        ("type: gitguard", "type: prometheus", "is 'prometheus'"),
        ("    - op: lt", "    - op: [lt]", "is not a text"),
        ("spec:\n  description", "spec:\n  aim: 3\n  description", "`SLO.spec.aim` is not read"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(tmp_path: Path, before: str, after: str, words: str) -> None:
    assert before in TEXT
    with pytest.raises(SettingError) as caught:
        read(tmp_path, TEXT.replace(before, after))
    assert words in str(caught.value)
    lines = zip(TEXT.splitlines(), TEXT.replace(before, after).splitlines(), strict=False)
    line = next(number for number, (first, second) in enumerate(lines, 1) if first != second)
    assert f"config/slo/own.yml:{line}: " in str(caught.value)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(TEXT)), st.text(max_size=8))
def test_no_text_makes_the_reader_stumble(tmp_path_factory: pytest.TempPathFactory, place: int, text: str) -> None:
    path = tmp_path_factory.mktemp("slo") / "own.yml"
    path.write_text(TEXT[:place] + text + TEXT[place:], encoding="utf-8", errors="replace")
    with contextlib.suppress(SettingError):
        list(read_objectives(path))
