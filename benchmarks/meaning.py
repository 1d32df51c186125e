"""The search by meaning, judged on the demo organisation: `python -m benchmarks.meaning [--repositories 12]`.

The questions avoid the words of what they ask for, as people do who do not know what a thing is called. Of each peer it
is counted how often the first hit is right, how often one of the first three, and the mean of 1/rank. The peers: all
words of the question (as the portal's own search), BM25 with prefixes, and the models at hand. Behind them: what it
costs. `--minilm FOLDER` judges that model too; `--list` shows the rank of each question.
"""

import argparse
import math
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from mkdocs_gitguard.cli.export import portal_pages
from mkdocs_gitguard.cli.loaded_site import load_site
from mkdocs_gitguard.cli.site import read_loaded
from mkdocs_gitguard.demo.organisation import make
from mkdocs_gitguard.meaning.exact import Exact
from mkdocs_gitguard.meaning.files import WEIGHTS, write_files
from mkdocs_gitguard.meaning.router import Router
from mkdocs_gitguard.meaning.search import close_to
from mkdocs_gitguard.meaning.settings import ModelSettings
from mkdocs_gitguard.meaning.texts import texts_of, texts_of_lists
from mkdocs_gitguard.meaning.words import telling_words
from mkdocs_gitguard.portal import Pages

END: Final = 1_790_000_000
"""When the demo's history ends."""
_CLUSTER: Final = "policy:acme/cluster-policies"
_GUARDRAILS: Final = "policy:acme/guardrails/rego"
_SEMGREP: Final = "policy:acme/payments-api/semgrep/.semgrep/rules"
_BUCKETS: Final = "policy:acme/infrastructure/custodian/custodian/public-buckets"
_VAULT: Final = f"{_CLUSTER}/cedar/cedar/vault"


class Question(NamedTuple):
    """What somebody may ask, and what answers it."""

    words: str
    answers: tuple[str, ...]
    """Ids; a policy's rule answers as well as the policy."""


QUESTIONS: Final = tuple(
    Question(words, answers)
    for words, *answers in (
        ("where do shoppers enter their purchase", "repository:acme/checkout-web"),
        ("accounting system for transactions", "repository:acme/ledger", "repository:acme/payments-api"),
        ("old invoicing code", "repository:acme/legacy-billing"),
        ("login and authentication backend", "repository:acme/identity-service"),
        ("android phone client", "repository:acme/mobile-app"),
        ("cloud provisioning", "repository:acme/infrastructure"),
        ("ETL analytics warehouse", "repository:acme/apps/data-pipelines"),
        ("employee guide for vacation and outages", "repository:acme/handbook"),
        ("charge a credit account over HTTP", "repository:acme/payments-api"),
        ("command line utilities for engineers", "repository:acme/developer-tools"),
        ("container orchestration constraints", "repository:acme/cluster-policies"),
        ("who approves changes before they are integrated", f"{_GUARDRAILS}/acme.merge"),
        ("force push is forbidden", f"{_GUARDRAILS}/acme.merge"),
        ("cryptographic signature of a published version", f"{_GUARDRAILS}/acme.release"),
        ("changelog must be written when shipping", f"{_GUARDRAILS}/acme.release"),
        ("containers fixed to an immutable hash", f"{_GUARDRAILS}/acme.images"),
        (
            "which docker hosts are trusted",
            f"{_CLUSTER}/gatekeeper/ConstraintTemplate/k8sallowedrepos",
            f"{_CLUSTER}/gatekeeper/K8sAllowedRepos/our-registry",
            f"{_GUARDRAILS}/acme.images",
        ),
        (
            "mutable version of a container is prohibited",
            f"{_CLUSTER}/kyverno/ClusterPolicy/disallow-latest-tag",
            f"{_GUARDRAILS}/acme.images",
        ),
        ("pods must say which group is responsible", f"{_CLUSTER}/kyverno/ClusterPolicy/require-team-label"),
        ("storage exposed to the internet", _BUCKETS),
        ("S3 data visible to the world", _BUCKETS),
        ("leaking credit numbers in logging output", _SEMGREP),
        ("writing to stdout", _SEMGREP),
        ("erasing secrets is forbidden", _VAULT),
        ("people with access to stored credentials", _VAULT),
        ("storage has to declare who is responsible", "policy:acme/infrastructure/checkov/CKV2_ACME_1"),
        ("group that looks after sign-on", "owner:team/acme/identity"),
        ("the crew for phones", "owner:team/acme/mobile"),
        ("people responsible for protection against attacks", "owner:team/acme/security"),
        ("writers of documentation", "owner:team/acme/docs"),
        ("money movement squad", "owner:team/acme/payments"),
        ("squad for browsers", "owner:team/acme/web"),
        (
            "third-party CI steps that could be swapped",
            "finding/workflow-unpinned-action",
            "scorecard/-/actions-pinned",
        ),
        ("stale globs without effect", "finding/codeowners-dead-rule", "finding"),
        ("temporary waivers that run out soon", "exception"),
        ("what happened during the last seven days", "week"),
        ("maturity grades of projects", "scorecard"),
        ("verdicts of engines about merges", "decision"),
        ("copyright terms missing", "scorecard/-/licence"),
        ("how do I report a vulnerability", "scorecard/-/security-policy"),
    )
)
"""Judged by hand, before any model was asked."""


