"""What addresses and names in commits tell of accounts and programs."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

from mkdocs_gitguard.late_pattern import late_pattern

GITHUB: Final = "github.com"
# https://docs.github.com/en/account-and-profile/reference/email-addresses-reference#your-noreply-email-address
# https://docs.gitlab.com/user/profile/#use-an-automatically-generated-private-commit-email
_NOREPLY: Final = (
    late_pattern(r"\A(?:(?P<id>\d+)\+)?(?P<login>[^@+]+)@users\.noreply\.(?P<forge>github\.com)\Z"),
    late_pattern(r"\A(?P<id>\d+)-(?P<login>[^@+]+)@users\.noreply\.(?P<forge>[^@]+)\Z"),
    late_pattern(r"\A(?:(?P<id>\d+)\+)?(?P<login>[^@+]+)@users\.noreply\.(?P<forge>[^@]+)\Z"),
    late_pattern(
        r"\A(?:(?P<id>\d+)\+)?(?P<login>[^@+]+)@noreply\.(?P<forge>codeberg\.org|gitea\.[^@]+|[^@]*forgejo[^@]*)\Z"
    ),
)
_SHARED: Final = late_pattern(
    r"\A(?:|none|none@none|unknown|root@.*|.*@localhost(?:\.localdomain)?|.*@[^@]*\(none\)|you@example\.com|"
    r"user@example\.com|noreply@[^@]*|no-reply@[^@]*|git@.*|.*@.*\.local|.*@.*\.internal)\Z"
)
"""Addresses that many people have: those that git makes up, and those of forges."""

_BOT: Final = late_pattern(
    r"\[bot\]|\A[\w.-]+[-_](?:ci|bot|robot|automation)\Z|\bBuild Service \([^()]*\)\Z|\A(?:project|group)_\d+_bot\w*\Z|"
    r"\A(?:dependabot(?:-preview)?|renovate(?:-bot)?|greenkeeper|snyk-bot|pre-commit-ci|bitbucket-pipelines|"
    r"(?:github|gitea|forgejo|gitlab|codeberg)[-_ ](?:actions?|ci|bot)(?:[-_ ]bot)?|giteabot|"
    r"github-merge-queue|mergify|copilot|allcontributors|pyup-bot|imgbot|codecov-io|k8s-ci-robot|k8s-publishing-bot|"
    r"googlebot|web-flow|semantic-release-bot|stepsecurity-app|deepsource-autofix|"
    r"whitesource-bolt|azure-pipelines|electron-bot|electron-roller|weblate|transifex|bors|homu|travis-?ci|circleci|"
    r"jenkins)\Z",
    re.IGNORECASE,
)
"""Names and logins of programs that commit; of Azure DevOps' builds, and of GitLab's tokens of projects and groups."""

_BOT_ADDRESS: Final = late_pattern(
    r"\[bot\]@|\A(?:(?:project|group)_\d+_bot\w*@noreply\.[^@]+|service_account_\w+@noreply\.[^@]+|"
    r"commits-noreply@bitbucket\.org|teabot@gitea\.io|noreply@(?:anthropic|openai|cursor|devin)\.(?:com|ai|sh)|cursoragent@cursor\.com|"
    r"[^@]*@(?:greenkeeper|dependabot|renovateapp|whitesourcesoftware|snyk)\.(?:com|io))\Z",
    re.IGNORECASE,
)
"""Addresses of programs whose name could be a person's."""

_LONGEST: Final = 400
"""Characters of an address, a name or a login that tells anything; a mailbox's are 254 at most (RFC 5321)."""
_CACHED: Final = 16_384


@lru_cache(_CACHED)
def noreply_login(email: str) -> tuple[str, str, str]:
    """Return forge, login and numeric id (or `""`) of a forge's noreply address; empty texts for another address."""
    for pattern in _NOREPLY if len(email) <= _LONGEST else ():
        if address := pattern.match(email.lower()):
            return address["forge"], address["login"], address.groupdict().get("id") or ""
    return "", "", ""


def is_bot(name: str, login: str = "", bots: Collection[str] = (), email: str = "") -> bool:
    """Whether a name, login or address is a program's: `[bot]`, a known one, or one of the site's own `bots`."""
    return _is_known_bot(name, login, email) or any(word.lower() in (name.lower(), login.lower()) for word in bots)


@lru_cache(_CACHED)
def _is_known_bot(name: str, login: str, email: str) -> bool:
    name, login, email = (text if len(text) <= _LONGEST else "" for text in (name, login, email))
    return bool(_BOT.search(name) or _BOT.search(login) or _BOT_ADDRESS.search(email))


@lru_cache(_CACHED)
def is_shared(email: str) -> bool:
    """Whether many people have an address: those that git makes up, and those of forges."""
    # A program goes by the name of its version, always with the same address.
    if len(email) > _LONGEST:
        return False
    return bool(_SHARED.match(email.lower())) and not _BOT_ADDRESS.search(email)
