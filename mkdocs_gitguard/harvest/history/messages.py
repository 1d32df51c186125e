"""Recognises a pull request in the message of the commit that brought it onto the default branch.

The name of the rule that says so stands as evidence on the pull request. Measured on 157,218 commits of 21 public
repositories: a merge commit's own words are right in 99.96 %, a number at the end of the subject in 99.3 %
(nearly all of the rest in one repository that took other histories in).
"""

from typing import Final, NamedTuple

from mkdocs_gitguard.harvest.history.carried import REVERT_BRANCH, backported, may_carry, reverted
from mkdocs_gitguard.harvest.history.message_rules import (
    BODY_RULES,
    OWN_LINE,
    RULES,
    RULES_BY_END,
    STARTS,
    MessageRule,
)
from mkdocs_gitguard.harvest.history.own_lines import NOBODY, OwnNames, is_another, is_own, own_numbers
from mkdocs_gitguard.harvest.history.site_rules import SiteRules
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Confidence, Record

LONGEST_MESSAGE: Final = 20_000
"""Characters of a message that rules look at, so that a hostile one costs little."""
_LARGEST_NUMBER: Final = 10_000_000
"""Above this a "number" is a date, a phone number or a work item of another system."""
_NO_TITLES: Final = (
    *("Automatic merge from submit-queue", "This PR was ", "* origin/", "* commit '", "* refs/"),
    *("See merge request ", "Approved-by: "),
)
"""What Kubernetes' and Symfony's merge scripts, and git itself (`merge.log`), put above the title, if any, and what
GitLab and Bitbucket put below it."""
_DECORATED: Final = late_pattern(
    r"(?:(?:[^\w\s\x00-\x7f]{1,6}|:[a-z0-9_+-]{2,40}:)\s{0,2}){1,3}(?=Merged? |Pull request #)"
)
"""Emoji in front of a forge's own words, as some teams' habits (https://gitmoji.dev) put them."""
_BORS_TITLE: Final = late_pattern(r"(?P<number>\d{1,8}): (?P<title>[^\n]+)")


class PullRequestMention(Record, frozen=True, kw_only=True, array_like=True):
    """What a commit's message says: that it brought pull request `number`. 0: it does not say.

    Revert and backport are told here too, for they stand in the same message.
    """

    number: int = 0
    title: str
    """The pull request's title, or the commit's subject."""
    evidence: str = ""
    """Name of the rule."""
    confidence: Confidence = "low"
    source_branch: str = ""
    reverts: int = 0
    """Number of the pull request that this takes back; 0 for none."""
    reverts_commit: str = ""
    """Commit that this takes back, full or shortened."""
    backport_of: int = 0
    backport_of_commit: str = ""
    more: tuple[tuple[int, str], ...] = ()
    """Further pull requests that the same commit brought: number and title."""


class _Claim(NamedTuple):
    """That a rule found a number."""

    number: int
    title: str
    evidence: str
    confidence: Confidence
    branch: str = ""
    title_in_body: bool = False
    more: tuple[tuple[int, str], ...] = ()
    backport_of: int = 0


