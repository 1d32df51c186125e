"""Other packages add formats by an entry point; what they do wrong costs them, not the site."""

import json
from importlib.metadata import EntryPoint

import pytest

from mkdocs_gitguard import entry_points as loader
from mkdocs_gitguard.decisions.format import DecisionFormat
from mkdocs_gitguard.decisions.options import DecisionSource
from mkdocs_gitguard.decisions.read import read
from mkdocs_gitguard.decisions.redaction import Redaction
from mkdocs_gitguard.decisions.registry import decision_formats
from mkdocs_gitguard.decisions.report import ReportedDecision, ReportedReason
from mkdocs_gitguard.entry_points import DECISION_FORMATS
from mkdocs_gitguard.errors import SettingError


def _read(document):
    yield ReportedDecision(format="house", outcome="deny", claims=(ReportedReason(keys=("house:x",)),), name="x")
    if document.get("breaks"):
        raise RuntimeError("boom")


HOUSE = DecisionFormat(name="house", title="House report", claims=lambda document: "house" in document, read=_read)
TAKEN = DecisionFormat(name="opa", title="Another", claims=lambda _: True, read=_read)
WRONG = "no format"


@pytest.fixture
def register(monkeypatch):
    def _register(name):
        point = EntryPoint(name=name.lower(), value=f"{__name__}:{name}", group=DECISION_FORMATS)
        monkeypatch.setattr(loader, "in_group", lambda group: [point] if group == DECISION_FORMATS else [])
        monkeypatch.setattr(EntryPoint, "load", lambda self: globals()[self.value.rpartition(":")[2]])
        decision_formats.cache_clear()

    yield _register
    monkeypatch.undo()
    decision_formats.cache_clear()


def test_a_format_of_another_package_is_read(register):
    register("HOUSE")
    reading = read([json.dumps({"house": 1}).encode()], DecisionSource(path="x"), "x", Redaction())
    assert [(one.format, one.name) for one in reading.decisions] == [("house", "x")]
    assert list(decision_formats())[-1] == "house"


def test_a_reader_that_fails_is_a_finding(register):
    register("HOUSE")
    reading = read(
        [json.dumps([{"house": 1, "breaks": 1}, {"house": 2}]).encode()], DecisionSource(path="x"), "x", Redaction()
    )
    assert len(reading.decisions) == 2
    assert [finding.message for finding in reading.findings] == ["The reader of house failed: RuntimeError."]


@pytest.mark.parametrize(("name", "message"), [("TAKEN", "opa.*which is taken"), ("WRONG", "is not a DecisionFormat")])
def test_an_entry_point_that_cannot_be_is_named(register, name, message):
    register(name)
    with pytest.raises(SettingError, match=message):
        decision_formats()
