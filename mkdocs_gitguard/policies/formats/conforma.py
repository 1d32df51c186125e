"""Conforma's configuration (https://conforma.dev/docs/cli/configuration.html): which policies it asks, and where from.

It holds no policy of its own: a list of `sources`, each with the `policy` URLs that rules come from. Rules that a
source leaves out, or takes in for a time, are exceptions: `config.exclude` and `volatileConfig`, each entry with
`value`, `effectiveOn`, `effectiveUntil`, `reference` and the images or components that it holds for
(https://conforma.dev/docs/crds/reference.html, EnterpriseContractPolicy v1alpha1).
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from msgspec.structs import replace
from yaml.nodes import MappingNode, Node, ScalarNode

from mkdocs_gitguard.model import Finding, policy_key
from mkdocs_gitguard.policies.description import urls
from mkdocs_gitguard.policies.exception_fields import MOST_EXCEPTIONS, cut, date_in, scalars, scope_of
from mkdocs_gitguard.policies.file_scan import FoundException, PolicyUse
from mkdocs_gitguard.policies.format import Found, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.uses import use_of_url
from mkdocs_gitguard.policies.yaml.documents import YamlDocument, child, children, string

_SCOPES: Final = (
    ("images", ("imageRef", "imageDigest", "imageUrl")),
    ("components", ("componentNames",)),
)


def read_conforma(source: PolicySource) -> Found:
    """Return the policies that the sources of a configuration, or of an EnterpriseContractPolicy, name."""
    findings: list[Finding] = []
    exceptions = tuple(islice(_exceptions(source, findings), MOST_EXCEPTIONS))
    return Found(uses=tuple(_uses(source)), exceptions=exceptions, findings=tuple(findings))


def _uses(source: PolicySource) -> Iterator[PolicyUse]:
    for document in source.documents(b"sources", is_certain=False):
        if not document.may_hold(b"policy"):
            continue
        root = document.root
        for sources in (child(root, "sources"), child(root, "spec", "sources")):
            for entry in children(sources):
                for url in children(child(entry, "policy")):
                    if isinstance(url, ScalarNode):
                        yield from use_of_url("Conforma's sources", str(url.value), document.first(url))


def _exceptions(source: PolicySource, findings: list[Finding]) -> Iterator[FoundException]:
    for document in source.documents(b"sources", is_certain=False):
        if not document.may_hold(b"policy"):
            continue
        for holder in (document.root, child(document.root, "spec")):
            sources = [entry for entry in children(child(holder, "sources")) if child(entry, "policy") is not None]
            if not sources:
                continue
            for entry in (child(holder, "configuration"), *(child(entry, "config") for entry in sources)):
                for item in children(child(entry, "exclude")):
                    if isinstance(item, ScalarNode) and (value := cut(str(item.value))):
                        yield _exception(document, item, value)
            for entry in sources:
                yield from _volatile(document, child(entry, "volatileConfig"), source, findings)


def _volatile(
    document: YamlDocument, config: Node | None, source: PolicySource, findings: list[Finding]
) -> Iterator[FoundException]:
    for name in ("exclude", "include"):
        for item in children(child(config, name)):
            value = cut(string(item, "value"))
            if not isinstance(item, MappingNode) or not value:
                findings.append(
                    source.finding(
                        "exception-broken",
                        "warning",
                        f"An entry of volatileConfig.{name} has no value, so it excepts nothing.",
                        document.first(item),
                        "Name the rule, package or collection in `value`.",
                    )
                )
                continue
            starts = date_in(child(item, "effectiveOn"), source, document, findings, "effectiveOn")
            ends = date_in(child(item, "effectiveUntil"), source, document, findings, "effectiveUntil")
            if name == "include" and starts is None and ends is None:
                continue
            exception = _exception(document, item, value)
            yield replace(
                exception,
                type="exclusion" if name == "exclude" else "start",
                scope=scope_of(
                    (words, [text for field in fields for text in scalars(child(item, field))])
                    for words, fields in _SCOPES
                ),
                reference=next(iter(urls(string(item, "reference"))), ""),
                starts_at=starts,
                ends_at=ends,
            )


def _exception(document: YamlDocument, node: Node, value: str) -> FoundException:
    """Return what leaves out `value`: `package.rule:term`, a package, `@collection` or `*`."""
    code = value.partition(":")[0]
    keys = (policy_key("rego-code", code), policy_key("rego-package", code)) if code[:1] not in ("@", "*") else ()
    return FoundException(
        format="conforma",
        type="exclusion",
        name="every rule" if value == "*" else value,
        first_line=document.first(node),
        last_line=document.last(node),
        keys=keys,
    )


FORMAT: Final = PolicyFormat(
    "conforma",
    "Conforma",
    lambda path: path.endswith((".yaml", ".yml")),
    (b"sources:",),
    read_conforma,
    skips_test_folders=True,
    is_testable=False,
)