def recognise(
    message: str, parents: int, site_rules: SiteRules | None = None, names: OwnNames = NOBODY
) -> PullRequestMention:
    """Return what `message`, of a commit with so many parents, says of a pull request.

    Never raises: a message that says nothing gives a claim with number 0 and the subject as title.

    Args:
        message: the whole of it.
        parents: 2 and more for a merge.
        site_rules: the site's own.
        names: by what this repository is named, for lines that name it.
    """
    message = message[:LONGEST_MESSAGE].strip()
    if "\r" in message:
        message = message.replace("\r\n", "\n")
    if message and (message[0] == ":" or not message[0].isascii()) and (decoration := _DECORATED.match(message)):
        message = message[decoration.end() :]
    subject, _, body = message.partition("\n")
    subject = subject.strip()
    reverts, reverts_commit = reverted(subject, body, names) if "evert" in message else (0, "")
    claim = _claim(message, subject, body, parents, site_rules=site_rules, names=names)
    carries = may_carry(message)
    if claim is None:
        backport_of, backport_of_commit = backported(subject, body, 0, names) if carries else (0, "")
        return PullRequestMention(
            title=subject,
            reverts=reverts,
            reverts_commit=reverts_commit,
            backport_of=backport_of,
            backport_of_commit=backport_of_commit,
        )
    if not reverts and (branch := REVERT_BRANCH.search(claim.branch)):
        reverts = int(branch[1])
    if not reverts and not reverts_commit and claim.title_in_body:
        reverts, reverts_commit = reverted(claim.title, "", names)
    backport_of, backport_of_commit = backported(subject, body, claim.number, names) if carries else (0, "")
    return PullRequestMention(
        number=claim.number,
        # A merge that was given no title names its branch: its number stands beside it already.
        title=claim.title or (claim.branch if claim.title_in_body else "") or subject,
        evidence=claim.evidence,
        confidence=claim.confidence,
        source_branch=claim.branch,
        reverts=reverts if reverts != claim.number else 0,
        reverts_commit=reverts_commit,
        backport_of=claim.backport_of or backport_of,
        backport_of_commit=backport_of_commit,
        more=claim.more,
    )


def _claim(
    message: str, subject: str, body: str, parents: int, *, site_rules: SiteRules | None, names: OwnNames
) -> _Claim | None:
    """Return what the surest rule finds."""
    if site_rules:
        for match in site_rules.matches(message):
            if number := _number(match.digits):
                return _Claim(number, match.title, match.evidence, "medium", match.branch)
    is_bracketed = subject.endswith(")")
    for rule in RULES if message.startswith(STARTS) else RULES_BY_END:
        if (is_bracketed or not rule.ends_subject) and (claim := _match(rule, message, body, parents, names)):
            return claim
    own = own_numbers(message, names)
    squashed = None
    for rule in BODY_RULES:
        if (is_bracketed or not rule.ends_subject) and (squashed := _match(rule, message, body, parents, names)):
            break
    # A squash that quotes the lines of several pull requests is that of its subject.
    if 0 < own.number <= _LARGEST_NUMBER and (own.is_alone or squashed is None):
        title = squashed.title if squashed and squashed.number == own.number else ""
        return _Claim(own.number, title, OWN_LINE, "high", backport_of=own.backport_of)
    return squashed


def _match(rule: MessageRule, message: str, body: str, parents: int, names: OwnNames) -> _Claim | None:
    if (rule.merges_only and parents <= 1) or rule.needle not in message:
        return None
    if rule.starts and not message.startswith(rule.starts):
        return None
    match = rule.pattern.search(message) if rule.anywhere else rule.pattern.match(message)
    if match is None:
        return None
    groups = match.groupdict()
    number = _number(groups["number"] or "")
    if not number or ((repository := groups.get("repository")) and not is_own(repository, names)):
        return None
    if (home := groups.get("home")) and is_another(home, names):
        return None
    title = (groups.get("title") or groups.get("quoted") or "").strip()
    if rule.title_in_body and not title:
        lines = map(str.strip, body.split("\n"))
        title = next((line for line in lines if line and not line.startswith(_NO_TITLES)), "")
    return _Claim(
        number,
        title,
        rule.name,
        rule.confidence,
        groups.get("branch") or "",
        rule.title_in_body,
        _more(groups["more"], number, body) if groups.get("more") else (),
    )


def _more(numbers: str, first: int, body: str) -> tuple[tuple[int, str], ...]:
    """Return the further pull requests of a batch, with the titles that the body gives them."""
    lines = map(_BORS_TITLE.match, body.split("\n"))
    titles = {int(line["number"]): line["title"].partition(" r=")[0].strip() for line in lines if line}
    wanted = dict.fromkeys(int(number) for number in numbers.replace("#", "").split())
    return tuple(
        (number, titles.get(number, "")) for number in wanted if 0 < number <= _LARGEST_NUMBER and number != first
    )


def _number(digits: str) -> int:
    """Return a number that a pull request can have, 0 for another text."""
    number = int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= len(str(_LARGEST_NUMBER)) else 0
    return number if number <= _LARGEST_NUMBER else 0
