"""The collector runs rarely within a block, and as before after it."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from mkdocs_gitguard.collector import clear_away, collect_rarely, collecting_rarely, not_collecting


@pytest.fixture(autouse=True)
def threshold() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


class Node:
    """Holds itself."""

    def __init__(self) -> None:
        self.own = self


def test_it_runs_rarely_in_the_block_alone() -> None:
    gc.set_threshold(700, 10, 10)
    with collecting_rarely():
        assert gc.get_threshold() == (200_000, 10, 10)
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("own", [0, 500_000])
def test_a_process_that_has_set_it_itself_is_left_alone(own: int) -> None:
    gc.set_threshold(own, 5, 5)
    collect_rarely()
    assert gc.get_threshold() == (own, 5, 5)


def test_what_was_set_aside_and_is_needed_no_more_goes_with_the_next_whole_clearing() -> None:
    # What the tests' own process has set aside is looked through too, and set aside again.
    early = Node()
    gone = weakref.ref(early)
    clear_away(whole=True)
    del early
    late = weakref.ref(Node())
    clear_away(whole=False)
    assert late() is None
    assert gone() is not None
    clear_away(whole=True)
    assert gone() is None


def test_it_waits_until_a_block_that_somebody_waits_for_has_ended() -> None:
    def work() -> None:
        with not_collecting():
            assert not gc.isenabled()
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        work()
    assert gc.isenabled()


def test_it_stays_off_where_it_was_off() -> None:
    gc.disable()
    try:
        with not_collecting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
