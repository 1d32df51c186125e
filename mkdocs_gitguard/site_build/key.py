"""The key of what is a function of values that can be told: kept under it, a result need not be worked out again."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from mkdocs_gitguard.entry_points import DECISION_FORMATS, POLICY_FORMATS, registered
from mkdocs_gitguard.site_build.epoch import package_digest

if TYPE_CHECKING:
    from collections.abc import Iterable


def key_of(parts: Iterable[object]) -> bytes:
    """Return the digest of all that a result is made of, `b""` where something has none.

    Args:
        parts: records, plain values, collections of such, paths. The versions of what works on them are added: of this
            package, and of those that register formats.
    """
    groups = (POLICY_FORMATS, DECISION_FORMATS)
    formats = [entry.identity for group in groups for entry in registered(group)]
    try:
        packed = _ENCODER.encode((package_digest(), formats, *parts))
    except (TypeError, ValueError, OverflowError, NotImplementedError):
        return b""
    return sha256(packed).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError


_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=_plain, order="deterministic")
