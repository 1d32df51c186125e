"""Who to ask about a path: the files that a browser reads to answer for one repository.

`rules.json` holds the rules of the CODEOWNERS file in the order of precedence, each as a regular expression, and who is
named. The shards hold what each file and folder of the head has beside that: who changed it in the last year, and the
latest pull requests there. A file stands in the shard of its folder, a folder in its own; which one that is, `shard_of`
tells here and in `assets/who_to_ask.js`.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from mkdocs_gitguard.codeowners import OwnerRule
from mkdocs_gitguard.codeowners.from_rules import ruleset_from
from mkdocs_gitguard.codeowners.script_pattern import script_pattern
from mkdocs_gitguard.model import file_url, path_of, pull_request_url
from mkdocs_gitguard.model.printable import original
from mkdocs_gitguard.words import day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from mkdocs_gitguard.codeowners import Dialect, Ruleset
    from mkdocs_gitguard.model import Graph, Ownership, OwnershipRule, PathRules, PullRequest, Repository
    from mkdocs_gitguard.portal.now import Now
    from mkdocs_gitguard.portal.portal import Portal

ROOT: Final = "assets/gitguard/paths"
"""Under the site: a folder for each repository, as `path_of` writes its name."""
_IN_SHARD: Final = 1_500
"""Files and folders, some 100 KB."""
_LATEST: Final = 3
_AUTHORS_OF_FOLDER: Final = 5
_SETS_OF_FOLDER: Final = 10
"""Sets of owners that a folder's answer tells apart."""
_YEAR: Final = 365
_NUMBER: Final = 111_111_111
"""Stands in a URL for a number that the browser puts there."""


def folder_of(repository: str) -> str:
    """Return the folder of a repository's files, by its id, relative to the site."""
    return f"{ROOT}/{path_of(repository)}"


def shard_of(folder: str, shards: int) -> int:
    """Return the number of the shard that a folder and its files stand in: FNV-1a of 32 bits."""
    value = 0x811C9DC5
    for byte in folder.encode("utf-8", "surrogatepass"):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value % shards


def ruleset_of(ownership: Ownership | PathRules) -> Ruleset:
    """Return the ruleset of a repository's CODEOWNERS file, with owner ids for owners."""
    return _ruleset(ownership.dialect, ownership.rules)


@lru_cache(64)
def _ruleset(dialect: Dialect, rules: tuple[OwnershipRule, ...]) -> Ruleset:
    return ruleset_from(
        dialect,
        (
            OwnerRule(
                pattern=rule.pattern,
                owners=rule.owners,
                line=rule.line,
                section=rule.section,
                is_exclusion=rule.is_exclusion,
                is_negated=rule.is_negated,
            )
            for rule in rules
        ),
    )


def kept_answers(
    portal: Portal, graph: Graph, repository: Repository, ownership: Ownership, *, page_of: Callable[[str], str]
) -> Mapping[str, str]:
    """Return the content of each file of a repository by its name, as it was kept where it is made of the same.

    Args:
        portal: says what is kept, and the moment.
        graph: the portal's, or what stands in its place.
        repository: whose paths they are.
        ownership: its code owners.
        page_of: the URL of an owner's page, relative to the site.
    """
    now, kept = portal.now, portal.options.kept_answers
    changes = graph.pull_requests.get(repository.id, ())
    owners = {share.owner for share in ownership.owners} | {change.author for change in changes if change.author}
    owners |= {author.owner for file in repository.files for author in file.authors}
    owners |= {file.last_author for file in repository.files if file.last_author}
    people = [_person(graph, now, owner, page_of) for owner in sorted(owners)]
    made_of = (portal.options.epoch, now.today(), repository, ownership, changes, people)
    key = hashlib.sha256(msgspec.msgpack.encode(made_of)).hexdigest()
    text = kept.get(key)
    if text is not None:
        # Written by this program alone; what is torn is made again.
        with suppress(msgspec.MsgspecError):
            return msgspec.json.decode(text, type=dict[str, str])
    made = {name: data.decode() for name, data in answers(graph, now, repository, ownership, page_of=page_of)}
    kept[key] = msgspec.json.encode(made).decode()
    return made


