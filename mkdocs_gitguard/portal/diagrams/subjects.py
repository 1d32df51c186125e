"""What each diagram shows: a pull request, a repository, an owner, a policy, the whole organisation.

A diagram is there for what its page does not say: how the things that the page lists hang together. Where they do not,
there is none. Readable first: what does not fit a budget of boxes is folded and counted. Pure functions from a graph to
a `Diagram`, or None.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from mkdocs_gitguard.model import (
    MOST_HELD,
    OUTCOME_WORDS,
    Organization,
    Owner,
    Policy,
    PullRequest,
    Repository,
    Work,
    label_of,
)
from mkdocs_gitguard.portal.diagrams.mermaid import Diagram
from mkdocs_gitguard.portal.lists.policies import applying_policies
from mkdocs_gitguard.words import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mkdocs_gitguard.model import ApplyingPolicy, Graph, Outcome
    from mkdocs_gitguard.portal.diagrams.mermaid import BoxKind

Link = Callable[[str], str]
"""Gives a node's page as a URL relative to the page at hand, or `""`."""
T = TypeVar("T")

FILES: Final = 9
"""Boxes for files and folders of a pull request."""
OTHERS: Final = 6
"""Boxes of one other kind beside the one that a diagram is about."""
ORGANIZATION: Final = 24
"""Repositories in the overview."""
_LOOK_AT: Final = 400
"""Relations of a hub that are looked at for neighbours."""
_OUTCOME_BOXES: Final[dict[Outcome, BoxKind]] = {
    "deny": "deny",
    "error": "deny",
    "warn": "warn",
    "allow": "allow",
    "skip": "more",
}


class Fold(NamedTuple):
    """Files that share a box."""

    label: str
    files: int
    paths: frozenset[str] = frozenset()


def fold(paths: Sequence[str], budget: int) -> list[Fold]:
    """Return at most `budget` boxes for the paths: files while they fit, else folders as deep as fits."""
    if len(paths) <= budget:
        return [Fold(path, 1, frozenset([path])) for path in sorted(paths)]
    parts = [path.split("/") for path in sorted(paths)]
    deepest = max(len(part) for part in parts) - 1
    groups: dict[str, list[str]] = {}
    for depth in range(deepest, 0, -1):
        groups = _by_folder(parts, depth)
        if len(groups) <= budget:
            break
    else:
        groups = _by_folder(parts, min(1, deepest))
    ranked = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    kept = ranked if len(ranked) <= budget else ranked[: budget - 1]
    folds = [
        Fold(files[0] if len(files) == 1 else _folder(name, len(files)), len(files), frozenset(files))
        for name, files in kept
    ]
    rest = ranked[len(kept) :]
    if rest:
        files = sum(len(group) for _, group in rest)
        paths_of_rest = frozenset(path for _, group in rest for path in group)
        folds.append(Fold(f"+{count(files, 'file')} in {count(len(rest), 'more folder')}", files, paths_of_rest))
    return folds


def _by_folder(parts: Sequence[Sequence[str]], depth: int) -> dict[str, list[str]]:
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for part in parts:
        groups["/".join(part[:-1][:depth])].append("/".join(part))
    return dict(groups)


def _folder(name: str, files: int) -> str:
    return f"+{count(files, 'file')} in {name or 'the top folder'}"


