"""A drill that cannot fail is noticed: each must catch its broken variant, and in its own way, not by a crash before.

Those that take seconds run in CI, and one of the others; all of them, three times each:

    GITGUARD_TEST_DRILLS=all pytest tests/chaos/test_broken.py
"""

import os

import pytest
from chaos.broken import BROKEN

from mkdocs_gitguard.chaos.drills import BY_NAME, DRILLS
from mkdocs_gitguard.chaos.run import run_drill

ALL = os.environ.get("GITGUARD_TEST_DRILLS") == "all"
QUICK = [name for name in BROKEN if BY_NAME[name].about.is_short and name != "event-kill"]
SLOW = ["publish-syscalls", "log-power"]
CASES = [(name, seed) for name in BROKEN for seed in (1, 2, 3)] if ALL else [(name, 1) for name in (*QUICK, *SLOW)]


def test_every_drill_has_a_broken_variant() -> None:
    assert {drill.about.name for drill in DRILLS} == {*BROKEN}


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_a_drill_catches_its_broken_variant(name: str, seed: int) -> None:
    result = run_drill(BY_NAME[name], seed=seed, swap=BROKEN[name])
    if result.outcome == "not run":
        pytest.skip(result.why)
    assert result.outcome == "failed", result.why
    assert result.why.startswith(("The steady state did not hold after the fault", *ELSEWHERE.get(name, ()))), result


ELSEWHERE = {
    "clock-jumps": ("The clock jumps",),
    "stream-frozen": ("Every write",),
    "disk-full": ("Recovery ended in an error: mkdocs_gitguard.errors.PublishError",),
}
"""Where a broken part shows as an error within the drill itself."""
