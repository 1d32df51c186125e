"""Nothing that looks like a secret gets through."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.decisions.redaction import Mark, Redaction, is_secret_key, redact_input, redact_text

SHAPES, VALUES = Redaction(), Redaction(show="values")

SECRET_KEYS = [
    "token", "Token", "access_token", "accessToken", "X-Auth-Token", "x_auth", "password", "PASSWORD", "dbPassword",
    "db-passwd", "pass", "user_pwd", "secret", "clientSecret", "client.secret", "SECRET_KEY", "authorization",
    "Authorization", "Proxy-Authorization", "API-Key", "apiKey", "api key", "APIKEY", "x-api-key", "private_key",
    "privateKey", "Set-Cookie", "sessionid", "JWT", "id_token", "credentials", "aws_secret_access_key", "AWSAccessKeyId",
    "connectionString", "dsn", "passphrase", "otp", "pin", "sig", "signature", "ｐａｓｓｗｏｒｄ", "Pass Word", "kubeconfig",
]  # fmt: skip
PLAIN_KEYS = [
    "author",
    "spinner",
    "path",
    "method",
    "user",
    "name",
    "design",
    "passenger",
    "repository",
    "signal",
    "pinned",
]

KNOWN = [
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
    "glpat-abcdefghij1234567890",
    "AKIAIOSFODNN7EXAMPLE",
    "xoxb-123456789012-abcdefghijkl",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "sk_live_abcdefghijklmnop",
    "AIzaSyA-abcdefghijklmnopqrstuvwxyz12345",
    "npm_abcdefghijklmnopqrstuvwxyz0123456789",
]


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_secret_keys_are_known_in_any_spelling(key):
    assert is_secret_key(key)


@pytest.mark.parametrize("key", PLAIN_KEYS)
def test_plain_keys_stay_plain(key):
    assert not is_secret_key(key)


def test_the_site_can_name_more_parts_of_secret_keys():
    assert is_secret_key("employee-Salary", ("salary",))


@pytest.mark.parametrize("secret", KNOWN)
@pytest.mark.parametrize("around", ["{}", "the value {} is wrong", "https://x.example/?q={}&r=1", "'{}',", "a={}"])
def test_known_forms_of_secrets_are_cut_out_of_texts(secret, around):
    assert secret not in redact_text(around.format(secret))


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("clone https://mira:hunter2@git.example/x failed", "hunter2"),
        ("Authorization: Bearer abcdefgh12345678", "abcdefgh12345678"),
        ('env {"DB_PASSWORD": "correct horse"} is set', "correct horse"),
        ("password=hunter2; next", "hunter2"),
        ("api_key: 12ab", "12ab"),
        ("value 4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a is set", "4f3c2b1a4f3c2b1a"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "MIIabc"),
        ("k9Xp2Lm7Qr4Zt8Vw1Yb5 is odd", "k9Xp2Lm7Qr4Zt8Vw1Yb5"),
    ],
)
def test_secrets_without_a_known_form_are_cut_out_too(text, secret):
    assert secret not in redact_text(text)


@pytest.mark.parametrize(
    "text",
    [
        'you must provide labels: {"gatekeeper"}',
        "Container nginx has no memory limit",
        "K8sPSPAllowPrivilegeEscalationContainer violated by Deployment default/web-7d9f8b6c5d-x2x4z",
        "python.flask.security.audit.hardcoded-config.avoid_hardcoded_config_SECRET_KEY",
        "image nginx@sha256:4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a has no tag",
        "checkov/terraform/checks/graph_checks/aws/S3BucketHasPublicAccessBlock.yaml",
        "apiVersion: apps/v1, replicas=3",
        "The token: it must be rotated every 90 days",
    ],
)
def test_ordinary_messages_stay_as_they_are(text):
    assert redact_text(text) == text


def test_by_default_only_the_shape_is_shown():
    shown = redact_input(
        {"input": {"user": "mira", "age": 7, "roles": ["a", "b"], "method": "GET", "ok": True, "x": None}}, SHAPES
    )
    assert json.loads(shown) == {
        "input": {
            "user": "<text>",
            "age": "<number>",
            "roles": ["<text>", "<2 in all>"],
            "method": "GET",
            "ok": "<boolean>",
            "x": None,
        }
    }


def test_an_allowed_key_does_not_open_a_secret():
    shown = redact_input({"method": KNOWN[0], "token": {"kind": "plain", "list": ["plain"]}}, SHAPES)
    assert json.loads(shown) == {"method": "***", "token": {"kind": "***", "list": ["***"]}}


@pytest.mark.parametrize("number", [10**40, -(10**40), float("inf"), float("nan"), 2**63])
def test_a_number_that_json_does_not_hold_is_a_shape(number):
    assert json.loads(redact_input({"n": number}, VALUES)) == {"n": "<number>"}


def test_what_opa_took_away_is_named():
    assert json.loads(redact_input({"password": Mark("(erased by OPA)")}, SHAPES)) == {"password": "(erased by OPA)"}


def test_keys_that_are_values_are_counted_only():
    shown = redact_input({"mira@example.org": 1, KNOWN[0]: 2, "fine": 3}, SHAPES)
    assert json.loads(shown) == {"fine": "<number>", "…": "<2 more>"}


def test_nothing_can_be_shown():
    assert redact_input({"a": 1}, Redaction(show="nothing")) == ""
    assert redact_input(None, SHAPES) == ""


SECRETS = st.sampled_from(KNOWN) | st.text("QXZ789", min_size=12, max_size=40)
PLAIN = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["GET", "read"])


@st.composite
def inputs_with_secrets(draw):
    """An input of any form, and the secrets in it: each under a secret key, or deep below one."""
    secrets = []

    def secret(_):
        secrets.append(draw(SECRETS))
        return secrets[-1]

    held = st.builds(secret, st.none())
    below = st.recursive(
        held,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "kind", "method"]), inner, max_size=3)
        ),
        max_leaves=4,
    )
    tree = st.recursive(
        PLAIN | st.fixed_dictionaries({}, optional=dict.fromkeys(SECRET_KEYS, below)),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*PLAIN_KEYS, "kind"]), inner, max_size=4)
        ),
        max_leaves=10,
    )
    return draw(tree), secrets


@given(inputs_with_secrets(), st.sampled_from([SHAPES, VALUES, Redaction(allow=("a", "kind", "user", *SECRET_KEYS))]))
def test_no_value_under_a_secret_key_gets_out_whatever_the_site_allows(made, redaction):
    value, secrets = made
    shown = redact_input(value, redaction)
    assert not [secret for secret in secrets if secret in shown]


TEXT = st.text(min_size=6, max_size=60)


@given(
    st.recursive(
        TEXT,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["user", "path", "a"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_by_default_no_text_of_an_input_gets_out(value):
    shown = redact_input(value, SHAPES)
    texts = []
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            texts.append(current)
        else:
            waiting += current.values() if isinstance(current, dict) else current
    frame = redact_input(_blank(value), SHAPES)
    assert shown == frame, texts


def _blank(value):
    if isinstance(value, str):
        return "blank"
    if isinstance(value, dict):
        return {key: _blank(member) for key, member in value.items()}
    return [_blank(item) for item in value]


@given(st.text())
def test_any_text_can_be_redacted(text):
    redact_text(text).encode()


@given(
    st.sampled_from(KNOWN),
    st.text(st.characters(blacklist_categories=["L", "N", "Cs"]), max_size=30),
    st.text(max_size=30),
)
def test_a_known_secret_never_stays_in_a_text(secret, before, after):
    assert secret not in redact_text(before + secret + " " + after)
