"""What a forge's webhooks are: whose an event is by its headers, whether it is signed, and where it says to look."""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from mkdocs_gitguard.events.event import LONGEST_TEXT, EventRepository, Source
from mkdocs_gitguard.events.sightings import Sightings, nothing_seen
from mkdocs_gitguard.model import Record

Subject = Literal[
    "push", "pull-request", "review", "release", "checks", "ref", "repository", "decision", "ping", "other"
]
"""What happened, in our words. `other`: nothing that the portal shows can have changed by it."""
_MOST_URLS: Final = 8


class HookFacts(Record, frozen=True, kw_only=True):
    """Where an event says to look. git is the truth: nothing here is believed, and all of it may be missing."""

    subject: Subject
    repository: EventRepository = EventRepository()
    action: str = ""
    """The sender's word for what was done: `opened`, `merge`."""
    ref: str = ""
    """Branch or tag, as the sender has it."""
    before: str = ""
    after: str = ""
    """Commits of a push."""
    number: int = 0
    """Of a pull request; 0: none."""


class ForgeHook(NamedTuple):
    """One forge's webhooks. All functions are pure, and read leniently: what is not as it should be is not there."""

    source: Source
    title: str
    event_header: str
    """In small letters, as every header here: it names the event, and tells whose it is."""
    delivery_header: str
    signature_headers: tuple[str, ...]
    """The first that is there counts."""
    read: Callable[[str, Mapping[str, Any]], HookFacts]
    """Takes the event's name and its content."""
    signature_of: Callable[[bytes, bytes], str]
    """Takes a secret and the body; what the sender writes into the header."""
    see: Callable[[str, Mapping[str, Any]], Sightings] = nothing_seen
    """Takes the event's name and its content; what it shows of pull requests."""

    def is_signed(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> bool:
        """Tell whether the sender knows one of the secrets. How long that takes says nothing of them."""
        given = next((headers[name] for name in self.signature_headers if name in headers), "")
        matches = [
            hmac.compare_digest(self.signature_of(secret.encode(), body).encode(), given.encode("utf-8", "replace"))
            for secret in secrets
            if secret
        ]
        return bool(given) and any(matches)


def hex_signature(secret: bytes, body: bytes) -> str:
    """Return the bare HMAC-SHA256, as Gitea and Forgejo write it."""
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def prefixed_signature(secret: bytes, body: bytes) -> str:
    """Return the HMAC-SHA256 as GitHub and Bitbucket write it: `sha256=…`."""
    return f"sha256={hex_signature(secret, body)}"


def plain_secret(secret: bytes, _: bytes) -> str:
    """Return the secret itself, as GitLab sends it."""
    return secret.decode()


def text(value: object) -> str:
    """Return a sender's text, `""` for what is not one or is too long to be a name."""
    return value if isinstance(value, str) and len(value) <= LONGEST_TEXT else ""


def whole(value: object) -> int:
    """Return a sender's number, 0 for what is not one above 0."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 62 else 0


def mapping(value: object) -> Mapping[str, Any]:
    """Return a sender's object, an empty one for what is not one."""
    return value if isinstance(value, dict) else {}


def first(value: object) -> object:
    """Return the first of a list, None where there is none."""
    return value[0] if isinstance(value, list) and value else None


def repository_of(name: str, urls: Sequence[object], former: Sequence[str] = ()) -> EventRepository:
    """Return a repository by what its sender calls it."""
    # A name without a namespace says nothing of a repository.
    names = [item for item in (name, *former) if "/" in item.strip("/")]
    known = [url for url in map(text, urls) if "://" in url or ":" in url]
    return EventRepository(
        name=name if name in names else "",
        former_names=tuple(dict.fromkeys(item for item in names if item != name)),
        urls=tuple(dict.fromkeys(map(_without_userinfo, known)))[:_MOST_URLS],
    )


def _without_userinfo(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    authority, slash, path = rest.partition("/")
    return f"{scheme}{separator}{authority.rpartition('@')[2]}{slash}{path}"
