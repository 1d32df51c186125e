"""What a repository is described by, of all that describes it."""

import re
from typing import Final

from mkdocs_gitguard.harvest.facts import RepositoryFacts

_WORD: Final = re.compile(r"\w+")


def description_of(facts: RepositoryFacts) -> str:
    """Return the site's own words, else the first others that say more than the repository's name."""
    about = facts.about
    name = {*_WORD.findall(f"{about.namespace} {about.name}".lower())}
    texts = (facts.manifest_description, facts.readme_description)
    return about.description or next((text for text in texts if not name.issuperset(_WORD.findall(text.lower()))), "")
