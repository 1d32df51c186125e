"""A year of measurements, one build in ten minutes: `python -m benchmarks.service_levels [--metrics 40] [--days 365]`.

Made-up figures of as many metrics, those of all objectives among them, are packed as they would be by now. Then it is
measured, as processor time (children too): `gitguard slo check` as a user runs it, what the status pages and dashboards
need to know, their pages, and the bytes of the state file and of the history that goes out with a release.
"""

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from benchmarks.made_up import snapshot_with
from benchmarks.publish import measured
from mkdocs_gitguard.collector import collecting_rarely
from mkdocs_gitguard.model import ALL_VIEWS, Measurement
from mkdocs_gitguard.policies.registry import BUILT_IN
from mkdocs_gitguard.portal import Options, Pages, Portal
from mkdocs_gitguard.portal.views import VIEWS
from mkdocs_gitguard.rollout.state import RolloutState
from mkdocs_gitguard.site_build.metrics_files import write_metrics
from mkdocs_gitguard.slo.evaluate import levels_of
from mkdocs_gitguard.slo.figures import dashboards_of
from mkdocs_gitguard.slo.metrics import METRICS, Metric
from mkdocs_gitguard.slo.openslo import objectives_of
from mkdocs_gitguard.state.database import STATE_FILE
from mkdocs_gitguard.state.packed_days import PackedDay, day_of, form_at, in_form, pack

BETWEEN: Final = timedelta(minutes=10)
TIMES: Final = 5
_BAD_HOURS: Final = 6
_COUNTED: Final[Mapping[str, tuple[float, float]]] = {
    "work.attempts": (41, 41),
    "work.failures": (0, 20),
    "decisions.all": (284, 284),
    "decisions.exact": (284, 142),
    "diagrams.all": (224, 224),
    "diagrams.failed": (0, 5),
    "drills.run": (1, 1),
    "drills.passed": (1, 0),
}
"""Of what is counted: how many there are, and how many where it is bad."""
_JUDGED: Final = ("work.", "build.latency", "freshness", "decisions.", "api.response", "drills.", "diagrams.")


def figure(name: str, at: datetime, dice: random.Random) -> float:
    """Return a figure of a service that is mostly well: one in 200 is bad, and a quarter of a day in a fortnight."""
    is_bad = dice.random() < 1 / 200 or (at.timetuple().tm_yday % 14 == 0 and at.hour < _BAD_HOURS)
    if name in _COUNTED:
        return _COUNTED[name][is_bad]
    return dice.lognormvariate(0, 0.3) * (20_000 if is_bad else 1)


def days_of(chosen: Sequence[Metric], midnight: datetime, last: datetime, place: int) -> Iterator[PackedDay]:
    """Yield a day of each metric, as it is kept when it has so many later ones."""
    form = form_at(place)
    moments = [midnight + BETWEEN * step for step in range(timedelta(days=1) // BETWEEN)]
    for metric in chosen:
        dice = random.Random(f"{metric.name} {midnight}")
        points = [
            Measurement(name=metric.name, value=figure(metric.name, at, dice), unit=metric.unit, at=at, evidence="")
            for at in moments
            if at <= last
        ]
        if points:
            yield PackedDay(metric.name, midnight.date().isoformat(), form, pack(in_form(day_of(points), form)))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--metrics", type=int, default=40)
    parser.add_argument("--days", type=int, default=365)
    arguments = parser.parse_args()
    by_need = sorted((one for one in METRICS if not one.label), key=lambda one: not one.name.startswith(_JUDGED))
    chosen = by_need[: arguments.metrics]
    last = datetime.now(UTC).replace(second=0, microsecond=0)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "mkdocs.yml").write_text("site_name: A year\nplugins: [gitguard: {repositories: [none]}]\n")
        (root / ".gitguard").mkdir()
        state = RolloutState(root / ".gitguard" / STATE_FILE)
        today = last.replace(hour=0, minute=0)
        # Day by day, as it comes to be: the pages of the file are as full as they are then.
        for back in reversed(range(arguments.days)):
            state.take_in(days_of(chosen, today - timedelta(days=back), last, back))
        print(f"{len(chosen)} metrics, {arguments.days} days, a point in {BETWEEN}")
        environment = {**os.environ, "CODEX_ROLLOUT_PHASE": "production"}

        def check() -> None:
            command = [sys.executable, "-m", "mkdocs_gitguard", "slo", "check"]
            done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode in (0, 1), done.stderr

        def show(what: str, action: Callable[[], object]) -> None:
            costs = [measured(action) for _ in range(TIMES)]
            print(
                f"{what:48} {statistics.median(one.processor for one in costs):6.2f} s processor, "
                f"least {min(one.processor for one in costs):.2f} s, most {max(one.processor for one in costs):.2f} s"
            )

        objectives = objectives_of(root, "production")

        def pages() -> None:
            with collecting_rarely():
                levels = levels_of(objectives, state, now=last)
                boards = dashboards_of(levels, state)
            options = Options(levels=levels, dashboards=boards)
            portal = Pages(Portal(snapshot, now=last, flags=ALL_VIEWS, options=options, formats=formats), VIEWS)
            shown = [page for path, page in portal.by_path.items() if path.split("/")[0] in ("status", "dashboards")]
            for page in shown:
                portal.write(page)

        snapshot = snapshot_with(2, 20)
        formats = {known.name: known.traits for known in BUILT_IN}
        show("gitguard slo check", check)
        show("objectives judged", lambda: levels_of(objectives, state, now=last))
        show("judged, and all pages of status and dashboards", pages)
        write_metrics(root / "metrics", state, objectives, now=last)
        for path in (root / ".gitguard" / STATE_FILE, root / "metrics" / "history.msgpack"):
            print(f"{path.name:48} {path.stat().st_size / 1e6:6.2f} MB")


if __name__ == "__main__":
    main()
