"""Logins that CODEOWNERS files name and no address in a commit bears: whose they probably are.

A contributor of the same repository counts as probably theirs if a name or the local part of an address is the login
without blanks, dots, hyphens and case, and if there is nobody else of whom that is true. Where the name or the address
is the very login, all who have it are one: a handle of several letters is not somebody else's. Whoever has another
login already is left alone, as is everybody of whom the site's people file knows a login.

Measured on logins that noreply addresses tell, with those addresses withheld: docs/people.md.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, Literal, NamedTuple

from mkdocs_gitguard.codeowners import CodeownersFile
from mkdocs_gitguard.late_pattern import late_pattern

Likeness = Literal["name", "address"]

_SOUGHT: Final = late_pattern(r"(?<!\S)@(?P<login>[A-Za-z0-9][A-Za-z0-9_.-]{0,99})(?=[\s#]|\Z)")
_BLANKS: Final = late_pattern(r"[\s.\-_]+")
_SHORTEST_NAME: Final = 4
_SHORTEST_ADDRESS: Final = 5
"""Letters from which on the local part of an address is a handle, and not a first name or initials."""
_SHORTEST_WITHOUT_DIGIT: Final = 6
_ROLES: Final = late_pattern(
    "admins?|contact|developers?|github|gitlab|hello|info|maintainers?|noreply|office|opensource|platform|security|"
    "support|team|webmaster"
)
"""Local parts and names that stand for a task."""


class Bearer(NamedTuple):
    """A name and an address in a repository's history, and the person whose they are."""

    name: str
    email: str
    root: str
    """Of the group that is one person."""


class Probable(NamedTuple):
    """That a login is probably somebody's."""

    login: str
    """As the file writes it."""
    root: str
    likeness: Likeness
    text: str
    """The name that is like it; `""` for an address, which is not shown."""


def sought_logins(files: Iterable[CodeownersFile]) -> tuple[str, ...]:
    """Return the logins that CODEOWNERS files name, as they write them, by login: comments left out."""
    logins: dict[str, str] = {}
    for file in files:
        for line in (file.data or b"").decode("utf-8", "replace").split("\n"):
            for match in _SOUGHT.finditer(line.partition(" #")[0] if not line.startswith("#") else ""):
                logins.setdefault(match["login"].lower(), match["login"])
    return tuple(logins[key] for key in sorted(logins))


def squeezed(text: str) -> str:
    """Return a name or login without blanks, dots, hyphens and case."""
    return _BLANKS.sub("", text).casefold()


def probable_logins(
    sought: Mapping[str, Collection[str]],
    bearers: Mapping[str, Iterable[Bearer]],
    is_free: Callable[[str], bool],
) -> list[tuple[Probable, ...]]:
    """Return for each login that somebody probably has who that is, by login; several are one person.

    Args:
        sought: by repository, the logins that nobody is known to have.
        bearers: by repository, whom its history knows, programs left out.
        is_free: whether a group (by root) has no login yet and may be given one.
    """
    candidates: defaultdict[str, dict[tuple[str, Likeness], Probable]] = defaultdict(dict)
    for repository, logins in sought.items():
        by_form: defaultdict[str, list[tuple[Bearer, Likeness]]] = defaultdict(list)
        for bearer in bearers.get(repository, ()):
            by_form[squeezed(bearer.name)].append((bearer, "name"))
            by_form[squeezed(bearer.email.partition("@")[0].partition("+")[0])].append((bearer, "address"))
        for login in logins:
            form = squeezed(login)
            for bearer, likeness in by_form.get(form, ()):
                if not _ROLES.fullmatch(form) and _is_long_enough(form, likeness):
                    text = bearer.name if likeness == "name" else ""
                    of_login = candidates[login.lower()]
                    known = of_login.get((bearer.root, likeness))
                    if known is None or _is_handle(text, login):
                        of_login[bearer.root, likeness] = Probable(login, bearer.root, likeness, text)
    settled = (_settled(candidates[login].values()) for login in sorted(candidates))
    free = [entries for entries in settled if entries and all(is_free(entry.root) for entry in entries)]
    wanted_by: defaultdict[str, set[str]] = defaultdict(set)
    for entries in free:
        for entry in entries:
            wanted_by[entry.root].add(entry.login.lower())
    # Of whom two logins would be true, neither is sure enough.
    return [entries for entries in free if all(len(wanted_by[entry.root]) == 1 for entry in entries)]


def _is_long_enough(form: str, likeness: Likeness) -> bool:
    if likeness == "name":
        return len(form) >= _SHORTEST_NAME
    has_digit = any(letter.isdigit() for letter in form)
    return len(form) >= (_SHORTEST_ADDRESS if has_digit else _SHORTEST_WITHOUT_DIGIT)


def _is_handle(name: str, login: str) -> bool:
    return name.casefold() == login.casefold()


def _settled(candidates: Iterable[Probable]) -> tuple[Probable, ...]:
    """Return those who are one person, the surest likeness of each; none where it may be one or the other."""
    by_root: dict[str, Probable] = {}
    for entry in sorted(candidates, key=lambda one: (one.root, one.likeness != "name")):
        by_root.setdefault(entry.root, entry)
    whole_names = [entry for entry in by_root.values() if entry.text and not _is_handle(entry.text, entry.login)]
    if len(whole_names) > 1:
        return ()
    return tuple(by_root.values())
