"""Which commit brought which pull request, when messages disagree."""

import msgspec

from mkdocs_gitguard.assembly.pull_requests import settle
from mkdocs_gitguard.harvest.facts import FactsOptions, RepositoryAbout, RepositoryFacts
from mkdocs_gitguard.harvest.history.messages import recognise
from mkdocs_gitguard.harvest.history.own_lines import OwnNames
from mkdocs_gitguard.harvest.history.pull_refs import PullRef
from mkdocs_gitguard.harvest.history.records import History, LineCommit
from mkdocs_gitguard.model import Forge


def facts(messages: list[str], forge: str = "", refs: tuple[PullRef, ...] = ()) -> RepositoryFacts:
    """Facts of a line whose oldest commit is the first message; commit ids are `c0`, `c1`, ..."""
    line = tuple(
        LineCommit(
            commit=f"c{n}",
            at=n,
            claim=recognise(message, 2 if message.startswith("Merge") else 1),
            author=0,
            authored_at=n,
        )
        for n, message in enumerate(messages)
    )[::-1]
    known = Forge(name=forge, web_url="https://forge.example") if forge else None  # type: ignore[arg-type]
    about = RepositoryAbout(id="repository:a/b", namespace="a", name="b", forge=known)
    return RepositoryFacts(about=about, options=FactsOptions(), history=History(line=line), pull_refs=refs)


def numbers(messages: list[str], forge: str = "") -> dict[str, int]:
    return settle(facts(messages, forge)).numbers


def test_the_oldest_of_several_has_the_number() -> None:
    assert numbers(["Fix (#3)", "Add (#4)", "Fix (#3)"]) == {"c0": 3, "c1": 4}


def test_a_merge_commit_is_surer_than_a_subject() -> None:
    assert numbers(["Fix part one (#3)", "Merge pull request #3 from mira/x\n\nFix"]) == {"c1": 3}


def test_on_gitlab_a_number_in_brackets_is_an_issue() -> None:
    merge = "Merge branch 'x' into 'main'\n\nFix\n\nSee merge request a/b!8"
    assert numbers(["Fix (#3)", merge], "gitlab") == {"c1": 8}
    assert numbers(["Fix (#3)", merge]) == {"c1": 8}
    assert numbers(["Fix (#3)", merge], "github") == {"c0": 3}


def test_numbers_of_another_repository_before_this_one_began_do_not_count() -> None:
    foreign = [f"Old {n} (#{n})" for n in range(900, 940)]
    own = [f"New {n} (#{n})" for n in range(1, 30)]
    assert sorted(numbers(foreign + own).values()) == list(range(1, 30))


def test_a_straggler_does_not_end_a_history() -> None:
    messages = [f"Change {n} (#{n})" for n in range(300, 340)]
    messages.insert(20, "Old idea (#4)")
    assert len(numbers(messages)) == 41


def test_a_pull_ref_names_what_no_message_names() -> None:
    ref = PullRef(commit="c1", number=9, evidence="pull-ref", confidence="high")
    settled = settle(facts(["Fix (#3)", "Merge branch 'x'"], refs=(ref,)))
    assert settled.numbers == {"c0": 3, "c1": 9}
    assert settled.named["c1"].evidence == "pull-ref"


def test_a_revert_by_commit_is_told_by_number() -> None:
    # Commit ids here are short; a revert names at least seven digits.
    line = facts(["Fix (#3)", 'Revert "Fix" (#4)']).history.line
    one, other = line[1], line[0]
    one = msgspec.structs.replace(one, commit="0123456789abcdef")
    claim = msgspec.structs.replace(other.claim, reverts_commit="0123456")
    other = msgspec.structs.replace(other, claim=claim)
    made = msgspec.structs.replace(facts([]), history=History(line=(other, one)))
    assert settle(made).reverts == {"c1": 3}


def test_a_nested_pull_request_counts_where_its_number_fits() -> None:
    made = facts([f"Change {n} (#{n})" for n in range(500, 540)])
    nested = [
        LineCommit(
            commit=f"n{number}",
            at=20,
            claim=recognise(f"Merge pull request #{number} from a/b", 2),
            author=0,
            authored_at=20,
        )
        for number in (7, 510, 610)
    ]
    made = msgspec.structs.replace(made, history=msgspec.structs.replace(made.history, nested=tuple(nested)))
    settled = settle(made)
    assert [settled.named.get(f"n{number}") for number in (7, 510)] == [None, None]
    assert settled.named["n610"] == (610, "nested:github-merge-commit", "medium")
    assert settled.numbers["c10"] == 510


def test_a_batch_brings_several() -> None:
    made = facts(["Fix (#3)", "Add (#4)"])
    batch = msgspec.structs.replace(
        made.history.line[0], claim=recognise("Merge #8 #9 #4\n\n8: Eight r=a\n\n9: Nine r=b", 2)
    )
    line = (batch, made.history.line[1])
    settled = settle(msgspec.structs.replace(made, history=msgspec.structs.replace(made.history, line=line)))
    assert settled.numbers == {"c0": 3, "c1": 8}
    assert [(further.commit, further.named.number, further.title) for further in settled.further] == [
        ("c1", 9, "Nine"),
        ("c1", 4, ""),
    ]


def test_a_line_that_names_its_own_counts_on_every_forge() -> None:
    names = OwnNames("git.acme.example/acme/b", "acme/b")
    made = facts(["Merged PR 5: Fix", "Merged PR 6: Fix"])
    claim = recognise("Fix\n\nPR-URL: https://git.acme.example/acme/b/pull/7", 1, names=names)
    line = (made.history.line[0], msgspec.structs.replace(made.history.line[1], claim=claim))
    settled = settle(msgspec.structs.replace(made, history=msgspec.structs.replace(made.history, line=line)))
    assert settled.named["c0"] == (7, "own-line", "high")


def test_own_lines_tell_which_numbers_are_foreign() -> None:
    """As in facebook/watchman: pull requests of others come in with shared folders."""
    names = OwnNames("github.com/acme/b", "acme/b")
    messages = ["Merge pull request #3 from ola/x\n\nThree"]
    for number in range(900, 940):
        messages.append(f"Own\n\nPull Request resolved: https://github.com/acme/b/pull/{number}")
        messages.append(f"Shared (#{number - 890})")
    messages.append("Own too (#945)")
    made = facts(["x"] * len(messages))
    line = tuple(
        msgspec.structs.replace(commit, claim=recognise(message, 2 if message.startswith("Merge") else 1, names=names))
        for commit, message in zip(made.history.line, reversed(messages), strict=True)
    )
    settled = settle(msgspec.structs.replace(made, history=msgspec.structs.replace(made.history, line=line)))
    assert sorted(settled.numbers.values()) == [3, *range(900, 940), 945]
