"""The site's `decisions:` and `decision_inputs:` settings."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from mkdocs_gitguard.decisions.redaction import Redaction
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import Record


class DecisionSource(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of `decisions:`: reports, and what they leave unsaid."""

    path: str
    """A file or a glob (`**` for any depth), absolute or relative to the `mkdocs.yml`."""
    format: str = ""
    """The registry's name; empty: each document tells by its form."""
    repository: str = ""
    """What was judged, where the report does not say: a name (`acme/billing`) or a URL."""
    commit: str = ""
    """The commit that was judged, where the report does not say."""
    pull_request: int = 0
    """The pull request that was judged, where the report does not say."""
    root: str = ""
    """Folder that the paths in the report start with and the repository's own do not: `/home/runner/work/billing/`."""
    policies: str = ""
    """Repository that holds the policies, where the report does not say."""
    policies_path: str = ""
    """Folder in that repository, where it holds policies of one name more than once."""
    revision: str = ""
    """Commit of the policies, where the report does not say."""


_EXAMPLE: Final = "Give a list of paths, or of `path:` with `repository:`, `commit:`, `policies:` beside it."


def decision_sources(value: Any) -> tuple[DecisionSource, ...]:
    """Return the entries of the site's `decisions:`, which may be a path, or a list of paths and mappings.

    Raises:
        SettingError: the setting is not of that form; the message names the entry.
    """
    if value is None:
        return ()
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list | tuple):
        raise SettingError(f"`decisions` is {type(value).__name__}, not a list.", hint=_EXAMPLE)
    return tuple(_source(entry, number) for number, entry in enumerate(value, 1))


def _source(entry: Any, number: int) -> DecisionSource:
    if isinstance(entry, str):
        entry = {"path": entry}
    if isinstance(entry, Mapping):
        # YAML reads a commit of digits only as a number.
        entry = {
            key: str(member) if key in {"commit", "revision"} and isinstance(member, int) else member
            for key, member in entry.items()
        }
    try:
        source = msgspec.convert(entry, DecisionSource)
    except msgspec.ValidationError as error:
        raise SettingError(f"Entry {number} of `decisions` cannot be read: {error}.", hint=_EXAMPLE) from error
    if not source.path.strip():
        raise SettingError(f"Entry {number} of `decisions` has an empty path.", hint=_EXAMPLE)
    return source


def redaction(value: Any) -> Redaction:
    """Return the site's `decision_inputs:`: what of the inputs of decisions may be seen.

    Raises:
        SettingError: the setting is not of that form.
    """
    if value is None:
        return Redaction()
    try:
        return msgspec.convert(value, Redaction)
    except msgspec.ValidationError as error:
        raise SettingError(
            f"`decision_inputs` cannot be read: {error}.",
            hint="Give `show: shapes | values | nothing`, `allow: [key, …]` and `secret: [part of a key, …]`.",
        ) from error
