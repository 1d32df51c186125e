"""Settings come from environment, phase file and defaults, typed, each with its source; whatever is wrong is named."""

import contextlib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.model import ALL_VIEWS, Flags
from mkdocs_gitguard.rollout.decision import decide_publish
from mkdocs_gitguard.rollout.env_file import read_env_file
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.rollout.settings import DECLARATIONS, PHASES, Settings
from mkdocs_gitguard.rollout.values import DURATION, FLAG, NAMES, SHARE, SIZE

CHECKOUT = Path(__file__).parents[2]


def settings(root: Path, phase: str = "", **environ: str) -> Settings:
    return resolve_settings(phase, environ=environ, root=root)


def fails(root: Path, phase: str = "", *, environ: Mapping[str, str] | None = None, **more: str) -> str:
    with pytest.raises(SettingError) as raised:
        resolve_settings(phase, environ={**(environ or {}), **more}, root=root)
    return str(raised.value)


@pytest.fixture
def phase_file(tmp_path: Path) -> Path:
    return tmp_path / "site.env"


# What the plan sets in each phase: "Feature Flag Activation Timeline", "Configuration", "JetStream Retention Strategy".
PLAN = {
    "staging": {
        "CODEX_PUBLISH_ENABLED": "true",
        "CODEX_PUBLISH_PORTAL": "build-only",
        "CODEX_EMBEDDINGS_ENABLED": "false",
        "CODEX_OWNERS_ENABLED": "false",
        "POLICY_TRANSPARENCY_ENABLED": "false",
        "MERMAID_GRAPHS_ENABLED": "false",
        "GRAPH_API_ENABLED": "false",
        "CHAOS_ENGINEERING_ENABLED": "false",
        "SLO_MONITORING_ENABLED": "false",
        "DOCS_PUBLISH_ENABLED": "false",
    },
    "canary": {
        "CODEX_PUBLISH_ENABLED": "true",
        "CODEX_PUBLISH_PORTAL": "external",
        "CODEX_REPO_INCLUDE_LIST": "10%",
        "POLICY_TRANSPARENCY_ENABLED": "true",
        "MERMAID_GRAPHS_ENABLED": "true",
        "GRAPH_API_ENABLED": "false",
        "CHAOS_ENGINEERING_ENABLED": "false",
        "SLO_MONITORING_ENABLED": "true",
        "JETSTREAM_MAX_AGE": "72h",
        "JETSTREAM_MAX_MSGS": "-1",
        "JETSTREAM_MAX_BYTES": "-1",
        "CODEX_ERROR_RATE_THRESHOLD": "0.05",
        "CODEX_LATENCY_THRESHOLD_MS": "5000",
    },
    "production": {
        "CODEX_PUBLISH_ENABLED": "true",
        "CODEX_REPO_INCLUDE_LIST": "",
        "POLICY_TRANSPARENCY_ENABLED": "true",
        "MERMAID_GRAPHS_ENABLED": "true",
        "SLO_MONITORING_ENABLED": "true",
        "GRAPH_API_ENABLED": "false",
        "CHAOS_ENGINEERING_ENABLED": "false",
        "JETSTREAM_MAX_AGE": "72h",
        "JETSTREAM_MAX_MSGS": "-1",
        "JETSTREAM_MAX_BYTES": "-1",
        "CODEX_ERROR_RATE_THRESHOLD": "0.01",
        "CODEX_LATENCY_THRESHOLD_MS": "3000",
    },
    "advanced": {
        "CODEX_PUBLISH_ENABLED": "true",
        "POLICY_TRANSPARENCY_ENABLED": "true",
        "MERMAID_GRAPHS_ENABLED": "true",
        "GRAPH_API_ENABLED": "true",
        "CHAOS_ENGINEERING_ENABLED": "true",
        "SLO_MONITORING_ENABLED": "true",
        "GRAPH_API_PORT": "8002",
        "JETSTREAM_MAX_AGE": "24h",
        "JETSTREAM_MAX_MSGS": "1000000",
        "JETSTREAM_MAX_BYTES": "10GB",
    },
    "embeddings": {"CODEX_EMBEDDINGS_ENABLED": "true", "CODEX_OWNERS_ENABLED": "false", "GRAPH_API_ENABLED": "true"},
    "owners": {"CODEX_EMBEDDINGS_ENABLED": "true", "CODEX_OWNERS_ENABLED": "true", "GRAPH_API_ENABLED": "true"},
}


