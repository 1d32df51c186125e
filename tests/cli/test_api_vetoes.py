"""`gitguard api serve` does not go on serving what has been vetoed since the build."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from make.site import Site
from make.snapshot import likely

from mkdocs_gitguard.cli import cli


def test_what_was_built_before_a_veto_is_not_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAPH_API_ENABLED", "true")
    Site(tmp_path).write(likely(repositories=1, pull_requests=1)).build()
    served: list[object] = []
    monkeypatch.setattr("uvicorn.run", lambda app, **_: served.append(app))
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(cli, ["api", "serve"]).exit_code == 0
    assert len(served) == 1
    monkeypatch.setenv("CODEX_REPO_EXCLUDE_LIST", "acme/ledger")
    for folder in (".", "site", "site/api/v1"):
        refused = CliRunner().invoke(cli, ["api", "serve", folder])
        assert (refused.exit_code, len(served)) == (1, 1)
        assert "was built before CODEX_REPO_EXCLUDE_LIST became what it is" in refused.output
