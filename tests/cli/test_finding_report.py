"""One report in four formats, whatever a check finds."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from make.hostile_text import commands, controls, hostile_text

from mkdocs_gitguard.cli.finding_report import REPORTS, Check, Checked, Problem, is_bad

CHECK = Check("gitguard things check", "gitguard-things")
PROBLEMS = (
    Problem("broken", "error", "It is broken.", "Fix it.", "a/b c.txt", 3, 7),
    Problem("odd", "warning", "It is odd.", path="a", label="very-odd"),
    Problem("loose", "info", "Nothing holds it."),
)


def checked(*problems: Problem, repository: str = "acme/api") -> Checked:
    return Checked(
        repository, problems, lambda numbers: f"1 thing: {numbers}.", {"things": 1}, {"found": len(problems)}
    )


def test_text() -> None:
    assert REPORTS["text"]([checked(*PROBLEMS)], CHECK).splitlines() == [
        "a/b c.txt:3:7: error: It is broken. Fix it. [broken]",
        "a: warning: It is odd. [very-odd]",
        "info: Nothing holds it. [loose]",
        "1 thing: 1 error, 1 warning.",
    ]


def test_text_of_two_names_them() -> None:
    lines = REPORTS["text"]([checked(), checked(PROBLEMS[1], repository="acme/web")], CHECK).splitlines()
    assert lines == [
        "acme/api: 1 thing: 0 errors, 0 warnings.",
        "acme/web: a: warning: It is odd. [very-odd]",
        "acme/web: 1 thing: 0 errors, 1 warning.",
    ]


def test_json() -> None:
    assert json.loads(REPORTS["json"]([checked(*PROBLEMS)], CHECK)) == {
        "schema_version": "1.0",
        "tool": "gitguard things check",
        "repositories": [{"repository": "acme/api", "things": 1, "errors": 1, "warnings": 1, "found": 3}],
    }


def test_sarif() -> None:
    [run] = json.loads(REPORTS["sarif"]([checked(*PROBLEMS)], CHECK))["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["broken", "loose", "odd"]
    assert run["automationDetails"] == {"id": "gitguard-things/acme/api/"}
    assert [(one["level"], [place["physicalLocation"] for place in one["locations"]]) for one in run["results"]] == [
        (
            "error",
            [
                {
                    "artifactLocation": {"uri": "a/b%20c.txt", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 3, "startColumn": 7},
                }
            ],
        ),
        ("warning", [{"artifactLocation": {"uri": "a", "uriBaseId": "%SRCROOT%"}}]),
        ("note", []),
    ]


def test_github() -> None:
    assert REPORTS["github"]([checked(*PROBLEMS)], CHECK).splitlines() == [
        "::error file=a/b c.txt,line=3,col=7,title=broken::It is broken. Fix it.",
        "::warning file=a,title=odd::It is odd.",
        "::notice title=loose::Nothing holds it.",
    ]


@pytest.mark.parametrize(("strict", "number", "bad"), [(False, 1, False), (True, 1, True), (False, 0, True)])
def test_what_makes_it_fail(*, strict: bool, number: int, bad: bool) -> None:
    assert is_bad([checked(PROBLEMS[2], PROBLEMS[number])], strict=strict) is bad


@settings(deadline=None)
@given(hostile_text(is_whole=True), hostile_text(is_whole=True), st.sampled_from(sorted(REPORTS)))
def test_nothing_but_text_is_printed(path: str, message: str, form: str) -> None:
    report = REPORTS[form]([checked(Problem("x", "error", message, path=path, line=1), repository=path)] * 2, CHECK)
    assert controls(report) == []
    if form == "github":
        assert [line.startswith(("::error file=", "::error line=")) for line in report.splitlines()] == [True, True]
    else:
        assert commands(report) == []
