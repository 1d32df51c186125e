"""Writes the search index of a site: only the files whose content has changed.

A group that is as it was is not looked at. Of the others, what they put into the tables is compared with what they put
there the last time; the runs in which the difference stands are read back, changed and parted again. That gives the
bytes of an index that is made anew, because a run is made of its own keys alone. Whatever is in doubt (no memory, a
file that is not as it was left, another list of repositories) makes the whole index again.
"""

import os
import shutil
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.portal.search import memory as memories
from mkdocs_gitguard.portal.search.memory import IndexMemory, RememberedGroup
from mkdocs_gitguard.portal.search.segments import Group, TableName, changed_keys
from mkdocs_gitguard.portal.search.shards import (
    GROUP_DIGITS,
    RUNS,
    Shard,
    as_script,
    content_of,
    joined,
    number_of,
    separators,
    shards_of,
)
from mkdocs_gitguard.state.file_state import FileState, state_in, state_of
from mkdocs_gitguard.state.file_state import content_of as content_at

SEARCH_ROOT: Final = "assets/gitguard/search"
"""Under the site. All in it belongs to the index."""
DIRECTORY: Final = "index.js"
"""Tells which file holds which keys: the first thing that a browser reads."""
FORMAT: Final = 1
_ENDING: Final = ".js"

Change = Mapping[str, str | None]
"""By group, the unit that a key has now; None: none any more."""


class Indexed(NamedTuple):
    """What a build did to the index, counted in files."""

    kept: int
    written: int
    deleted: int


def write_index(
    groups: Callable[[], Sequence[Group]],
    folder: Path,
    *,
    whole: bytes,
    epoch: str,
    memory: Path,
    places: Mapping[str, str],
) -> Indexed:
    """Write the index of a site.

    Args:
        groups: gives what is to be in it; not asked where nothing has changed.
        folder: of the index alone: other files in it are deleted.
        whole: digest of all that the groups are made of.
        epoch: digest of the code; with another one everything is made again.
        memory: file that keeps what this build must know of the last one.
        places: what the directory says of other indexes, see docs/search.md.

    Raises:
        OSError: the folder cannot be written.
    """
    there = _states(folder)
    last = memories.load(memory, folder, epoch)
    if last is not None and last.files != there:
        last = None
    if last is not None and last.whole == whole:
        return Indexed(len(last.files), 0, 0)
    members = groups()
    if last is not None and list(last.groups) == [group.id for group in members]:
        kept_groups, files, tables = _patched(members, last, folder)
    else:
        kept_groups, files, tables = _made(members)
    directory = {
        "format": FORMAT,
        **places,
        "tables": {table: _listed(shards) for table, shards in tables.items()},
    }
    files[DIRECTORY] = as_script(DIRECTORY.removesuffix(_ENDING), directory)
    wanted = {DIRECTORY, *(f"{shard.name}{_ENDING}" for shards in tables.values() for shard in shards)}
    written = _write(folder, {name: data for name, data in files.items() if name in wanted})
    gone = there.keys() - wanted
    for name in gone:
        _remove(folder / name)
    left = {name: state_of(folder / name) if name in written else there[name] for name in sorted(wanted)}
    memories.save(
        memories.remember(
            folder,
            epoch=epoch,
            whole=whole,
            groups=kept_groups,
            tables=tables,
            files={name: state for name, state in left.items() if state is not None},
        ),
        memory,
    )
    return Indexed(len(wanted) - len(written), len(written), len(gone))


class _Index(NamedTuple):
    groups: dict[str, RememberedGroup]
    files: dict[str, bytes]
    """By name, those that are made."""
    tables: dict[TableName, tuple[Shard, ...]]


def _made(groups: Sequence[Group]) -> _Index:
    tables: dict[TableName, defaultdict[str, list[str]]] = {table: defaultdict(list) for table in RUNS}
    remembered: dict[str, RememberedGroup] = {}
    for place, group in enumerate(groups):
        number, segment = number_of(place), group.make()
        for table, keys in segment.items():
            content = tables[table]
            for key, value in keys.items():
                content[_key(table, number, key)].append(number + value)
        remembered[group.id] = RememberedGroup(group.digest, memories.packed(segment))
    files: dict[str, bytes] = {}
    shards: dict[TableName, tuple[Shard, ...]] = {}
    for table, keys_of_all in tables.items():
        made = list(shards_of(table, sorted(keys_of_all.items())))
        shards[table] = tuple(shard for shard, _ in made)
        files.update((f"{shard.name}{_ENDING}", data) for shard, data in made)
    return _Index(remembered, files, shards)


