"""docs/decisions.md says what is so."""

import json
import re
from pathlib import Path

import yaml

from mkdocs_gitguard.decisions.documents import LARGEST_REPORT, LARGEST_YAML
from mkdocs_gitguard.decisions.options import DecisionSource, decision_sources, redaction
from mkdocs_gitguard.decisions.read import MOST_DECISIONS, MOST_OF_A_REPORT, read
from mkdocs_gitguard.decisions.redaction import Redaction
from mkdocs_gitguard.decisions.registry import decision_formats
from mkdocs_gitguard.site_build.options import GitGuardConfig

TEXT = (Path(__file__).parents[2] / "docs/decisions.md").read_text(encoding="utf-8")


def block(language):
    return re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)[1]


def test_the_settings_are_settings():
    given = yaml.safe_load(block("yaml"))["plugins"][0]["gitguard"]
    sources = decision_sources(given["decisions"])
    assert sources[1].policies_path == "semgrep"
    assert redaction(given["decision_inputs"]).show == "shapes"
    assert set(given) <= {name for name, _ in GitGuardConfig._schema}
    for field in DecisionSource.__struct_fields__:
        assert f"`{field}`" in TEXT, field


def test_every_format_is_listed_and_no_other():
    table = TEXT.partition("## Formats")[2].partition("## ")[0]
    heading, *listed = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert (heading, listed) == ("format", list(decision_formats()))


def test_the_event_is_read_whole():
    reading = read([block("json").encode()], DecisionSource(path="x"), "x", Redaction())
    assert reading.findings == ()
    (one,) = reading.decisions
    assert (one.outcome, one.subject.pull_request, one.claims[0].place.line) == ("deny", 412, 12)
    assert json.loads(one.input) == {"action": "merge"}
    fields = re.findall(r"^\| `([^`]+)` \|", TEXT.partition("## Our own event")[2], re.MULTILINE)
    assert set(fields) - {"field", "rules"} == set(json.loads(block("json")))


def test_the_limits_are_those_of_the_code():
    assert f"{LARGEST_REPORT // 2**20} MiB" in TEXT
    assert f"{LARGEST_YAML // 2**20} MiB" in TEXT
    assert f"{MOST_DECISIONS:,} decisions" in TEXT
    assert f"one report up to {MOST_OF_A_REPORT:,}" in TEXT
    for key in Redaction().allow:
        assert f"`{key}`" in TEXT
