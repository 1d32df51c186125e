"""The names of the feature flags are the fields of `Flags`, wherever they are named."""

from typing import get_args

from mkdocs_gitguard.model import FlagName, Flags
from mkdocs_gitguard.portal.views import VIEWS
from mkdocs_gitguard.rollout.settings import DECLARATIONS


def test_flag_names_are_the_fields_of_flags() -> None:
    assert get_args(FlagName) == Flags.__struct_fields__
    assert {view.needs for view in VIEWS} - {None} <= set(Flags.__struct_fields__)


def test_every_flag_is_a_setting() -> None:
    assert sorted(item.flag for item in DECLARATIONS.values() if item.flag) == sorted(Flags.__struct_fields__)
