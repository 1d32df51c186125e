"""Tags of a repository, annotated or not, also of other tags.

Git lists all or, where the object of one is gone, none. Then those that are whole are listed by name.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from mkdocs_gitguard.errors import GitCommandError
from mkdocs_gitguard.git.problems import RepositoryError, code_of
from mkdocs_gitguard.git.process import GitProcessError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.harvest.history.records import LATEST, seconds_of
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Tag
from mkdocs_gitguard.model.printable import printable

_ARGUMENTS: Final = (
    "for-each-ref",
    (
        "--format=%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)"
        "%00%(creatordate:unix)%00%(*committerdate:unix)"
    ),
)
"""The arguments of the `git for-each-ref` whose output `parse_tags` reads; names of refs, or a folder's, follow."""
TAG_REFS: Final = "refs/tags/"
"""The folder of their refs."""
_TARGET: Final = 4
"""Which field is the object that an annotated tag names; its kind stands before it."""
_AT_ONCE: Final = 500
"""Names that one git process is given."""
_MOST_BROKEN: Final = 200
"""Groups of tags that may fail before a group that fails is given up as a whole."""

_LONGEST_VERSION: Final = 200
"""Characters; a file's name holds no more, `packed-refs` does. Trying to read a version takes the square of them."""
_VERSION: Final = late_pattern(r"[vV]?\d+(?:\.\d+){0,3}(?:[-+._]?(?:[0-9A-Za-z]+)(?:[-+._][0-9A-Za-z]+)*)?")


def is_version(name: str) -> bool:
    """Whether a tag's name is a version: semantic, or with fewer parts or a leading `v`.

    A name of a part is allowed before it, as in `sdk/v1.2.0` or `chart-1.2.0`.
    """
    last = name.rpartition("/")[2]
    return len(last) <= _LONGEST_VERSION and bool(
        _VERSION.fullmatch(last) or _VERSION.fullmatch(re.sub(r"\A[A-Za-z][A-Za-z_-]*[-_@](?=v?\d)", "", last))
    )


def read_tags(repository: GitRepository) -> tuple[Tag, ...]:
    """Return the tags of commits, newest first. Those that are broken are left out, and `problems` tells of them.

    Raises:
        GitCommandError: git failed for another reason than a missing or broken object.
    """
    try:
        output = repository.output(*_ARGUMENTS, TAG_REFS)
    except GitCommandError as error:
        if not _is_of_an_object(error):
            raise
        output, broken = _whole(repository)
        names = ", ".join(broken[:3]) + (", …" if len(broken) > len(broken[:3]) else "")
        message = f"{repository.label}: {len(broken):,} tags name objects that are gone or broken: {names}."
        hint = "Fetch the tags again, or delete them."
        repository.problems.append(RepositoryError("broken-tags", message, hint=hint))
    tags = parse_tags(output)
    nested = [name for name, _, kind in map(_peeled, output.split(b"\n")) if kind == "tag"]
    return _newest_first([*tags, *_nested(repository, nested, output)]) if nested else tags


def _whole(repository: GitRepository) -> tuple[bytes, list[str]]:
    """Return what git prints of the tags that are whole, and the names of the others."""
    refs = repository.directory.refs(TAG_REFS)
    gone = _gone(repository, sorted(set(refs.values())))
    broken = [printable(name.removeprefix(TAG_REFS)) for name, tag in refs.items() if tag in gone]
    names = [name for name, tag in refs.items() if tag not in gone]
    waiting = [names[start : start + _AT_ONCE] for start in range(0, len(names), _AT_ONCE)]
    outputs: list[bytes] = []
    failures = 0
    while waiting:
        group = waiting.pop()
        try:
            outputs.append(repository.output(*_ARGUMENTS, *group))
        except GitCommandError as error:
            if not _is_of_an_object(error):
                raise
            failures += 1
            middle = len(group) // 2 if failures <= _MOST_BROKEN else 0
            if middle:
                waiting += [group[:middle], group[middle:]]
            else:
                broken += [printable(name.removeprefix(TAG_REFS)) for name in group]
    return b"".join(outputs), sorted(broken)


def _is_of_an_object(error: GitCommandError) -> bool:
    """Tell whether git itself gave up, and for no reason but what it read: it has many words for that."""
    is_gits_own = isinstance(error, GitProcessError) and error.exit_code is not None
    return code_of(error) == "missing-objects" or (is_gits_own and code_of(error) == "unreadable")


def _gone(repository: GitRepository, ids: Sequence[str]) -> frozenset[str]:
    """Return those ids whose objects are not there; none where git stumbles over one that is broken.

    A tag that claims another kind for what it names makes git take that object for missing from then on, in the same
    process: so tags are followed apart from the rest, and what is missed is asked for again by itself.
    """
    try:
        kinds = _answers(repository, ids)
        annotated = [tag for tag, kind in zip(ids, kinds, strict=False) if kind == b"tag"]
        answers = _answers(repository, [f"{tag}^{{}}" for tag in annotated])
        missed = [tag for tag, answer in zip(annotated, answers, strict=False) if answer.endswith(b" missing")]
        present = {
            tag for tag in missed[:_MOST_BROKEN] if not _answers(repository, [f"{tag}^{{}}"])[0].endswith(b" missing")
        }
    except GitCommandError:
        return frozenset()
    gone = {tag for tag, kind in zip(ids, kinds, strict=False) if kind.endswith(b" missing")}
    return frozenset((gone | set(missed)) - present)


def _answers(repository: GitRepository, objects: Sequence[str]) -> Sequence[bytes]:
    """Return what kinds objects are, one line each."""
    asked = "".join(f"{name}\n" for name in objects).encode("ascii")
    return repository.output("cat-file", "--batch-check=%(objecttype)", stdin=asked).split(b"\n") if objects else ()


def _peeled(line: bytes) -> tuple[str, str, str]:
    """Return name, object and kind of what an annotated tag names; empty texts for another."""
    fields = line.decode("utf-8", "surrogateescape").split("\0")
    is_annotated = len(fields) > _TARGET and fields[1] == "tag"
    return (fields[0], fields[_TARGET], fields[_TARGET - 1]) if is_annotated else ("", "", "")


def _nested(repository: GitRepository, names: Collection[str], output: bytes) -> Iterator[Tag]:
    """Yield the tags of tags that lead to a commit: git before 2.45 looks only one step ahead."""
    lines = {line.split(b"\0", 1)[0].decode("utf-8", "surrogateescape"): line for line in output.split(b"\n")}
    asked = [(name, lines[name].split(b"\0")[2]) for name in names]
    stdin = b"".join(b"%b^{commit}\n" % tag for _, tag in asked)
    answers = repository.output("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=stdin).split(b"\n")
    for (name, _), answer in zip(asked, answers, strict=False):
        commit, _, kind = answer.partition(b" ")
        if kind == b"commit":
            fields = lines[name].split(b"\0")
            yield from parse_tags(b"\0".join([fields[0], b"commit", commit, b"", b"", *fields[5:]]))


def parse_tags(output: bytes) -> tuple[Tag, ...]:
    """Return the tags of commits, newest first, from what `git for-each-ref` prints with the arguments above."""
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
    return _newest_first(tags)


def _newest_first(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    return tuple(sorted(tags, key=lambda tag: (-tag.at.timestamp(), tag.name)))


def committed_at(seconds: int) -> datetime:
    """Return Unix seconds as a datetime, brought into the range of years that one can hold."""
    return datetime.fromtimestamp(min(max(seconds, 0), LATEST), UTC)
