"""The facts of one repository as they travel: what they are of, and a digest over all of it."""

from hashlib import sha256
from typing import Final

import msgspec

from mkdocs_gitguard.harvest.cache import CachedFacts
from mkdocs_gitguard.model import Record

LARGEST_PARCEL: Final = 1 << 30
"""Bytes."""
_DIGEST_SIZE: Final = 32


class Parcel(Record, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The facts of one repository."""

    setup: str
    """Of whoever read them: see `Looker.setup`."""
    repository: str
    """Node id."""
    state: str
    """Where the refs stood."""
    facts: bytes

    @property
    def kept(self) -> CachedFacts:
        """The facts as the cache keeps them."""
        return CachedFacts(self.state, self.facts)


def pack(parcel: Parcel) -> bytes:
    """Return a parcel as bytes."""
    packed = msgspec.msgpack.encode(parcel)
    return sha256(packed).digest() + packed


def unpack(data: bytes) -> Parcel | None:
    """Return the parcel that was packed; None where the bytes are damaged, or are something else."""
    packed = memoryview(data)[_DIGEST_SIZE:]
    if len(data) > LARGEST_PARCEL or sha256(packed).digest() != data[:_DIGEST_SIZE]:
        return None
    try:
        return _DECODER.decode(packed)
    except msgspec.MsgspecError:
        return None


_DECODER: Final = msgspec.msgpack.Decoder(Parcel)