class _Names:
    """Numbers owners in the order in which they are first named."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def of(self, owner: str) -> int:
        return self.numbers.setdefault(owner, len(self.numbers))


class _Folder(NamedTuple):
    """What is counted of a folder, at any depth."""

    owners: Counter[tuple[str, ...]]
    authors: dict[str, list[Any]]
    """Owner id to how many files they changed in the last year, and the last day."""
    pull_requests: list[int]


def answers(
    graph: Graph, now: Now, repository: Repository, ownership: Ownership, *, page_of: Callable[[str], str]
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file of a repository.

    Args:
        graph: of the snapshot.
        now: the moment of the build.
        repository: whose paths they are.
        ownership: its code owners.
        page_of: the URL of an owner's page, relative to the site.
    """
    names = _Names()
    ruleset = ruleset_of(ownership)
    rules = [
        {
            "line": rule.line,
            "pattern": rule.pattern,
            "expression": script_pattern(ownership.dialect, rule),
            "owners": [names.of(owner) for owner in rule.owners],
            **({"section": rule.section} if rule.section else {}),
            **({"exclusion": True} if rule.is_exclusion else {}),
            **({"negated": True} if rule.is_negated else {}),
        }
        for rule in ruleset.rules
    ]
    files = _files(repository, now)
    latest = _latest(graph.pull_requests.get(repository.id, ()), files)
    folders = _folders(ruleset, files, latest, graph.pull_requests.get(repository.id, ()))
    number_of_shards = 1
    while number_of_shards * _IN_SHARD < len(files) + len(folders):
        number_of_shards *= 2
    shards: list[dict[str, Any]] = [{"files": {}, "folders": {}, "pulls": {}} for _ in range(number_of_shards)]
    changes = {change.number: change for change in graph.pull_requests.get(repository.id, ())}

    def put(kind: str, path: str, folder: str, value: dict[str, Any], pulls: Iterable[int]) -> None:
        shard = shards[shard_of(folder, number_of_shards)]
        shard[kind][path] = value
        for number in pulls:
            change = changes[number]
            author = [names.of(change.author)] if change.author else []
            shard["pulls"][str(number)] = [change.title, day(change.merged_at), *author]

    last = {
        file.path: (file.last_author, day(file.last_at))
        for file in repository.files
        if file.last_author and file.last_at is not None
    }
    for path, authors in files.items():
        value = {"by": [[names.of(owner), *rest] for owner, *rest in authors], "pulls": latest.get(path, [])}
        if not authors and path in last:
            author, moment = last[path]
            value["last"] = [names.of(author), moment]
        put("files", path, path.rpartition("/")[0], value, latest.get(path, ()))
    for path, folder in folders.items():
        ranked = sorted(folder.authors.items(), key=lambda item: (-item[1][0], item[0]))[:_AUTHORS_OF_FOLDER]
        sets = sorted(folder.owners.items(), key=lambda item: (-item[1], item[0]))
        value = {
            "files": folder.owners.total(),
            "owners": [[[names.of(owner) for owner in owners], count] for owners, count in sets[:_SETS_OF_FOLDER]],
            "more": max(0, len(sets) - _SETS_OF_FOLDER),
            "by": [[names.of(owner), *counts] for owner, counts in ranked],
            "pulls": folder.pull_requests,
        }
        put("folders", path, path, value, folder.pull_requests)
    for number, shard in enumerate(shards):
        yield f"{number}.json", _encoded(shard)
    forge, head = repository.forge, repository.head
    document = {
        "repository": f"{repository.namespace}/{repository.name}",
        "file": ownership.path,
        "dialect": ownership.dialect,
        "line": _pattern(file_url(forge, head, ownership.path, _NUMBER)) if ownership.path else "",
        "pull": _pattern(pull_request_url(forge, _NUMBER)),
        "shards": number_of_shards,
        "owners": [_person(graph, now, owner, page_of) for owner in names.numbers],
        "rules": rules,
    }
    yield "rules.json", _encoded(document)


def _encoded(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def _pattern(url: str) -> str:
    return url.replace(str(_NUMBER), "{}")


def _person(graph: Graph, now: Now, owner: str, page_of: Callable[[str], str]) -> list[str]:
    """Return name, page and state of an owner; of a program, and of one whose record is missing, no state."""
    record = graph.owners.get(owner)
    name = graph.labels.get(owner, owner)
    if record is None:
        return [name, "", ""]
    members = [graph.owners[member] for member in graph.others(owner, "has_member") if member in graph.owners]
    state = now.state_of(record, members)
    shown = (
        "bot" if record.is_bot else "has left" if record.is_alumnus else "unknown" if state == "unresolved" else state
    )
    return [name, page_of(owner), shown]


def _files(repository: Repository, now: Now) -> dict[str, list[list[Any]]]:
    """Return by path who changed it in the last year: owner, how often, last day."""
    return {
        file.path: [
            [author.owner, author.changes, day(author.last_at)]
            for author in file.authors
            if not now.is_over(_YEAR, author.last_at)
        ]
        for file in repository.files
    }


def _latest(changes: Sequence[PullRequest], files: Mapping[str, object]) -> dict[str, list[int]]:
    """Return by path of the head the numbers of its latest pull requests, newest first."""
    latest: dict[str, list[int]] = {}
    for change in changes:
        for file in change.files:
            if file.path in files:
                numbers = latest.setdefault(file.path, [])
                if len(numbers) < _LATEST:
                    numbers.append(change.number)
    return latest


def _folders(
    ruleset: Ruleset,
    files: Mapping[str, list[list[Any]]],
    latest: Mapping[str, list[int]],
    changes: Sequence[PullRequest],
) -> dict[str, _Folder]:
    folders: defaultdict[str, _Folder] = defaultdict(lambda: _Folder(Counter(), {}, []))
    for (path, authors), match in zip(files.items(), ruleset.match_many(map(original, files)), strict=True):
        for folder in _above(path):
            counted = folders[folder]
            counted.owners[match.owners] += 1
            for owner, _, last in authors:
                of_author = counted.authors.setdefault(owner, [0, ""])
                of_author[0] += 1
                of_author[1] = max(of_author[1], last)
    place = {change.number: number for number, change in enumerate(changes)}
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for path, of_path in latest.items():
        for folder in _above(path):
            numbers[folder].update(of_path)
    for folder, of_folder in numbers.items():
        folders[folder].pull_requests.extend(sorted(of_folder, key=lambda number: place[number])[:_LATEST])
    return dict(folders)


def _above(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the root last."""
    while path:
        path = path.rpartition("/")[0]
        yield path
