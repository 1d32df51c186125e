"""What a result of OPA says: its outcome, and of its words only those that are for people."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.decisions.formats.opa import FORMAT
from mkdocs_gitguard.decisions.formats.opa_result import NO_VERDICT, judge, messages, reasons
from mkdocs_gitguard.decisions.options import DecisionSource
from mkdocs_gitguard.decisions.read import read
from mkdocs_gitguard.decisions.redaction import Redaction

MASKED = ("skip", "OPA's own mask took the result out of its log.")


def outcome_of(**event):
    event = {"decision_id": "d", "timestamp": "2026-01-01T00:00:00Z"} | event
    reading = read([json.dumps(event).encode()], DecisionSource(path="log"), "log", Redaction())
    assert reading.findings == ()
    (decision,) = reading.decisions
    return decision.outcome, decision.message


@pytest.mark.parametrize(
    ("name", "result", "outcome", "message"),
    [
        ("deny", {"db": "nothing may go"}, "deny", ""),
        ("deny", {}, "allow", ""),
        ("deny", {"nobody is named": True}, "deny", "nobody is named"),
        ("deny", {"outcome": "deny", "reasons": [{"code": "x", "message": "closed"}]}, "deny", "closed"),
        ("deny", {"msg": "no", "details": {"user": "clerk@example.org"}}, "deny", "no"),
        ("deny", [{"msg": "no", "user": "clerk@example.org"}, "neither"], "deny", "no; neither"),
        ("deny", {"denied": False, "reason": "fine"}, "allow", ""),
        ("deny", False, "allow", ""),
        ("deny", True, "deny", ""),
        ("allow", {"allowed": False, "reason": "no", "user": "clerk@example.org"}, "deny", "no"),
        ("allow", {"user": "clerk@example.org"}, "skip", NO_VERDICT),
        ("names", ["clerk@example.org"], "skip", NO_VERDICT),
        ("gate", {"allow": True, "owner": "clerk@example.org", "names": {"clerk@example.org": True}}, "allow", ""),
        ("gate", {"deny": [{"message": "closed", "who": "clerk"}], "who": "clerk"}, "deny", "closed"),
        ("gate", {"deny": True, "message": "closed"}, "deny", "closed"),
        (
            "main",
            {
                "kind": "AdmissionReview",
                "response": {"allowed": False, "uid": "u-1", "status": {"message": "no owner"}},
            },
            "deny",
            "no owner",
        ),
    ],
)
def test_an_outcome_and_only_what_is_for_people(name, result, outcome, message):
    assert judge(name, result) == (outcome, message)


@pytest.mark.parametrize("name", ["erased", "masked"])
@pytest.mark.parametrize(
    ("path", "result", "pointer"),
    [
        ("a/allow", None, "/result"),
        ("a/deny", [], "/result/0"),
        ("a/deny", {"msg": "***"}, "/result/msg"),
        ("a", {"allow": True}, "/result/deny"),
        ("a", {"deny": []}, "/result/deny/0/msg"),
        ("a/names", ["x"], "/result/0"),
    ],
)
def test_a_verdict_that_was_masked_is_none(name, path, result, pointer):
    event = {} if result is None else {"result": result}
    assert outcome_of(path=path, **event, **{name: [pointer]}) == MASKED


@pytest.mark.parametrize("pointer", ["/input/token", "/result/user", "/nd_builtin_cache"])
def test_a_mask_of_something_else_leaves_the_verdict(pointer):
    assert outcome_of(path="a", result={"allow": True}, erased=[pointer]) == ("allow", "")


def test_undefined_is_not_masked():
    assert outcome_of(path="a/allow") == ("deny", "The rule is undefined for this input.")
    assert outcome_of(path="a/deny") == ("allow", "")
    assert outcome_of(path="a/names") == ("skip", "The query is undefined for this input.")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just("secret-value"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["deny", "allow", "warn", "data", "user", "names", "code"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(["names", "gate", "allow", "users"]), st.dictionaries(st.sampled_from(["user", "data"]), JSON))
def test_data_beside_a_verdict_is_in_no_message(name, data):
    assert "secret-value" not in judge(name, data | {"allow": False})[1]
    assert "secret-value" not in judge(name, data)[1] or any(key in str(data) for key in ("'deny'", "'warn'"))


@given(st.lists(st.sampled_from(["data", "a", "deny", "allow", "x-y"]), min_size=2, max_size=4), JSON)
def test_any_result_has_an_outcome_and_reasons(segments, result):
    judge(segments[-1], result)
    list(reasons(tuple(segments), result))
    messages(result)
    list(FORMAT.read({"decision_id": "d", "path": "/".join(segments), "result": result}))


def test_several_bundles_are_all_looked_for():
    event = {"decision_id": "d", "path": "a/allow", "result": True, "timestamp": "2026-01-01T00:00:00Z"}
    event["bundles"] = {"one": {"revision": "a" * 40}, "two": {"revision": "b" * 40}}
    (decision,) = read([json.dumps(event).encode()], DecisionSource(path="log"), "log", Redaction()).decisions
    assert (decision.revision, decision.revisions) == ("", ("a" * 40, "b" * 40))
    assert decision.named_revisions == ("a" * 40, "b" * 40)


def test_deep_results_end():
    nested: object = "x"
    for _ in range(500):
        nested = [nested]
    assert judge("deny", nested) == ("deny", "")
