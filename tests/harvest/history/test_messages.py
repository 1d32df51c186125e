"""What commit messages say of pull requests, forge by forge."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.harvest.history.messages import recognise
from mkdocs_gitguard.harvest.history.own_lines import OwnNames
from mkdocs_gitguard.harvest.history.site_rules import SiteRules

MERGE, SQUASH = 2, 1
OWN = OwnNames("github.com/acme/billing", "acme/billing")

EXAMPLES = [
    # message, parents, number, title, branch, evidence
    ("Merge pull request #412 from mira/fix-totals\n\nFix totals\n\nMore.", MERGE, 412, "Fix totals", "mira/fix-totals", "github-merge-commit"),
    ("Merge pull request #412 from mira/fix-totals", MERGE, 412, "mira/fix-totals", "mira/fix-totals", "github-merge-commit"),
    ("Merge pull request #308 from  mira/x\n\nUse import", MERGE, 308, "Use import", "mira/x", "github-merge-commit"),
    ("🧪 Merge pull request #412 from mira/fix-totals\n\nFix totals", MERGE, 412, "Fix totals", "mira/fix-totals", "github-merge-commit"),
    (":twisted_rightwards_arrows: ⚠️ Merge pull request #412 from mira/x\n\nFix", MERGE, 412, "Fix", "mira/x", "github-merge-commit"),
    ("Merge pull request #115: remove folder", MERGE, 115, "remove folder", "", "github-merge-commit"),
    ("Merge pull request #7 from mira/x\n\nRebased and kept", SQUASH, 7, "Rebased and kept", "mira/x", "github-merge-commit"),
    ("Fix totals (#412)\n\n* one\n* two", SQUASH, 412, "Fix totals", "", "github-squash"),
    ("Fix totals (#411) (#412)", SQUASH, 412, "Fix totals (#411)", "", "github-squash"),
    ("Fix totals (#412)\r\n\r\nText\r\n", SQUASH, 412, "Fix totals", "", "github-squash"),
    ("Fix totals (#412)", MERGE, 412, "Fix totals", "", "github-merge-title"),
    ("Bump x from 1 to 2 in /y (#5)", SQUASH, 5, "Bump x from 1 to 2 in /y", "", "github-squash"),
    ("Merge pull request 'Fix totals' (#31) from mira/fix into main", MERGE, 31, "Fix totals", "mira/fix", "gitea-merge-commit"),
    ("Auto merge of #98 - mira:topic, r=ola\n\nFix totals", MERGE, 98, "Fix totals", "mira:topic", "bors-merge"),
    ("Merge #98\n\n98: Fix totals r=ola a=mira", MERGE, 98, "98: Fix totals r=ola a=mira", "", "bors-merge"),
    ("Merge branch 'fix-totals' into 'main'\n\nFix totals\n\nCloses #3\n\nSee merge request acme/billing!412", MERGE, 412, "Fix totals", "fix-totals", "gitlab-merge-commit"),
    ("Merge branch 'fix' into 'main'\n\nSee merge request acme/billing!8", MERGE, 8, "fix", "fix", "gitlab-merge-commit"),
    ("Merged in mira/fix (pull request #7)\n\nApproved-by: Ola", MERGE, 7, "mira/fix", "mira/fix", "bitbucket-cloud-merge"),
    ("Merge branch 'fix' into 'main'\n\nFix\n\nSee merge request !9", MERGE, 9, "Fix", "fix", "gitlab-merge-commit"),
    ("Fix totals\n\nSee merge request acme/sub/billing!412", SQUASH, 412, "Fix totals", "", "gitlab-trailer"),
    ("Merged in mira/fix-totals (pull request #41)\n\nFix totals\n\nApproved-by: Ola", MERGE, 41, "Fix totals", "mira/fix-totals", "bitbucket-cloud-merge"),
    ("Pull request #41: Fix totals\n\nMerge in ACME/billing from feature/x to master\n\n* commit 'abc':", MERGE, 41, "Fix totals", "feature/x", "bitbucket-server-merge"),
    ("Pull request #41: Fix totals", SQUASH, 41, "Fix totals", "", "bitbucket-server-merge"),
    ("Merge pull request #34 in PROJ/billing from bugfix/totals to master\n\n* commit '8dd1d6a':\n  Touch totals", MERGE, 34, "Merge pull request #34 in PROJ/billing from bugfix/totals to master", "bugfix/totals", "bitbucket-server-old-merge"),
    ("Merge pull request 443 from hotfix/2.17.7 into master", MERGE, 443, "Merge pull request 443 from hotfix/2.17.7 into master", "hotfix/2.17.7", "azure-merge-commit"),
    ("Merge pull request 'Fix totals' (!31) from ola/fix into main", MERGE, 31, "Fix totals", "ola/fix", "gitea-merge-commit"),
    ("Merge pull request 'Fix totals' (#31) from fix\n\nReviewed-on: https://codeberg.org/o/n/pulls/31", MERGE, 31, "Fix totals", "fix", "gitea-merge-commit"),
    ("!12 Fix totals\nMerge pull request !12 from ola/fix", MERGE, 12, "Fix totals", "ola/fix", "gitee-merge-commit"),
    ("Rollup merge of #21 - ola:fix, r=mira\n\nFix totals", MERGE, 21, "Fix totals", "ola:fix", "bors-merge"),
    ("Merge #98: Fix totals\n\nabc Text", MERGE, 98, "Fix totals", "", "merge-script"),
    ("Merge acme/billing#98: Fix totals", MERGE, 98, "Fix totals", "", "merge-script"),
    ("Merge #98 from ola/fix", MERGE, 98, "Merge #98 from ola/fix", "ola/fix", "merge-script"),
    ("Merge #98 `Fix totals`", MERGE, 98, "Fix totals", "", "merge-script"),
    ("Merge PR #98: Fix totals", SQUASH, 98, "Fix totals", "", "merge-pr"),
    ("bug #98 [Form] Fix totals (ola)\n\nThis PR was merged into the 6.4 branch.", MERGE, 98, "[Form] Fix totals (ola)", "", "symfony-merge"),
    ("Merge pull request #45 from ola/fix\n\nAutomatic merge from submit-queue\n\nFix totals", MERGE, 45, "Fix totals", "ola/fix", "github-merge-commit"),
    ("gh-77: Fix totals (GH-912)", SQUASH, 912, "gh-77: Fix totals", "", "github-squash"),
    ("[ACME-7] Fix totals\n\n### What\n\nCloses #912 from ola/fix.\n\nAuthored-by: Ola", SQUASH, 912, "[ACME-7] Fix totals", "ola/fix", "apache-closes"),
    ("Fix totals (acme/billing#412)", SQUASH, 412, "Fix totals", "", "own-squash"),
    ("lib: fix totals\n\nPR-URL: https://github.com/acme/billing/pull/912\nReviewed-By: Ola", SQUASH, 912, "lib: fix totals", "", "own-line"),
    ("deps: take x (#3)\n\nPR-URL: https://github.com/Acme/Billing/pull/912#issuecomment-1", SQUASH, 912, "deps: take x (#3)", "", "own-line"),
    ("lib: fix\n\nPR-URL: #912", SQUASH, 912, "lib: fix", "", "own-line"),
    ("lib: fix\n\nPR-URL: acme/billing#912", SQUASH, 912, "lib: fix", "", "own-line"),
    ("Fix totals\n\nSummary:\nx\n\nPull Request resolved: https://github.com/acme/billing/pull/912\n\nReviewed By: mira", SQUASH, 912, "Fix totals", "", "own-line"),
    ("Fix totals (#912)\n\nSummary: Pull Request resolved: https://github.com/acme/billing/pull/912", SQUASH, 912, "Fix totals", "", "own-line"),
    ("net: fix totals\n\nChange-Id: I1\nGitHub-Pull-Request: acme/billing#912", SQUASH, 912, "net: fix totals", "", "own-line"),
    ("Fix totals\n\nReviewed-on: https://github.com/acme/billing/pulls/912\nReviewed-by: Mira", SQUASH, 912, "Fix totals", "", "own-line"),
    ("Fix totals\n\nPart-of: <https://github.com/acme/billing/-/merge_requests/912>", SQUASH, 912, "Fix totals", "", "own-line"),
    ("Fix totals\n\nReviewed-by: Mira\n(Merged from https://github.com/acme/billing/pull/912)", SQUASH, 912, "Fix totals", "", "own-line"),
    ("Fix totals\n\nPull Request: https://github.com/acme/billing/pull/912", SQUASH, 912, "Fix totals", "", "own-line"),
    ("Fix totals\n\nSummary:\nCloses https://github.com/acme/billing/pull/912\n\nPulled By: wez\n\nfbshipit-source-id: 9b4", SQUASH, 912, "Fix totals", "", "own-line"),
    ("All (#9)\n\nPR-URL: https://github.com/acme/billing/pull/7\nPR-URL: https://github.com/acme/billing/pull/8", SQUASH, 9, "All", "", "github-squash"),
    ("Fix totals (!412)", SQUASH, 412, "Fix totals", "", "exclamation-squash"),
    ("Fix totals (acme/billing!412)", SQUASH, 412, "Fix totals", "", "exclamation-squash"),
    ("Merge pull request !31 from ola/billing fix\n\nFix totals", MERGE, 31, "Fix totals", "ola/billing", "github-merge-commit"),
    ("Merge remote-tracking branch 'origin/pr/31'\n\n* origin/pr/31:\n  Fix", MERGE, 31, "Fix", "", "pull-ref-merge"),
    ("Merge commit 'refs/pull/31/head'", MERGE, 31, "Merge commit 'refs/pull/31/head'", "", "pull-ref-merge"),
    ("Merge remote-tracking branch 'origin/merge-requests/31'", MERGE, 31, "Merge remote-tracking branch 'origin/merge-requests/31'", "", "merge-request-ref-merge"),
    ("[FIX] sale: totals\n\nText.\n\ncloses acme/billing#912\n\nRelated: acme/other#3\nSigned-off-by: Ola (ob) <ola@acme.example>", SQUASH, 912, "[FIX] sale: totals", "", "mergebot-closes"),
    ("Fix totals\n\nFixes #3\n\nCloses #912.\n\nPiperOrigin-RevId: 701\nChange-Id: I1", SQUASH, 912, "Fix totals", "", "copybara-closes"),
    ("Fix totals\n\nCOPYBARA_INTEGRATE_REVIEW=https://github.com/acme/billing/pull/912 from ola:fix 0123456", SQUASH, 912, "Fix totals", "", "own-line"),
    ("PR #912: Fix totals\n\nImported from GitHub PR https://github.com/acme/billing/pull/912\n\nText", SQUASH, 912, "PR #912: Fix totals", "", "own-line"),
    ("HADOOP-7. Fix totals. (#912). Contributed by Ola Berg.", SQUASH, 912, "HADOOP-7. Fix totals.", "", "contributed-by"),
    ("Fix totals\n\nSee merge request https://github.com/acme/billing/-/merge_requests/912", SQUASH, 912, "Fix totals", "", "own-line"),
    ("Merged PR 5120: Fix totals\n\nRelated work items: #77", SQUASH, 5120, "Fix totals", "", "azure-merge"),
]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example[-1]}-{example[2]}")
def test_each_forge_in_its_own_words(example: tuple[str, int, int, str, str, str]) -> None:
    message, parents, number, title, branch, evidence = example
    claim = recognise(message, parents, names=OWN)
    assert (claim.number, claim.title, claim.source_branch, claim.evidence) == (number, title, branch, evidence)


@pytest.mark.parametrize(
    "message",
    [
        "lib: fix\n\nPR-URL: https://github.com/other/billing/pull/912",
        "lib: fix\n\nPR-URL: https://github.com/acme/billing-web/pull/912",
        "lib: fix\n\nPR-URL: https://example.org/github.com/acme/billing/pull/912",
        "lib: fix\n\nPR-URL: https://github.com/acme/billing/issues/912",
        "lib: fix\n\nLink: https://github.com/acme/billing/pull/912",
        "lib: fix\n\nCloses: https://github.com/acme/billing/pull/912",
        "lib: fix\n\nCloses https://github.com/acme/billing/pull/912",
        "lib: fix\n\nX-link: https://github.com/acme/billing/pull/912",
        "lib: fix\n\nsee PR-URL: https://github.com/acme/billing/pull/912",
        "net: fix\n\nGitHub-Pull-Request: other/billing#912",
        "net: fix\n\nReviewed-on: https://review.example/c/billing/+/912",
        "Reviewed-on: #912",
        "Fix totals (other/billing#412)",
        "Merge other/billing#98: Fix totals",
        "Fix\n\nSee merge request acme/other!412",
        "Merge branch 'fix' into 'main'\n\nFix\n\nSee merge request acme/other!412",
        "Merge pull request #34 in PROJ/other from bugfix/totals to master",
        "Pull request #41: Fix totals\n\nMerge in ACME/other from feature/x to master",
        "Fix totals (acme/other!412)",
        "Merge branch 'pr/31' of https://github.com/ola/billing",
        "[FIX] x\n\ncloses acme/other#912\n\nSigned-off-by: Ola",
        "[FIX] x\n\ncloses acme/billing#912\n\nText",
        "Fix\n\nCloses #912.",
        "Fix\n\nPull request #912 did the same.",
        "Fix\n\nCOPYBARA_INTEGRATE_REVIEW=https://github.com/acme/other/pull/912 from ola:fix",
        "Fix\n\nImported from GitHub PR https://github.com/acme/other/pull/912",
        "Fix\n\nSee merge request https://gitlab.com/acme/billing/-/merge_requests/912",
        "Closes #912 from",
        "Closes #912 from the list",
        "Fixes GH-912",
        "bug #98 [Form] Fix totals (ola)",
    ],
)
def test_what_names_another_repository_or_nothing(message: str) -> None:
    assert recognise(message, MERGE, names=OWN).number == 0
    assert recognise(message, SQUASH, names=OWN).number == 0


def test_without_an_address_no_line_is_this_repositorys_own() -> None:
    assert recognise("Fix\n\nPR-URL: https://github.com/acme/billing/pull/912", SQUASH).number == 0


def test_a_backport_names_both() -> None:
    url = "https://github.com/acme/billing/pull"
    claim = recognise(f"lib: fix\n\nPR-URL: {url}/912\nBackport-PR-URL: {url}/930", SQUASH, names=OWN)
    assert (claim.number, claim.backport_of) == (930, 912)


def test_a_batch_names_all_that_it_brought() -> None:
    claim = recognise("Merge #98 #99 #101\n\n98: Fix totals r=ola a=mira\n\n99: Add tax r=ola", MERGE)
    assert (claim.number, claim.more) == (98, ((99, "Add tax"), (101, "")))


def test_a_slow_rule_of_the_site_is_left_out_and_named() -> None:
    rules = SiteRules({"1": r"PR(?P<number>\d+)(?:\w\w|\w)*\)", "2": r"Ticket (?P<number>\d+)"})
    started = time.perf_counter()
    for _ in range(20):
        assert recognise(f"PR1{'a' * 60}! Ticket 7", SQUASH, rules).number == 7
    assert time.perf_counter() - started < 10
    assert rules.slow == ["1"]


@pytest.mark.parametrize(
    "message",
    [
        "Fix #412",
        "Fix totals, closes #412",
        "Fix (#412) once more",
        "Merge branch 'main' into topic",
        "Merge remote-tracking branch 'origin/main'",
        "(#0)",
        "Date (#20260102030405)",
        "See merge request",
        "Release 1.2 (#)",
        "",
    ],
)
def test_what_names_no_pull_request(message: str) -> None:
    assert recognise(message, MERGE).number == 0
    assert recognise(message, SQUASH).number == 0


def test_bors_needs_a_merge() -> None:
    assert recognise("Merge #98\n\nText", SQUASH).number == 0


@pytest.mark.parametrize(
    ("message", "number", "reverts", "commit"),
    [
        ('Revert "Fix totals (#412)" (#415)\n\nReverts acme/billing#412', 415, 412, ""),
        ('Revert "Fix totals (#412)" (#415)', 415, 412, ""),
        ('Revert "Fix totals" (#415)\n\nThis reverts commit 0123456789abcdef.', 415, 0, "0123456789abcdef"),
        ('Revert "Fix totals (#412)"\n\nThis reverts commit 0123456789.', 0, 412, "0123456789"),
        ('chore: revert "Fix totals (#412)" (#415)', 415, 412, ""),
        ('Merge pull request #415 from acme/revert-412-fix-totals\n\nRevert "Fix totals"', 415, 412, ""),
        ('Reapply "Fix totals (#412)" (#420)', 420, 0, ""),
        ("Revert \"Merge branch 'totals' into 'main'\"\n\nThis reverts merge request !412", 0, 412, ""),
        ('Revert "Merged in totals (pull request #412)"\n\nThis reverts commit 0123456789.', 0, 412, "0123456789"),
        ('Merged in revert (pull request #415)\n\nRevert "Fix totals (pull request #412)"', 415, 412, ""),
        ('Revert "Pull request #412: Fix totals"', 0, 412, ""),
        ('Merged PR 415: Revert "Merged PR 412: Fix totals"', 415, 412, ""),
        ("Add a revert button (#9)", 9, 0, ""),
    ],
)
def test_reverts(message: str, number: int, reverts: int, commit: str) -> None:
    claim = recognise(message, SQUASH)
    assert (claim.number, claim.reverts, claim.reverts_commit) == (number, reverts, commit)


@pytest.mark.parametrize(
    ("message", "number", "backport_of", "commit"),
    [
        ("[release-1.2] Fix totals (#412) (#430)", 430, 412, ""),
        ("Fix totals (backport #412) (#430)", 430, 412, ""),
        ("Fix totals [backport #412 to 1.2] (#430)", 430, 412, ""),
        ("Fix totals (#430)\n\nBackport of #412", 430, 412, ""),
        ("Fix totals (#430)\n\nThis is an automatic backport of pull request #412 done by Mergify.", 430, 412, ""),
        ("Fix totals (#430)\n\nBackports acme/billing#412.", 430, 412, ""),
        ("Fix totals (#430)\n\n(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)", 430, 0, "0123456789abcdef0123456789abcdef01234567"),
        ("Fix totals (#430)\n\n**Backport:** https://codeberg.org/acme/billing/pulls/412", 430, 412, ""),
        ("Fix totals (#430)\n\nBackport of merge request acme/sub/billing!412", 430, 412, ""),
        ("[docs] Fix totals (#412) (#430)", 430, 0, ""),
        ("Backport settings page (#430)", 430, 0, ""),
    ],
)  # fmt: skip
def test_backports(message: str, number: int, backport_of: int, commit: str) -> None:
    claim = recognise(message, SQUASH)
    assert (claim.number, claim.backport_of, claim.backport_of_commit) == (number, backport_of, commit)


@pytest.mark.parametrize(
    "message",
    [
        "Fix totals (#430)\n\nBackport of other/billing#412",
        "Fix totals (#430)\n\nBackport of https://github.com/other/billing/pull/412",
        'Revert "Fix totals" (#430)\n\nReverts other/billing#412',
    ],
)
def test_what_is_taken_back_or_carried_over_is_this_repositorys_own(message: str) -> None:
    claim = recognise(message, SQUASH, names=OWN)
    assert (claim.number, claim.backport_of, claim.reverts) == (430, 0, 0)


def test_a_rule_of_the_site_comes_first() -> None:
    rules = SiteRules({"ticket": r"^Reviewed-by: .*\nPR: (?P<number>\d+) from (?P<branch>\S+)$"})
    claim = recognise("Fix (#3)\n\nReviewed-by: Ola\nPR: 77 from topic", SQUASH, rules)
    assert (claim.number, claim.evidence, claim.confidence, claim.source_branch) == (
        77,
        "site:ticket",
        "medium",
        "topic",
    )


def test_a_rule_of_the_site_that_finds_no_digits_finds_nothing() -> None:
    assert recognise("PR x", SQUASH, SiteRules({"odd": r"PR (?P<number>\w+)"})).number == 0


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(", "is not a regular expression"),
        (r"#(\d+)", "no group for the number"),
        (r"(?P<number>\d+)(a+)+$", "for ever"),
        ("x" * 501 + r"(?P<number>\d+)", "characters"),
    ],
)
def test_a_wrong_rule_is_an_error_that_names_the_setting(pattern: str, says: str) -> None:
    with pytest.raises(SettingError, match=f"pull_request_patterns: mine.*{says}"):
        SiteRules({"mine": pattern})


PIECES = st.sampled_from(
    [
        "Merge pull request #", "Merge ", "branch '", "' into ", "See merge request ", "!7", "(#", ")", "#", "12", "\n",
        "\r\n", " ", "Revert ", '"', "This reverts commit ", "deadbeef", "Backport", "of", "cherry", "picked from commit ",
        "Merged PR ", ": ", "Pull request #", "Merged in ", "from ", "é", "\u202e", "<b>", "\x01", "[", "]", "1.2",
    ]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join) | st.text(), st.integers(0, 3))
def test_no_message_breaks_a_rule(message: str, parents: int) -> None:
    claim = recognise(message, parents)
    assert 0 <= claim.number <= 10_000_000
    assert bool(claim.number) == bool(claim.evidence)
    assert "\n" not in claim.title
    assert claim.number == 0 or str(claim.number) in message


@settings(deadline=None)
@given(st.integers(1, 9_999_999), st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=40))
def test_a_number_at_the_end_is_found_whatever_stands_before(number: int, title: str) -> None:
    claim = recognise(f"x{title} (#{number})", SQUASH)
    assert claim.number == number


def test_a_hostile_message_costs_little() -> None:
    for piece in (
        "(#1) ",
        "Merge branch 'a' into b\n",
        "backport ",
        'Revert "',
        "o-authored-by: <",
        "See merge request !",
        "1.",
        "release-",
        "\n",
        "reverts ",
        "\nPR-URL: ",
        "\nPull Request ",
        "https://a/",
        "a/b#",
        "ackport https://",
        "Merge in a ",
        "!1 a\n",
        "(GH-1) ",
        "Closes #1 from a/",
        " ",
    ):
        for start in (
            "",
            "[",
            "Merge ",
            "Pull request #1: a\n",
            "Merge pull request 'a",
            "Reverts\n",
            "Merge #1 ",
            "PR-URL: ",
        ):
            for parents in (MERGE, SQUASH):
                started = time.process_time()
                recognise(start + piece * 20_000, parents, names=OWN)
                assert time.process_time() - started < 3