@pytest.mark.parametrize("phase", PLAN)
def test_a_phase_is_what_the_plan_says(tmp_path: Path, phase: str) -> None:
    resolved = settings(tmp_path, phase)
    assert {name: resolved.text(name) for name in PLAN[phase]} == PLAN[phase]
    assert resolved.phase == phase
    in_file = read_env_file(CHECKOUT / "config" / "rollout" / f"{phase}.env")
    assert {name: in_file[name].value for name in PLAN[phase]} == PLAN[phase]


def test_flags_are_off_by_default(tmp_path: Path, phase_file: Path) -> None:
    phase_file.write_text("")
    assert settings(tmp_path, "site.env").flags == Flags()
    assert settings(tmp_path, "site.env").phase == "site"


def test_preview_shows_all_and_publishes_nothing(tmp_path: Path) -> None:
    resolved = settings(tmp_path)
    assert resolved.phase == "preview"
    assert resolved.flags == ALL_VIEWS
    assert not decide_publish(resolved).allowed


@pytest.mark.parametrize("phase", PHASES)
def test_every_setting_has_a_source(tmp_path: Path, phase: str) -> None:
    resolved = settings(tmp_path, phase)
    assert set(resolved.origins) == {declaration.name for declaration in DECLARATIONS.values()}
    for key, declaration in DECLARATIONS.items():
        assert declaration.name.lower() == key
        assert declaration.type.parse(declaration.type.write(declaration.default)) == declaration.default
        assert len(declaration.doc) > 10


def test_environment_over_file_over_default(tmp_path: Path, phase_file: Path) -> None:
    phase_file.write_text("# a comment\n\n\nBUILD_TIMEOUT=10m\nexport MAX_CONCURRENT_BUILDS = '7' # seven\n")
    resolved = settings(tmp_path, "site.env", BUILD_TIMEOUT="90s")
    assert resolved.build_timeout == timedelta(seconds=90)
    assert str(resolved.origins["BUILD_TIMEOUT"]) == "environment"
    assert resolved.max_concurrent_builds == 7
    assert str(resolved.origins["MAX_CONCURRENT_BUILDS"]) == "site.env:5"
    assert resolved.max_repos_per_hour == -1
    assert str(resolved.origins["MAX_REPOS_PER_HOUR"]) == "default"


def test_the_environment_chooses_the_phase_over_the_option(tmp_path: Path) -> None:
    resolved = settings(tmp_path, "staging", CODEX_ROLLOUT_PHASE="canary")
    assert resolved.phase == "canary"
    assert str(resolved.phase_origin) == "environment"
    assert settings(tmp_path, "staging").phase == "staging"


def test_a_path_is_a_phase_and_may_name_the_plans(tmp_path: Path, phase_file: Path) -> None:
    phase_file.write_text("CODEX_ROLLOUT_PHASE=production\nMAX_CONCURRENT_BUILDS=2\n")
    resolved = settings(tmp_path, CODEX_ROLLOUT_PHASE=str(phase_file))
    assert (resolved.phase, resolved.phase_file) == ("production", phase_file)


def test_the_sites_own_phase_file_wins_over_the_packaged_one(tmp_path: Path) -> None:
    own = tmp_path / "config" / "rollout"
    own.mkdir(parents=True)
    (own / "canary.env").write_text("CODEX_REPO_INCLUDE_LIST=acme/billing, acme/web-*\n")
    resolved = settings(tmp_path, "canary")
    assert resolved.codex_repo_include_list == ("acme/billing", "acme/web-*")
    assert str(resolved.origins["CODEX_REPO_INCLUDE_LIST"]) == "config/rollout/canary.env:1"