def of_pull_request(graph: Graph, change: PullRequest, link: Link) -> Diagram | None:
    """Return who wrote it, what it touches, who owns that, which policies apply to it and what they decided.

    The page lists each of these; together they say something where several files meet at least two of owners, policies
    and decisions.
    """
    touched = graph.ownership_by_pull_request.get(change.id)
    owners = [share for share in touched.owners if share.owner in graph.owners] if touched else []
    changed_policies = _related(graph, change.id, "touches", Policy)
    changed = _by_label(graph, changed_policies)
    applying = _by_label(graph, (one.policy for one in applying_policies(graph, change)))
    decisions = [item for item in graph.decisions_by_pull_request.get(change.id, ()) if item.outcome != "skip"]
    if len(change.files) < 2 or sum(map(bool, (owners, changed or applying, decisions))) < 2:  # noqa: PLR2004 see above
        return None
    diagram = Diagram(title=f"Pull request #{change.number}: what it touches, who owns that and what applies to it")
    centre = diagram.add("pull-request", label_of(change))
    if author := graph.owners.get(change.author):
        diagram.connect(diagram.add("owner", label_of(author), link(author.id)), centre, "wrote")
    for share in owners[:OTHERS]:
        place = diagram.add("owner", graph.labels[share.owner], link(share.owner))
        label = f"owns {share.files} of {count(len(change.files), 'file')}"
        diagram.connect(place, centre, label, is_dashed=True)
    _more(diagram, len(owners) - OTHERS, "owner", to=centre)
    for label, node in [item for item in applying.items() if item[0] not in changed][:OTHERS]:
        diagram.connect(diagram.add("policy", label, link(node)), centre, "applies to", is_dashed=True)
    _more(diagram, len(applying.keys() - changed.keys()) - OTHERS, "policy", "policies", to=centre)
    boxes = [(box, diagram.add("file", box.label)) for box in fold([file.path for file in change.files], FILES)]
    for _, place in boxes:
        diagram.connect(centre, place)
    paths = {policy.id: policy.span.path for policy in changed_policies}
    for label, node in list(changed.items())[:OTHERS]:
        verb = "holds, is subject to" if label in applying else "holds"
        file = next((place for box, place in boxes if paths[node] in box.paths), centre)
        diagram.connect(file, diagram.add("policy", label, link(node)), verb)
    _more(diagram, len(changed) - OTHERS, "policy", "policies", of=centre)
    for decision in decisions[:OTHERS]:
        place = diagram.add(_OUTCOME_BOXES[decision.outcome], label_of(decision), link(decision.id))
        diagram.connect(centre, place, "decided")
    _more(diagram, len(decisions) - OTHERS, "decision", of=centre)
    return diagram


def of_repository(graph: Graph, repository: Repository, link: Link) -> Diagram | None:
    """Return its code owners, policies, and the repositories nearest to it; None where none is near."""
    nearest = neighbours(graph, repository.id)
    if not nearest:
        return None
    diagram = Diagram(title=f"{label_of(repository)}: owners, policies and neighbours")
    centre = diagram.add("repository", label_of(repository))
    ownership = graph.ownership.get(repository.id)
    shares = [(share.owner, share.files) for share in ownership.owners] if ownership else []
    known = [(graph.owners[owner], files) for owner, files in shares if owner in graph.owners]
    for owner, files in known[:OTHERS]:
        place = diagram.add("owner", label_of(owner), link(owner.id))
        diagram.connect(place, centre, f"owns {count(files, 'file')}", is_dashed=True)
    _more(diagram, len(known) - OTHERS, "owner", to=centre)
    applying = _by_label(graph, _related(graph, repository.id, "subject_to", Policy))
    for label, node in list(applying.items())[:OTHERS]:
        diagram.connect(diagram.add("policy", label, link(node)), centre, "applies to", is_dashed=True)
    _more(diagram, len(applying) - OTHERS, "policy", "policies", to=centre)
    here = _by_label(graph, graph.policies_by_repository.get(repository.id, ()))
    holds = {label: node for label, node in here.items() if label not in applying}
    for label, node in list(holds.items())[: OTHERS if len(holds) <= OTHERS else OTHERS - 1]:
        diagram.connect(centre, diagram.add("policy", label, link(node)), "holds")
    if len(holds) > OTHERS:
        _more(diagram, len(holds) - OTHERS + 1, "policy", "policies", of=centre)
    for other, why in nearest[:OTHERS]:
        place = diagram.add("repository", graph.labels[other], link(other))
        diagram.connect(centre, place, why)
    _more(diagram, len(nearest) - OTHERS, "neighbour", of=centre)
    return diagram


