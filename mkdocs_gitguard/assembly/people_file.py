"""The site's people file: who is who, who is in which team, who has left.

people:
  - login: mira
    name: Mira Hansen
    emails: [mira@acme.example, mira.hansen@old.example]
    logins: [mhansen]
    teams: [acme/platform]
    alumni: false
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import yaml

from mkdocs_gitguard.bounded_yaml import BoundsError, compose_documents
from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.model import Record

_KEYS: Final = ("login", "name", "emails", "logins", "teams", "alumni")
_UNDER_PEOPLE: Final = "Begin the file with the line `people:`, and put a list of people under it."
_LISTS: Final = frozenset(["emails", "logins", "teams"])


class Person(Record, frozen=True, kw_only=True):
    """One entry of the people file."""

    login: str = ""
    """Main login; `""` for somebody without one, who is then found by address."""
    name: str = ""
    emails: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    """Other logins."""
    teams: tuple[str, ...] = ()
    """`organization/team`."""
    alumni: bool = False


@lru_cache(maxsize=1)
def parse_people(text: str, source: str) -> tuple[Person, ...]:
    """Return the people of a people file, in its order.

    Args:
        text: YAML.
        source: what messages call the file.

    Raises:
        ParseError: the file is not as described above; the message names the line.
    """
    try:
        roots = list(compose_documents(text))
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        line = place.line + 1 if place else 1
        problem = str(error) if isinstance(error, BoundsError) else getattr(error, "problem", None) or "it is not YAML"
        raise ParseError(f"{source}:{line}: {problem}.", hint="Fix the YAML.") from error
    if not roots:
        return ()
    if len(roots) > 1:
        raise ParseError(f"{source}:{_line(roots[1])}: a second document begins.", hint="Write all people in one.")
    [root] = roots
    if not isinstance(root, yaml.MappingNode):
        raise ParseError(f"{source}:{_line(root)}: the people do not stand under `people:`.", hint=_UNDER_PEOPLE)
    people = dict(_pairs(root, source, "The file")).get("people")
    if people is None:
        raise ParseError(f"{source}:1: there is no key `people`.", hint=_UNDER_PEOPLE)
    seen: dict[str, int] = {}
    result: list[Person] = []
    for node in _items(people, source, "people"):
        person = _person(node, source)
        line = _line(node)
        for word in (person.login, *person.logins, *person.emails):
            key = word.lower()
            if not key:
                continue
            if key in seen:
                raise ParseError(
                    f"{source}:{line}: {word!r} stands in line {seen[key]} too.", hint="Give it to one person only."
                )
            seen[key] = line
        result.append(person)
    return tuple(result)


def _person(node: Any, source: str) -> Person:
    values: dict[str, Any] = {}
    for key, value in _pairs(node, source, "A person"):
        if key not in _KEYS:
            raise ParseError(f"{source}:{_line(value)}: unknown key {key!r}.", hint=f"Use one of: {', '.join(_KEYS)}.")
        if key in _LISTS:
            values[key] = tuple(_string(item, source, key) for item in _items(value, source, key))
        elif key == "alumni":
            text = _string(value, source, key)
            if text.lower() not in ("true", "false"):
                raise ParseError(f"{source}:{_line(value)}: alumni is {text!r}.", hint="Write true or false.")
            values[key] = text.lower() == "true"
        else:
            values[key] = _string(value, source, key)
    for key in ("login", "logins", "teams"):
        if key in values:
            plain = values[key].removeprefix("@") if key == "login" else tuple(x.removeprefix("@") for x in values[key])
            values[key] = plain
    person = Person(**values)
    if not (person.login or person.emails):
        raise ParseError(
            f"{source}:{_line(node)}: the person has neither a login nor an e-mail address.",
            hint="Give one, or nothing can match.",
        )
    return person


def _pairs(node: Any, source: str, what: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(node, yaml.MappingNode):
        raise ParseError(f"{source}:{_line(node)}: {what} is not a mapping.", hint="Write `key: value` lines.")
    for key, value in node.value:
        yield _string(key, source, "a key"), value


def _items(node: Any, source: str, what: str) -> list[Any]:
    # A key with comments alone below it: what a draft is before its guesses are taken up.
    if isinstance(node, yaml.ScalarNode) and not node.value and not node.style:
        return []
    if not isinstance(node, yaml.SequenceNode):
        raise ParseError(f"{source}:{_line(node)}: {what} is not a list.", hint="Write one `- ` line each, or [a, b].")
    return list(node.value)


def _string(node: Any, source: str, what: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise ParseError(f"{source}:{_line(node)}: {what} is not a text.", hint="Write one value.")
    return str(node.value).strip()


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1
