"""What a repository is described by, of all that describes it."""

import pytest

from mkdocs_gitguard.assembly.descriptions import description_of
from mkdocs_gitguard.harvest.facts import FactsOptions, RepositoryAbout, RepositoryFacts


@pytest.mark.parametrize(
    ("own", "manifest", "readme", "description"),
    [
        ("Ours", "Of the manifest", "Of the README", "Ours"),
        ("", "Of the manifest", "Of the README", "Of the manifest"),
        ("", "", "Of the README", "Of the README"),
        ("", "Apache Parquet Format", "Specifies a format.", "Specifies a format."),
        ("", "Apache Parquet Format", "", ""),
        ("", "", "", ""),
    ],
)
def test_the_first_that_says_more_than_the_name_counts(own: str, manifest: str, readme: str, description: str) -> None:
    facts = RepositoryFacts(
        about=RepositoryAbout(
            id="repository:apache/parquet-format", namespace="apache", name="parquet-format", description=own
        ),
        options=FactsOptions(),
        manifest_description=manifest,
        readme_description=readme,
    )
    assert description_of(facts) == description
