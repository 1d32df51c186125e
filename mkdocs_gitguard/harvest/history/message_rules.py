"""The ways in which forges and projects write a pull request's number, one rule each.

Forges' own words come first, then the merge scripts of large projects. Sources stand at each rule.
"""

import re
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Confidence, ForgeName

MessageDialect = Literal["github", "gitlab", "bitbucket", "azure", "exclamation", "own", "site"]
"""Who writes such messages. Gitea, Forgejo and merge scripts write as GitHub's users do; `exclamation`: a `!12`, which
is a merge request to GitLab and a pull request to Gitea and Forgejo, where issues are elsewhere; `own`: a line that
names this repository's own pull request by its address, whoever wrote it; `site`: a rule of the site's own."""


class MessageRule(NamedTuple):
    """One way in which forges or people write a pull request's number."""

    name: str
    dialect: MessageDialect
    confidence: Confidence
    pattern: re.Pattern[str]
    """With groups `number`, and where known `title`, `branch`, `more` (further numbers that the same commit brought),
    `repository` (which must be this one) and `home` (in whose words the forge itself names the repository: which must
    not be another one, for then the commit came with a fork's or a mirror's history)."""
    starts: tuple[str, ...] = ()
    """How a message starts that can match: a plain look saves most of the time."""
    needle: str = ""
    """What it holds."""
    title_in_body: bool = False
    """The title is the body's first line, where it has one."""
    merges_only: bool = False
    anywhere: bool = False
    """Whether it may stand further down than the message's start."""
    ends_subject: bool = False
    """Whether it is a bracket at the subject's end."""


_PULL_REF: Final = r"Merge (?:remote-tracking branch|branch|commit|pull request)"
_SQUASH: Final = late_pattern(r"(?P<title>[^\n]*)\((?:#|GH-)(?P<number>\d{1,8})\)[ \t]*(?=\n|\Z)")

