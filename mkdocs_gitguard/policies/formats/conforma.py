"""Conforma's configuration (https://conforma.dev/docs/cli/configuration.html): which policies it asks, and where from.

It holds no policy of its own: a list of `sources`, each with the `policy` URLs that rules come from.
"""

from collections.abc import Iterator
from typing import Final

from yaml.nodes import ScalarNode

from mkdocs_gitguard.policies.file_scan import PolicyUse
from mkdocs_gitguard.policies.format import Found, PolicyFormat, PolicySource
from mkdocs_gitguard.policies.uses import use_of_url
from mkdocs_gitguard.policies.yaml.documents import child, children


def read_conforma(source: PolicySource) -> Found:
    """Return the policies that the sources of a configuration, or of an EnterpriseContractPolicy, name."""
    return Found(uses=tuple(_uses(source)))


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


FORMAT: Final = PolicyFormat(
    "conforma",
    "Conforma",
    lambda path: path.endswith((".yaml", ".yml")),
    (b"sources:",),
    read_conforma,
    skips_test_folders=True,
    is_testable=False,
)
