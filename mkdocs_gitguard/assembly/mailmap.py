"""Git's .mailmap: which names and addresses stand for which others (https://git-scm.com/docs/gitmailmap)."""

from typing import Final, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern

_ENTRY: Final = late_pattern(r"(?P<name>[^<]*)<(?P<email>[^>]+)>(?:(?P<old_name>[^<]*)<(?P<old_email>[^>]*)>)?")
_ASCII_SMALL: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def _small(text: str) -> str:
    """Return ASCII letters small and all else as it is: git compares with strcasecmp in the C locale."""
    return text.translate(_ASCII_SMALL)


class _Proper(NamedTuple):
    name: str
    email: str


class Mailmap:
    """Maps what commits say to what their authors want to be called."""

    def __init__(self, text: str) -> None:
        """Read the text of a .mailmap. As in git, a line that is not an entry is passed over."""
        self._by_email: dict[str, _Proper] = {}
        self._by_both: dict[tuple[str, str], _Proper] = {}
        for line in text.split("\n"):
            # Git takes a `#` for a comment only at the line's start.
            entry = None if line.startswith("#") else _ENTRY.match(line)
            if entry is None:
                continue
            name, email = entry["name"].strip(), entry["email"]
            if entry["old_email"] is None:
                # `Proper Name <commit@email>`
                self._set_email(email, _Proper(name, ""))
                continue
            old_name, old_email = (entry["old_name"] or "").strip(), entry["old_email"]
            if old_name:
                self._by_both[_small(old_name), _small(old_email)] = _Proper(name, email)
            else:
                self._set_email(old_email, _Proper(name, email))

    def _set_email(self, email: str, proper: _Proper) -> None:
        # A later line adds to an earlier one: it may give only the name, or only the address.
        known = self._by_email.get(_small(email), _Proper("", ""))
        self._by_email[_small(email)] = _Proper(proper.name or known.name, proper.email or known.email)

    def proper(self, name: str, email: str) -> tuple[str, str]:
        """Return the name and address that stand for those of a commit; the same ones where no entry matches."""
        if not self._by_email and not self._by_both:
            return name, email
        entry = self._by_both.get((_small(name), _small(email))) or self._by_email.get(_small(email))
        return (entry.name or name, entry.email or email) if entry else (name, email)
