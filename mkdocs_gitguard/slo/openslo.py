"""Objectives as files: OpenSLO v1 (https://github.com/OpenSLO/OpenSLO/tree/v1.0.0), as far as can be measured here.

Read are documents of `kind: SLO` with one objective, an indicator in line, a rolling window and the budgeting method
`Occurrences`. `metricSource.type` is `gitguard`, and its `spec` names a measurement. Two annotations say more:
`gitguard/phases`, the phases of the rollout in which it is in force, and `gitguard/alert-below` for a target below
93 %, which no burn rate can be had for. Anything else is refused with its line, so that nothing is believed to count
that does not.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final, cast, get_args

import yaml

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.settings_files import SettingsMapping, documents_of, settings_files
from mkdocs_gitguard.slo.metrics import metric_names, metric_of
from mkdocs_gitguard.slo.objective import Objective, Operator, Ratio, Threshold
from mkdocs_gitguard.suggestion import did_you_mean

OBJECTIVES: Final = "slo"
"""Folder of objectives in `config`."""
_LAST_PHASE: Final = "advanced"
"""Of the rollout plan: a preview shows where it leads."""
_LARGEST: Final = 1 << 20
_MOST: Final = 1e18
_NAME: Final = late_pattern(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""As OpenSLO has it: RFC 1123 labels."""
_SPAN: Final = late_pattern(r"([1-9][0-9]{0,4})(m|h|d|w)")
_SPANS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST: Final = timedelta(days=90)


