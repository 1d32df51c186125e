"""The exception tree. Every error that a user can cause or cure is one of these.

    GitGuardError
    ├── SettingError        an option, flag or phase file says something that cannot be
    ├── SourceError         a repository cannot be found, opened, cloned or read
    │   └── GitCommandError a git process failed or timed out
    ├── ParseError          a file's content is broken
    ├── EventError          the event log cannot be read or written
    ├── PublishError        a release cannot be made, switched to or taken back
    └── GateError           a step of the rollout is refused

A message names the file, line or setting at fault and says what to do. Secrets never stand in a message:
whoever builds one from a URL passes it through `mask_credentials` first.
"""

import re

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.log_text import log_lines

_WORD = late_pattern(r"\S+")
_PLAIN_HOST = late_pattern(r"[\w-]+(?:\.[\w-]+)+[/?#]")
"""A host after which an `@` belongs to the path: `https://unpkg.com/react@18`."""
_LATE_PASSWORD = late_pattern(r"(?<=/)[^\s:@/]*:[^\s:@/]+@(?!sha\d+:)")
"""Of `user:password@` behind a host."""
_DIGEST = late_pattern(r"@sha\d+:[0-9a-f]+\W*$")
"""Of an image: `oci://localhost:5000/billing@sha256:…`."""
_SCP_PASSWORD = late_pattern(r"[^\s:@/'\"`(<]+:\S*@(?=[\w.-]+:|\[[0-9A-Fa-f:]+\]:)(?!sha\d+:)")
"""Of `user:password@host:path`; an image's digest looks the same: `nginx:1.25@sha256:…`."""
_URL_SECRET = late_pattern(r"(?i)([?&#;][\w.-]{0,64}(?:token|secret|passw|key|sig|auth|credential)[\w.-]*=)[^&#\s'\"]+")
_AUTH_HEADER = late_pattern(r"(?i)(authorization:\s*\w+\s+)\S+")


def mask_credentials(text: str) -> str:
    """Return `text` with user names, passwords and tokens of URLs, their queries and headers replaced by `***`.

    A password may hold `@`, `/`, `?` and `#` as they are, so all is masked up to the last `@` before white space; only
    after a host with a dot in it, and no port, is an `@` taken for a part of the path.
    """
    if "@" in text:
        text = _WORD.sub(_without_userinfo, text)
    return _AUTH_HEADER.sub(r"\1***", _URL_SECRET.sub(r"\1***", text))


def _without_userinfo(match: re.Match[str]) -> str:
    word = match[0]
    digest = _DIGEST.search(word)
    last = word.rfind("@", 0, digest.start() if digest else None)
    start = word.find("://") + 3
    while 3 <= start <= last:  # noqa: PLR2004 - the length of `://`
        if not _PLAIN_HOST.match(word, start):
            return f"{word[:start]}***{word[last:]}"
        start = word.find("://", start) + 3
    return (_LATE_PASSWORD if "://" in word else _SCP_PASSWORD).sub("***@", word)


class GitGuardError(Exception):
    """The root. `str(error)` is the whole message, fit to be shown to a user."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        """Keep the message and what to do about it, credentials masked, and nothing in them but text: see `log_text`.

        Args:
            message: names what is at fault: repository, file and line, or setting.
            hint: what to do, one sentence; appended to the message.
        """
        self.message = log_lines(mask_credentials(message))
        self.hint = log_lines(mask_credentials(hint))
        super().__init__(f"{self.message} {self.hint}".strip())


class Interruption(Exception):  # noqa: N818 - nothing is wrong with what was being done
    """What must end the whole build: no guard that keeps trouble to one repository may catch it."""


class SettingError(GitGuardError):
    """An option, flag or phase file says something that cannot be."""


class SourceError(GitGuardError):
    """A repository cannot be found, opened, cloned or read."""


class GitCommandError(SourceError):
    """A git process failed or ran out of time."""


class ParseError(GitGuardError):
    """A file's content is broken."""


class EventError(GitGuardError):
    """The event log cannot be read or written: nothing was acknowledged that is not kept."""


class PublishError(GitGuardError):
    """A release cannot be made, switched to or taken back."""


class GateError(GitGuardError):
    """A step of the rollout is refused."""