RULES: Final[tuple[MessageRule, ...]] = (
    # Bitbucket Server up to 6: "Merge pull request #34 in PROJ/repo from bugfix/x to master".
    MessageRule(
        "bitbucket-server-old-merge",
        "bitbucket",
        "high",
        late_pattern(r"Merge pull request #(?P<number>\d{1,8}) in (?P<home>\S+) from (?P<branch>\S+) to \S"),
        starts=("Merge pull request #",),
    ),
    # Azure Repos, merge without fast-forward: "Merge pull request 443 from hotfix/x into master".
    MessageRule(
        "azure-merge-commit",
        "azure",
        "high",
        late_pattern(r"Merge pull request (?P<number>\d{1,8}) from (?P<branch>\S+) into \S"),
        starts=("Merge pull request ",),
    ),
    # https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/incorporating-changes-from-a-pull-request/about-pull-request-merges
    # RhodeCode: "Merge pull request !12 from owner/name branch".
    MessageRule(
        "github-merge-commit",
        "github",
        "high",
        late_pattern(
            r"Merge pull request [#!]?(?P<number>\d{1,8})"
            r"(?:\s{1,9}from\s{1,9}(?P<branch>\S+)|:? (?!in \S+ from )(?P<title>[^\n]+)|(?=\n|\Z))"
        ),
        starts=("Merge pull request ",),
        title_in_body=True,
    ),
    # https://github.com/go-gitea/gitea, services/pull/merge.go: GetDefaultMergeMessage; `!` where issues are elsewhere.
    MessageRule(
        "gitea-merge-commit",
        "github",
        "high",
        late_pattern(r"Merge pull request '(?P<title>[^\n]*)' \([#!](?P<number>\d{1,8})\) from (?P<branch>\S+)"),
        starts=("Merge pull request '",),
    ),
    # Gitee: "!12 Title", below it "Merge pull request !12 from user/branch".
    MessageRule(
        "gitee-merge-commit",
        "github",
        "high",
        late_pattern(
            r"!(?P<number>\d{1,8}) (?P<title>[^\n]+)\n\s{0,9}Merge pull request !(?P=number) from (?P<branch>\S+)"
        ),
        starts=("!",),
        needle="Merge pull request !",
    ),
    # https://github.com/rust-lang/homu and bors: members of a rollup are merged as "Rollup merge of #N", below an
    # "Auto merge of #M".
    MessageRule(
        "bors-merge",
        "github",
        "high",
        late_pattern(r"(?:Auto|Rollup) merge of #(?P<number>\d{1,8})(?: - (?P<branch>[^\s,]+)|\s*(?=\n|\Z))"),
        starts=("Auto merge of #", "Rollup merge of #"),
        title_in_body=True,
        merges_only=True,
    ),
    # https://bors.tech/documentation/: "Merge #98 #99" is a batch of two, below it "98: Title r=… a=…".
    MessageRule(
        "bors-merge",
        "github",
        "high",
        late_pattern(
            r"Merge #(?P<number>\d{1,8})(?P<more>(?: #\d{1,8}){0,50})(?: - (?P<branch>[^\s,]+)|[ \t]*(?=\n|\Z))"
        ),
        starts=("Merge #",),
        title_in_body=True,
        merges_only=True,
    ),
    # Bitcoin Core's github-merge.py: "Merge bitcoin/bitcoin#N: Title", before 2021 "Merge #N: Title"; also
    # Neovim's and Nixpkgs' "Merge #N: Title" and Coq's "Merge PR #N: Title".
    MessageRule(
        "merge-script",
        "github",
        "high",
        late_pattern(
            r"Merge (?:PR |(?P<repository>[\w.-]+/[\w.-]+))?#(?P<number>\d{1,8})"
            r"(?:: (?P<title>[^\n]+)| (?:from|into) (?P<branch>\S+)| ['`](?P<quoted>[^\n]+)['`])"
        ),
        starts=("Merge ",),
        merges_only=True,
    ),
    # Cosmos SDK and others squash under the same words.
    MessageRule(
        "merge-pr",
        "github",
        "high",
        late_pattern(r"Merge PR #(?P<number>\d{1,8}): (?P<title>[^\n]+)"),
        starts=("Merge PR #",),
    ),
    # Symfony's gh: "bug #123 [Form] Title (ola)", below it "This PR was merged into the 6.4 branch."
    MessageRule(
        "symfony-merge",
        "github",
        "high",
        late_pattern(r"(?:bug|feature|minor|security|deprecation|docs?) #(?P<number>\d{1,8}) (?P<title>[^\n]+)\n"),
        starts=("bug #", "feature #", "minor #", "security #", "deprecation #", "doc #", "docs #"),
        needle="This PR was ",
        merges_only=True,
    ),
    # https://docs.gitlab.com/user/project/merge_requests/commit_templates/
    MessageRule(
        "gitlab-merge-commit",
        "gitlab",
        "high",
        late_pattern(
            r"Merge (?:remote-tracking )?branch '(?P<branch>[^'\n]+)' into [^\n]*\n"
            r"(?:[^\n]*\n)*?See merge request (?P<home>[^\s!]*)!(?P<number>\d{1,8})"
        ),
        starts=("Merge ",),
        needle="See merge request ",
        title_in_body=True,
    ),
    MessageRule(
        "gitlab-trailer",
        "gitlab",
        "high",
        late_pattern(r"(?:\A|\n)See merge request (?P<home>[^\s!]{0,300})!(?P<number>\d{1,8})[ \t]*(?=\n|\Z)"),
        needle="See merge request ",
        anywhere=True,
    ),
    # https://support.atlassian.com/bitbucket-cloud/docs/merge-a-pull-request/
    MessageRule(
        "bitbucket-cloud-merge",
        "bitbucket",
        "high",
        late_pattern(r"Merged in (?P<branch>[^\n]+?) \(pull request #(?P<number>\d{1,8})\)"),
        starts=("Merged in ",),
        title_in_body=True,
    ),
    # https://confluence.atlassian.com/bitbucketserver/merge-a-pull-request-829050889.html
    MessageRule(
        "bitbucket-server-merge",
        "bitbucket",
        "high",
        late_pattern(
            r"Pull request #(?P<number>\d{1,8}): (?P<title>[^\n]+)"
            r"(?:\n(?:[^\n]*\n)*?Merge in (?P<home>\S+) from (?P<branch>\S+) to )?"
        ),
        starts=("Pull request #",),
    ),
    # https://learn.microsoft.com/en-us/azure/devops/repos/git/complete-pull-requests
    MessageRule(
        "azure-merge",
        "azure",
        "high",
        late_pattern(r"Merged PR (?P<number>\d{1,8}): (?P<title>[^\n]+)"),
        starts=("Merged PR ",),
    ),
    # git's own words for a fetched pull ref: "Merge remote-tracking branch 'origin/pr/12'", "Merge commit
    # 'refs/pull/12/head'"; behind ` of ` stands where it was fetched from.
    MessageRule(
        "pull-ref-merge",
        "github",
        "medium",
        late_pattern(
            rf"{_PULL_REF} '(?:[\w.-]+/){{0,3}}(?:pr|pull|pulls|pull-requests)/(?P<number>\d{{1,8}})"
            r"(?:/(?:head|merge|from))?'(?! of )"
        ),
        starts=("Merge ",),
        title_in_body=True,
        merges_only=True,
    ),
    MessageRule(
        "merge-request-ref-merge",
        "gitlab",
        "medium",
        late_pattern(
            rf"{_PULL_REF} '(?:[\w.-]+/){{0,3}}merge-requests/(?P<number>\d{{1,8}})(?:/(?:head|merge))?'(?! of )"
        ),
        starts=("Merge ",),
        title_in_body=True,
        merges_only=True,
    ),
    MessageRule("github-merge-title", "github", "high", _SQUASH, merges_only=True, ends_subject=True),
)
"""Forges' and merge scripts' words, in the order in which they are tried: the first that matches says it."""

