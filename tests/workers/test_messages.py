"""Jobs, notes and parcels: what is not one is None, whatever it is."""

from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.workers.job import (
    LARGEST_JOB,
    Job,
    Note,
    decode_job,
    decode_note,
    encode_job,
    encode_note,
    setup_token,
)
from mkdocs_gitguard.workers.parcel import Parcel, pack, unpack

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.builds(Job, version=TEXT, setup=TEXT, repository=TEXT, address=TEXT, state=TEXT, key=TEXT))
def test_a_job_comes_back_as_it_was(job: Job) -> None:
    assert decode_job(encode_job(job)) == job


@given(st.builds(Note, key=TEXT, kind=st.just("done"), worker=TEXT, reason=TEXT))
def test_a_note_comes_back_as_it_was(note: Note) -> None:
    assert decode_note(encode_note(note)) == note


def test_a_reason_is_cut_and_a_message_that_is_too_large_is_none() -> None:
    note = Note(key="1", kind="failed", worker="w", reason="x" * LARGEST_JOB)
    again = decode_note(encode_note(note))
    assert again is not None
    assert len(again.reason) == 2000
    assert decode_job(b" " * LARGEST_JOB + b"{}") is None
    assert decode_note(b"[" * LARGEST_JOB) is None


@given(st.binary())
def test_what_is_anything_else_is_none(data: bytes) -> None:
    assert decode_job(data) is None
    assert decode_note(data) is None
    assert unpack(data) is None


@given(st.binary(), st.data())
def test_a_parcel_comes_back_unless_a_bit_has_changed(facts: bytes, data: st.DataObject) -> None:
    parcel = Parcel("setup", "repository:acme/billing", "main 1 whole", facts)
    packed = pack(parcel)
    assert unpack(packed) == parcel
    place = data.draw(st.integers(0, len(packed) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    assert unpack(packed[:place] + bytes([packed[place] ^ bit]) + packed[place + 1 :]) is None
    assert unpack(packed[:place]) is None


def test_only_workers_of_the_same_setup_hear_of_a_job() -> None:
    assert setup_token("a" * 64) != setup_token("b" * 64)
