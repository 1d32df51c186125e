"""One run of a SARIF log: how its parts refer to one another.

A result need not hold what it says: its rule stands in the driver or an extension, its text in the rule or in the
driver, its file in the run's artifacts, and a path counts from a base that the run names. The sections are those of
SARIF 2.1.0 plus errata 01 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote

from mkdocs_gitguard.decisions.untyped import items, mapping, mappings, text
from mkdocs_gitguard.late_pattern import late_pattern

_PLACEHOLDER: Final = late_pattern(r"\{\{|\}\}|\{([0-9]{1,6})\}")
_ABSOLUTE: Final = late_pattern(r"[A-Za-z][A-Za-z0-9+.-]*:|/")
_MOST_BASES: Final = 20
"""Bases of one path that are followed, as they may name each other."""
_LONGEST_MESSAGE: Final = 10_000
"""Characters of one message; a snapshot shows fewer."""


class SarifRun:
    """A run whose references can be followed. What a reference leads nowhere for is an empty object."""

    def __init__(self, run: Mapping[str, Any]) -> None:
        """Index the run's tool components, rules and artifacts."""
        tool = mapping(run.get("tool"))
        self._driver = mapping(tool.get("driver"))
        self._extensions = [mapping(extension) for extension in items(tool.get("extensions"))]
        self._artifacts = items(run.get("artifacts"))
        self._bases = mapping(run.get("originalUriBaseIds"))
        self._logical = items(run.get("logicalLocations"))
        self._invocations = items(run.get("invocations"))
        self.name = text(self._driver.get("name"))
        """The tool's."""
        self._levels: dict[int, dict[str, str]] = {}
        self._by_id: dict[str, Mapping[str, Any]] = {}
        self._by_guid: dict[str, Mapping[str, Any]] = {}
        for component in (self._driver, *self._extensions):
            for rule in mappings(component.get("rules")):
                self._by_id.setdefault(text(rule.get("id")), rule)
                self._by_guid.setdefault(text(rule.get("guid")).lower(), rule)

    def rule(self, result: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Return the id of a result's rule, `""` for none, and what the run says of the rule (3.27.5 to 3.27.7)."""
        reference = mapping(result.get("rule"))
        rule_id = text(result.get("ruleId")) or text(reference.get("id"))
        index = reference.get("index", result.get("ruleIndex"))
        component = self._component(mapping(reference.get("toolComponent")))
        indexed = mapping(_at(items(component.get("rules")), index))
        if indexed and (not rule_id or _is_below(rule_id, text(indexed.get("id")))):
            return rule_id or text(indexed.get("id")), indexed
        rule = self._by_guid.get(text(reference.get("guid")).lower() or "-") or self._known(rule_id)
        return rule_id or text(rule.get("id")), rule

    def _component(self, reference: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the component that a toolComponentReference means (3.54): without one, the driver."""
        if isinstance(index := reference.get("index"), int) and index >= 0:
            return mapping(_at(self._extensions, index))
        for key in ("guid", "name"):
            if wanted := text(reference.get(key)).lower():
                components = (self._driver, *self._extensions)
                return next((one for one in components if text(one.get(key)).lower() == wanted), {})
        return self._driver

    def _known(self, rule_id: str) -> Mapping[str, Any]:
        """Return a rule by its id, or by the beginning of a hierarchical one: `CA1000/1` (3.27.5)."""
        for _ in range(_MOST_BASES):
            if rule_id in self._by_id or "/" not in rule_id:
                break
            rule_id = rule_id.rpartition("/")[0]
        return self._by_id.get(rule_id, {}) if rule_id else {}

    def level(self, result: Mapping[str, Any], rule_id: str, rule: Mapping[str, Any]) -> str:
        """Return a result's level: its own, the invocation's for the rule, the rule's, else `warning` (3.27.10)."""
        if level := text(result.get("level")):
            return level
        overridden = self._overridden(mapping(result.get("provenance")).get("invocationIndex"))
        levels = (overridden.get(text(rule.get("id"))), overridden.get(rule_id))
        default = text(mapping(rule.get("defaultConfiguration")).get("level"))
        return next(filter(None, (*levels, default)), "warning")

    def _overridden(self, index: Any) -> Mapping[str, str]:
        """Return the levels that an invocation sets, by the rules' ids (3.20.5)."""
        invocation = mapping(_at(self._invocations, index))
        if not invocation:
            return {}
        if index not in self._levels:
            levels = self._levels[index] = {}
            for override in mappings(invocation.get("ruleConfigurationOverrides")):
                rule_id, _ = self.rule({"rule": mapping(override.get("descriptor"))})
                levels.setdefault(rule_id, text(mapping(override.get("configuration")).get("level")))
        return self._levels[index]

    def invocation(self, result: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the invocation that a result says it is of (3.48.6)."""
        return mapping(_at(self._invocations, mapping(result.get("provenance")).get("invocationIndex")))

    def message(self, result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
        """Return a result's message, placeholders filled in once (3.11.5 to 3.11.7)."""
        message = mapping(result.get("message"))
        shown = text(message.get("text")) or text(message.get("markdown"))
        if not shown and (identity := text(message.get("id"))):
            components = (self._component(mapping(mapping(result.get("rule")).get("toolComponent"))), self._driver)
            every_text = [component.get("globalMessageStrings") for component in (*components, *self._extensions)]
            for texts in (rule.get("messageStrings"), *every_text):
                shown = shown or text(mapping(mapping(texts).get(identity)).get("text"))
        arguments = items(message.get("arguments"))
        if arguments:
            shown = _filled(shown, arguments)
        return shown[:_LONGEST_MESSAGE] or text(mapping(rule.get("shortDescription")).get("text"))

    def location(self, result: Mapping[str, Any]) -> tuple[str, Any, str]:
        """Return the path, line and logical name of a result's first location, or of what was analysed."""
        location = next(iter(mappings(result.get("locations"))), {})
        physical = mapping(location.get("physicalLocation"))
        artifact = mapping(physical.get("artifactLocation")) or mapping(result.get("analysisTarget"))
        logical = next(iter(mappings(location.get("logicalLocations"))), {})
        logical = {**mapping(_at(self._logical, logical.get("index"))), **logical}
        name = text(logical.get("fullyQualifiedName")) or text(logical.get("name"))
        return self._path(artifact), mapping(physical.get("region")).get("startLine"), name

    def _path(self, location: Mapping[str, Any]) -> str:
        """Return a path, with those bases before it that are relative themselves (3.4, 3.14.14).

        An absolute base is where the tool's machine had the repository, which is not part of a path in it.
        """
        if not text(location.get("uri")):
            location = mapping(mapping(_at(self._artifacts, location.get("index"))).get("location")) or location
        path = unquote(text(location.get("uri")))
        base = text(location.get("uriBaseId"))
        for _ in range(_MOST_BASES):
            known = mapping(self._bases.get(base))
            before = unquote(text(known.get("uri")))
            if not base or _ABSOLUTE.match(path) or _ABSOLUTE.match(before):
                break
            path = f"{before.rstrip('/')}/{path}" if before.strip("/") else path
            base = text(known.get("uriBaseId"))
        return path


def _at(values: Sequence[Any], index: Any) -> Any:
    """Return the value at an index; -1 and what is not an index mean none (3.7.4)."""
    is_index = isinstance(index, int) and not isinstance(index, bool)
    return values[index] if is_index and 0 <= index < len(values) else None


def _is_below(rule_id: str, known: str) -> bool:
    return rule_id == known or rule_id.startswith(f"{known}/")


def _filled(form: str, arguments: Sequence[Any]) -> str:
    """Return a text with its placeholders replaced, up to the longest message."""
    pieces: list[str] = []
    position = length = 0
    for match in _PLACEHOLDER.finditer(form):
        if match[1] is None:
            value = match.group()[0]
        else:
            argument = _at(arguments, int(match[1]))
            value = match.group() if argument is None else text(argument)[:_LONGEST_MESSAGE]
        pieces += [form[position : match.start()], value]
        length += match.start() - position + len(value)
        position = match.end()
        if length > _LONGEST_MESSAGE:
            break
    return "".join([*pieces, form[position : position + _LONGEST_MESSAGE]])
