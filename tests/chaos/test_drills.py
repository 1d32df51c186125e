"""Drills that pass: what the system as it is gets over. The whole set runs every week: .github/workflows/chaos.yml."""

import pytest

from mkdocs_gitguard.chaos.drills import BY_NAME, DRILLS
from mkdocs_gitguard.chaos.run import run_drill

SHORT = [drill.about.name for drill in DRILLS if drill.about.is_short]


@pytest.mark.parametrize("name", [*SHORT, pytest.param("corrupt-repository", marks=pytest.mark.slow)])
def test_a_drill_passes(name: str) -> None:
    result = run_drill(BY_NAME[name], seed=11)
    assert result.outcome == "passed", result
