"""What a repository is described by, of all that describes it."""

from typing import Final

from mkdocs_gitguard.harvest.facts import RepositoryFacts
from mkdocs_gitguard.late_pattern import late_pattern

_WORD: Final = late_pattern(r"\w+")


def description_of(facts: RepositoryFacts) -> str:
    """Return the site's own words, else the first others that say more than the repository's name."""
    about = facts.about
    name = {*_WORD.findall(f"{about.namespace} {about.name}".lower())}
    texts = (facts.manifest_description, facts.readme_description)
    return about.description or next((text for text in texts if not name.issuperset(_WORD.findall(text.lower()))), "")
