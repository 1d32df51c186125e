"""Diagrams of 3,000 pull requests: making, escaping, checking, and drawing them as SVG.

Run: `python -m benchmarks.diagrams [PULL_REQUESTS]`.
"""

import random
import sys
import time
from datetime import UTC, datetime

from mkdocs_gitguard.model import (
    FileChange,
    Graph,
    Organization,
    Owner,
    OwnerShare,
    Ownership,
    Policy,
    PullRequest,
    PullRequestOwnership,
    Relation,
    Repository,
    Snapshot,
    SourceSpan,
)
from mkdocs_gitguard.portal.diagrams.mermaid import fault, load_engine, source
from mkdocs_gitguard.portal.diagrams.subjects import of_pull_request
from mkdocs_gitguard.portal.diagrams.svg import to_svg

MOMENT = datetime(2026, 11, 23, tzinfo=UTC)


def make(number: int) -> Graph:
    """Return a repository with so many pull requests of 1 to 60 files."""
    rng = random.Random(1)
    folders = [f"services/{name}/{part}" for name in ("billing", "ledger", "auth") for part in ("src", "tests", "docs")]
    mira = Owner(id="owner:user/mira", type="user", name="Mira")
    changes = tuple(
        PullRequest(
            id=f"pull-request:acme/mono/{n}",
            repository="repository:acme/mono",
            number=n,
            title=f"Change number {n}",
            author=mira.id,
            merged_at=MOMENT,
            commit=f"{n:040x}",
            files=tuple(
                FileChange(path=f"{rng.choice(folders)}/file_{m}.py", status="modified")
                for m in range(int(min(60, 1 + rng.paretovariate(0.8))))
            ),
            evidence="x",
            confidence="high",
        )
        for n in range(number, 0, -1)
    )
    touched = tuple(
        PullRequestOwnership(pull_request=change.id, owners=(OwnerShare(owner=mira.id, files=1),)) for change in changes
    )
    guard = Policy(
        id="policy:acme/mono/rego/guard",
        repository="repository:acme/mono",
        format="rego",
        type="package",
        name="guard",
        span=SourceSpan(
            repository="repository:acme/mono",
            path="guard.rego",
            first_line=1,
            last_line=2,
            commit="a" * 40,
            blob="b" * 40,
        ),
    )
    return Graph(
        Snapshot(
            organization=Organization(id="organization:acme", name="Acme"),
            repositories=(Repository(id="repository:acme/mono", namespace="acme", name="mono"),),
            owners=(mira,),
            pull_requests=changes,
            policies=(guard,),
            relations=tuple(Relation(type="touches", source=change.id, target=guard.id) for change in changes),
            ownership=(Ownership(repository="repository:acme/mono", path="CODEOWNERS", pull_requests=touched),),
        )
    )


def main() -> None:
    """Print milliseconds a diagram for each step."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    graph = make(number)
    engine = load_engine()
    started = time.process_time()
    made_of = (of_pull_request(graph, change, lambda _: "../x/") for change in graph.snapshot.pull_requests)
    diagrams = [diagram for diagram in made_of if diagram is not None]
    number = len(diagrams)
    texts = [source(diagram) for diagram in diagrams]
    made = time.process_time()
    own = sum(bool(fault(text)) for text in texts)
    checked = time.process_time()
    parsed = sum(bool(fault(text, engine)) for text in texts)
    asked = time.process_time()
    svgs = [to_svg(diagram) for diagram in diagrams]
    drawn = time.process_time()
    size = sum(map(len, svgs))
    rows = [
        ("made and escaped", made - started, number, ""),
        ("checked by form", checked - made, number, f"{own} would not be drawn"),
        (
            "checked by merman too",
            asked - checked,
            number,
            f"{parsed} would not be drawn" if engine else "not installed",
        ),
        ("drawn as SVG", drawn - asked, number, f"{size / number / 1000:.1f} KB each"),
    ]
    for name, seconds, count, problem in rows:
        print(f"{name:>22}: {seconds:6.2f} s CPU for {count:,}, {seconds / count * 1000:7.2f} ms each {problem}")


if __name__ == "__main__":
    main()
