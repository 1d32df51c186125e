"""docs/settings.md is generated, and current."""

from pathlib import Path

from mkdocs_gitguard.rollout.settings import DECLARATIONS
from mkdocs_gitguard.rollout.settings_table import settings_table


def test_the_documentation_of_the_settings_is_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text(encoding="utf-8") == settings_table(), "run: gitguard reference settings > docs/settings.md"


def test_every_setting_stands_in_it_once() -> None:
    table = settings_table()
    for declaration in DECLARATIONS.values():
        assert table.count(f"| `{declaration.name}` |") == 1
