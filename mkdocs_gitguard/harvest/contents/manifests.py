"""What a repository's own manifests call it: of its forge's settings, its catalog, and its packages.

These are written to be read as a description, where a README's first sentence is only often one. Nothing here raises:
a manifest that cannot be read tells nothing.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import yaml

from mkdocs_gitguard.bounded_yaml import load_documents
from mkdocs_gitguard.late_pattern import late_pattern

LONGEST: Final = 200
_FEWEST_WORDS: Final = 2
_MOST_CHARACTERS: Final = 131_072
"""Manifests are short; what parses a text may take a multiple of its size."""
_MOST_DOTS_OF_A_LINE: Final = 500
"""Python's reader of TOML takes the square of a dotted key's parts: 60,000 of them are 120 KB and half a minute."""

_PLACEHOLDER: Final = late_pattern(
    r"(?i)(?:todo|tbd|fixme|n/?a|none|untitled|description|a? ?(?:short|brief|longer)\b"
    r"|(?:add|write|put|insert|enter)\b|your\b|my (?:new|first|awesome|cool)\b|lorem ipsum"
    r"|(?:the )?(?:monorepo )?(?:root|workspace)\b|.*<[^>]*>|.*\{\{)"
)
"""What package managers and templates write where nobody has written anything."""
_GEMSPEC: Final = late_pattern(
    r"""^\s*\w+\.(?P<key>summary|description)\s*=\s*(["'])(?P<text>[^\n"']{1,500})\2""", re.MULTILINE
)
_SHORT_OF_DOAP: Final = late_pattern(r"<shortdesc(?:\s[^<>]{0,200})?>(?P<text>[^<>]{1,500})</shortdesc>")
_FIELD: Final = late_pattern(
    r"^(?P<key>Title|synopsis)\s*:[ \t]*(?P<text>[^\n]{1,500}(?:\n[ \t]+[^\n]{1,500}){0,4})", re.MULTILINE
)
_ENTITIES: Final = frozenset(["Component", "System", "API", "Resource", "Domain"])
"""Kinds of the Backstage catalog that stand for software."""


def find_manifests(paths: Iterable[str]) -> list[str]:
    """Return those of a repository's paths that may describe it, the one that is believed first in front."""
    present = set(paths)
    ordered = [path for path in _READERS if path in present]
    by_ending = sorted(path for path in present if "/" not in path and path.endswith(tuple(_BY_ENDING)))
    return [*ordered, *by_ending]


def describe(texts: Mapping[str, str]) -> str:
    """Return the first description that says something, on one line, or `""`.

    Args:
        texts: the manifests' contents by path.
    """
    for path in find_manifests(texts):
        reader = _READERS.get(path) or _BY_ENDING[path[path.rindex(".") :]]
        described = _plain(_read(reader, texts[path]))
        if described:
            return described
    return ""


def _read(reader: Callable[[str], Any], text: str) -> Any:
    if len(text) > _MOST_CHARACTERS:
        return ""
    try:
        return reader(text.removeprefix("\ufeff"))
    except (ValueError, yaml.YAMLError, RecursionError):
        return ""


def _toml(text: str) -> dict[str, Any]:
    if any(line.count(".") > _MOST_DOTS_OF_A_LINE for line in text.split("\n")):
        raise ValueError("A line with so many dots is not read.")
    import tomllib  # noqa: PLC0415 - it compiles regular expressions, for 10 ms

    return tomllib.loads(text)


def _plain(value: Any) -> str:
    """Return a description as one line; `""` for what a template left there, or for a single word."""
    if not isinstance(value, str):
        return ""
    # JSON and YAML may write half of a character, which no file of ours can hold.
    text = " ".join(value.encode("utf-8", "replace").decode().split())
    if len(text.split()) < _FEWEST_WORDS or _PLACEHOLDER.match(text):
        return ""
    if len(text) <= LONGEST:
        return text
    sentence = re.split(r"(?<=[.!?])\s+(?=[A-Z])", text)[0]
    return sentence if len(sentence) <= LONGEST else f"{text[: LONGEST - 1].rsplit(None, 1)[0].rstrip(',;:')}…"


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _of_settings(text: str) -> Any:
    return _at(next(load_documents(text), None), "repository", "description")


def _of_apache(text: str) -> Any:
    return _at(next(load_documents(text), None), "github", "description")


def _of_catalog(text: str) -> Any:
    entities = [entity for entity in load_documents(text) if _at(entity, "kind") in _ENTITIES]
    # Of several, none is the repository.
    return _at(entities[0], "metadata", "description") if len(entities) == 1 else ""


def _of_python(text: str) -> Any:
    table = _toml(text)
    return _at(table, "project", "description") or _at(table, "tool", "poetry", "description")


def _of_rust(text: str) -> Any:
    table = _toml(text)
    return _at(table, "package", "description") or _at(table, "workspace", "package", "description")


def _of_setuptools(text: str) -> Any:
    import configparser  # noqa: PLC0415 - few repositories have one

    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(str(error)) from error
    written = parser.get("metadata", "description", fallback="")
    return "" if written.startswith(("file:", "attr:")) else written


def _of_json(text: str) -> Any:
    return _at(json.loads(text), "description")


def _of_yaml(text: str) -> Any:
    return _at(next(load_documents(text), None), "description")


def _of_gem(text: str) -> str:
    written = {match["key"]: match["text"] for match in _GEMSPEC.finditer(text)}
    return written.get("summary") or written.get("description") or ""


def _of_doap(text: str) -> str:
    match = _SHORT_OF_DOAP.search(text)
    return match["text"] if match else ""


def _of_fields(text: str) -> str:
    match = _FIELD.search(text)
    return match["text"] if match else ""


_READERS: Final[Mapping[str, Callable[[str], Any]]] = MappingProxyType(
    {
        ".github/settings.yml": _of_settings,
        ".asf.yaml": _of_apache,
        "catalog-info.yaml": _of_catalog,
        "catalog-info.yml": _of_catalog,
        "pyproject.toml": _of_python,
        "Cargo.toml": _of_rust,
        "package.json": _of_json,
        "composer.json": _of_json,
        "setup.cfg": _of_setuptools,
        "pubspec.yaml": _of_yaml,
        "galaxy.yml": _of_yaml,
        "Chart.yaml": _of_yaml,
        "DESCRIPTION": _of_fields,
    }
)
"""By path. The forge's own text first, as its settings keep it in the repository
(https://github.com/repository-settings/app, https://github.com/apache/infrastructure-asfyaml); then the catalog's
(https://backstage.io/docs/features/software-catalog/descriptor-format); then what packages are published with."""
_BY_ENDING: Final[Mapping[str, Callable[[str], Any]]] = MappingProxyType(
    {".gemspec": _of_gem, ".doap": _of_doap, ".cabal": _of_fields}
)
