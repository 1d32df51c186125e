"""The owner that a repository's own Backstage catalog file names.

https://backstage.io/docs/features/software-catalog/descriptor-format/#specowner-required: an entity reference,
`[kind:][namespace/]name`, the kind being `group` unless it says otherwise.
"""

from typing import Any, Final

import yaml

from mkdocs_gitguard.bounded_yaml import load_documents
from mkdocs_gitguard.errors import ParseError
from mkdocs_gitguard.model import name_of

CATALOG_NAMES: Final = ("catalog-info.yaml", "catalog-info.yml")
"""Where Backstage looks, in the root."""

_MOST_CHARACTERS: Final = 262_144


def catalog_owner(text: str, repository: str) -> str:
    """Return the owner of the first entity that has one, as a CODEOWNERS file would write it, or `""`.

    A group is taken for a team of the repository's own organization: `platform` in `acme/billing` is
    `@acme/platform`.

    Args:
        text: the file's content.
        repository: node id.

    Raises:
        ParseError: the file is not YAML, or too large to be a catalog file.
    """
    if len(text) > _MOST_CHARACTERS:
        raise ParseError("The catalog file is too large.", hint="Split it into one file for each entity.")
    try:
        entities = list(load_documents(text))
    except (yaml.YAMLError, ValueError) as error:
        raise ParseError("The catalog file is not YAML.", hint="Check it with a YAML linter.") from error
    for entity in entities:
        owner = _owner_of(entity)
        if owner:
            return _written(owner, name_of(repository).rpartition("/")[0])
    return ""


def _owner_of(entity: Any) -> str:
    specification = entity.get("spec") if isinstance(entity, dict) else None
    owner = specification.get("owner") if isinstance(specification, dict) else None
    return owner.strip() if isinstance(owner, str) else ""


def _written(reference: str, organization: str) -> str:
    kind, colon, rest = reference.partition(":")
    name = (rest if colon else reference).rpartition("/")[2]
    if "@" in name:
        return name
    if colon and kind.lower() == "user":
        return f"@{name}"
    return f"@{organization}/{name}" if organization else f"@{name}"
