"""What holds for every drill: its sandbox, its rule of success, its journal, its measurements."""

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from mkdocs_gitguard.chaos.drills import BY_NAME, DRILLS
from mkdocs_gitguard.chaos.experiment import check, experiment_of
from mkdocs_gitguard.chaos.measures import measured_of, measured_of_all
from mkdocs_gitguard.chaos.run import run_drill
from mkdocs_gitguard.chaos.schedule import due, next_due
from mkdocs_gitguard.chaos.trial import Drill, NotRunError, Sandbox, Trial
from mkdocs_gitguard.chaos.verdict import failure_of
from mkdocs_gitguard.model.drill import DrillAbout, DrillResult, Tally, rate_of, wilson_least
from mkdocs_gitguard.state.database import STATE_FILE
from mkdocs_gitguard.state.drill_journal import DrillJournal

ABOUT = DrillAbout(
    name="sample",
    title="A sample",
    component="nothing",
    hypothesis="All is well.",
    fault="Nothing happens.",
    blast_radius="Nothing.",
    time_limit=120,
)
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)


class Sample(Trial):
    """Does nothing; `at` says where it goes wrong."""

    at = ""

    def step(self, name: str) -> None:
        if self.at == name:
            raise RuntimeError(name)

    def prepare(self) -> None:
        self.step("prepare")
        if self.at == "not run":
            raise NotRunError("there is no loop device")

    def disturb(self) -> None:
        if self.at == "late":
            time.sleep(600)
        if self.at == "dead":
            os._exit(3)
        self.step("disturb")

    def recover(self) -> None:
        self.step("recover")

    def tally(self) -> Tally:
        return Tally(looked_at=0 if self.at == "idle" else 2, lost=int(self.at == "lost"))

    def put_right(self) -> None:
        sys.stdout.write("put right\n")
        self.step("put_right")


def drill(at: str = "") -> Drill:
    def make(sandbox: Sandbox) -> Trial:
        trial = Sample(sandbox)
        trial.at = at
        return trial

    return Drill(msgspec.structs.replace(ABOUT, time_limit=2) if at == "late" else ABOUT, make)


@pytest.mark.parametrize(
    ("at", "outcome", "why"),
    [
        ("", "passed", "2 compared: nothing is lost, doubled or different."),
        ("prepare", "failed", "The drill could not be prepared: RuntimeError: prepare"),
        ("not run", "not run", "Not run, because there is no loop device."),
        ("disturb", "failed", "Nothing happens ended in an error: RuntimeError: disturb."),
        ("recover", "failed", "Recovery ended in an error: RuntimeError: recover."),
        ("put_right", "failed", "Put right ended in an error: RuntimeError: put_right."),
        ("lost", "failed", "The steady state did not hold before the fault (1 lost, 0 doubled in effect)."),
        ("idle", "failed", "Nothing was compared, so that nothing was shown."),
        ("late", "failed", "It was not done in 2 seconds."),
        ("dead", "failed", "The drill's process ended with code 3, and without a result."),
    ],
)
def test_an_outcome_is_told_by_our_own_rule(at: str, outcome: str, why: str) -> None:
    result = run_drill(drill(at), seed=1)
    assert (result.outcome, result.why) == (outcome, why)
    assert ("put right" in result.log) == (at != "dead")


def test_a_completed_journal_with_an_empty_run_has_not_passed() -> None:
    """Chaos Toolkit ends so where the first steady state fails, with exit code 0."""
    met = {"steady_state_met": True}
    journal = {"status": "completed", "deviated": False, "run": [], "steady_states": {"before": met, "after": met}}
    tallies = (Tally(looked_at=1), Tally(looked_at=1))
    assert failure_of(journal, tallies, recovered=1.0) == "The fault was not brought on."
    assert failure_of({**journal, "steady_states": {}}, tallies, recovered=1.0).startswith("The steady state did not")


