"""Nothing of a repository that a phase leaves out is in the output: not a byte, packed or not, first build or later."""

from pathlib import Path

import pytest
from make.canaries import CANARIES, leaks, make_portfolio
from make.process import run

FLAGS = ("CODEX_OWNERS_ENABLED", "CODEX_EMBEDDINGS_ENABLED")


@pytest.fixture
def portfolio(tmp_path: Path) -> Path:
    return make_portfolio(tmp_path)


def build(site: Path, **environment: str) -> str:
    variables = {"SOURCE_DATE_EPOCH": "1770000000", **dict.fromkeys(FLAGS, "true"), **environment}
    done = run(site, "mkdocs_gitguard", "build", "--site-dir", "out", **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_a_left_out_repository_leaves_no_trace(portfolio: Path) -> None:
    # The canaries do reach the output where the repository is shown, or the search below would prove nothing.
    build(portfolio, CODEX_ROLLOUT_PHASE="advanced")
    shown = leaks(portfolio / "out")
    assert set(CANARIES) - set(shown) <= {"licence", "branch", "body", "host"}, "these no view shows of any repository"
    assert any(path.endswith(".sqlite.gz") for path in shown["name"])
    assert any(path.endswith(".gz") for path in shown["name"])
    # A partial rollback: the same site, the same state, the repository excluded now.
    log = build(
        portfolio,
        CODEX_ROLLOUT_PHASE="advanced",
        CODEX_REPO_EXCLUDE_LIST=f"{CANARIES['namespace']}/{CANARIES['name']}",
    )
    assert leaks(portfolio / "out") == {}
    assert "canaryzq" not in log.lower()
    assert (portfolio / "out/repository/acme/billing/index.html").is_file()


@pytest.mark.slow
def test_a_share_leaves_the_others_unread(portfolio: Path) -> None:
    """From an empty state: what is not in the canary is not even opened."""
    (portfolio.parent / "hidden" / ".git" / "HEAD").write_text("broken")
    log = build(portfolio, CODEX_ROLLOUT_PHASE="canary", CODEX_REPO_INCLUDE_LIST="acme/billing")
    assert leaks(portfolio / "out") == {}
    assert "canaryzq" not in log.lower()
    assert not (portfolio / "out/repository/acme/ledger").exists()
