"""A site that one process builds again and again."""

import gc
from datetime import datetime
from pathlib import Path

import pytest

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.service.look import EVERYWHERE, Look
from mkdocs_gitguard.service.warm_site import WarmSite
from mkdocs_gitguard.site_build.staying import LastBuild


class Plugin:
    """Stands where the plugin would, and notes whether the collector is on while it builds."""

    def __init__(self, *, fails: bool = False) -> None:
        self.last = LastBuild()
        self.was_collecting: list[bool] = []
        self.fails = fails

    def on_startup(self, **_: object) -> None:
        raise AssertionError("It has been started.")

    def build_again(self) -> datetime:
        self.was_collecting.append(gc.isenabled())
        if self.fails:
            raise ValueError("The build broke.")
        return system_moment()

    def on_shutdown(self) -> None:
        """Keep nothing."""


def built(plugin: Plugin, look: Look) -> list[bool]:
    site = WarmSite(Path("mkdocs.yml"))
    site._plugin = plugin
    site.build(look)
    return plugin.was_collecting


def looking_at(number: int) -> Look:
    return Look(repositories=frozenset(f"repository:acme/{name}" for name in range(number)))


def test_the_page_of_one_repository_does_not_wait_for_the_collector() -> None:
    assert built(Plugin(), looking_at(1)) == [False]
    assert gc.isenabled()


@pytest.mark.parametrize("look", [EVERYWHERE, looking_at(500)])
def test_what_many_repositories_leave_behind_is_collected_meanwhile(look: Look) -> None:
    assert built(Plugin(), look) == [True]


def test_the_collector_goes_on_after_a_build_that_failed() -> None:
    with pytest.raises(SettingError, match="The build broke"):
        built(Plugin(fails=True), looking_at(1))
    assert gc.isenabled()
