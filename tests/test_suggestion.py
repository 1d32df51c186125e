"""Which known name was probably meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.suggestion import did_you_mean


@pytest.mark.parametrize(
    ("written", "known", "answer"),
    [
        ("githb", ["gitlab", "github"], "Did you mean github?"),
        ("codex_publish_enabeld", ["CODEX_PUBLISH_ENABLED"], "Did you mean CODEX_PUBLISH_ENABLED?"),
        ("STAGING", ["staging", "canary"], "Did you mean staging?"),
        ("nothing like it", ["staging"], ""),
        ("x", [], ""),
    ],
)
def test_the_nearest_name_is_said(written: str, known: list[str], answer: str) -> None:
    assert did_you_mean(written, known) == answer


def test_it_may_be_quoted() -> None:
    assert did_you_mean("githb", ["github"], is_quoted=True) == "Did you mean 'github'?"


@settings(deadline=None)
@given(st.text(max_size=30), st.lists(st.text(max_size=10), max_size=5))
def test_only_a_known_name_is_said(written: str, known: list[str]) -> None:
    answer = did_you_mean(written, known)
    assert not answer or answer.removeprefix("Did you mean ").removesuffix("?") in known
