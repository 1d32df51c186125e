"""The exception tree. Every error that a user can cause or cure is one of these.

    GitGuardError
    ├── SettingError        an option, flag or phase file says something that cannot be
    ├── SourceError         a repository cannot be found, opened, cloned or read
    │   └── GitCommandError a git process failed or timed out
    ├── ParseError          a file's content is broken
    ├── PublishError        a release cannot be made, switched to or taken back
    └── GateError           a step of the rollout is refused

A message names the file, line or setting at fault and says what to do. Secrets never stand in a message:
whoever builds one from a URL passes it through `mask_credentials` first.
"""

import re

from mkdocs_gitguard.log_text import log_lines

_URL_CREDENTIALS = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*://)[^/@\s]*@")
_URL_SECRET = re.compile(r"(?i)([?&][\w.-]*(?:token|secret|passw|key|sig|auth|credential)[\w.-]*=)[^&#\s'\"]+")
_AUTH_HEADER = re.compile(r"(?i)(authorization:\s*\w+\s+)\S+")


def mask_credentials(text: str) -> str:
    """Return `text` with user names, passwords and tokens of URLs, their queries and headers replaced by `***`."""
    text = _URL_SECRET.sub(r"\1***", _URL_CREDENTIALS.sub(r"\g<scheme>***@", text))
    return _AUTH_HEADER.sub(r"\1***", text)


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


class PublishError(GitGuardError):
    """A release cannot be made, switched to or taken back."""


class GateError(GitGuardError):
    """A step of the rollout is refused."""
