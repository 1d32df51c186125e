"""Stable node ids and the paths made from them.

An id is `kind:namespace/name`, as Backstage's entity refs are. It never changes when the node's content does. A
page's URL and a node's JSON path are the same path with another ending: `path_of(id)`.
"""

import hashlib
from functools import lru_cache
from typing import Final, Literal

Kind = Literal[
    "organization",
    "repository",
    "owner",
    "pull-request",
    "policy",
    "rule",
    "decision",
    "exception",
    "event",
    "drill",
    "component",
    "objective",
    "release",
]

_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")
_LONGEST_SEGMENT: Final = 120
_LONGEST_PATH: Final = 800
"""Characters. Systems allow 1,024 (macOS) to 4,096 (Linux) with the folder of the site and the file's ending."""
_MOST_SEGMENTS: Final = 40
"""Of a path; folders are made one within the other."""
_KEPT_OF_PATH: Final = 400
_MOST_KEPT_SEGMENTS: Final = 12
_RESERVED_NAMES: Final = frozenset(
    ["con", "prn", "aux", "nul", "index", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)


def node_id(kind: Kind, *parts: str) -> str:
    """Return the id of the node of `kind` named by `parts`, for instance `repository:acme/billing`."""
    return f"{kind}:{'/'.join(parts)}"


def rule_id(policy: str, rule: str) -> str:
    """Return the id of `rule` in the policy whose id is `policy`: `rule:acme/guardrails/rego/repo.guard#deny`."""
    return f"rule:{name_of(policy)}#{rule}"


def kind_of(node: str) -> str:
    """Return what stands before the colon of an id."""
    return node.partition(":")[0]


def name_of(node: str) -> str:
    """Return what stands after the colon of an id: namespace and name."""
    return node.partition(":")[2]


@lru_cache(maxsize=1 << 16)
def path_of(node: str) -> str:
    """Return the relative path of a node, without ending: `pull-request/acme/billing/412`.

    The path is safe in a URL and on every file system, and two ids give two paths even where case does not
    count: a capital is written `!` and its small letter, as Go's module proxy writes it
    (https://go.dev/ref/mod#goproxy-protocol); every other character outside `a-z 0-9 - _ .` is `~` and two hex
    digits for each UTF-8 byte. A segment over 120 characters is cut and ends in a digest of the whole; so is a path
    over 800 characters or 40 segments, whose last segment is the digest of the whole id.
    """
    kind, _, name = node.partition(":")
    path = "/".join([encode_segment(kind), *map(encode_segment, name.split("/"))])
    if len(path) <= _LONGEST_PATH and path.count("/") < _MOST_SEGMENTS:
        return path
    kept = path[:_KEPT_OF_PATH].split("/")[:_MOST_KEPT_SEGMENTS]
    # What the cut has left of a segment could be another segment as a whole; no whole one begins with `~~`.
    return "/".join([*(kept[:-1] if len(kept) > 1 else kept), f"~~{_digest(node)}"])


def path_for(target: str) -> str:
    """Return where a page of what a link leads to stands, if it has one: a node, by its id, or a page, by its path."""
    return path_of(target) if ":" in target else target


def index_path(section: str, repository: str) -> str:
    """Return the path of what a section lists of the repository whose id is `repository`: `policy/acme/billing`."""
    return path_of(f"{section}:{name_of(repository)}")


@lru_cache(maxsize=1 << 16)
def encode_segment(segment: str) -> str:
    """Return one path segment as `path_of` writes it."""
    encoded = segment.translate(_ENCODED)
    if encoded.endswith("."):
        encoded = f"{encoded[:-1]}~2e"
    if encoded.startswith("."):
        encoded = f"~2e{encoded[1:]}"
    if encoded.endswith((".json", ".html", ".md")):
        stem, _, ending = encoded.rpartition(".")
        encoded = f"{stem}~2e{ending}"
    first, dot, rest = encoded.partition(".")
    if first in _RESERVED_NAMES:
        encoded = f"~{ord(first[0]):02x}{first[1:]}{dot}{rest}"
    if not encoded:
        return "~"
    if len(encoded) > _LONGEST_SEGMENT:
        return f"{encoded[: _LONGEST_SEGMENT - 20].rstrip('.')}~~{_digest(segment)}"
    return encoded


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class _Encoded(dict[int, str]):
    """Characters as `path_of` writes them, by their numbers: a portal has hundreds of thousands of few of them."""

    def __missing__(self, number: int) -> str:
        """Return a character that is met for the first time."""
        encoded = self[number] = _encode_character(chr(number))
        return encoded


def _encode_character(character: str) -> str:
    if character in _PLAIN:
        return character
    if "A" <= character <= "Z":
        return f"!{character.lower()}"
    return "".join(f"~{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))


_ENCODED: Final = _Encoded()
