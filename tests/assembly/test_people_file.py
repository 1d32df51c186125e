"""The people file, right and wrong."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.assembly.people_file import Person, parse_people
from mkdocs_gitguard.errors import ParseError

WHOLE = """\
people:
  - login: "@mira"
    name: Mira Hansen
    emails: [mira@acme.example, mira@old.example]
    logins: [mhansen]
    teams: ["@acme/platform"]
  - emails: [ola@acme.example]
    alumni: true
"""


def test_a_whole_file() -> None:
    assert parse_people(WHOLE, "people.yml") == (
        Person(
            login="mira",
            name="Mira Hansen",
            emails=("mira@acme.example", "mira@old.example"),
            logins=("mhansen",),
            teams=("acme/platform",),
        ),
        Person(emails=("ola@acme.example",), alumni=True),
    )


def test_an_empty_file_is_nobody() -> None:
    assert parse_people("", "people.yml") == ()
    assert parse_people("people: []\n", "people.yml") == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("people: [", r"people\.yml:\d+: "),
        ("- login: mira\n", r"people\.yml:1: the people do not stand under `people:`"),
        ("persons: []\n", r"people\.yml:1: there is no key `people`"),
        ("people: mira\n", r"people\.yml:1: people is not a list"),
        ("people:\n  - mira\n", r"people\.yml:2: A person is not a mapping"),
        ("people:\n  - login: mira\n    mail: x\n", r"people\.yml:3: unknown key 'mail'"),
        ("people:\n  - login: [mira]\n", r"people\.yml:2: login is not a text"),
        ("people:\n  - login: mira\n    emails: x@y\n", r"people\.yml:3: emails is not a list"),
        ("people:\n  - login: mira\n    alumni: maybe\n", r"people\.yml:3: alumni is 'maybe'"),
        ("people:\n  - name: Mira\n", r"people\.yml:2: the person has neither"),
        ("people:\n  - login: mira\n  - logins: [Mira]\n    login: m\n", r"people\.yml:3: 'Mira' stands in line 2"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, says: str) -> None:
    with pytest.raises(ParseError, match=says):
        parse_people(text, "people.yml")


@settings(deadline=None)
@given(st.text(max_size=200) | st.text(alphabet="people: -[]{}\n&*!|>\"'#,login", max_size=80))
def test_no_text_ends_in_anything_but_people_or_an_error(text: str) -> None:
    people: tuple[Person, ...] = ()
    with suppress(ParseError):
        people = parse_people(text, "people.yml")
    assert all(person.login or person.emails for person in people)


def test_a_list_with_comments_alone_is_empty() -> None:
    assert parse_people("people:\n  # - login: mira\n", "people.yml") == ()
    (person,) = parse_people("people:\n  - login: mira\n    emails:\n", "people.yml")
    assert person.emails == ()