def of_owner(graph: Graph, owner: Owner, link: Link) -> Diagram | None:
    """Return which repositories an owner has to do with by themselves, and which by their teams or members.

    None for somebody of no team, and for a team whose members nobody knows: their page says it all.
    """
    diagram = Diagram(title=f"{label_of(owner)}: teams, members and repositories")
    centre = diagram.add("owner", label_of(owner))
    others = {
        other.id: verb
        for relation, verb in (("member_of", "member of"), ("has_member", "has"))
        for other in _related(graph, owner.id, relation, Owner)
    }
    shown = {owner.id: centre}
    for other, verb in list(others.items())[:OTHERS]:
        shown[other] = diagram.add("owner", graph.labels[other], link(other))
        diagram.connect(centre, shown[other], verb)
    _more(diagram, len(others) - OTHERS, "owner", of=centre)
    roles = {one: _roles(graph, one) for one in shown}
    boxes: dict[str, int] = {}
    budget = MOST_HELD
    for turn in zip_longest(*roles.values()):
        for one, repository in zip(roles, turn, strict=True):
            if repository is None:
                continue
            if repository not in boxes and len(boxes) < budget:
                boxes[repository] = diagram.add("repository", graph.labels[repository], link(repository))
            if repository in boxes:
                words = _in_words(graph, one, repository, roles[one][repository])
                diagram.connect(shown[one], boxes[repository], words, is_dashed=True)
    everywhere = {repository for theirs in roles.values() for repository in theirs}
    _more(diagram, len(everywhere) - budget, "repository", "repositories", of=centre)
    is_joined = any(roles[one] for one in roles if one != owner.id)
    return diagram if is_joined else None


def _roles(graph: Graph, owner: str) -> dict[str, int]:
    """Return the repositories that an owner has to do with, and how many pull requests they wrote in each.

    Those come first in which they own something, and how much that is, is asked where it is shown: it changes often.
    """
    written = Counter(
        change.repository for change in graph.work_by_owner.get(owner, Work()).authored if change.author == owner
    )
    roles = dict.fromkeys(graph.held_by_owner.get(owner, ()), 0)
    return roles | dict(written.most_common(OTHERS * 2))


def _in_words(graph: Graph, owner: str, repository: str, written: int) -> str:
    """Return what an owner has to do with a repository."""
    files = graph.files_held.get(f"{owner} {repository}")
    owns = "" if files is None else f"owns {count(files, 'file')}"
    return ", ".join(filter(None, (owns, f"wrote {count(written, 'pull request')}" if written else "")))


def of_policy(graph: Graph, policy: Policy, link: Link) -> Diagram | None:
    """Return what a policy decided in which repository; None where it decided in fewer than two."""
    outcomes: defaultdict[str, Counter[Outcome]] = defaultdict(Counter)
    for decision in graph.decisions_by_policy.get(policy.id, ()):
        if decision.subject.repository in graph.repositories:
            outcomes[decision.subject.repository][decision.outcome] += 1
    if len(outcomes) < 2:  # noqa: PLR2004 see above
        return None
    diagram = Diagram(title=f"Policy {label_of(policy)}: what it decided in which repository")
    centre = diagram.add("policy", label_of(policy))
    places: dict[Outcome, int] = {}
    most_first = sorted(outcomes.items(), key=lambda item: (-item[1].total(), item[0]))
    for repository, counts in most_first[: OTHERS + 2]:
        place = diagram.add("repository", graph.labels[repository], link(repository))
        diagram.connect(centre, place, f"decided {count(counts.total(), 'time')}")
        for outcome, number in sorted(counts.items()):
            if outcome not in places:
                places[outcome] = diagram.add(_OUTCOME_BOXES[outcome], OUTCOME_WORDS[outcome])
            diagram.connect(place, places[outcome], count(number, "time"))
    _more(diagram, len(outcomes) - OTHERS - 2, "repository", "repositories", of=centre)
    return diagram


