"""Tags of a repository, annotated or not."""

import re
from datetime import UTC, datetime
from typing import Final

from mkdocs_gitguard.harvest.history.records import LATEST, seconds_of
from mkdocs_gitguard.model import Tag
from mkdocs_gitguard.model.printable import printable

TAG_ARGUMENTS: Final = (
    "for-each-ref",
    (
        "--format=%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
        "%00%(creatordate:unix)%00%(*committerdate:unix)"
    ),
    "refs/tags/",
)
"""The arguments of the `git for-each-ref` whose output `parse_tags` reads."""

_LONGEST_VERSION: Final = 200
"""Characters; a file's name holds no more, `packed-refs` does. Trying to read a version takes the square of them."""
_VERSION: Final = re.compile(r"[vV]?\d+(?:\.\d+){0,3}(?:[-+._]?(?:[0-9A-Za-z]+)(?:[-+._][0-9A-Za-z]+)*)?")


def is_version(name: str) -> bool:
    """Whether a tag's name is a version: semantic, or with fewer parts or a leading `v`.

    A name of a part is allowed before it, as in `sdk/v1.2.0` or `chart-1.2.0`.
    """
    last = name.rpartition("/")[2]
    return len(last) <= _LONGEST_VERSION and bool(
        _VERSION.fullmatch(last) or _VERSION.fullmatch(re.sub(r"\A[A-Za-z][A-Za-z_-]*[-_@](?=v?\d)", "", last))
    )


def parse_tags(output: bytes) -> tuple[Tag, ...]:
    """Return the tags of commits, newest first, from what `git for-each-ref` with `TAG_ARGUMENTS` prints."""
    tags: list[Tag] = []
    for line in output.split(b"\n"):
        fields = line.decode("utf-8", "surrogateescape").split("\0")
        if len(fields) < 7:  # noqa: PLR2004 - the fields that were asked for
            continue
        name, kind, commit, target_kind, target, created, committed = fields[:7]
        if kind == "tag":
            kind, commit = target_kind, target
        if kind != "commit":
            continue
        seconds = created or committed
        tags.append(
            Tag(
                name=printable(name),
                commit=commit,
                at=committed_at(seconds_of(seconds.encode("utf-8", "surrogateescape"))),
                is_release=is_version(name),
            )
        )
    tags.sort(key=lambda tag: (-tag.at.timestamp(), tag.name))
    return tuple(tags)


def committed_at(seconds: int) -> datetime:
    """Return Unix seconds as a datetime, brought into the range of years that one can hold."""
    return datetime.fromtimestamp(min(max(seconds, 0), LATEST), UTC)