def _patched(groups: Sequence[Group], last: IndexMemory, folder: Path) -> _Index:
    changes: dict[TableName, defaultdict[str, dict[str, str | None]]] = {table: defaultdict(dict) for table in RUNS}
    remembered: dict[str, RememberedGroup] = {}
    for place, group in enumerate(groups):
        before = last.groups[group.id]
        if before.digest == group.digest:
            remembered[group.id] = before
            continue
        number, segment = number_of(place), group.make()
        for table, keys in changed_keys(memories.unpacked(before.segment), segment).items():
            for key, value in keys.items():
                unit = None if value is None else number + value
                changes[table][_key(table, number, key)][number] = unit
        remembered[group.id] = RememberedGroup(group.digest, memories.packed(segment))
    files: dict[str, bytes] = {}
    tables: dict[TableName, tuple[Shard, ...]] = {}
    for table, changed in changes.items():
        made, tables[table] = _patched_table(table, changed, last.tables[table], folder)
        files.update(made)
    return _Index(remembered, files, tables)


def _patched_table(
    table: TableName, changes: Mapping[str, Change], shards: Sequence[Shard], folder: Path
) -> tuple[dict[str, bytes], tuple[Shard, ...]]:
    """Return the files of a table that have to be made, and all that it has then."""
    runs = _runs(shards)
    contents, merged = _changed_runs(runs, changes, folder)
    files: dict[str, bytes] = {}
    after: list[Shard] = []
    for place, run in enumerate(runs):
        if place in merged:
            continue
        if place not in contents:
            after += run
            continue
        for shard, data in shards_of(table, sorted(contents[place].items())):
            after.append(shard)
            files[f"{shard.name}{_ENDING}"] = data
    return files, tuple(after)


def _changed_runs(
    runs: Sequence[Sequence[Shard]], changes: Mapping[str, Change], folder: Path
) -> tuple[dict[int, dict[str, list[str]]], set[int]]:
    """Return the content of each run that is not as it was, by place, and which of them go on in the run before."""
    firsts = [run[0].first if run else "" for run in runs]
    by_run: defaultdict[int, dict[str, Change]] = defaultdict(dict)
    for key, change in changes.items():
        by_run[max(0, bisect_right(firsts, key) - 1)][key] = change
    contents: dict[int, dict[str, list[str]]] = {}

    def content(place: int) -> dict[str, list[str]]:
        if place not in contents:
            files = (folder / f"{shard.name}{_ENDING}" for shard in runs[place])
            contents[place] = joined(content_of(file.read_bytes()) for file in files)
        return contents[place]

    merged: set[int] = set()
    # From behind: a run that has lost the key that began it goes on in the one before it.
    for place in range(len(runs) - 1, -1, -1):
        if place in by_run:
            _apply(content(place), by_run[place])
        if place > 0 and place in contents and firsts[place] not in contents[place]:
            content(place - 1).update(contents[place])
            merged.add(place)
    return contents, merged


def _runs(shards: Sequence[Shard]) -> list[list[Shard]]:
    """Return the files of a table by runs; of an empty table one run without files."""
    runs: list[list[Shard]] = [[]]
    for shard in shards:
        if shard.begins_run and runs[-1]:
            runs.append([])
        runs[-1].append(shard)
    return runs


def _apply(content: dict[str, list[str]], changes: Mapping[str, Change]) -> None:
    for key, change in changes.items():
        units = {unit[:GROUP_DIGITS]: unit for unit in content.get(key, ())}
        for group, unit in change.items():
            if unit is None:
                units.pop(group, None)
            else:
                units[group] = unit
        if units:
            content[key] = [unit for _, unit in sorted(units.items())]
        else:
            content.pop(key, None)


def _key(table: TableName, number: str, key: str) -> str:
    return number + key if table == "records" else key


def _listed(shards: Sequence[Shard]) -> list[str]:
    """Return where each file of a table begins, and its name after its table's."""
    listed: list[str] = []
    for shard, separator in zip(shards, separators(shards), strict=True):
        listed += (separator, shard.name.rpartition("-")[2])
    return listed


def _states(folder: Path) -> dict[str, FileState]:
    try:
        with os.scandir(folder) as entries:
            return {entry.name: state_in(entry.stat(follow_symlinks=False)) for entry in entries}
    except FileNotFoundError:
        return {}


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink()


def _write(folder: Path, files: Mapping[str, bytes]) -> set[str]:
    """Write those files that are not there with the same bytes, and return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    written: set[str] = set()
    for name, data in files.items():
        place = folder / name
        if content_at(place) == data:
            continue
        if place.is_symlink() or place.is_dir():
            _remove(place)
        place.write_bytes(data)
        written.add(name)
    return written