def of_organization(graph: Graph, organization: Organization, link: Link) -> Diagram:
    """Show the repositories with most merged pull requests, who owns most of them, and which policies apply to them."""
    diagram = Diagram(title=f"{label_of(organization)}: repositories, their owners and policies")
    root = diagram.add("organization", label_of(organization), link(organization.id))
    repositories = sorted(
        graph.snapshot.repositories, key=lambda item: (-len(graph.pull_requests.get(item.id, ())), item.id)
    )
    shown: dict[str, int] = {}
    for repository in repositories[:ORGANIZATION]:
        shown[repository.id] = diagram.add("repository", label_of(repository), link(repository.id))
        diagram.connect(root, shown[repository.id])
    _more(diagram, len(repositories) - ORGANIZATION, "repository", "repositories", of=root)
    for relation, kind, verb in (("owned_by", "owner", "owned by"), ("subject_to", "policy", "subject to")):
        for other, theirs in _spread(graph, shown, relation, OTHERS * 2):
            place = diagram.add("owner" if kind == "owner" else "policy", graph.labels[other], link(other))
            for repository_id in theirs:
                diagram.connect(shown[repository_id], place, verb if len(theirs) == 1 else "", is_dashed=True)
    return diagram


def _spread(graph: Graph, repositories: Iterable[str], relation: str, budget: int) -> list[tuple[str, list[str]]]:
    """Choose what the repositories stand in relation to: what several share first, then one for each in turn."""
    ends: defaultdict[str, list[str]] = defaultdict(list)
    queues: list[list[str]] = []
    for repository in repositories:
        seen = [item for item in graph.relations.get(repository, ()) if item.type == relation]
        seen.sort(key=lambda item: (-(item.relation.files or 0), item.other))
        # A library holds one policy in several places: one box for each name.
        by_label: dict[str, str] = {}
        for item in seen:
            if item.other in graph.labels:
                by_label.setdefault(graph.labels[item.other], item.other)
        queues.append(list(by_label.values()))
        for other in by_label.values():
            ends[other].append(repository)
    shared = sorted((item for item in ends.items() if len(item[1]) > 1), key=lambda item: (-len(item[1]), item[0]))
    chosen = dict(shared[:budget])
    for turn in zip_longest(*queues):
        for other in turn:
            if other is not None and len(chosen) < budget:
                chosen.setdefault(other, ends[other])
    return list(chosen.items())


def neighbours(graph: Graph, repository: str) -> list[tuple[str, str]]:
    """Return the repositories that share owners or policies with this one, those that share most first, and why."""
    shared: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for relation, back, noun in (("owned_by", "owner_of", "owner"), ("subject_to", "applies_to", "policy")):
        for end in dict.fromkeys(graph.others(repository, relation)[:_LOOK_AT]):
            for other in dict.fromkeys(graph.others(end, back)[:_LOOK_AT]):
                if other != repository and other in graph.repositories:
                    shared[other][noun] += 1
    ranked = sorted(shared.items(), key=lambda item: (-item[1].total(), item[0]))
    return [(other, _shares(nouns)) for other, nouns in ranked]


def _shares(nouns: Counter[str]) -> str:
    words = [
        count(nouns[noun], noun, plural) for noun, plural in (("owner", ""), ("policy", "policies")) if nouns[noun]
    ]
    return f"shares {' and '.join(words)}"


def _related(graph: Graph, node: str, relation: str, kind: type[T]) -> list[T]:
    ends = dict.fromkeys(graph.others(node, relation))
    return [other for end in ends if isinstance(other := graph.nodes.get(end), kind)]


def _by_label(graph: Graph, policies: Iterable[Policy | ApplyingPolicy]) -> dict[str, str]:
    """Return label to id, the first of each label: a library holds one policy in several places."""
    by_label: dict[str, str] = {}
    for policy in policies:
        by_label.setdefault(graph.labels[policy.id], policy.id)
    return by_label


def _more(
    diagram: Diagram, number: int, noun: str, plural: str = "", *, of: int | None = None, to: int | None = None
) -> None:
    """Add a box that says how many more there are, behind the node `of` or in front of the node `to`."""
    if number <= 0:
        return
    place = diagram.add("more", f"+{count(number, f'more {noun}', f'more {plural}' if plural else '')}")
    if of is not None:
        diagram.connect(of, place)
    if to is not None:
        diagram.connect(place, to, is_dashed=True)