def test_nothing_of_the_user_reaches_a_drill_and_nothing_of_a_drill_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Looks(Sample):
        def disturb(self) -> None:
            seen = sorted({"JETSTREAM_URL", "GITGUARD_WEBHOOK_SECRET", "GIT_DIR"} & {*os.environ})
            sys.stdout.write(f"settings {seen}\n")
            sys.stdout.write(f"home {os.environ['HOME']} {Path.cwd()}\n")
            # It is waited for, as long as the drill has.
            if os.fork() == 0:
                time.sleep(600)

    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for name in ("JETSTREAM_URL", "GITGUARD_WEBHOOK_SECRET", "GIT_DIR"):
        monkeypatch.setenv(name, "the user's")
    result = run_drill(Drill(msgspec.structs.replace(ABOUT, time_limit=8), Looks), seed=1)
    assert result.outcome == "passed", result
    assert {"settings []", "home SANDBOX/home SANDBOX"} <= {*result.log}
    assert [*tmp_path.iterdir()] == []
    assert os.environ["GIT_DIR"] == "the user's"


def test_every_drill_is_an_experiment_that_chaos_toolkit_takes() -> None:
    assert len(BY_NAME) == len(DRILLS)
    for each_drill in DRILLS:
        check(each_drill.about)
        experiment = experiment_of(each_drill.about)
        assert msgspec.json.decode(msgspec.json.encode(experiment)) == experiment
        assert each_drill.about.hypothesis.endswith(".")
        assert each_drill.about.time_limit <= 120


def result_of(outcome: str = "passed", *, name: str = "sample", at: datetime = AT, **fields: object) -> DrillResult:
    about = msgspec.structs.replace(ABOUT, name=name)
    given = {"why": "It did.", "seconds": 1.0, "seed": 7, "after": Tally(looked_at=1), "recovered": 0.5, **fields}
    return DrillResult(about=about, outcome=outcome, began=at, **given)  # type: ignore[arg-type]


def test_the_lower_bound_is_wilsons() -> None:
    assert wilson_least(20, 20) == pytest.approx(0.8389, abs=1e-4)
    assert wilson_least(72, 72) < 0.95 < wilson_least(73, 73)
    assert wilson_least(0, 0) == wilson_least(0, 9) == 0
    rate = rate_of([result_of(), result_of("failed"), result_of("not run")])
    assert (rate.passed, rate.run, rate.share) == (1, 2, 0.5)


def test_the_journal_keeps_results_and_passes_over_damaged_ones(tmp_path: Path) -> None:
    warnings: list[str] = []
    journal = DrillJournal(tmp_path / STATE_FILE, warn=warnings.append)
    assert journal.results() == ()
    results = [result_of(at=AT + timedelta(minutes=number)) for number in range(3)]
    for result in results:
        journal.remember(result)
    assert journal.results() == tuple(reversed(results))
    with journal._open(write=True) as database:
        assert database is not None
        database.execute("UPDATE drills SET document = x'7b' WHERE at = (SELECT min(at) FROM drills)")
    assert journal.results() == tuple(reversed(results[1:]))
    assert len(warnings) == 1


def test_what_was_not_run_measures_nothing() -> None:
    passed, failed, idle = result_of(), result_of("failed", recovered=None), result_of("not run")
    assert [(item.name, item.value) for item in measured_of(passed, at=AT)] == [
        ("drills.run", 1), ("drills.passed", 1), ("drills.recovered", 1), ("drills.recovery", 0.5),
    ]  # fmt: skip
    assert [item.value for item in measured_of(failed, at=AT)] == [1, 0, 0]
    assert measured_of(idle, at=AT) == ()
    assert measured_of_all([idle], [idle], at=AT) == ()
    long_ago = result_of("failed", at=AT - timedelta(days=31))
    both = measured_of_all([passed, failed], [passed, failed, long_ago], at=AT)
    assert [(item.name, item.value) for item in both] == [("drills.completed", 1), ("drills.success", 0.5)]


def test_the_longest_waiting_drill_is_due_first() -> None:
    day = timedelta(days=1)
    drills = [Drill(msgspec.structs.replace(ABOUT, name=name), Sample) for name in ("a", "b", "c")]
    journal = [result_of(name="a", at=AT - 3 * day), result_of(name="b", at=AT - 0.5 * day)]
    assert [item.about.name for item in due(drills, journal, every=day, now=AT)] == ["c", "a"]
    assert next_due(drills, journal, every=day, now=AT) == 0
    assert next_due(drills[1:2], journal, every=day, now=AT) == 12 * 3600
