"""What is typed and what must be first: sixty queries, judged on the load fixture by the real script."""

import os
import subprocess
import sys

import pytest
import yaml

from benchmarks.organisation import END, make_organisation

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GATEWAY = "acme/apps/gateway-service"
REPO_GUARD = "policy:acme/guardrails/rego/repo.guard"
QUERIES = {
    # Repositories, by any part of the name and letter by letter.
    "guardrails": "repository:acme/guardrails",
    "guard": "repository:acme/guardrails",
    "acme/guardrails": "repository:acme/guardrails",
    "gateway-api": "repository:acme/gateway-api",
    "gateway-a": "repository:acme/gateway-api",
    "gateway-service": f"repository:{GATEWAY}",
    "vault-": "repository:acme/apps/vault-service",
    "agent-service": "repository:acme/agent-service",
    "Agent Service": "repository:acme/agent-service",
    "acme/catalog-serv": "repository:acme/catalog-service",
    "session service": "repository:acme/session-service",
    "mailer": "repository:acme/mailer-service",
    "ACME/Invoice-Service": "repository:acme/invoice-service",
    "router-service": "repository:acme/router-service",
    "acme": "organization:acme",
    # People and teams.
    "Tomas Novak": "owner:user/tomasnovak3",
    "tomasnovak3": "owner:user/tomasnovak3",
    "@tomasnovak3": "owner:user/tomasnovak3",
    "@tomas": "owner:user/tomasnovak3",
    "novak": "owner:user/tomasnovak3",
    "aiko tan": "owner:user/aikotanaka4",
    "okafor chidi": "owner:user/chidiokafor6",
    "acme/platform": "owner:team/acme/platform",
    "@acme/payments": "owner:team/acme/payments",
    "security": "owner:team/acme/security",
    "mobile": "owner:team/acme/mobile",
    "dependabot": "owner:user/dependabot[bot]",
    # Policies and rules: by name, file, path, what decisions call them.
    "repo.guard": REPO_GUARD,
    "repo.rego": REPO_GUARD,
    "policies/repo.rego": REPO_GUARD,
    "data.repo.guard": REPO_GUARD,
    "acme/guardrails/rego/repo.guard": REPO_GUARD,
    "images.guard": "policy:acme/guardrails/rego/images.guard",
    "release.gu": "policy:acme/guardrails/rego/release.guard",
    "require-labels-agent-service": "policy:acme/agent-service/kyverno/ClusterPolicy/require-labels-agent-service",
    "require-labels-proxy": "policy:acme/proxy-service/kyverno/ClusterPolicy/require-labels-proxy-service",
    "require labels router": "policy:acme/router-service/kyverno/ClusterPolicy/require-labels-router-service",
    "guardrails-no-print": "rule:acme/guardrails/semgrep/.semgrep/rules#guardrails-no-print",
    "no force": "No force",
    "Signed": "Signed",
    # Pull requests: by number, with and without a page, and by title.
    "#69": "#69",
    "69": "#69",
    "gateway-service#47": f"pull-request:{GATEWAY}/47",
    f"{GATEWAY}#10": f"pull-request:{GATEWAY}/10",
    "gateway-service 38": f"pull-request:{GATEWAY}/38",
    "Move a race in shutdown": f"pull-request:{GATEWAY}/38",
    "race shutdown move": f"pull-request:{GATEWAY}/38",
    "upgrade pagin": f"pull-request:{GATEWAY}/58",
    "client's timeouts test": f"pull-request:{GATEWAY}/24",
    "guardrails#3": "pull-request:acme/guardrails/3",
    "agent-service cache the cache key": "pull-request:acme/agent-service/21",
    # Lists and the site's own pages.
    "code owners": "Code owners",
    "code owners gateway-api": "Code owners of acme/gateway-api",
    "pull requests guardrails": "Pull requests of acme/guardrails",
    "findings": "Findings",
    "how to get access": "How to get access",
    # Files and folders, by any part of the path.
    "src/core/vault6.py": "src/core/vault6.py",
    "core/vault6.py": "src/core/vault6.py",
    "vault6.sh": "tools/vault6.sh",
    "agent-service/web/app/mailer3.ts": "web/app/mailer3.ts",
    "guardrails images_test.rego": "policies/images_test.rego",
    "agent-service src/store/": "src/store",
}
"""What is typed, and the node, or the beginning of the label, of what must come first."""


@pytest.fixture(scope="module")
def organisation(tmp_path_factory: pytest.TempPathFactory, serve) -> str:
    folder = tmp_path_factory.mktemp("organisation")
    make_organisation(folder, repositories=16, pull_requests=500, seed=1, jobs=1)
    config = yaml.safe_load((folder / "mkdocs.yml").read_text())
    config["plugins"][1]["gitguard"]["pull_request_pages"] = 12
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config, sort_keys=False))
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "access.md").write_text("# How to get access\n\nAsk the platform team.\n")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(END + 86400), "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet"],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
    )
    return serve(folder / "site")


def test_the_right_page_is_first(visit, organisation: str) -> None:
    page = visit.open(organisation)
    first = page.evaluate(
        "async (queries) => { const hits = []; for (const query of queries) hits.push(await gitguardSearch.find(query));"
        " return hits.map(([hit]) => (hit ? [hit.id, hit.label] : ['', ''])); }",
        list(QUERIES),
    )
    wrong = {
        query: (wanted, got)
        for (query, wanted), got in zip(QUERIES.items(), first, strict=True)
        if wanted != got[0] and not (got[1].startswith(wanted) and ":" not in wanted)
    }
    assert len(QUERIES) >= 60
    assert wrong == {}
    assert visit.complaints == []
