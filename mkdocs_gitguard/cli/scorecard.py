"""`gitguard scorecard`: what repositories lack, by checks that are files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from mkdocs_gitguard.cli.build import config_option
from mkdocs_gitguard.cli.checking import end_check, report_option, strict_option
from mkdocs_gitguard.cli.finding_report import SARIF_LEVELS, Check, Checked, Problem
from mkdocs_gitguard.cli.lazy_group import Group, examples
from mkdocs_gitguard.cli.loaded_site import load_site
from mkdocs_gitguard.cli.output import echo, echo_json
from mkdocs_gitguard.cli.repositories import repositories_option
from mkdocs_gitguard.cli.site import read_to_answer, unread
from mkdocs_gitguard.clock import system_clock
from mkdocs_gitguard.model import Graph, name_of
from mkdocs_gitguard.scorecards import CHECKS
from mkdocs_gitguard.scorecards.check import checks_of
from mkdocs_gitguard.scorecards.facts import FACTS
from mkdocs_gitguard.scorecards.score import scorecards
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_gitguard.model import Finding
    from mkdocs_gitguard.scorecards.check import CardCheck
    from mkdocs_gitguard.scorecards.score import Result, Scorecard

_COMMAND: Final = "gitguard scorecard check"
_repositories_option = repositories_option("A folder, a glob or a clone URL, instead of what the site here names.")
_form_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.group(
    "scorecard",
    cls=Group,
    epilog=examples(
        "gitguard scorecard check   # what each repository lacks",
        "gitguard scorecard list    # the checks, and the files that they stand in",
        "gitguard scorecard facts   # what a check of your own may ask",
    ),
)
def scorecard() -> None:
    """Tell what repositories lack, by checks that are files.

    The checks are ours and those of the site's own folder `config/scorecards`.
    """


@scorecard.command(
    "check",
    epilog=examples("gitguard scorecard check", "gitguard scorecard check --strict --format sarif > scorecard.sarif"),
)
@_repositories_option
@config_option
@report_option
@strict_option
def check(*, repositories: tuple[str, ...], config_file: Path | None, form: str, strict: bool) -> None:
    """Judge every repository by every check, with the fact behind each result.

    A text names what is lacking and what is not known. Exit code 1: a check whose severity is `error` does not hold,
    with --strict one that is a `warning`. What is not known fails nothing.
    """
    site = load_site(Path(), config_file, repositories)
    checks = checks_of(site.folder)
    read = read_to_answer(site, is_told=False)
    cards = scorecards(Graph(read.snapshot), checks, system_clock())
    # A gate that has not looked at a repository must not be green for it.
    lost = [_not_read(finding) for finding in unread(read)]
    end_check([*map(_checked, cards), *lost], _described(checks), form=form, strict=strict)


@scorecard.command("list", epilog=examples("gitguard scorecard list", "gitguard scorecard list --format json"))
@config_option
@_form_option
def list_(*, config_file: Path | None, form: str) -> None:
    """List the checks: level, condition, and the file that each stands in."""
    checks = checks_of(load_site(Path(), config_file, ()).folder)
    if form == "json":
        echo_json(json.dumps([_as_value(one) for one in checks], indent=2))
        return
    for one in checks:
        when = f" where {one.when.text}" if one.when else ""
        echo(f"{one.level:6}  {one.name}: {one.check.text}{when}  ({one.file})")


@scorecard.command("facts", epilog=examples("gitguard scorecard facts"))
def facts() -> None:
    """List the facts that a check may ask for."""
    for name, kind in FACTS.items():
        echo(f"{name} ({kind.type}): {kind.words}")


def _described(checks: Sequence[CardCheck]) -> Check:
    rules = [
        {
            "id": one.name,
            "shortDescription": {"text": f"{one.title}."},
            "fullDescription": {"text": one.why or one.title},
            "help": {"text": one.hint or f"See config/{CHECKS}."},
            "defaultConfiguration": {"level": SARIF_LEVELS[one.severity]},
        }
        for one in checks
    ]
    return Check(_COMMAND, "gitguard-scorecard", rules)


def _not_read(finding: Finding) -> Checked:
    problem = Problem(finding.code, "error", finding.message, finding.hint)
    return Checked(
        repository=name_of(finding.repository) if finding.repository else finding.source,
        problems=[problem],
        summary=lambda numbers: f"not read; {numbers}",
        facts={"level": ""},
        details={"checks": []},
    )


def _checked(card: Scorecard) -> Checked:
    name = "/".join(filter(None, (card.repository.namespace, card.repository.name)))
    unknown = f", {count(card.number('not known'), 'check')} not known" if card.number("not known") else ""
    passed = f"{card.number('passed')} of {count(card.number('passed') + card.number('failed'), 'check')} passed"
    return Checked(
        repository=name,
        problems=[_problem(result) for result in card.results if result.state in ("failed", "not known")],
        summary=lambda numbers: f"{card.level or 'no level'}: {passed}{unknown}; {numbers}",
        facts={"level": card.level},
        details={"checks": [_result_as_value(result) for result in card.results]},
    )


def _problem(result: Result) -> Problem:
    path, line = result.place
    if result.state == "not known":
        return Problem(result.check.name, "info", f"{result.check.title}: not known. {result.why}", "", path, line)
    message = f"{result.check.title}: failed. {result.why}"
    return Problem(result.check.name, result.check.severity, message, result.check.hint, path, line)


def _result_as_value(result: Result) -> dict[str, Any]:
    return {
        "check": result.check.name,
        "title": result.check.title,
        "level": result.check.level,
        "state": result.state,
        "facts": [
            {"name": name, "value": fact.value, "why": fact.why, "path": fact.path, "line": fact.line}
            for name, fact in result.facts
        ],
    }


def _as_value(one: CardCheck) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "level": one.level,
        "check": one.check.text,
        "when": one.when.text if one.when else "",
        "why": one.why,
        "hint": one.hint,
        "severity": one.severity,
        "file": one.file,
    }
