"""What a message says was taken back, or carried over from another branch."""

import re
from typing import Final

from mkdocs_gitguard.harvest.history.own_lines import OwnNames, is_other_address
from mkdocs_gitguard.late_pattern import late_pattern

_LONGEST_BRANCH: Final = 200
_REVERT_SUBJECT: Final = late_pattern(r'(?:[^\n"]{0,60}\b)?Revert(?:s|ed|ing)? "(?P<what>[^\n]*)', re.IGNORECASE)
_NUMBERS: Final = late_pattern(r"\((?:pull request )?(?:#|GH-)(\d{1,8})\)")
_MERGE_NUMBER: Final = late_pattern(r"Merge pull request #(\d{1,8})\b|Pull request #(\d{1,8}):|Merged PR (\d{1,8}):")
_REVERTS_NUMBER: Final = late_pattern(
    r"(?:\A|\n)[ \t]*(?:This )?reverts?(?: (?:pull|merge) request)?[ \t]+(?P<where>(?:[\w./-]{1,300})?[#!](\d{1,8}))\b",
    re.IGNORECASE,
)
_REVERTS_COMMIT: Final = late_pattern(r"This reverts commit ([0-9a-f]{7,64})\b")
REVERT_BRANCH: Final = late_pattern(r"(?:\A|/)revert-(\d{1,8})-")
_CARRIED: Final = late_pattern(
    r"(?:(?:ackport|ack-port)(?:ed|s|ing)?|herry[- ]?pick(?:ed|s|ing)?)\b"
    r"(?:\s{1,9}(?:of|from|pr|pull\s{1,9}request|merge\s{1,9}request)){0,9}:?\*{0,2}\s{0,9}"
    r"(?P<where>(?:https://\S{1,200}?/(?:pulls?|merge_requests|pull-requests|pullrequest)/"
    r"|[\w.-]{1,100}(?:/[\w.-]{1,100}){1,9}[#!]|[#!]|GH-)(?P<number>\d{1,8}))\b",
    re.IGNORECASE,
)
_BRANCH_NAME: Final = late_pattern(r"\b(?:v?\d+\.[\dx]|release[-/]|backport)", re.IGNORECASE)
_CHERRY_PICK: Final = late_pattern(r"\(cherry[ -]picked from commit ([0-9a-f]{7,64})\)")


def reverted(subject: str, body: str, names: OwnNames) -> tuple[int, str]:
    """Return number and commit of what is taken back, 0 and `""` where the message does not say."""
    quoted = _REVERT_SUBJECT.match(subject)
    commit = _REVERTS_COMMIT.search(body)
    # A merge of something that holds a revert among other things says so in its body too; only the subject counts
    # unless the body says nothing else.
    if not quoted and not commit:
        return 0, ""
    number = _REVERTS_NUMBER.search(body)
    if number and not is_other_address(number["where"], names):
        return int(number[2]), commit[1] if commit else ""
    if quoted:
        what = quoted["what"].rpartition('"')[0] or quoted["what"]
        merge = _MERGE_NUMBER.search(what)
        numbers = _NUMBERS.findall(what) or list(filter(None, merge.groups() if merge else ()))
        if numbers:
            return int(numbers[-1]), commit[1] if commit else ""
    return 0, commit[1] if commit else ""


def may_carry(message: str) -> bool:
    """Tell whether `backported` can find anything, by a plain look that most messages end with."""
    return "herry" in message or "ackport" in message or "ack-port" in message or message[:1] == "["


def backported(subject: str, body: str, number: int, names: OwnNames) -> tuple[int, str]:
    """Return number and commit of what is carried over from another branch, 0 and `""` where the message is silent."""
    commit = _CHERRY_PICK.search(body) if "(cherry" in body else None
    carried_number = _carried(subject, names) or _carried(body, names)
    if carried_number and carried_number != number:
        return carried_number, commit[1] if commit else ""
    if commit or _names_branch(subject):
        numbers = _NUMBERS.findall(subject)
        if len(numbers) > 1 and int(numbers[0]) != number:
            return int(numbers[0]), commit[1] if commit else ""
    return 0, commit[1] if commit else ""


def _names_branch(subject: str) -> bool:
    """Tell whether a subject begins with a branch of an older release in square brackets."""
    end = subject.find("]", 0, _LONGEST_BRANCH)
    return subject[:1] == "[" and end > 0 and bool(_BRANCH_NAME.search(subject, 1, end))


def _carried(text: str, names: OwnNames) -> int:
    """Return the number after `backport of` or `cherry-pick`, 0 for none."""
    for word in ("ackport", "ack-port", "herry"):
        at = text.find(word)
        while at >= 0:
            if (mention := _CARRIED.match(text, at)) and not is_other_address(mention["where"], names):
                return int(mention["number"])
            at = text.find(word, at + 1)
    return 0
