"""Git's .mailmap: which names and addresses stand for which others (https://git-scm.com/docs/gitmailmap)."""

import re
from typing import Final, NamedTuple

_ENTRY: Final = re.compile(
    r"\A\s*(?P<name>[^<]*?)\s*<(?P<email>[^<>]*)>(?:\s*(?P<old_name>[^<]*?)\s*<(?P<old_email>[^<>]*)>)?"
)


class _Proper(NamedTuple):
    name: str
    email: str


class Mailmap:
    """Maps what commits say to what their authors want to be called."""

    def __init__(self, text: str) -> None:
        """Read the text of a .mailmap. As in git, a line that is no entry is passed over."""
        self._by_email: dict[str, _Proper] = {}
        self._by_both: dict[tuple[str, str], _Proper] = {}
        for line in text.splitlines():
            # Git takes a `#` for a comment only at the line's start.
            entry = None if line.startswith("#") else _ENTRY.match(line)
            if entry is None:
                continue
            name, email = entry["name"], entry["email"].strip()
            if entry["old_email"] is None:
                # `Proper Name <commit@email>`
                if name:
                    self._set_email(email, _Proper(name, ""))
                continue
            old_name, old_email = entry["old_name"] or "", entry["old_email"].strip()
            if old_name:
                self._by_both[old_name.lower(), old_email.lower()] = _Proper(name, email)
            else:
                self._set_email(old_email, _Proper(name, email))

    def _set_email(self, email: str, proper: _Proper) -> None:
        # A later line adds to an earlier one: it may give only the name, or only the address.
        known = self._by_email.get(email.lower(), _Proper("", ""))
        self._by_email[email.lower()] = _Proper(proper.name or known.name, proper.email or known.email)

    def proper(self, name: str, email: str) -> tuple[str, str]:
        """Return the name and address that stand for those of a commit; the same ones where no entry matches."""
        found = self._by_both.get((name.lower(), email.lower())) or self._by_email.get(email.lower())
        return (found.name or name, found.email or email) if found else (name, email)
