"""YAML of many shapes for properties: objects of the formats, and what can be done to a text to break it."""

import yaml
from hypothesis import strategies as st
from make.policy_files import CHAINSAW_TEST, CONSTRAINT, KYVERNO, KYVERNO_TEST, SUITE, TEMPLATE

KEYS = st.sampled_from(
    [
        "apiVersion",
        "kind",
        "metadata",
        "name",
        "namespace",
        "annotations",
        "spec",
        "rules",
        "targets",
        "target",
        "rego",
        "libs",
        "code",
        "engine",
        "source",
        "validations",
        "expression",
        "message",
        "crd",
        "names",
        "validate",
        "mutate",
        "policies",
        "results",
        "policy",
        "rule",
        "steps",
        "try",
        "apply",
        "file",
        "tests",
        "cases",
        "template",
        "constraint",
        "id",
        "languages",
        "pattern",
        "severity",
        "resource",
        "definition",
        "jobs",
        "uses",
        "permissions",
        "rulesets",
        "branches",
        "protection",
        "enforcement",
        "type",
        "title",
        "description",
        "category",
        "related",
    ]
)
WORDS = st.sampled_from(
    [
        "kyverno.io/v1",
        "policies.kyverno.io/v1",
        "cli.kyverno.io/v1",
        "chainsaw.kyverno.io/v1",
        "templates.gatekeeper.sh/v1",
        "constraints.gatekeeper.sh/v1",
        "test.gatekeeper.sh/v1",
        "ClusterPolicy",
        "ValidatingPolicy",
        "ConstraintTemplate",
        "Suite",
        "Test",
        "Rego",
        "K8sNativeValidation",
        "active",
        "package a\n\n# METADATA\n# title: [\nviolation[x] {\n",
        "../a.yaml",
        "{{ x }}",
        "",
        "\x85\u2028",
    ]
)
VALUES = st.recursive(
    st.one_of(WORDS, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=25,
)
OBJECTS = st.fixed_dictionaries(
    {"apiVersion": WORDS, "kind": WORDS, "metadata": VALUES, "spec": VALUES},
    optional={"rules": VALUES, "jobs": VALUES, "policies": VALUES, "results": VALUES, "tests": VALUES},
)
WRITTEN = st.builds(
    lambda documents, flow: yaml.safe_dump_all(documents, default_flow_style=flow, sort_keys=False),
    st.lists(st.one_of(OBJECTS, VALUES), min_size=1, max_size=2),
    st.sampled_from([True, False, None]),
)
SEMGREP = "rules:\n- id: x\n  pattern: y\n  message: m\n- {'id': z, mode: taint}\n"
OURS = [KYVERNO, KYVERNO_TEST, CHAINSAW_TEST, TEMPLATE, CONSTRAINT, SUITE, SEMGREP]
TEXTS = st.one_of(st.sampled_from(OURS), WRITTEN)
PIECES = st.sampled_from(
    [
        *(
            "<<: *a\n",
            "&a ",
            "*a",
            "\t",
            "---\n",
            "...\n",
            "\r",
            "\r\n",
            "? ",
            "- ",
            ": ",
            "{a: 1, a: 2}",
            "[",
            "}",
            "'",
            '"',
        ),
        *("|\n", ">-\n", "! ", "!!null ", "!x ", "#", "%", "~", "yes", "\x85", "\u2028", "\ufeff", "\x00", "  ", "\n"),
        *("name: '{{x}}'\n", '"kyverno\\x2eio\\/v1"', '"\\\n ', "- " * 101, "kyverno.io/v1", "id", "a: 1\na: 1\n"),
    ]
)


@st.composite
def broken(draw: st.DrawFn) -> str:
    """Return a text that was cut, lost or repeated lines, moved some, or had pieces put into it, or none of it."""
    text = draw(TEXTS)
    for _ in range(draw(st.integers(0, 3))):
        lines = text.split("\n")
        number, place = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(text)))
        match draw(st.sampled_from(["cut", "lose", "repeat", "move", "put"])):
            case "cut":
                text = text[:place]
            case "lose":
                text = "\n".join(lines[:number] + lines[number + 1 :])
            case "repeat":
                text = "\n".join([*lines[: number + 1], *lines[number:]])
            case "move":
                text = "\n".join([*lines[:number], *(f" {line}" for line in lines[number:])])
            case _:
                text = text[:place] + draw(PIECES) + text[place:]
    return text
