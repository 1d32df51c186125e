"""What one group of entries puts into the tables of the index: words to entries, names to entries, and so on.

A group is a repository with all that is in it, or what belongs to no repository. It is what is made again when
something in it has changed. Within its group an entry has a short name, its local name, that holds as long as the entry
is there: a letter for its kind and a number.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, Literal, NamedTuple

import msgspec

from mkdocs_gitguard.portal.search.text import folded, folded_name, pieces_of, words_of
from mkdocs_gitguard.words import day, one_line

EntryKind = Literal["o", "r", "t", "u", "b", "e", "p", "q", "v", "h", "w", "l", "c", "d"]
"""Organisation, repository, team, person (user), bot, e-mail address, policy, rule, sample or version of a policy,
helper rule, automation (workflow), list (a page of the portal that shows no one thing), pull request (change),
decision. Files and folders stand in a table of their own."""
TableName = Literal["names", "words", "authors", "paths", "records"]
Segment = dict[TableName, dict[str, str]]
"""By table, what the group has under each key."""

STOP_WORDS: Final = frozenset(
    {"a", "an", "and", "as", "at", "by", "for", "from", "in"}
    | {"into", "is", "it", "of", "on", "or", "the", "to", "with"}
)
"""Stand in so many titles that nobody finds anything by them; `search.js` leaves them out of what is typed."""
WHOLE_GROUP: Final = "*"
"""Stands for all that is in a group, under the words of its repository's name."""
_LONGEST_TITLE: Final = 300
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_HASH_LIMIT: Final = 36**6


class Entry(NamedTuple):
    """Something that can be found."""

    kind: EntryKind
    id: str
    """Node id; of a list, its path."""
    label: str
    context: str
    """What tells it from others of the same label."""
    url: str
    """Relative to the site's root, or absolute."""
    weight: str
    """The larger the earlier among equals, as text: a day, or digits."""
    names: tuple[str, ...]
    """Whoever types one of these whole wants this entry."""
    text: str
    """Further words that it is found by, after all that have them in a name."""


class ChangeEntry(NamedTuple):
    """A pull request that can be found."""

    number: int
    title: str
    author: str
    author_id: str
    """Of their node; `""`: nobody is known to have written it."""
    at: datetime
    """When it was merged; of an open one, when it was opened."""
    branch: str
    url: str
    """`""`: its page at its usual place; `!`: its page on the forge."""


class Home(NamedTuple):
    """The repository of a group, and where what is in it stands."""

    entry: Entry
    changes: str
    """What stands before a pull request's number in the URL of its page."""
    changes_end: str
    """What stands after it."""
    forge_change: str
    """URL of a pull request on the forge, with `~` for the number; `""`: there is none."""
    file: str
    """URL of a file on the forge, with `~` for the path; `""`: there is none."""
    folder: str
    """URL of a folder there, likewise."""


class GroupInput(NamedTuple):
    """All that can be found of a group, as plain values."""

    home: Home | None
    """None for what belongs to no repository."""
    entries: tuple[Entry, ...]
    changes: tuple[ChangeEntry, ...]
    files: tuple[str, ...]
    """Paths, sorted."""


class Group(NamedTuple):
    """A group that is to be in the index."""

    id: str
    """Of its repository, `""` for what belongs to none."""
    digest: bytes
    """Of its input."""
    make: Callable[[], Segment]


def group_of(group_id: str, group: GroupInput) -> Group:
    """Return a group of the index."""
    packed = msgspec.msgpack.encode(group)
    return Group(group_id, hashlib.blake2b(packed, digest_size=16).digest(), lambda: segment_of(group))


