"""What is asked of workers, and what they say of it. Nothing of it is secret; what is read is bounded and checked."""

from typing import Final, Literal, TypeVar

import msgspec

from mkdocs_gitguard.harvest.sources import RepositorySource
from mkdocs_gitguard.model import Record

R = TypeVar("R")

LARGEST_JOB: Final = 1 << 16
"""Bytes of a job or a note."""
_LONGEST_REASON: Final = 2000
_SETUP_LENGTH: Final = 16

NoteKind = Literal["working", "done", "refused", "failed"]
"""working: in hand; done: the facts are in the store; refused: this worker must not do it; failed: it could not."""


class Job(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A repository to read."""

    version: str
    """Of mkdocs-gitguard."""
    setup: str
    """Digest of what a worker must have in common with whoever asks: see `Looker.setup`."""
    repository: str
    """Node id. The worker reads it where its own `mkdocs.yml` says that it is."""
    address: str
    """Its clone URL without credentials, else the entry that names it: what the worker's own must be."""
    state: str
    """Where its refs stand, with the object ids."""
    key: str
    """What the facts are called in the store."""
    earlier: str = ""
    """What the facts are called that were read before, from which a worker can go on."""
    seconds: float = 0.0
    """How long the reading may take; 0: as long as the worker's own settings allow."""


class Note(Record, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a worker says of a job."""

    key: str
    """The job's."""
    kind: NoteKind
    worker: str
    """Host and process."""
    attempt: int = 1
    reason: str = ""
    stored: str = ""
    """What the facts are called in the store: another than `key` where the repository has moved since."""


def address_of(source: RepositorySource) -> str:
    """Return what a job calls the place of a repository; nothing in it is secret."""
    return source.url or source.entry


def setup_token(setup: str) -> str:
    """Return the part of a job's subject by which only those get it who can do it."""
    return setup[:_SETUP_LENGTH]


def encode_job(job: Job) -> bytes:
    """Return a job as a message."""
    return msgspec.json.encode(job)


def decode_job(body: bytes) -> Job | None:
    """Return the job of a message; None where it is none."""
    return _decoded(body, _JOB)


def encode_note(note: Note) -> bytes:
    """Return a note as a message."""
    return msgspec.json.encode(msgspec.structs.replace(note, reason=note.reason[:_LONGEST_REASON]))


def decode_note(body: bytes) -> Note | None:
    """Return the note of a message; None where it is none."""
    return _decoded(body, _NOTE)


def _decoded(body: bytes, decoder: msgspec.json.Decoder[R]) -> R | None:
    if len(body) > LARGEST_JOB:
        return None
    try:
        return decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None


_JOB: Final = msgspec.json.Decoder(Job)
_NOTE: Final = msgspec.json.Decoder(Note)
