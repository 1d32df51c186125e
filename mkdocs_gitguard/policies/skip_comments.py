"""Comments in code that keep a scanner from reporting a line: semgrep's `nosemgrep`, checkov's `checkov:skip=`.

Any file may hold them, so they are not a policy format: git finds the lines, and this tells what they say.

- semgrep (https://semgrep.dev/docs/ignoring-files-folders-code, its `nosemgrep` regular expression in
  `cli/src/semgrep/constants.py`): `# nosemgrep`, or `# nosemgrep: rule-id, rule-id`, after a comment's beginning.
- checkov (https://www.checkov.io/2.Concepts/Suppressing%20and%20Skipping%20Policies.html, its
  `checkov/common/comment/enum.py`): `checkov:skip=CKV_AWS_20:reason`, also with `bridgecrew:` and `cortex:`; and in
  Kubernetes manifests the annotations `checkov.io/skip1: CKV_K8S_20=reason`.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Finding, policy_key
from mkdocs_gitguard.policies.exception_fields import MOST_EXCEPTIONS, cut
from mkdocs_gitguard.policies.file_scan import FileScan, FoundException
from mkdocs_gitguard.policies.fixtures import is_fixture
from mkdocs_gitguard.policies.roles import role_of_place

WORDS: Final = ("nosem", "NOSEM", "checkov:skip=", "bridgecrew:skip=", "cortex:skip=", "checkov.io/skip")
"""One of which stands on every such line."""
LONGEST_LINE: Final = 1_000
"""Characters; longer ones are generated code."""

_PROSE: Final = (
    ".md",
    ".mdx",
    ".markdown",
    ".rst",
    ".adoc",
    ".txt",
    ".html",
    ".htm",
    ".ipynb",
    ".json",
    ".lock",
    ".map",
)
"""Endings of files that speak of such comments, or cannot hold one."""
_COMMENT: Final = late_pattern(r"\#|//|/\*|<!--|--|;|\(\*")
_NOSEM: Final = late_pattern(r"(?<![\w.'\"-])nosem(?:grep)?(?![\w-])(?P<ids>\s*[:=]\s*[^\s,].*)?", re.IGNORECASE)
_RULE: Final = late_pattern(r"[\w.@/-]+")
_CHECKOV: Final = late_pattern(
    r"(?:checkov|bridgecrew|cortex):skip=[ ]*(?P<ids>[\w-]+(?:,[\w-]+)*)?(?P<reason>:[^\n]*)?"
)
_ANNOTATION: Final = late_pattern(r"checkov\.io/skip\d*[\"']?\s*:\s*[\"']?(?P<ids>[A-Za-z][\w-]*)(?P<reason>=[^\n]*)?")
_CLOSERS: Final = ("*/", "-->", "#}", "*)")
_MOST_IDS: Final = 20


def may_hold_skips(path: str) -> bool:
    """Return whether such comments in a file count: not in prose, samples, or folders for tests."""
    return not path.lower().endswith(_PROSE) and not is_fixture(path) and role_of_place(path) == "policy"


def read_skips(path: str, blob: str, lines: Iterable[tuple[int, str]]) -> FileScan:
    """Return what lines of a file skip.

    Args:
        path: of the file.
        blob: object id of its content.
        lines: those that hold one of `WORDS`, each with its number from 1.
    """
    exceptions: list[FoundException] = []
    findings: list[Finding] = []
    for number, text in lines:
        if len(text) <= LONGEST_LINE and len(exceptions) < MOST_EXCEPTIONS:
            exceptions += _of_semgrep(number, text)
            exceptions += _of_checkov(path, number, text, findings)
    return FileScan(path=path, blob=blob, exceptions=tuple(exceptions), findings=tuple(findings[:MOST_EXCEPTIONS]))


def _of_semgrep(number: int, text: str) -> Iterator[FoundException]:
    match = _NOSEM.search(text)
    if match is None or not _COMMENT.search(text, 0, match.start()):
        return
    names, reason = _rules(match["ids"] or "")
    for name in names or ("every rule",):
        yield FoundException(
            format="semgrep",
            type="skip",
            name=cut(name),
            reason=reason,
            first_line=number,
            last_line=number,
            keys=_semgrep_keys(name) if names else (),
        )


def _rules(text: str) -> tuple[list[str], str]:
    """Return the ids in `: rule-a, rule-b reason`, and the reason: what follows the first blank without a comma."""
    rest = _open(text.strip().lstrip(":=").strip())
    names: list[str] = []
    while len(names) < _MOST_IDS and (match := _RULE.match(rest)):
        names.append(match[0].rstrip("."))
        rest = rest[match.end() :].lstrip()
        if not rest.startswith(","):
            break
        rest = rest[1:].lstrip()
    return [name for name in names if name], cut(rest.lstrip("-:#/ \u2013\u2014"))


def _semgrep_keys(name: str) -> tuple[str, ...]:
    """Return the keys of a rule: its id alone, or with any number of the folders before it."""
    segments = name.split(".")
    return tuple(policy_key("semgrep", ".".join(segments[start:])) for start in range(min(len(segments), _MOST_IDS)))


def _of_checkov(path: str, number: int, text: str, findings: list[Finding]) -> Iterator[FoundException]:
    for match in (*_CHECKOV.finditer(text), *_ANNOTATION.finditer(text)):
        if not match["ids"]:
            findings.append(
                Finding(
                    code="exception-broken",
                    severity="warning",
                    message="The comment checkov:skip= names no check, so nothing is skipped.",
                    hint="Write the check's id behind it: checkov:skip=CKV_AWS_20:reason.",
                    path=path,
                    line=number,
                )
            )
        for name in (match["ids"] or "").split(",")[:_MOST_IDS]:
            if name:
                yield FoundException(
                    format="checkov",
                    type="skip",
                    name=cut(name),
                    reason=cut(_open((match["reason"] or "")[1:]).strip("\"' ")),
                    first_line=number,
                    last_line=number,
                    keys=(policy_key("checkov", name),),
                )


def _open(text: str) -> str:
    """Return a comment's text without the sign that closes the comment, and what stands behind that."""
    ends = [place for closer in _CLOSERS if (place := text.find(closer)) >= 0]
    return text[: min(ends)].rstrip() if ends else text
