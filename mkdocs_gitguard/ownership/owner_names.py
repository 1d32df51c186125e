"""Who the names in a CODEOWNERS file are: written names to owner ids, teams to their members."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from mkdocs_gitguard.model import Owner, name_of, node_id

_NO_ONE: Final[frozenset[str]] = frozenset()


class OwnerNames:
    """Resolves written owners of all repositories, and remembers those that no history knows.

    Logins and team names do not care about case; an owner that is written in two ways is one owner.
    """

    def __init__(
        self,
        owners: Iterable[Owner] = (),
        *,
        logins: Mapping[str, str] | None = None,
        emails: Mapping[str, str] | None = None,
        unseen: Mapping[str, Owner] | None = None,
    ) -> None:
        """Index the known owners.

        Args:
            owners: people and teams whom history knows.
            logins: owner id by login in small letters, beside the owners' own.
            emails: owner id by e-mail address in small letters.
            unseen: by id, those whom only the site's people file knows; they count once a CODEOWNERS file names them.
        """
        self._emails = emails or {}
        self._unseen = unseen or {}
        self._ids: dict[tuple[str, str], str] = {}
        self._by_login: dict[str, str] = dict(logins or {})
        self._teams: dict[str, str] = {}
        self._members: defaultdict[str, set[str]] = defaultdict(set)
        self._added: dict[str, Owner] = {}
        self._known: dict[str, Owner] = {}
        for owner in owners:
            self._known[owner.id] = owner
            if owner.type == "team":
                self._teams[name_of(owner.id).removeprefix("team/")] = owner.id
            for login in owner.logins:
                self._by_login.setdefault(login.lower(), owner.id)
            for team in owner.teams:
                self._members[team].add(owner.id)

    def resolve(self, written: str, repository: str) -> str:
        """Return the id of an owner as a CODEOWNERS file or a catalog writes it.

        Args:
            written: `@user`, `@organization/team`, `name@host`, or GitLab's `@@role`.
            repository: id of the repository it stands in: a role is that repository's own.
        """
        scope = repository if written.startswith("@@") else ""
        owner = self._ids.get((written, scope))
        if owner is None:
            owner = self._ids[written, scope] = self._find(written, scope)
        return owner

    def members(self, team: str) -> Collection[str]:
        """Return the ids of the people that the site's people file puts in a team."""
        return self._members.get(team, _NO_ONE)

    def is_bot(self, owner: str) -> bool:
        """Tell whether the owner is known for a bot."""
        known = self._known.get(owner)
        return known is not None and known.is_bot

    def is_group(self, owner: str) -> bool:
        """Tell whether the owner stands for several people."""
        known = self._known.get(owner) or self._added.get(owner)
        return known is not None and known.type == "team"

    def added(self) -> tuple[Owner, ...]:
        """Return the owners that were named and that history does not know, by id."""
        return tuple(sorted(self._added.values(), key=lambda owner: owner.id))

    def _find(self, written: str, scope: str) -> str:
        name = written.removeprefix("@").lower()
        if scope:
            role = written.lower().removesuffix("s")
            owner = Owner(
                id=node_id("owner", "team", name_of(scope), role), type="team", name=f"{role} of {name_of(scope)}"
            )
        elif not written.startswith("@"):
            owner = self._unseen.get(self._emails.get(name, "")) or Owner(
                id=self._emails.get(name) or node_id("owner", "email", name), type="email", name=written
            )
        elif "/" in name or name in self._teams:
            owner = Owner(
                id=self._teams.get(name) or node_id("owner", "team", *name.split("/")), type="team", name=written[1:]
            )
        else:
            known = self._by_login.get(name, "")
            owner = self._unseen.get(known) or Owner(
                id=known or node_id("owner", "user", name), type="user", name=written[1:], logins=(written[1:],)
            )
        if owner.id not in self._known:
            self._added.setdefault(owner.id, owner)
        return owner.id
