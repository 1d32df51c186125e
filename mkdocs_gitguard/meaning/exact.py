"""What has the words of a question, for the command line: as the portal's search finds it, without the index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.portal.search.entries import ON_FORGE, inputs_of
from mkdocs_gitguard.portal.search.segments import STOP_WORDS
from mkdocs_gitguard.portal.search.text import folded, pieces_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mkdocs_gitguard.portal import Pages
    from mkdocs_gitguard.portal.search.segments import ChangeEntry, Entry, GroupInput

KINDS: Final[Mapping[str, str]] = {
    "r": "repository",
    "o": "organisation",
    "t": "team",
    "u": "person",
    "e": "e-mail address",
    "b": "bot",
    "p": "policy",
    "q": "rule",
    "v": "policy, folded",
    "h": "rule, helper",
    "w": "automation",
    "l": "list",
    "c": "pull request",
    "d": "decision",
}
"""By letter of the index what people call a kind, in the order in which hits that are as good stand."""
_PLACES: Final = {letter: place for place, letter in enumerate(KINDS)}


class Hit(NamedTuple):
    """Something that can be opened."""

    letter: str
    """Of its kind."""
    id: str
    """Node id; of a list its path."""
    label: str
    context: str
    url: str
    """Relative to the site, or absolute; `""`: it has none."""

    @property
    def kind(self) -> str:
        """What people call its kind."""
        return KINDS[self.letter]


class _Candidate(NamedTuple):
    hit: Hit
    names: tuple[str, ...]
    text: str
    weight: str


class Exact:
    """All that can be found in a portal by its words."""

    def __init__(self, pages: Pages) -> None:
        """Take what can be found."""
        self._candidates = [item for _, group in inputs_of(pages) for item in _candidates(group)]
        self.by_id = {candidate.hit.id: candidate.hit for candidate in self._candidates}
        """Every hit that there can be."""

    def find(self, question: str) -> list[Hit]:
        """Return what has all words of a question, the best first: named so, beginning so, with the words in a name."""
        asked = folded(question)
        words = [word for word in dict.fromkeys(words_of(question)) if word not in STOP_WORDS]
        if not asked:
            return []
        # Stable: of hits that are as good, the weightiest first.
        newest_first = sorted(self._candidates, key=lambda candidate: candidate.weight, reverse=True)
        ranked = [
            (how, _PLACES[candidate.hit.letter], len(candidate.hit.label), candidate.hit)
            for candidate in newest_first
            if (how := _how(candidate, asked, words)) is not None
        ]
        return [hit for *_, hit in sorted(ranked, key=lambda item: item[:3])]


def _how(candidate: _Candidate, asked: str, words: list[str]) -> int | None:
    """Return how well an entry fits, 0 the best; None: not at all."""
    names = [folded(name) for name in candidate.names]
    if asked in names or asked.removeprefix("@") in names:
        return 0
    if any(name.startswith(asked) for name in names):
        return 1
    named = _words(candidate.names)
    if words and _all_begin(words, named):
        return 2
    return 3 if words and _all_begin(words, named | _words([candidate.text])) else None


def _all_begin(words: list[str], there: set[str]) -> bool:
    return all(any(word.startswith(asked) for word in there) for asked in words)


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in (*words_of(text), *pieces_of(text))}


def _candidates(group: GroupInput) -> Iterator[_Candidate]:
    home = group.home
    for entry in (*([home.entry] if home is not None else []), *group.entries):
        yield _of_entry(entry, home.entry.label if home is not None and entry is not home.entry else "")
    if home is not None:
        repository = home.entry.id.partition(":")[2]
        for change in group.changes:
            yield _Candidate(
                Hit(
                    "c",
                    f"pull-request:{repository}/{change.number}",
                    f"#{change.number} {change.title}",
                    home.entry.label,
                    _url(change, group),
                ),
                (f"#{change.number}", f"{home.entry.label}#{change.number}", change.title),
                change.branch,
                change.at.isoformat(),
            )


def _of_entry(entry: Entry, repository: str) -> _Candidate:
    context = " · ".join(filter(None, (repository, entry.context)))
    hit = Hit(entry.kind, entry.id, entry.label, context, entry.url)
    return _Candidate(hit, (entry.label, *entry.names), entry.text, entry.weight.rjust(12, "0"))


def _url(change: ChangeEntry, group: GroupInput) -> str:
    home = group.home
    if home is None or (change.url and change.url != ON_FORGE):
        return change.url
    if change.url == ON_FORGE:
        return home.forge_change.replace("~", str(change.number))
    return f"{home.changes}{change.number}{home.changes_end}"
