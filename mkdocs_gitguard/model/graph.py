"""The graph of a snapshot: its nodes, their relations from both ends, and what hangs together, each looked up by a key.

Every index is a mapping that is made when it is first asked for and lives as long as its graph, so that all who show
one snapshot share it. Whoever shows one thing asks an index for one key and never walks through it: so it can be told
what a page has read.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from hashlib import sha256
from heapq import nlargest
from types import MappingProxyType
from typing import Any, Final, TypeVar

from mkdocs_gitguard.model.applying import applying_by_repository, evidence_commits
from mkdocs_gitguard.model.decision import Decision
from mkdocs_gitguard.model.finding import Finding
from mkdocs_gitguard.model.forge import Forge
from mkdocs_gitguard.model.graph_answers import Applying, DecisionCounts, Holding, PathRules, Seen, Work
from mkdocs_gitguard.model.holdings import holdings_of, places_of
from mkdocs_gitguard.model.kinds import Node
from mkdocs_gitguard.model.known_indexes import (
    DEAR_INDEXES,
    NOTHING_KNOWN,
    STAYING,
    KnownIndexes,
    grouped,
    staying,
)
from mkdocs_gitguard.model.meaning import NONE_RELATED, RelatedNodes, digest_of_related
from mkdocs_gitguard.model.moves import Moves
from mkdocs_gitguard.model.owner import Owner, owners_by_login
from mkdocs_gitguard.model.ownership import Ownership, PullRequestOwnership
from mkdocs_gitguard.model.policy import Policy, PolicyException, Rule, ending_first, gravest_first, is_policy
from mkdocs_gitguard.model.pull_request import NO_EVENTS, EventFacts, PullRequest, PullRequestStatus, waiting
from mkdocs_gitguard.model.repository import Repository
from mkdocs_gitguard.model.snapshot import Snapshot, still_open

LATEST_PULL_REQUESTS: Final = 100
"""How many pull requests of an owner `Graph.latest_pull_requests_by_owner` knows."""
_T = TypeVar("_T")


class Graph:
    """Looks things up in a snapshot, and in what events say beside it. Holds no facts of its own."""

    def __init__(
        self,
        snapshot: Snapshot,
        events: EventFacts = NO_EVENTS,
        related: RelatedNodes = NONE_RELATED,
        *,
        before: KnownIndexes = NOTHING_KNOWN,
    ) -> None:
        """Index nothing yet: each index is built when it is first asked for."""
        self.snapshot = snapshot
        self.events = events
        self.related = related
        """By node id, what is close to it in meaning; nothing where nobody has compared."""
        self._known = before
        """Of an earlier graph, of which as much is taken as is the same."""
        self._moves = None if before.snapshot is None else Moves(before.snapshot, snapshot)
        self._touched: dict[str, frozenset[str]] = {}

    @property
    def facts(self) -> tuple[Snapshot, EventFacts, RelatedNodes]:
        """All that it looks things up in: where this is equal, so is the digest."""
        return self.snapshot, self.events, self.related

    @cached_property
    def digest(self) -> str:
        """`Snapshot.digest()`, made once; where something stands beside it, the SHA-256 of that and of theirs."""
        of_related = digest_of_related(self.related)
        parts = [self.snapshot.digest(), *filter(None, (self.events.digest(), of_related))]
        return sha256(" ".join(parts).encode()).hexdigest() if len(parts) > 1 else parts[0]

    def _dear(self, name: str) -> Mapping[str, Any]:
        """Return an index that is dear to make, brought up to date where it can be."""
        how, known = DEAR_INDEXES[name], self._known.indexes.get(name)
        updated = None if known is None or self._moves is None else how.update(known, self._moves)
        if updated is None:
            return MappingProxyType(how.make(self.snapshot))
        self._touched[name] = updated.touched
        return MappingProxyType(updated.entries)

    def standing(self, name: str) -> Mapping[str, Any] | None:
        """Return an index of the graph before, where nothing has moved that it is made of."""
        known, moves = self._known.indexes.get(name), self._moves
        if known is None or moves is None or not moves.leave(STAYING[name]):
            return None
        self._touched[name] = frozenset()
        return known

    @property
    def known(self) -> KnownIndexes:
        """What has been asked for and is dear to index, for the graph that follows this one."""
        names = self.__dict__.keys() & (DEAR_INDEXES.keys() | STAYING.keys())
        return KnownIndexes(self.snapshot, {name: self.__dict__[name] for name in names})

    def touched_since(self, before: "Graph", index: str) -> frozenset[str] | None:
        """Return the keys of an index that may have another value than in an earlier graph; None: any of them may."""
        return self._touched.get(index) if before.snapshot is self._known.snapshot else None

    def let_go(self) -> None:
        """Let go of what is known of an earlier graph."""
        self._known, self._moves, self._touched = NOTHING_KNOWN, None, {}

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """Every node by id."""
        return self._dear("nodes")

    @cached_property
    def relations(self) -> Mapping[str, tuple[Seen, ...]]:
        """Every relation by each of its ends, in the snapshot's order."""
        return self._dear("relations")

    def others(self, node: str, relation_type: str) -> tuple[str, ...]:
        """Return the ids at the other end of the node's relations of one type, named from its end."""
        return tuple(seen.other for seen in self.relations.get(node, ()) if seen.type == relation_type)

    @cached_property
    def repositories(self) -> Mapping[str, Repository]:
        """Repositories by id."""
        return MappingProxyType({repository.id: repository for repository in self.snapshot.repositories})

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """What every node is called, by id: less than the node itself, which changes more often."""
        return self._dear("labels")

    @staying("owners")
    def bots(self) -> Mapping[str, bool]:
        """By owner id, whether it is a program."""
        return MappingProxyType({owner.id: owner.is_bot for owner in self.snapshot.owners})

    @cached_property
    def forges(self) -> Mapping[str, Forge | None]:
        """By repository id, the forge that it is on."""
        return MappingProxyType({repository.id: repository.forge for repository in self.snapshot.repositories})

    @cached_property
    def default_branches(self) -> Mapping[str, str]:
        """By repository id, its default branch; `""` for none."""
        return MappingProxyType({repository.id: repository.default_branch for repository in self.snapshot.repositories})

    @cached_property
    def heads(self) -> Mapping[str, str]:
        """By repository id, the commit at its head."""
        return MappingProxyType({repository.id: repository.head for repository in self.snapshot.repositories})

    @cached_property
    def evidence_commits(self) -> Mapping[str, str]:
        """By repository id, a NUL and a path, the commit that last changed a file by which a policy applies somewhere.

        It holds what the head holds, and stays while the head moves: what shows it need not be made again.
        """
        return MappingProxyType(evidence_commits(self.snapshot))

    @cached_property
    def codeowners_paths(self) -> Mapping[str, str]:
        """By repository id, the CODEOWNERS file that counts; `""` for none."""
        return MappingProxyType({ownership.repository: ownership.path for ownership in self.snapshot.ownership})

    @cached_property
    def owners(self) -> Mapping[str, Owner]:
        """Owners by id, as pages show them: without what changes with each commit of theirs, see `as_shown`."""
        return self._dear("owners")

    @property
    def has_policies(self) -> bool:
        """Whether a policy of any repository was read."""
        return bool(self.snapshot.policies)

    @staying("policies")
    def policies(self) -> Mapping[str, Policy]:
        """Policies by id."""
        return MappingProxyType({policy.id: policy for policy in self.snapshot.policies})

    @cached_property
    def pull_requests(self) -> Mapping[str, tuple[PullRequest, ...]]:
        """Pull requests by repository id, newest first."""
        return self._dear("pull_requests")

    @cached_property
    def open_pull_requests(self) -> Mapping[str, tuple[PullRequestStatus, ...]]:
        """By repository id, what events say is open and git does not know to be merged, the highest number first."""
        return _grouped((status.repository, status) for status in still_open(self.events, self.snapshot))

    @cached_property
    def statuses(self) -> Mapping[str, PullRequestStatus]:
        """By pull request id, what events say of it."""
        return MappingProxyType({status.id: status for status in self.events.pull_requests})

    @cached_property
    def owners_by_login(self) -> Mapping[str, str]:
        """By what a forge calls a person or a team, in small letters, the id of the one owner who is called so."""
        return MappingProxyType(owners_by_login(self.snapshot.owners))

    @cached_property
    def waiting_by_owner(self) -> Mapping[str, tuple[PullRequestStatus, ...]]:
        """By owner id, the open pull requests that ask them for a review, the longest open first."""
        return _grouped(waiting(still_open(self.events, self.snapshot), self.owners_by_login))

    @cached_property
    def open_by_author(self) -> Mapping[str, tuple[PullRequestStatus, ...]]:
        """By owner id, the open pull requests that they wrote, by repository, the highest number first."""
        known = self.owners_by_login
        theirs = ((known.get(one.author.lower(), ""), one) for one in still_open(self.events, self.snapshot))
        return _grouped((owner, one) for owner, one in theirs if owner)

    @staying("findings")
    def findings(self) -> Mapping[str, tuple[Finding, ...]]:
        """Findings by repository id; `""` for those of none."""
        return _grouped((finding.repository, finding) for finding in self.snapshot.findings)

    @staying("sources")
    def texts(self) -> Mapping[str, str]:
        """The texts that policies stand in, by blob."""
        return MappingProxyType({source.blob: source.text for source in self.snapshot.sources})

    @cached_property
    def work_by_owner(self) -> Mapping[str, Work]:
        """By owner id, what each who did anything did."""
        return self._dear("work_by_owner")

    @cached_property
    def ownership(self) -> Mapping[str, Ownership]:
        """Ownership by repository id."""
        return MappingProxyType({ownership.repository: ownership for ownership in self.snapshot.ownership})

    @cached_property
    def ownership_by_pull_request(self) -> Mapping[str, PullRequestOwnership]:
        """By pull request id, who owns what it touched."""
        return self._dear("ownership_by_pull_request")

    @cached_property
    def path_rules(self) -> Mapping[str, PathRules]:
        """By repository id, the rules of its CODEOWNERS file; repositories without one are left out."""
        return MappingProxyType({one.repository: PathRules.of(one) for one in self.snapshot.ownership if one.path})

    @cached_property
    def owners_by_folder(self) -> Mapping[str, tuple[str, ...]]:
        """By repository id, a slash and a folder's path, who owns all files of it, nobody where they differ.

        Folders of which all have the same owners as those above them are left out.
        """
        return MappingProxyType(
            {
                # A folder that is not split may still hold single files with other owners.
                f"{one.repository}/{area.path}": tuple(share.owner for share in area.owners)
                if all(share.files == area.files for share in area.owners)
                else ()
                for one in self.snapshot.ownership
                for area in one.areas
            }
        )

    @cached_property
    def holdings_by_owner(self) -> Mapping[str, tuple[Holding, ...]]:
        """By owner id, what each that a CODEOWNERS file names has in each repository, most files first."""
        return MappingProxyType(holdings_of(self.snapshot.ownership))

    @cached_property
    def held_by_owner(self) -> Mapping[str, tuple[str, ...]]:
        """By owner id, where they have something: see `places_of`."""
        return MappingProxyType(places_of(self.holdings_by_owner))

    @cached_property
    def files_held(self) -> Mapping[str, int]:
        """By owner id, a blank and a repository id, how many files they own there."""
        holdings = self.holdings_by_owner.items()
        return MappingProxyType(
            {f"{owner} {one.repository}": one.files for owner, theirs in holdings for one in theirs}
        )

    @cached_property
    def latest_pull_requests_by_owner(self) -> Mapping[str, tuple[PullRequest, ...]]:
        """By owner id, the last pull requests that touched what is theirs, newest first."""
        touched: defaultdict[str, list[PullRequest]] = defaultdict(list)
        changes = {change.id: change for change in self.snapshot.pull_requests}
        for ownership in self.snapshot.ownership:
            taken: Counter[str] = Counter()
            for one in ownership.pull_requests:
                for share in one.owners:
                    # They come newest first: of one repository no more than the first few can be among the last.
                    if taken[share.owner] < LATEST_PULL_REQUESTS and one.pull_request in changes:
                        taken[share.owner] += 1
                        touched[share.owner].append(changes[one.pull_request])
        return MappingProxyType(
            {
                owner: tuple(nlargest(LATEST_PULL_REQUESTS, theirs, key=lambda change: (change.merged_at, change.id)))
                for owner, theirs in touched.items()
            }
        )

    @staying("rules")
    def rules_by_policy(self) -> Mapping[str, tuple[Rule, ...]]:
        """Rules by policy id, in source order."""
        return _grouped(
            (rule.policy, rule)
            for rule in sorted(self.snapshot.rules, key=lambda rule: (rule.span.first_line, rule.id))
        )

    @staying("policies")
    def held_policies(self) -> Mapping[str, Policy]:
        """By id, the policies that repositories hold, the gravest first; no automation, samples, tests or versions."""
        return MappingProxyType(
            {policy.id: policy for policy in gravest_first(filter(is_policy, self.snapshot.policies))}
        )

    @staying("policies")
    def policies_by_repository(self) -> Mapping[str, tuple[Policy, ...]]:
        """By repository id, the policies that it holds, the gravest first."""
        return _grouped((policy.repository, policy) for policy in self.held_policies.values())

    @staying("policies")
    def asides_by_repository(self) -> Mapping[str, tuple[Policy, ...]]:
        """By repository id, what stands beside its policies by their ids: automation, samples, tests, versions."""
        return _grouped((policy.repository, policy) for policy in self.snapshot.policies if not is_policy(policy))

    @staying("policies")
    def versions_by_policy(self) -> Mapping[str, tuple[Policy, ...]]:
        """By policy id, its older versions and copies in its repository, by path."""
        versions = (policy for policy in self.snapshot.policies if policy.version_of)
        return _grouped(
            (policy.version_of, policy) for policy in sorted(versions, key=lambda policy: (policy.span.path, policy.id))
        )

    @staying("policies")
    def policies_by_owner(self) -> Mapping[str, tuple[Policy, ...]]:
        """By owner id, the policies whose files they own, the gravest first."""
        return _grouped((owner, policy) for policy in self.held_policies.values() for owner in policy.owners)

    @staying("policies", relation_type="subject_to")
    def applying_by_repository(self) -> Mapping[str, tuple[Applying, ...]]:
        """By repository id, the policies that apply to it, the gravest first."""
        return MappingProxyType(applying_by_repository(self.snapshot, self.policies))

    def without_applying_policy(self) -> list[Repository]:
        """Return the repositories to which no policy is known to apply, in the snapshot's order."""
        return [
            repository for repository in self.snapshot.repositories if repository.id not in self.applying_by_repository
        ]

    @staying("decisions")
    def decisions_by_pull_request(self) -> Mapping[str, tuple[Decision, ...]]:
        """By pull request id, the decisions about it, newest first."""
        return _grouped((one.subject.pull_request, one) for one in self.snapshot.decisions if one.subject.pull_request)

    @staying("decisions")
    def decisions_by_repository(self) -> Mapping[str, tuple[Decision, ...]]:
        """By repository id, the decisions about it and its pull requests, newest first."""
        return _grouped((one.subject.repository, one) for one in self.snapshot.decisions if one.subject.repository)

    @staying("decisions")
    def decisions_by_policy(self) -> Mapping[str, tuple[Decision, ...]]:
        """By policy id, the decisions that lead to it, newest first."""
        return _grouped((policy, one) for one in self.snapshot.decisions for policy in one.policies)

    @staying("decisions")
    def decisions_by_rule(self) -> Mapping[str, tuple[Decision, ...]]:
        """By rule id, the decisions that lead to it, newest first."""
        return _grouped((rule, one) for one in self.snapshot.decisions for rule in one.rules)

    @staying("exceptions")
    def exceptions_by_repository(self) -> Mapping[str, tuple[PolicyException, ...]]:
        """By repository id, the exceptions from policies that stand in it, those that end first before."""
        return _grouped((one.repository, one) for one in ending_first(self.snapshot.exceptions))

    @staying("exceptions")
    def exceptions_by_owner(self) -> Mapping[str, tuple[PolicyException, ...]]:
        """By owner id, the exceptions from policies in files that are theirs, those that end first before."""
        return _grouped((owner, one) for one in ending_first(self.snapshot.exceptions) for owner in one.owners)

    @staying("exceptions")
    def exceptions_by_policy(self) -> Mapping[str, tuple[PolicyException, ...]]:
        """By policy id, the exceptions from it or its rules, those that end first before."""
        return _grouped((policy, one) for one in ending_first(self.snapshot.exceptions) for policy in one.policies)

    @cached_property
    def decision_counts(self) -> DecisionCounts:
        """All decisions, counted."""
        return DecisionCounts.of(self.snapshot.decisions)


def _grouped(pairs: Iterable[tuple[str, _T]]) -> Mapping[str, tuple[_T, ...]]:
    return MappingProxyType(grouped(pairs))