def segment_of(group: GroupInput) -> Segment:
    """Return what a group puts into the tables."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    words: defaultdict[str, set[str]] = defaultdict(set)
    authors: defaultdict[str, set[str]] = defaultdict(set)
    records: dict[str, str] = {}
    if group.home is not None:
        _put(group.home.entry, "", names, words)
        for word in _words([group.home.entry.label]):
            words[word].add(WHOLE_GROUP)
        records[""] = _record(*_fields(group.home.entry), *group.home[1:])
    for local, entry in with_locals(group.entries):
        _put(entry, local, names, words)
        records[local] = _record(*_fields(entry))
    for change in group.changes:
        local = f"c{base36(change.number)}"
        names[f"#{change.number}"].add(local)
        if change.author_id:
            authors[change.author_id].add(local)
        for word in _words([change.title]):
            words[word].add(local)
        for word in _words([change.branch]):
            if local not in words[word]:
                words[word].add(local.upper())
        records[local] = _record(one_line(change.title[:_LONGEST_TITLE]), change.author, change.url, "", day(change.at))
    return {
        "names": {key: ",".join(sorted(locals_)) for key, locals_ in names.items() if key},
        "words": {key: ",".join(sorted(locals_)) for key, locals_ in words.items()},
        "authors": {key: ",".join(sorted(locals_)) for key, locals_ in authors.items()},
        "paths": dict(_paths(map(one_line, group.files))),
        "records": records,
    }


def _put(entry: Entry, local: str, names: defaultdict[str, set[str]], words: defaultdict[str, set[str]]) -> None:
    # The repository itself has no local name, but in a list of them something must stand.
    shown = local or "r"
    for name in entry.names:
        names[folded_name(name)].add(shown)
    named = set(_words([entry.label, *entry.names]))
    for word in named:
        words[word].add(shown)
    for word in set(_words([entry.text])) - named:
        words[word].add(shown.upper())


def _words(texts: Iterable[str]) -> set[str]:
    all_words = {word for text in texts for word in (*words_of(text), *pieces_of(text))}
    return {word for word in all_words if word not in STOP_WORDS and (len(word) > 1 or not word.isascii())}


def _fields(entry: Entry) -> tuple[str, ...]:
    return entry.label, entry.context, entry.url, entry.id, entry.weight


def _record(*fields: str) -> str:
    return "\t".join(field.replace("\t", " ") for field in fields).rstrip("\t")


def with_locals(entries: Iterable[Entry]) -> Iterable[tuple[str, Entry]]:
    """Yield each entry with a local name that stays whatever else comes and goes, but for a clash of two digests."""
    taken: set[str] = set()
    for entry in sorted(entries, key=lambda entry: (entry.kind, entry.id)):
        turn = 0
        while (local := f"{entry.kind}{_hashed(entry.id, turn)}") in taken:
            turn += 1
        taken.add(local)
        yield local, entry


def _hashed(text: str, turn: int) -> str:
    digest = hashlib.sha256(f"{turn} {text}".encode("utf-8", "surrogatepass")).digest()
    return base36(int.from_bytes(digest[:8], "big") % _HASH_LIMIT)


def base36(number: int) -> str:
    """Return a number as entries have it."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _paths(files: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Yield each file and folder by its path read backwards: whoever types a part of it types its end."""
    folders: dict[str, None] = {}
    for path in files:
        yield _backwards(path), path if folded(path) != path else ""
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders[folder] = None
            folder = folder.rpartition("/")[0]
    for folder in folders:
        yield f"{_backwards(folder)}/", folder if folded(folder) != folder else ""


def _backwards(path: str) -> str:
    return "/".join(reversed(folded(path).split("/")))


def changed_keys(before: Segment, now: Segment) -> Mapping[TableName, Mapping[str, str | None]]:
    """Return by table what a group has put under other values than before; None: nothing any more."""
    tables: dict[TableName, dict[str, str | None]] = {}
    for table, keys in now.items():
        old = before[table]
        changes: dict[str, str | None] = {key: value for key, value in keys.items() if old.get(key) != value}
        changes.update(dict.fromkeys(old.keys() - keys.keys()))
        tables[table] = changes
    return tables