class _Part(SettingsMapping):
    """A mapping of an objective."""

    def __init__(self, node: yaml.Node, label: str, what: str) -> None:
        super().__init__(node, label, what, instead="Write it as OpenSLO v1 has it.")

    def part(self, name: str) -> "_Part":
        """Return a mapping."""
        return _Part(self.node(name), self.label, self.called(name))

    def one(self, name: str) -> "_Part":
        """Return the one mapping of a list."""
        node = self.node(name)
        if not isinstance(node, yaml.SequenceNode) or len(node.value) != 1:
            self.refuse(f"`{self.called(name)}` is not a list of one.", "Write each objective as an SLO.", node)
        return _Part(node.value[0], self.label, f"{self.called(name)}[0]")

    def number(self, name: str) -> float:
        """Return a number."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _MOST:
            self.refuse(f"`{self.called(name)}` is not a number.", "Write digits.", self.node(name))
        return float(value)


def objectives_of(root: Path, phase: str = "") -> tuple[Objective, ...]:
    """Return the objectives of a site, by name: ours, and those of its own folder `config/slo`.

    A file of the site's own replaces ours of the same name; an empty one takes it away.

    Args:
        root: the site's folder.
        phase: of the rollout: only those in force in it, in `preview` those of the last one; `""`: all.

    Raises:
        SettingError: a file is wrong; the message names file and line.
    """
    objectives: dict[str, Objective] = {}
    for path, label in sorted(settings_files(root, OBJECTIVES).items(), key=lambda item: item[1]):
        for objective in read_objectives(path, label=label):
            other = objectives.get(objective.name)
            if other is not None:
                raise SettingError(
                    f"{label}:{objective.line}: the objective {objective.name!r} is there twice, also in "
                    f"{other.file}:{other.line}.",
                    hint="Give one of them another name.",
                )
            objectives[objective.name] = objective
    in_force = _LAST_PHASE if phase == "preview" else phase
    return tuple(
        objectives[name]
        for name in sorted(objectives)
        if not in_force or not objectives[name].phases or in_force in objectives[name].phases
    )


def read_objectives(path: Path, *, label: str = "") -> Iterator[Objective]:
    """Yield the objectives of a file.

    Args:
        path: of the file.
        label: what messages call it; the path if not given.

    Raises:
        SettingError: the file cannot be read, or is not what can be measured; the message names file and line.
    """
    label = label or str(path)
    for document in documents_of(path, label, largest=_LARGEST):
        yield _objective(_Part(document, label, "SLO"))


def _objective(document: _Part) -> Objective:
    document.only("apiVersion", "kind", "metadata", "spec")
    document.choice("apiVersion", ["openslo/v1"])
    document.choice("kind", ["SLO"])
    metadata, spec = document.part("metadata"), document.part("spec")
    metadata.only("name", "displayName", "labels", "annotations")
    name = metadata.text("name")
    if not _NAME.fullmatch(name):
        metadata.refuse(f"{name!r} is not a name.", "Use small letters, digits and hyphens.", metadata.node("name"))
    spec.only("description", "service", "indicator", "timeWindow", "budgetingMethod", "objectives", "alertPolicies")
    spec.choice("budgetingMethod", ["Occurrences"])
    goal = spec.one("objectives")
    goal.only("displayName", "op", "value", "target", "targetPercent")
    target = goal.number("targetPercent") / 100 if goal.has("targetPercent") else goal.number("target")
    if not 0 < target < 1:
        node = goal.node("targetPercent" if goal.has("targetPercent") else "target")
        goal.refuse("The target is not between 0 and 1.", "Write 0.99 for 99 %; 100 % leaves no budget.", node)
    phases, alert_below = _annotations(metadata, target)
    return Objective(
        name=name,
        title=metadata.text("displayName", name),
        description=" ".join(spec.text("description", "").split()) if spec.has("description") else "",
        indicator=_indicator(spec.part("indicator"), goal),
        target=target,
        window=_window(spec.one("timeWindow")),
        alert_below=alert_below,
        phases=phases,
        file=document.label,
        line=document.line,
    )


def _annotations(metadata: _Part, target: float) -> tuple[tuple[str, ...], float]:
    if not metadata.has("annotations"):
        return (), target
    annotations = metadata.part("annotations")
    annotations.only("gitguard/phases", "gitguard/alert-below")
    phases = (
        tuple(re.split(r"[\s,]+", annotations.text("gitguard/phases"))) if annotations.has("gitguard/phases") else ()
    )
    if not annotations.has("gitguard/alert-below"):
        return phases, target
    try:
        below = float(annotations.text("gitguard/alert-below"))
    except ValueError:
        below = 0.0
    if not 0 < below <= target:
        node = annotations.node("gitguard/alert-below")
        annotations.refuse("`gitguard/alert-below` is not between 0 and the target.", "Write it as '0.85'.", node)
    return phases, below


def _indicator(part: _Part, goal: _Part) -> Threshold | Ratio:
    part.only("metadata", "spec")
    spec = part.part("spec")
    spec.only("thresholdMetric", "ratioMetric", "description")
    if spec.has("thresholdMetric"):
        operator = cast("Operator", goal.choice("op", get_args(Operator)))
        return Threshold(
            measurement=_measurement(spec.part("thresholdMetric")), operator=operator, value=goal.number("value")
        )
    ratio = spec.part("ratioMetric")
    ratio.only("counter", "good", "bad", "total")
    if ratio.has("good") == ratio.has("bad"):
        ratio.refuse("`ratioMetric` needs `good` or `bad`, and not both.", "Write one of them, and `total`.")
    is_bad = ratio.has("bad")
    part_name = _measurement(ratio.part("bad" if is_bad else "good"))
    return Ratio(part=part_name, is_bad=is_bad, total=_measurement(ratio.part("total")))


def _measurement(part: _Part) -> str:
    part.only("metricSource")
    source = part.part("metricSource")
    source.only("type", "spec")
    source.choice("type", ["gitguard"])
    spec = source.part("spec")
    spec.only("measurement")
    name = spec.text("measurement")
    if metric_of(name) is None:
        hint = did_you_mean(name, metric_names()) or "Choose one that `gitguard slo list --measurements` shows."
        spec.refuse(f"Nothing measures {name!r}.", hint, spec.node("measurement"))
    return name


def _window(part: _Part) -> timedelta:
    part.only("duration", "isRolling")
    if part.has("isRolling") and part.value("isRolling") is not True:
        part.refuse("A window of the calendar is not read.", "Write `isRolling: true`.", part.node("isRolling"))
    text = part.text("duration")
    match = _SPAN.fullmatch(text)
    span = timedelta(**{_SPANS[match[2]]: int(match[1])}) if match else timedelta()
    if not timedelta() < span <= _LONGEST:
        part.refuse(f"{text!r} is not a window.", "Write it as 28d; the longest is 90d.", part.node("duration"))
    return span
