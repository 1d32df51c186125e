"""How `gitguard owners check` and `gitguard policies check` are asked, and how they end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, NoReturn

import click

from mkdocs_gitguard.cli.finding_report import REPORTS, is_bad
from mkdocs_gitguard.cli.output import echo_made

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mkdocs_gitguard.cli.finding_report import Check, Checked

_PROBLEMS: Final = 1

ref_option = click.option("--ref", default="HEAD", show_default=True, help="Branch, tag or commit to read.")
report_option = click.option("--format", "form", type=click.Choice(list(REPORTS)), default="text", show_default=True)
strict_option = click.option("--strict", is_flag=True, help="Fail on warnings too.")


class NotCheckedError(click.ClickException):
    """Nothing can be said, which is not the same as that something is wrong."""

    exit_code = 2


def end_check(results: Sequence[Checked], check: Check, *, form: str, strict: bool) -> NoReturn:
    """Print the report and leave with the exit code: 1 for errors, with `strict` for warnings too, else 0."""
    if report := REPORTS[form](results, check):
        echo_made(report)
    sys.exit(_PROBLEMS if is_bad(results, strict=strict) else 0)
