"""What the site says of code owners reaches the repositories that it speaks of."""

import pytest

from mkdocs_gitguard.assembly.stages import dialects_of, read_dialects
from mkdocs_gitguard.errors import SettingError


def test_the_first_pattern_that_fits_a_repository_counts() -> None:
    patterns = read_dialects({"acme/legacy-*": "gitea", "acme/*": "gitlab"})
    repositories = ["repository:acme/billing", "repository:acme/legacy-x", "repository:other/x"]
    assert dialects_of(repositories, patterns) == {
        "repository:acme/billing": "gitlab",
        "repository:acme/legacy-x": "gitea",
    }


def test_an_unknown_dialect_is_named() -> None:
    with pytest.raises(SettingError, match=r"'gitlub' for 'acme/\*'.*github, gitlab, bitbucket, gitea"):
        read_dialects({"acme/*": "gitlub"})