class Quality(NamedTuple):
    """How well a search answers."""

    first: int
    """Questions whose first hit is right."""
    in_three: int
    reciprocal: float
    """Mean of 1/rank of the first right hit, 0 where there is none."""


class Acme(NamedTuple):
    """The demo organisation, read."""

    pages: Pages
    texts: dict[str, str]
    """By id, those of lists by path."""
    seconds: float
    """Of the first time that vectors were made."""


def read(folder: Path, repositories: int = 12) -> Acme:
    """Make the demo organisation in a folder, and read it. The flag must be on."""
    make(folder, repositories=repositories, seed=1, end=END)
    loaded = load_site(folder)
    pages = portal_pages(loaded, read_loaded(loaded))
    meaning = pages.portal.meaning
    assert meaning is not None
    return Acme(pages, {**texts_of(pages.portal.snapshot), **texts_of_lists(pages)}, meaning.counts.seconds)


def rank_of(question: Question, hits: Sequence[str]) -> int:
    """Return the place of the first right hit, from 1; 0 for none."""
    for place, hit in enumerate(hits, 1):
        policy = hit.replace("rule:", "policy:", 1).partition("#")[0] if hit.startswith("rule:") else hit
        if policy in question.answers:
            return place
    return 0


def judged(find: Callable[[str], Sequence[str]]) -> tuple[Quality, list[int]]:
    """Return how well a search answers, and the rank of each question."""
    ranks = [rank_of(question, find(question.words)) for question in QUESTIONS]
    reciprocal = sum(1 / rank for rank in ranks if rank) / len(ranks)
    return Quality(sum(rank == 1 for rank in ranks), sum(0 < rank <= 3 for rank in ranks), reciprocal), ranks


def by_meaning(acme: Acme, settings: ModelSettings) -> Callable[[str], list[str]]:
    """Return the search by a model."""
    router = Router(settings, root=Path(), state_folder=None, warn=print)
    meaning = router.meaning_of(acme.pages.portal.snapshot)
    return lambda words: [near.id for near in close_to(words, acme.pages, meaning, router)]


def by_words(acme: Acme) -> Callable[[str], list[str]]:
    """Return the search for all words of a question."""
    exact = Exact(acme.pages)
    return lambda words: [hit.id for hit in exact.find(words)]


def by_bm25(acme: Acme) -> Callable[[str], list[str]]:
    """Return BM25 (Robertson and Zaragoza, 2009; k1 = 1.2, b = 0.75) with words of the texts that begin so."""
    counts = {node: Counter(telling_words(text)) for node, text in acme.texts.items()}
    mean = sum(map(len, counts.values())) / len(counts)

    def find(words: str) -> list[str]:
        asked = telling_words(words)
        number = {word: sum(any(one.startswith(word) for one in there) for there in counts.values()) for word in asked}
        scores: dict[str, float] = {}
        for node, there in counts.items():
            for word in asked:
                if times := sum(count for one, count in there.items() if one.startswith(word)):
                    rarity = math.log(1 + (len(counts) - number[word] + 0.5) / (number[word] + 0.5))
                    length = 1.2 * (0.25 + 0.75 * len(there) / mean)
                    weight = WEIGHTS.get(node.partition(":")[0] if ":" in node else "list", 1.0)
                    scores[node] = scores.get(node, 0.0) + weight * rarity * times * 2.2 / (times + length)
        return sorted(scores, key=lambda node: (-scores[node], node))

    return find


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repositories", type=int, default=12)
    parser.add_argument("--minilm", default="", help="folder of model.onnx and vocab.txt")
    parser.add_argument("--list", action="store_true", help="show the rank of each question")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        acme = read(Path(folder, "acme"), given.repositories)
        peers = {
            "all words": by_words(acme),
            "BM25": by_bm25(acme),
            "word table": by_meaning(acme, ModelSettings()),
        }
        if given.minilm:
            peers["minilm"] = by_meaning(acme, ModelSettings(model="minilm", minilm=given.minilm))
        print(f"{len(QUESTIONS)} questions, {len(acme.texts):,} texts")
        ranks = {}
        for name, find in peers.items():
            began = time.process_time()
            quality, ranks[name] = judged(find)
            took = (time.process_time() - began) * 1000 / len(QUESTIONS)
            in_words = f"first {quality.first}, in three {quality.in_three}, MRR {quality.reciprocal:.2f}"
            print(f"{name:12} {in_words}; {took:.0f} ms of processor time a question")
        if given.list:
            for place, question in enumerate(QUESTIONS):
                print(*(f"{ranks[name][place]:4}" for name in peers), question.words)
        began = time.perf_counter()
        site = Path(folder, "site")
        meaning = acme.pages.portal.meaning
        written = write_files(acme.pages, meaning, site, Path(folder, "files.memory"), epoch="")
        assert meaning is not None
        print(f"vectors: {acme.seconds:.2f} s at first, {meaning.counts.stored:,} bytes in the state folder")
        print(f"site: {written.size:,} bytes in {written.written} files, {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
