"""Every node has a name for people: one line, never empty."""

from make.snapshot import every_kind, likely

from mkdocs_gitguard.model import Owner, label_of


def test_labels_say_what_a_node_is() -> None:
    labels = {node.id: label_of(node) for made in (every_kind(), likely()) for node in made.nodes()}
    assert labels["repository:acme/guardrails"] == "acme/guardrails"
    assert labels["policy:acme/guardrails/rego/repo.guard"] == "Guard & <protect>"
    assert labels["rule:acme/guardrails/rego/repo.guard#deny"] == "deny"
    assert labels["decision:acme/1"] == "deny: not pinned"
    assert labels["pull-request:acme/billing/1"].startswith("#1 ")


def test_a_label_is_one_line_and_never_empty() -> None:
    assert label_of(Owner(id="owner:user/m", type="user", name="Mira\n\tOkafor ")) == "Mira Okafor"
    assert label_of(Owner(id="owner:user/m", type="user", name=" \n")) == "user/m"
