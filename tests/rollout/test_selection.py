"""Repositories are chosen by name: lists, globs and shares; monotone, explained, and never none by accident."""

import math
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.rollout.selection import Selection, matches, select

NAMES = ("acme/api", "acme/billing", "acme/web-shop", "acme/web-blog", "umbrella/api")

names = st.lists(st.from_regex(r"[a-c]{1,2}/[a-z]{1,6}", fullmatch=True), min_size=1, max_size=60, unique=True)
shares = st.decimals(0, 100, places=2)


def reasons(selection: Selection) -> dict[str, str]:
    return {choice.name: choice.reason for choice in selection.choices}


def test_an_empty_list_means_all() -> None:
    assert select(NAMES).kept == NAMES
    assert select(()).kept == ()
    assert select((), include=("acme/none",)).kept == ()


@pytest.mark.parametrize(
    ("include", "exclude", "kept"),
    [
        (["acme/billing"], [], ["acme/billing"]),
        (["acme/web-*"], [], ["acme/web-shop", "acme/web-blog"]),
        (["api"], [], ["acme/api", "umbrella/api"]),
        (["acme/*"], ["*/web-*"], ["acme/api", "acme/billing"]),
        (["acme/*"], ["ACME/API"], ["acme/billing", "acme/web-shop", "acme/web-blog"]),
        ([], ["acme/*"], ["umbrella/api"]),
        (["acme/api", "acme/nothing"], [], ["acme/api"]),
        (["100%"], ["api"], ["acme/billing", "acme/web-shop", "acme/web-blog"]),
        (["0%", "acme/api"], [], ["acme/api"]),
    ],
)
def test_lists_and_globs(include: list[str], exclude: list[str], kept: list[str]) -> None:
    assert list(select(NAMES, include=include, exclude=exclude).kept) == kept


def test_three_repositories_give_one() -> None:
    assert len(select(("a/a", "a/b", "a/c"), include=["10%"]).kept) == 1


@given(names, shares, shares, st.sampled_from(["a/*", "b", "*x*", "c/z"]), st.sampled_from(["aa/*", "*y", "b/q"]))
def test_a_share_is_rounded_up_monotone_and_blind_to_order(
    portfolio: list[str], one: Decimal, other: Decimal, pin: str, veto: str
) -> None:
    small, large = sorted((one, other))
    assume(small > 0)
    assume(not all(matches(veto, name) for name in portfolio))
    eligible = set(select(portfolio, exclude=[veto]).kept)
    first = select(portfolio, include=[f"{small}%"], exclude=[veto])
    second = select(portfolio, include=[f"{large}%"], exclude=[veto])
    assert len(first.kept) == math.ceil(small * len(eligible) / 100)
    assert set(first.kept) <= set(second.kept) <= eligible
    assert set(select(portfolio[::-1], include=[f"{small}%"], exclude=[veto]).kept) == set(first.kept)
    pinned = select(portfolio, include=[f"{small}%", pin], exclude=[veto])
    assert set(first.kept) <= set(pinned.kept) <= eligible
    assert all(choice.reason for choice in pinned.choices)


@given(
    names, st.lists(st.text(min_size=1, max_size=8), max_size=3), st.lists(st.text(min_size=1, max_size=8), max_size=3)
)
def test_any_lists_select_or_are_refused(portfolio: list[str], include: list[str], exclude: list[str]) -> None:
    try:
        selection = select(portfolio, include=include, exclude=exclude)
    except SettingError:
        return
    assert set(selection.kept) <= set(portfolio)


def test_a_repository_keeps_its_place_when_others_join() -> None:
    many = [f"acme/{number}" for number in range(40)]
    before = select(many, include=["25%"]).kept
    after = select([*many, "acme/new"], include=["25%"]).kept
    assert len(set(before) - set(after)) <= 1


def test_each_choice_is_explained() -> None:
    selection = select(NAMES, include=["40%", "acme/billing"], exclude=["umbrella/*"])
    why = reasons(selection)
    assert why["acme/billing"] == "CODEX_REPO_INCLUDE_LIST names acme/billing"
    assert why["umbrella/api"] == "CODEX_REPO_EXCLUDE_LIST names umbrella/*"
    assert "of 4 by stable rank, 40% takes 2" in why["acme/api"]
    assert reasons(select(NAMES, include=["acme/api"]))["acme/billing"] == "CODEX_REPO_INCLUDE_LIST does not name it"


def test_entries_that_match_nothing_are_told() -> None:
    selection = select(NAMES, include=["acme/*", "acme/biling"], exclude=["umbrela/api"])
    assert selection.notes == (
        "acme/biling in CODEX_REPO_INCLUDE_LIST matches no repository. Did you mean acme/billing?",
        "umbrela/api in CODEX_REPO_EXCLUDE_LIST matches no repository. Did you mean umbrella/api?",
    )


@pytest.mark.parametrize(
    ("include", "exclude", "message"),
    [
        (["acme/biling"], [], "matches none of the 5 repositories. acme/biling in CODEX_REPO_INCLUDE_LIST matches no repository. Did you mean acme/billing?"),
        (["0%"], [], "matches none of the 5 repositories."),
        (["10%"], ["*"], "CODEX_REPO_EXCLUDE_LIST leaves out every repository."),
        ([], ["acme/*", "umbrella/*"], "CODEX_REPO_EXCLUDE_LIST leaves out every repository."),
        (["10%", "20%"], [], "CODEX_REPO_INCLUDE_LIST holds two shares, 10% and 20%."),
        (["110%"], [], "CODEX_REPO_INCLUDE_LIST holds '110%'. Write a share from 0% to 100%."),
        (["-5%"], [], "CODEX_REPO_INCLUDE_LIST holds '-5%'."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(include: list[str], exclude: list[str], message: str) -> None:
    with pytest.raises(SettingError) as raised:
        select(NAMES, include=include, exclude=exclude)
    assert message in str(raised.value)
