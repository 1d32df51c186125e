"""Variables of the environment: what is ours, what is a slip of ours, and what is another program's."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.rollout.resolve import is_slip, resolve_settings
from mkdocs_gitguard.rollout.settings import DECLARATIONS

KNOWN = [declaration.name for declaration in DECLARATIONS.values()]


@pytest.mark.parametrize(
    "name",
    [
        # OpenAI's Codex: its environment variables and those of codex-universal.
        *("CODEX_HOME", "CODEX_ENV_PYTHON_VERSION", "CODEX_SQLITE_HOME", "CODEX_NON_INTERACTIVE", "CODEX_INSTALL_DIR"),
        *("CODEX_ACCESS_TOKEN", "CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_CI", "CODEX_INTERNAL_ORIGINATOR_OVERRIDE"),
        # Microsoft Graph, NATS, and words that many programs use.
        *("GRAPH_API_TOKEN", "GRAPH_API_ENDPOINT", "GRAPH_API_HOST", "GRAPH_API_KEY", "GRAPH_API_VERSION"),
        *("JETSTREAM_DOMAIN", "JETSTREAM_MAX_MEM", "DOCS_PUBLISH_DIR", "LOGLEVEL", "LOG_LEVELS", "BUILD_TIMEOUTS"),
        *("FEATURE_ENABLED", "PUBLISH_ENABLED", "MERMAID_CONFIG"),
    ],
)
def test_other_programs_variables_are_left_alone(tmp_path: Path, name: str) -> None:
    assert resolve_settings(environ={name: "secret-word"}, root=tmp_path).phase == "preview"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CODEX_PUBLISH_ENABELD", "CODEX_PUBLISH_ENABLED"),
        ("CODEX_PUBLSH_ENABLE", "CODEX_PUBLISH_ENABLED"),
        ("codex_publish_enabled", "CODEX_PUBLISH_ENABLED"),
        ("CODEXPUBLISH_ENABLED", "CODEX_PUBLISH_ENABLED"),
        ("CODEX_REPO_EXLUDE_LIST", "CODEX_REPO_EXCLUDE_LIST"),
        ("CODEX_REPOS_EXCLUDE_LIST", "CODEX_REPO_EXCLUDE_LIST"),
        ("CODEX_REPO_EXCLUDE", "CODEX_REPO_EXCLUDE_LIST"),
        ("CODEX_ROLOUT_PHASE", "CODEX_ROLLOUT_PHASE"),
        ("POLICY_TRANSPARANCY_ENABLED", "POLICY_TRANSPARENCY_ENABLED"),
        ("GRAPH_API_PORTS", "GRAPH_API_PORT"),
    ],
)
def test_a_slip_is_named_and_its_value_is_not_shown(tmp_path: Path, name: str, meant: str) -> None:
    with pytest.raises(SettingError, match=f"there is no setting {name}. Did you mean {meant}") as raised:
        resolve_settings(environ={name: "secret-word"}, root=tmp_path)
    assert "secret-word" not in str(raised.value)


@given(st.sampled_from(KNOWN), st.data())
def test_one_letter_wrong_is_a_slip(known: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(known) - 1))
    letter = data.draw(st.sampled_from("QXZ"))
    if known[at] == "_":
        assert is_slip(known[:at] + known[at + 1 :], known)
    else:
        assert is_slip(known[:at] + letter + known[at + 1 :], known)
        assert is_slip(known[:at] + known[at + 1 :], known)


@given(st.sampled_from(KNOWN), st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ_", min_size=1, max_size=30))
def test_another_last_word_is_no_slip(known: str, word: str) -> None:
    first, _, last = known.rpartition("_")
    if len(word) > 2 * len(last) + 2 and "_" not in word:
        assert not is_slip(f"{first}_{word}", known)
