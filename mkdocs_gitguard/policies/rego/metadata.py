"""Rego annotations: what a `# METADATA` block says, and for whom.

https://www.openpolicyagent.org/docs/policy-language#metadata
"""

from typing import Final, Literal, NamedTuple, get_args

from mkdocs_gitguard.policies.description import description_of, on_one_line
from mkdocs_gitguard.policies.file_scan import Description
from mkdocs_gitguard.policies.rego.outline import AnnotationBlock
from mkdocs_gitguard.policies.yaml.documents import PlainValue, YamlDocument, plain

Scope = Literal["rule", "document", "package", "subpackages"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
_KNOWN: Final = frozenset(
    {
        "scope",
        "title",
        "description",
        "related_resources",
        "authors",
        "organizations",
        "schemas",
        "entrypoint",
        "custom",
        "compile",
        "labels",
    }
)
_IDS: Final = ("id", "avd_id", "long_id")


class Annotations(NamedTuple):
    """One block, understood."""

    line: int
    scope: Scope | None
    """None where the block does not say."""
    is_entrypoint: bool
    about: Description
    ids: tuple[str, ...]
    """`custom.id`, `avd_id`, `long_id` and `aliases`."""
    short_name: str
    """`custom.short_name`, with which Conforma names a rule in its results."""
    effective_on: str = ""
    """`custom.effective_on`: until then Conforma reports violations as warnings
    (https://conforma.dev/docs/policy/authoring.html, Rule annotations)."""


class MetadataProblem(NamedTuple):
    """What is wrong with a block."""

    message: str
    line: int


def read_annotations(block: AnnotationBlock) -> tuple[Annotations | None, tuple[MetadataProblem, ...]]:
    """Return what a block says, or None where it does not parse, and what is wrong with it."""
    document = YamlDocument(block.yaml.encode("utf-8", "replace"), block.first_line + 1)
    if document.problem:
        message, line = document.problem.message, document.problem.line
        return None, (MetadataProblem(f"The METADATA block is broken. {message}", min(line, block.last_line)),)
    if document.root is None:
        words = "is empty" if document.top is None else "is not a mapping of names to values"
        return None, (MetadataProblem(f"The METADATA block {words}.", block.first_line),)
    try:
        values = plain(document.root)
    except ValueError as error:
        return None, (MetadataProblem(f"The METADATA block is not read: {error}.", block.first_line),)
    if not isinstance(values, dict):
        return None, (MetadataProblem("The METADATA block is not a mapping.", block.first_line),)
    custom = values.get("custom")
    fields = custom if isinstance(custom, dict) else {}
    scope = values.get("scope", "")
    problems = tuple(MetadataProblem(message, block.first_line) for message in _wrong(values))
    annotations = Annotations(
        line=block.first_line,
        scope=next((known for known in SCOPES if known == scope), None),
        is_entrypoint=values.get("entrypoint") is True,
        about=description_of(
            title=values.get("title"),
            description=values.get("description"),
            severity=fields.get("severity"),
            category=fields.get("category") or fields.get("group") or fields.get("service"),
            related=values.get("related_resources"),
        ),
        ids=_ids(fields),
        short_name=on_one_line(fields.get("short_name")),
        effective_on=on_one_line(fields.get("effective_on")),
    )
    return annotations, problems


def _wrong(values: dict[str, PlainValue]) -> list[str]:
    messages: list[str] = []
    scope = values.get("scope")
    if scope is not None and scope not in SCOPES:
        messages.append(f"The METADATA scope {on_one_line(scope)!r} is not one of {', '.join(SCOPES)}.")
    if unknown := sorted(set(values) - _KNOWN):
        messages.append(f"METADATA has no attribute {', '.join(unknown)}: put it under `custom`.")
    messages += [
        f"The METADATA {name} is not text."
        for name in ("title", "description")
        if isinstance(values.get(name), list | dict)
    ]
    if values.get("custom") is not None and not isinstance(values["custom"], dict):
        messages.append("The METADATA custom is not a mapping.")
    return messages


def _ids(fields: dict[str, PlainValue]) -> tuple[str, ...]:
    aliases = fields.get("aliases")
    values = [*(fields.get(name) for name in _IDS), *(aliases if isinstance(aliases, list) else [])]
    return tuple(dict.fromkeys(filter(None, map(on_one_line, values))))
