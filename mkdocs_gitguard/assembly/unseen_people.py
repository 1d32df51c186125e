"""People whom only the site's people file knows: they count once a CODEOWNERS file names them."""

from collections.abc import Iterable

from mkdocs_gitguard.assembly.identities import Roster, team_id
from mkdocs_gitguard.assembly.people_file import Person
from mkdocs_gitguard.model import Owner


def unseen(people: Iterable[Person], roster: Roster) -> dict[str, Owner]:
    """Return those whom only the people file knows, by the id that a CODEOWNERS file would resolve to."""
    owners: dict[str, Owner] = {}
    for person in people:
        owner = _owner_id(roster, person)
        if owner and owner not in roster.owners:
            logins = tuple(filter(None, (person.login, *person.logins)))
            owners[owner] = Owner(
                id=owner,
                type="user",
                name=person.name or (logins[0] if logins else person.emails[0]),
                logins=logins,
                is_alumnus=person.alumni,
                teams=tuple(sorted(map(team_id, person.teams))),
            )
    return owners


def _owner_id(roster: Roster, person: Person) -> str:
    for login in filter(None, (person.login, *person.logins)):
        if owner := roster.by_login.get(login.lower()):
            return owner
    return next((owner for email in person.emails if (owner := roster.by_email.get(email.lower()))), "")