def test_an_empty_variable_is_one_that_was_not_given(tmp_path: Path) -> None:
    assert settings(tmp_path, "canary", CODEX_PUBLISH_ENABLED="").codex_publish_enabled
    assert settings(tmp_path, "production", CODEX_REPO_INCLUDE_LIST="").codex_repo_include_list == ()


def test_an_empty_variable_cannot_widen_what_a_phase_shows(tmp_path: Path) -> None:
    message = r"environment: CODEX_REPO_INCLUDE_LIST is empty, where packaged canary\.env:\d+ says '10%'"
    with pytest.raises(SettingError, match=message) as caught:
        settings(tmp_path, "canary", CODEX_REPO_INCLUDE_LIST="")
    assert "write *" in caught.value.hint
    assert settings(tmp_path, "canary", CODEX_REPO_INCLUDE_LIST="*").codex_repo_include_list == ("*",)


def test_retention_of_3a_and_3b_is_one_setting(tmp_path: Path) -> None:
    first = settings(tmp_path, "production")
    second = settings(tmp_path, "production", JETSTREAM_RETENTION="steady")
    assert (first.jetstream_max_age, first.jetstream_max_msgs, first.jetstream_max_bytes) == (
        timedelta(hours=72),
        -1,
        -1,
    )
    assert (second.jetstream_max_age, second.jetstream_max_msgs, second.jetstream_max_bytes) == (
        timedelta(hours=24),
        1_000_000,
        10 * 1024**3,
    )
    assert str(second.origins["JETSTREAM_MAX_AGE"]) == "environment (JETSTREAM_RETENTION is steady)"
    third = settings(tmp_path, "production", JETSTREAM_MAX_AGE="24h")
    assert third.jetstream_max_age == timedelta(hours=24)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("CODEX_PUBLISH_ENABELD=true", "site.env:1: there is no setting CODEX_PUBLISH_ENABELD. Did you mean CODEX_PUBLISH_ENABLED?"),
        ("\n# x\nMERMIAD_GRAPHS_ENABLED=true", "site.env:3: there is no setting MERMIAD_GRAPHS_ENABLED. Did you mean MERMAID_GRAPHS_ENABLED?"),
        ("codex_publish_enabled=true", "site.env:1: there is no setting codex_publish_enabled."),
        ("CODEX_PUBLISH_ENABLED=maybe", "site.env:1: CODEX_PUBLISH_ENABLED is 'maybe'. Set it to true or false."),
        ("CODEX_PUBLISH_ENABLED=", "site.env:1: CODEX_PUBLISH_ENABLED has no value."),
        ("CODEX_PUBLISH_ENABLED", "site.env:1: this is not a setting: 'CODEX_PUBLISH_ENABLED'."),
        ("=1", "site.env:1: this is not a setting: '=1'."),
        ("BUILD_TIMEOUT=600", "site.env:1: BUILD_TIMEOUT is '600'. Set it to a duration with its unit"),
        ("BUILD_TIMEOUT=0s", "site.env:1: BUILD_TIMEOUT is 0"),
        ("JETSTREAM_MAX_BYTES=10 GBs", "site.env:1: JETSTREAM_MAX_BYTES is '10 GBs'. Set it to a size"),
        ("JETSTREAM_MAX_MSGS=-2", "site.env:1: JETSTREAM_MAX_MSGS is '-2'. Set it to a whole number, or -1"),
        ("CODEX_PUBLISH_PORTAL=internal", "Set it to build-only or external."),
        ("DOCS_PUBLISH_URL=javascript:alert(1)", "Set it to a URL that starts with http:// or https://."),
        ("CODEX_REPO_INCLUDE_LIST=10%,20%", "site.env:1: CODEX_REPO_INCLUDE_LIST holds two shares, 10% and 20%. Keep one."),
        ("CODEX_RELEASES_KEPT=1", "site.env:1: CODEX_RELEASES_KEPT is 1, so there is nothing to go back to. Keep 2 or more."),
        ("codex_publish_enabled=true", "there is no setting codex_publish_enabled. Did you mean CODEX_PUBLISH_ENABLED?"),
        ("LOG_LEVEL=loud", "Set it to DEBUG, INFO, WARN, ERROR or CRITICAL."),
        ("LOG_LEVEL=INFO\nBUILD_TIMEOUT=5m\nLOG_LEVEL=DEBUG", "site.env:3: LOG_LEVEL is set twice, first on line 1."),
        ("DOCS_PUBLISH_URL=${BASE}", "site.env:1: DOCS_PUBLISH_URL asks for another variable's value"),
        ("CODEX_ROLLOUT_PHASE=canery", "site.env:1: CODEX_ROLLOUT_PHASE is 'canery', which is not a phase. Did you mean canary?"),
        (
            "CODEX_PUBLISH_PORTAL=build-only\nDOCS_PUBLISH_ENABLED=true",
            "site.env:2: DOCS_PUBLISH_ENABLED is true, but CODEX_PUBLISH_PORTAL is build-only (site.env:1).",
        ),
        (
            "CODEX_REPO_INCLUDE_LIST=a/b\nCODEX_REPO_EXCLUDE_LIST=a/b",
            "site.env:2: a/b stands in CODEX_REPO_EXCLUDE_LIST and in CODEX_REPO_INCLUDE_LIST (site.env:1).",
        ),
        (
            "JETSTREAM_RETENTION=steady\nJETSTREAM_MAX_AGE=72h",
            "site.env:2: JETSTREAM_MAX_AGE contradicts JETSTREAM_RETENTION=steady (site.env:1), which stands for 24h.",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_file_is_named_with_its_line(
    tmp_path: Path, phase_file: Path, text: str, expected: str
) -> None:
    phase_file.write_text(text + "\n")
    assert expected in fails(tmp_path, "site.env")


def test_what_is_wrong_in_the_environment_is_named(tmp_path: Path) -> None:
    assert "environment: there is no setting CODEX_PUBLISH_ENABLE. Did you mean CODEX_PUBLISH_ENABLED?" in fails(
        tmp_path, CODEX_PUBLISH_ENABLE="true"
    )
    assert "there is no setting MERMIAD_GRAPHS_ENABLED" in fails(tmp_path, MERMIAD_GRAPHS_ENABLED="true")
    assert "DOCS_PUBLISH_ENABLED is true, but CODEX_PUBLISH_PORTAL is build-only (packaged staging.env:7)" in fails(
        tmp_path, "staging", DOCS_PUBLISH_ENABLED="true"
    )
    for address in ("https://me:pw@docs.acme.example", "https://pw@docs.acme.example/x"):
        message = fails(tmp_path, DOCS_PUBLISH_URL=address)
        assert "a URL without user and password, for it is shown to readers" in message
        assert "pw" not in message
    assert "There is no phase 'stagging'. Did you mean staging?" in fails(tmp_path, "stagging")
    assert "cannot be read: No such file" in fails(tmp_path, "conf/none.env")


def test_other_programs_variables_are_left_alone(tmp_path: Path) -> None:
    resolved = settings(
        tmp_path, CODEX_HOME="/home/x/.codex", CODEX_SANDBOX="seatbelt", PATH="/bin", FEATURE_ENABLED="1"
    )
    assert resolved.phase == "preview"


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    assert settings(tmp_path, ALERT_WEBHOOK_URL="https://hooks.example/T0/s3cr3t").text("ALERT_WEBHOOK_URL") == "***"
    assert "s3cr3t" not in fails(tmp_path, ALERT_WEBHOOK_URL="hooks.example/T0/s3cr3t")
    assert (
        settings(tmp_path, JETSTREAM_URL="nats://me:s3cr3t@host:4222").text("JETSTREAM_URL") == "nats://***@host:4222"
    )


def test_a_broken_file_is_a_setting_error(tmp_path: Path, phase_file: Path) -> None:
    phase_file.write_bytes(b"LOG_LEVEL=INFO\n\xff\xfe=1\n")
    assert "site.env:2: the file is not UTF-8." in fails(tmp_path, "site.env")
    phase_file.write_bytes(b"A\x00=1\n")
    assert "NUL" in fails(tmp_path, "site.env")
    phase_file.write_bytes(b"\xef\xbb\xbfLOG_LEVEL=DEBUG\r\n\r\nBUILD_TIMEOUT=5m\r\n")
    assert settings(tmp_path, "site.env").log_level == "DEBUG"
    assert str(settings(tmp_path, "site.env").origins["BUILD_TIMEOUT"]) == "site.env:3"


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_file_is_settings_or_a_setting_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    root = tmp_path_factory.getbasetemp()
    (root / "any.env").write_bytes(content)
    with contextlib.suppress(SettingError):
        assert resolve_settings("./any.env", environ={}, root=root).origins


@given(st.text(max_size=30))
def test_a_value_is_parsed_or_refused(text: str) -> None:
    for value_type in {declaration.type for declaration in DECLARATIONS.values()}:
        with contextlib.suppress(ValueError):
            value = value_type.parse(text)
            assert value_type.parse(value_type.write(value)) == value


@given(st.integers(0, 10**9))
def test_durations_and_sizes_are_written_as_they_are_read(number: int) -> None:
    assert DURATION.parse(DURATION.write(timedelta(milliseconds=number))) == timedelta(milliseconds=number)
    assert SIZE.parse(SIZE.write(number)) == number


def test_units() -> None:
    assert DURATION.parse("1h30m") == timedelta(minutes=90)
    assert DURATION.parse("1.5d") == timedelta(hours=36)
    assert (SIZE.parse("10GB"), SIZE.parse("1k"), SIZE.parse("2MiB"), SIZE.parse("-1")) == (
        10 * 2**30,
        1000,
        2 * 2**20,
        -1,
    )
    assert (FLAG.parse("YES"), FLAG.parse("off")) == (True, False)
    assert (SHARE.parse("5%"), SHARE.parse("0.05"), SHARE.parse("1")) == (0.05, 0.05, 1.0)
    assert NAMES.parse(" a/b,\n c/*  a/b") == ("a/b", "c/*")


@pytest.mark.parametrize(
    ("environ", "reasons"),
    [
        ({}, ["CODEX_PUBLISH_PORTAL is build-only (packaged staging.env:7).", "DOCS_PUBLISH_ENABLED is false (packaged staging.env:8)."]),
        ({"CODEX_PUBLISH_PORTAL": "external"}, ["DOCS_PUBLISH_ENABLED is false (packaged staging.env:8)."]),
        (
            {"CODEX_PUBLISH_PORTAL": "external", "DOCS_PUBLISH_ENABLED": "true", "CODEX_PUBLISH_ENABLED": "false"},
            ["CODEX_PUBLISH_ENABLED is false (environment)."],
        ),
        (
            {"CODEX_PUBLISH_PORTAL": "external", "DOCS_PUBLISH_ENABLED": "true", "CODEX_DRY_RUN": "true"},
            ["CODEX_DRY_RUN is true (environment): checked, not published."],
        ),
    ],
)  # fmt: skip
def test_every_refusal_to_publish_has_its_reason(tmp_path: Path, environ: dict[str, str], reasons: list[str]) -> None:
    decision = decide_publish(settings(tmp_path, "staging", **environ))
    assert (decision.allowed, list(decision.reasons)) == (False, reasons)


def test_three_words_allow_a_publish(tmp_path: Path, phase_file: Path) -> None:
    phase_file.write_text("CODEX_PUBLISH_ENABLED=true\nCODEX_PUBLISH_PORTAL=external\n")
    decision = decide_publish(settings(tmp_path, "site.env"))
    assert decision.allowed
    assert decision.reasons[2] == "DOCS_PUBLISH_ENABLED is true (default (CODEX_PUBLISH_PORTAL is external))."
    for word in ("CODEX_PUBLISH_ENABLED", "DOCS_PUBLISH_ENABLED"):
        assert not decide_publish(settings(tmp_path, "site.env", **{word: "false"})).allowed
    phase_file.write_text("CODEX_ROLLOUT_PHASE=preview\nCODEX_PUBLISH_ENABLED=true\nCODEX_PUBLISH_PORTAL=external\n")
    assert not decide_publish(settings(tmp_path, "site.env")).allowed
