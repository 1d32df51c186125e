"""The people of an organisation that does not exist."""

import random
from typing import Final, NamedTuple

TEAMS: Final = ("platform", "payments", "identity", "search", "data", "mobile", "web", "security", "infra", "docs")
_FIRST: Final = (
    "Mira",
    "Ola",
    "Ines",
    "Tomas",
    "Aiko",
    "Bram",
    "Chidi",
    "Dana",
    "Elif",
    "Farid",
    "Greta",
    "Hugo",
    "Ida",
    "Jonas",
    "Kemi",
    "Lars",
    "Maya",
    "Nils",
    "Oona",
    "Piotr",
)
_LAST: Final = (
    "Hansen",
    "Nord",
    "Silva",
    "Novak",
    "Tanaka",
    "Vries",
    "Okafor",
    "Levi",
    "Demir",
    "Amini",
    "Holm",
    "Meyer",
    "Berg",
    "Adeyemi",
    "Rossi",
    "Kim",
    "Costa",
    "Lind",
)
_HIDDEN: Final = 0.3
_LEFT: Final = 0.05


class Person(NamedTuple):
    """Somebody of the organisation; `team` is one of `TEAMS`, without the organisation's name."""

    name: str
    login: str
    email: str
    team: str
    has_left: bool


def people(seed: int, count: int) -> list[Person]:
    """Return the people of a large organisation; one in twenty has left, three in ten hide their address.

    Args:
        seed: the same seed gives the same people.
        count: how many.
    """
    dice = random.Random(f"{seed} people")
    staff = []
    for number in range(count):
        first, last = _FIRST[number % len(_FIRST)], _LAST[(number // len(_FIRST) + number) % len(_LAST)]
        name = f"{first} {last}" if number < len(_FIRST) * len(_LAST) else f"{first} {last} {number}"
        login = f"{first}{last}{number}".lower()
        host = "users.noreply.github.com" if dice.random() < _HIDDEN else "acme.example"
        email = f"{1000 + number}+{login}@{host}" if host.startswith("users") else f"{login}@{host}"
        staff.append(Person(name, login, email, TEAMS[number % len(TEAMS)], dice.random() < _LEFT))
    return staff


def _of(team: str, *names: str, left: str = "", hidden: str = "") -> list[Person]:
    staff = []
    for name in names:
        login = name.replace(" ", "").lower()
        email = (
            f"{login}@users.noreply.github.com" if name == hidden else f"{name.partition(' ')[0].lower()}@acme.example"
        )
        staff.append(Person(name, login, email, team, name == left))
    return staff


CAST: Final = (
    *_of("platform", "Mira Hansen", "Ola Nord"),
    *_of("payments", "Ines Silva", "Tomas Novak", "Aiko Tanaka", hidden="Aiko Tanaka"),
    *_of("identity", "Chidi Okafor", "Dana Levi", "Bram Meyer", left="Bram Meyer"),
    *_of("web", "Elif Demir", "Farid Amini"),
    *_of("mobile", "Greta Holm", "Hugo Vries"),
    *_of("data", "Ida Berg", "Jonas Kim"),
    *_of("security", "Kemi Adeyemi", "Lars Lind"),
    *_of("docs", "Maya Costa", "Nils Rossi"),
)
"""Who works at Acme. Bram Meyer has left, and still owns what he owned."""