BODY_RULES: Final[tuple[MessageRule, ...]] = (
    # Apache Spark's merge_spark_pr.py: "Closes #912 from ola/fix."
    MessageRule(
        "apache-closes",
        "github",
        "high",
        late_pattern(r"(?:\A|\n)(?:This )?[Cc]loses #(?P<number>\d{1,8}) from (?P<branch>[\w.-]+/[^\s,]*[^\s,.])"),
        needle="loses #",
        anywhere=True,
    ),
    # Odoo's mergebot: "closes odoo/odoo#912", and who signed it off.
    MessageRule(
        "mergebot-closes",
        "own",
        "medium",
        late_pattern(
            r"\ncloses (?P<repository>[\w.-]{1,100}/[\w.-]{1,100})#(?P<number>\d{1,8})[ \t]*\n"
            r"(?:[^\n]*\n){1,9}?Signed-off-by: "
        ),
        needle="\ncloses ",
        anywhere=True,
    ),
    # Bazel and others whose commits come out of Google's own repository by Copybara: "Closes #912."
    MessageRule(
        "copybara-closes",
        "github",
        "medium",
        late_pattern(r"\nCloses #(?P<number>\d{1,8})\.?\n(?:[^\n]*\n){1,9}?PiperOrigin-RevId: "),
        needle="\nPiperOrigin-RevId: ",
        anywhere=True,
    ),
    # Apache Hadoop: "HADOOP-7. Fix totals. (#912). Contributed by Ola Berg."
    MessageRule(
        "contributed-by",
        "github",
        "medium",
        late_pattern(r"(?P<title>[^\n]*)\(#(?P<number>\d{1,8})\)[.,]? [Cc]ontributed by "),
        needle="ontributed by ",
    ),
    # `(#a) (#b)`: the last is the pull request, the first what the commit was called before. CPython: `(GH-12)`.
    MessageRule("github-squash", "github", "medium", _SQUASH, ends_subject=True),
    MessageRule(
        "exclamation-squash",
        "exclamation",
        "medium",
        late_pattern(r"(?P<title>[^\n]*)\((?P<home>[\w./-]{0,300})!(?P<number>\d{1,8})\)[ \t]*(?=\n|\Z)"),
        needle="!",
        ends_subject=True,
    ),
    MessageRule(
        "own-squash",
        "own",
        "medium",
        late_pattern(
            r"(?P<title>[^\n]*)\((?P<repository>[\w.-]{1,100}/[\w.-]{1,100})#(?P<number>\d{1,8})\)[ \t]*(?=\n|\Z)"
        ),
        needle="#",
        ends_subject=True,
    ),
)
"""What stands further down, or at a subject's end; tried after lines that name a pull request by its address."""

STARTS: Final = tuple({start: None for rule in RULES for start in rule.starts})
RULES_BY_END: Final = tuple(rule for rule in RULES if not rule.starts)
"""What can match a message that starts as none of `STARTS`: nine in ten are tried by these alone."""

OWN_LINE: Final = "own-line"
"""Evidence of a line that names the pull request by its address."""

DIALECTS: Final[Mapping[str, MessageDialect]] = {
    **{rule.name: rule.dialect for rule in (*RULES, *BODY_RULES)},
    OWN_LINE: "own",
}
"""By evidence; evidence of a site's own rule starts with `site:`, of a fetched pull ref with `pull-ref`."""

FORGE_DIALECTS: Final[Mapping[ForgeName, tuple[MessageDialect, ...]]] = {
    "github": ("github",),
    "gitea": ("github", "exclamation"),
    "forgejo": ("github", "exclamation"),
    "gitlab": ("gitlab", "exclamation"),
    "bitbucket": ("bitbucket",),
    "azure": ("azure",),
}
"""Which dialects a known forge's own numbers are written in: a `(#12)` on GitLab names an issue."""
