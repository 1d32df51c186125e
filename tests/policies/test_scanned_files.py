"""The scans of a commit's files are kept in parts, of which those alone are packed anew in which a file has moved."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.policies import FileScan, FoundTest, ScannedFiles

TESTS = st.lists(
    st.builds(FoundTest, name=st.text(max_size=3), first_line=st.just(1), last_line=st.just(1), targets=st.just(())),
    max_size=1,
)
SCANS = st.dictionaries(
    st.text("abc/ø", min_size=1, max_size=5),
    st.tuples(st.sampled_from(["1" * 40, "2" * 40]), TESTS.map(tuple)),
    max_size=12,
).map(lambda files: [FileScan(path=path, blob=blob, tests=tests) for path, (blob, tests) in files.items()])


def many(count: int) -> list[FileScan]:
    return [FileScan(path=f"policy/{number}.rego", blob="1" * 40, text="package a\n") for number in range(count)]


@given(st.lists(st.tuples(SCANS, SCANS, st.integers(0, 200)), min_size=1, max_size=4))
def test_what_was_kept_before_changes_nothing(commits: list[tuple[list[FileScan], list[FileScan], int]]) -> None:
    kept: ScannedFiles | None = None
    for own, paired, others in commits:
        scans = [*own, *many(others)]
        kept = ScannedFiles.of(scans, paired=paired, before=kept)
        assert kept == ScannedFiles.of(reversed(scans), paired=reversed(paired))
        assert sorted(kept, key=lambda scan: scan.path) == sorted(scans, key=lambda scan: scan.path)
        held = {scan.path for scan in (*scans, *paired) if not scan.is_blank or scan in paired}
        assert [scan.path for scan in kept.holding()] == sorted(held)


def test_the_parts_that_no_moved_file_is_of_stay_as_they_are() -> None:
    scans = many(700)
    before = ScannedFiles.of(scans)
    assert len(before.packed) == 16
    moved = [msgspec.structs.replace(scans[0], blob="2" * 40), *scans[1:]]
    after = ScannedFiles.of(moved, before=before)
    assert sum(new is not old for new, old in zip(after.packed, before.packed, strict=True)) == 1
    assert after == ScannedFiles.of(moved)


def test_scans_that_did_not_move_are_unpacked_once() -> None:
    before = ScannedFiles.of(many(300))
    assert all(one is other for one, other in zip(before.holding(), before.holding(), strict=True))


def test_parts_that_are_damaged_are_packed_anew() -> None:
    [scan] = many(1)
    damaged = ScannedFiles(paired=(b"\x93",))
    assert damaged.paired_anew([scan]) == ScannedFiles(paired=ScannedFiles.of([], paired=[scan]).paired)
