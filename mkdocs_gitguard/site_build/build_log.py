"""What a build's log says of what was read: the phase in words, findings in sum."""

from __future__ import annotations

import logging
import os
from collections import Counter
from typing import TYPE_CHECKING, Final

from mkdocs_gitguard.rollout.features import hidden, what_is_hidden
from mkdocs_gitguard.rollout.settings import PLAN_PAGE
from mkdocs_gitguard.site_build.findings import in_words
from mkdocs_gitguard.site_build.log import log
from mkdocs_gitguard.site_build.wishes import VERBOSE
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from mkdocs_gitguard.model import Finding, Severity
    from mkdocs_gitguard.rollout.settings import Settings


_NOUNS: Final[Mapping[Severity, str]] = {"error": "error", "warning": "warning", "info": "notice"}


def tell_phase(settings: Settings) -> None:
    """Log what the phase hides, if it hides anything: else a reader looks for it in vain."""
    if hidden(settings.flags):
        log.info("The phase %s The phases: %s", what_is_hidden(settings), PLAN_PAGE)


def tell_findings(findings: Sequence[Finding], *, counted: Collection[Severity], is_strict: bool, pages: str) -> None:
    """Log findings: one line in sum, errors in full, the rest in full where it was asked for or fails the build.

    Args:
        findings: of the snapshot.
        counted: severities that count as warnings, so that a strict build fails.
        is_strict: whether it does.
        pages: where the portal lists them.
    """
    if not findings:
        return
    is_verbose = bool(os.environ.get(VERBOSE))
    numbers = Counter(finding.severity for finding in findings)
    is_told = True
    for finding in findings:
        is_counted = finding.severity in counted
        if finding.severity == "error" or is_verbose or (is_strict and is_counted):
            level = logging.WARNING if is_counted else logging.INFO
        else:
            level, is_told = logging.DEBUG, False
        log.log(level, in_words(finding))
    in_sum = ", ".join(count(numbers[severity], noun) for severity, noun in _NOUNS.items() if numbers[severity])
    more = "" if is_told else " (all of them here: --verbose)"
    log.info("%s (%s): %s%s", count(len(findings), "finding"), in_sum, pages, more)
