"""Joins what was known of a history to what came since, as if all had been read at once."""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import compress, count, repeat
from operator import add, mul
from typing import Literal

import msgspec

from mkdocs_gitguard.harvest.history.records import (
    Authorship,
    History,
    Identity,
    LineCommit,
    newest_first,
    pack,
    repack_files,
    split_paths,
    unpack,
)


def join(older: History, newer: History, was_present: Iterable[bytes], present: Iterable[bytes]) -> History | None:
    """Return the history of `newer`'s head; None where it must be read as a whole.

    That is where a path came back that had been deleted: who changed it before was not kept.

    Args:
        older: the whole history of a commit on the first-parent line of `newer`'s head.
        newer: what is reachable from that head and not from that commit.
        was_present: the paths of the tree of `older`'s head.
        present: the paths of the tree of `newer`'s head.
    """
    was_there, there = frozenset(was_present), frozenset(present)
    old_names, new_names = split_paths(older.paths), split_paths(newer.paths)
    if not (there - was_there).isdisjoint(old_names):
        return None
    people = sorted({(identity.email, identity.name) for part in (older, newer) for identity in part.identities})
    place = {person: index for index, person in enumerate(people)}
    old_people, new_people = (
        [place[identity.email, identity.name] for identity in part.identities] for part in (older, newer)
    )
    # Nearly all of the new names are old ones: those of the tree.
    paths, old_paths = _with(old_names, frozenset(new_names).difference(old_names))
    place_of = dict(zip(paths, count(), strict=False))
    new_paths = [*map(place_of.__getitem__, new_names)]
    return History(
        commits=older.commits + newer.commits,
        first_at=min(part.first_at for part in (older, newer) if part.commits) if older.commits + newer.commits else 0,
        last_at=max(older.last_at, newer.last_at),
        months=tuple(sorted((Counter(dict(older.months)) + Counter(dict(newer.months))).items())),
        identities=_identities(older, newer, len(people), old_people, new_people),
        paths=b"\0".join(paths),
        line=(*_commits(newer, "line", new_people, new_paths), *_commits(older, "line", old_people, old_paths)),
        nested=tuple(
            sorted(
                (
                    *_commits(newer, "nested", new_people, new_paths),
                    *_commits(older, "nested", old_people, old_paths),
                ),
                key=newest_first,
            )
        ),
        authorship=_authorship(
            [(older, old_people, old_paths), (newer, new_people, new_paths)],
            len(paths),
            {place_of[path] for path in was_there - there},
        ),
    )


def _with(names: Sequence[bytes], others: Iterable[bytes]) -> tuple[list[bytes], list[int]]:
    """Return sorted names with others in their places, and where each of the first stands then."""
    joined, places = list[bytes](), list[int]()
    taken = 0
    for other in sorted(others):
        place = bisect_left(names, other)
        if place == len(names) or names[place] != other:
            places += range(len(joined), len(joined) + place - taken)
            joined += names[taken:place]
            joined.append(other)
            taken = place
    places += range(len(joined), len(joined) + len(names) - taken)
    joined += names[taken:]
    return joined, places


def _identities(
    older: History, newer: History, count: int, old_people: Sequence[int], new_people: Sequence[int]
) -> tuple[Identity, ...]:
    joined: list[Identity | None] = [None] * count
    for part, places in ((older, old_people), (newer, new_people)):
        for place, identity in zip(places, part.identities, strict=True):
            known = joined[place]
            joined[place] = identity if known is None else _one_identity(known, identity)
    return tuple(identity for identity in joined if identity is not None)


def _one_identity(older: Identity, newer: Identity) -> Identity:
    authored = [identity for identity in (older, newer) if identity.commits]
    return Identity(
        name=older.name,
        email=older.email,
        commits=older.commits + newer.commits,
        first_at=min((identity.first_at for identity in authored), default=0),
        last_at=max((identity.last_at for identity in authored), default=0),
        first_seen=min(older.first_seen, newer.first_seen),
        last_seen=max(older.last_seen, newer.last_seen),
    )


def _commits(
    part: History, which: Literal["line", "nested"], people: Sequence[int], paths: Sequence[int]
) -> Iterator[LineCommit]:
    commits = part.line if which == "line" else part.nested
    same_people, same_paths = _same_at_the_start(people) == len(people), _same_at_the_start(paths)
    for commit in commits:
        if same_people and commit.last_touched < same_paths:
            yield commit
            continue
        yield msgspec.structs.replace(
            commit,
            author=people[commit.author],
            merger=people[commit.merger] if commit.merger >= 0 else -1,
            # Both tables are sorted alike, so order within a commit stays.
            co_authors=tuple(people[person] for person in commit.co_authors),
            files=repack_files(commit.files, paths, same_paths),
        )


def _same_at_the_start(places: Sequence[int]) -> int:
    """Return of how many rows, from the first, the place is as it was. Rows only ever move to the end."""
    return bisect_left(range(len(places)), True, key=lambda row: places[row] != row)


def _authorship(
    parts: list[tuple[History, Sequence[int], Sequence[int]]], paths: int, deleted: Collection[int]
) -> Authorship:
    (older, old_people, old_paths), (newer, new_people, new_paths) = parts
    identities, places, commits, last_at = _columns(older, old_people, old_paths)
    if deleted:
        stays = [place not in deleted for place in places]
        identities, places, commits, last_at = (
            array("I", compress(column, stays)) for column in (identities, places, commits, last_at)
        )
    # Both tables are sorted alike, so the rows stay in order.
    pairs = array("Q", map(add, map(mul, identities, repeat(paths)), places))
    known = len(pairs)
    for identity, place, more, later in zip(*_columns(newer, new_people, new_paths), strict=True):
        pair = identity * paths + place
        row = bisect_left(pairs, pair, 0, known)
        if row < known and pairs[row] == pair:
            commits[row] += more
            last_at[row] = max(last_at[row], later)
            continue
        for column, value in zip(
            (pairs, identities, places, commits, last_at), (pair, identity, place, more, later), strict=True
        ):
            column.append(value)
    order = sorted(range(len(pairs)), key=pairs.__getitem__) if len(pairs) > known else range(known)
    return Authorship(
        identities=pack(map(identities.__getitem__, order)),
        paths=pack(map(places.__getitem__, order)),
        commits=pack(map(commits.__getitem__, order)),
        last_at=pack(map(last_at.__getitem__, order)),
    )


def _columns(part: History, people: Sequence[int], paths: Sequence[int]) -> "tuple[array[int], ...]":
    """Return the columns of an authorship: where its people and paths stand then, commits, moments."""
    table = part.authorship
    return (
        array("I", map(people.__getitem__, unpack(table.identities))),
        array("I", map(paths.__getitem__, unpack(table.paths))),
        unpack(table.commits),
        unpack(table.last_at),
    )
