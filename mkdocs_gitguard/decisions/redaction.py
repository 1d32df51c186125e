"""What of a decision may be seen. Nothing that a report carries reaches a snapshot except through here.

By default an input is shown as its shape: key names and kinds of values. Values stand only under keys that the site
allows, and even there not where the key or the value looks like a secret. Messages, names and paths are texts for
people, so they stay, with what looks like a secret in them replaced.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, Literal

import msgspec

from mkdocs_gitguard.decisions.untyped import text_of
from mkdocs_gitguard.errors import mask_credentials
from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import Record

HIDDEN: Final = "***"
_DEEPEST: Final = 8
_WIDEST: Final = 40
_LONGEST_VALUE: Final = 200
_LARGEST_NUMBER: Final = 2**63
_LONGEST_INPUT: Final = 8_000
_LONGEST_TEXT: Final = 2_000

_SECRET_PARTS: Final = (
    "accesskey", "apikey", "appkey", "authorization", "bearer", "clientkey", "connectionstring", "cookie",
    "credential", "cvv", "encryptionkey", "kubeconfig", "masterkey", "mnemonic", "onetimecode", "passcode",
    "passphrase", "passwd", "password", "passwort", "privatekey", "privkey", "recoverycode", "secret", "seedphrase",
    "servicekey", "session", "sharedkey", "signature", "signingkey", "sshkey", "storagekey", "subscriptionkey",
    "token",
)  # fmt: skip
"""Found anywhere in a key once it is lower-case letters and digits only."""
_SECRET_WORDS: Final = frozenset(
    {"auth", "creds", "cred", "dsn", "jwt", "otp", "pass", "pat", "pem", "pin", "psk", "pw", "pwd", "sas", "sid", "sig"}
)
"""Found as a whole word of a key: as parts of words they mean other things (`author`, `spinner`)."""
_WORD: Final = late_pattern(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PLAIN_KEY: Final = late_pattern(r"[A-Za-z_$@][A-Za-z0-9_.$/: -]{0,79}\Z")

_KNOWN_SECRETS: Final = late_pattern(
    r"""
    (?<![A-Za-z0-9])(?:
    -----BEGIN\ [A-Z ]*PRIVATE\ KEY(?:\ BLOCK)?-----[\s\S]*?(?:-----END[^-]*-----|\Z)
    | eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}                       # JSON web tokens
    | (?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9]{10,} | github_pat_[A-Za-z0-9_]{10,}
    | gl(?:pat|dt|cbt|rt|ptt|ft|soat|agent|oas)-[A-Za-z0-9_.-]{10,}
    | (?:A3T[A-Z0-9]|AKIA|ASIA|AGPA|AIDA|AROA|ANPA|ANVA)[A-Z0-9]{12,}
    | AIza[A-Za-z0-9_-]{20,} | ya29\.[A-Za-z0-9_-]{10,}
    | xox[a-z]-[A-Za-z0-9-]{8,} | xapp-[A-Za-z0-9-]{8,} | https://hooks\.slack\.com/\S+
    | (?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{8,} | sk-[A-Za-z0-9_-]{16,} | whsec_[A-Za-z0-9+/=]{8,}
    | npm_[A-Za-z0-9]{20,} | pypi-[A-Za-z0-9_-]{16,} | hf_[A-Za-z0-9]{16,} | dop_v1_[a-f0-9]{16,}
    | SG\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,} | hv[sbr]\.[A-Za-z0-9_-]{12,} | AGE-SECRET-KEY-[A-Z0-9]{10,}
    )
    """,
    re.VERBOSE,
)
_SCHEMES: Final = late_pattern(r"(?i)\b(bearer|basic|digest|negotiate|token)(\s+)(?=\S{8,})[A-Za-z0-9._~+/=-]+")
_ASSIGNED: Final = late_pattern(
    r"""(?x) (?P<key>["']? [A-Za-z][A-Za-z0-9_.-]{1,60} ["']?) (?P<sign>\s*[:=]\s*)
        (?P<value> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | [^\s,;&"')}\]]+ )"""
)
_RUN: Final = late_pattern(r"[A-Za-z0-9+/_=~.-]{16,}")
_RUN_PARTS: Final = late_pattern(r"[A-Za-z0-9+/=]{16,}")
_HEX: Final = late_pattern(r"(?i)[0-9a-f]{24,}\Z")
_DIGEST_BEFORE: Final = late_pattern(r"(?i)(?:sha1|sha256|sha512|commit|revision|ref|@)[:=/ ]{0,2}\Z")
_CLASS_CHANGES: Final = 0.4
"""Of neighbouring characters, the share that changes between capital, small letter and digit: 0.62 in random letters
and digits, under 0.3 in words written together."""


class Redaction(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the site lets be seen of inputs."""

    show: Literal["shapes", "values", "nothing"] = "shapes"
    """`values` shows every value that does not look like a secret; `nothing` shows no input at all."""
    allow: tuple[str, ...] = ("action", "apiVersion", "kind", "method", "operation")
    """Keys whose plain values are shown."""
    secret: tuple[str, ...] = ()
    """Further parts of key names that mark a secret."""


class Mark(str):
    """Says that OPA itself took a value away: the only text of an input that is always shown."""

    __slots__ = ()


@lru_cache(maxsize=20_000)
def is_secret_key(key: str, more: tuple[str, ...] = ()) -> bool:
    """Tell whether a key's name says that its value is a secret, in any spelling: `API-Key`, `dbPassword`, `x_auth`."""
    plain = unicodedata.normalize("NFKC", key)
    words = _WORD.findall(plain)
    letters = "".join(character for character in plain.casefold() if character.isalnum())
    if any(part in letters for part in _SECRET_PARTS):
        return True
    if any(word.casefold() in _SECRET_WORDS for word in words) or letters in _SECRET_WORDS:
        return True
    return any(part and part in letters for part in map(_letters, more))


def _letters(part: str) -> str:
    return "".join(filter(str.isalnum, part.casefold()))


@lru_cache(maxsize=20_000)
def redact_text(text: str) -> str:
    """Return a text for people with everything in it that looks like a secret replaced by `***`."""
    text = text_of(text)[:_LONGEST_TEXT]
    text = mask_credentials(text)
    text = _KNOWN_SECRETS.sub(HIDDEN, text)
    text = _SCHEMES.sub(rf"\1\2{HIDDEN}", text)
    text = _ASSIGNED.sub(_redact_assignment, text)
    return _RUN.sub(_redact_run, text)


def _redact_assignment(match: re.Match[str]) -> str:
    key, sign, value = match.group("key", "sign", "value")
    # `token: it must be set` is prose about a token: a value is one word, or stands in quotes.
    is_prose = sign.endswith(" ") and value.isalpha() and value.islower() and value[:1] not in "\"'"
    return match.group() if is_prose or not is_secret_key(key) else f"{key}{sign}{HIDDEN}"


def _redact_run(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - 10) : match.start()]
    return _RUN_PARTS.sub(
        lambda part: (
            HIDDEN
            if _is_random(part.group(), before if part.start() == 0 else match.group()[: part.start()])
            else part.group()
        ),
        match.group(),
    )


def _is_random(run: str, before: str) -> bool:
    """Tell whether a run of letters and digits is more likely a secret than words or a commit."""
    if _HEX.match(run):
        return not _DIGEST_BEFORE.search(before)
    if not any(map(str.isdigit, run)) or not any(map(str.isalpha, run)):
        return False
    kinds = [_kind(character) for character in run]
    changes = sum(one != other for one, other in pairwise(kinds))
    return changes >= _CLASS_CHANGES * (len(run) - 1)


def _kind(character: str) -> int:
    if character.isdigit():
        return 0
    return 1 if character.isupper() else 2


def redact_input(value: Any, redaction: Redaction) -> str:
    """Return JSON text that shows what may be seen of an input; `""` where that is nothing."""
    if value is None or redaction.show == "nothing":
        return ""
    shape = _shape(value, redaction, _DEEPEST, is_allowed=False, is_secret=False)
    shown = msgspec.json.format(msgspec.json.encode(shape), indent=2).decode()
    return shown if len(shown) <= _LONGEST_INPUT else f"{shown[:_LONGEST_INPUT]}\n… (cut)"


def _shape(value: Any, redaction: Redaction, depth: int, *, is_allowed: bool, is_secret: bool) -> Any:
    if isinstance(value, Mapping):
        return _object_shape(value, redaction, depth, is_secret=is_secret)
    if isinstance(value, list | tuple):
        return _array_shape(value, redaction, depth, is_allowed=is_allowed, is_secret=is_secret)
    if isinstance(value, Mark) or value is None:
        return value if value is None else str(value)
    if is_secret:
        return HIDDEN
    return _scalar_shape(value, is_shown=is_allowed or redaction.show == "values")


def _scalar_shape(value: Any, *, is_shown: bool) -> Any:
    if isinstance(value, bool):
        return value if is_shown else "<boolean>"
    if isinstance(value, int | float):
        # JSON promises no more than 64 bits (RFC 8259, section 6).
        return value if is_shown and abs(value) < _LARGEST_NUMBER else "<number>"
    if isinstance(value, str) and is_shown:
        return redact_text(value[: _LONGEST_VALUE * 4])[:_LONGEST_VALUE]
    return "<text>"


def _object_shape(value: Mapping[Any, Any], redaction: Redaction, depth: int, *, is_secret: bool) -> Any:
    if depth == 0:
        return "<object>"
    shape: dict[str, Any] = {}
    hidden = 0
    for key, member in value.items():
        name = _shown_key(str(key))
        if len(shape) >= _WIDEST or name is None or name in shape:
            hidden += 1
            continue
        shape[name] = _shape(
            member,
            redaction,
            depth - 1,
            is_allowed=name in redaction.allow,
            is_secret=is_secret or is_secret_key(str(key), redaction.secret),
        )
    if hidden:
        shape["…"] = f"<{hidden} more>"
    return shape


def _shown_key(key: str) -> str | None:
    """Return the key, None where it may itself be a value: a map from tokens, mail addresses or free text."""
    if not _PLAIN_KEY.match(key) or redact_text(key) != key:
        return None
    return key


def _array_shape(value: Any, redaction: Redaction, depth: int, *, is_allowed: bool, is_secret: bool) -> Any:
    if depth == 0:
        return "<array>"
    shapes: list[Any] = []
    for item in value[:_WIDEST]:
        shape = _shape(item, redaction, depth - 1, is_allowed=is_allowed, is_secret=is_secret)
        if shape not in shapes:
            shapes.append(shape)
    if len(value) > len(shapes):
        shapes.append(f"<{len(value)} in all>")
    return shapes
