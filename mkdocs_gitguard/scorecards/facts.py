"""The facts about a repository that checks are written over. Pure functions over a snapshot's graph."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from mkdocs_gitguard.late_pattern import late_pattern
from mkdocs_gitguard.model import is_tested, owner_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from mkdocs_gitguard.model import FileEntry, Finding, Graph, Owner, Ownership, OwnerState, Policy, Repository
    from mkdocs_gitguard.scorecards.expression import Value, ValueType

_YEAR_IN_MONTHS: Final = 12
# https://docs.github.com/en/code-security/getting-started/adding-a-security-policy-to-your-repository
_NO_POLICIES: Final = "No policy of any repository was read."
_NO_RELEASE: Final = "No tag is a version."
_NO_OWNERSHIP: Final = "Its code owners could not be read."
_SECURITY_POLICY: Final = late_pattern(r"(?:\.github/|\.gitlab/|docs/)?security\.(?:md|rst|txt|adoc)", re.IGNORECASE)


class Fact(NamedTuple):
    """What is known of a repository under one name."""

    value: Value
    """None: not known."""
    why: str
    """In words: what it was told by, or why it is not known."""
    path: str = ""
    """The file that tells it."""
    line: int = 0


class FactKind(NamedTuple):
    """A fact that checks may ask for."""

    type: ValueType
    words: str
    """What it is, with its unit."""
    read: Callable[[Subject], Fact]


class Subject(NamedTuple):
    """A repository, and what facts about it are read from."""

    repository: Repository
    graph: Graph
    moment: datetime
    """Of the build: ages are counted in whole days before it."""

    @property
    def ownership(self) -> Ownership | None:
        """Its code owners."""
        return self.graph.ownership.get(self.repository.id)

    @property
    def policies(self) -> Sequence[Policy]:
        """Those that it holds."""
        return self.graph.policies_by_repository.get(self.repository.id, ())

    @property
    def workflows(self) -> Sequence[Policy]:
        """Its workflows and pipelines."""
        asides = self.graph.asides_by_repository.get(self.repository.id, ())
        return [policy for policy in asides if policy.role == "automation"]

    @property
    def shared(self) -> Repository | None:
        """The repository that GitHub takes such files from where its own has none.

        https://docs.github.com/en/communities/setting-up-your-project-for-healthy-contributions/creating-a-default-community-health-file
        """
        forge = self.repository.forge
        on_github = forge is not None and forge.name == "github"
        return self.graph.repositories.get(f"repository:{self.repository.namespace}/.github") if on_github else None

    @property
    def findings(self) -> Sequence[Finding]:
        """What is wrong with it."""
        return self.graph.findings.get(self.repository.id, ())


def facts_of(graph: Graph, repository: Repository, moment: datetime) -> Mapping[str, Fact]:
    """Return every fact about a repository, by name.

    Args:
        graph: of the snapshot.
        repository: one of it.
        moment: of the build.
    """
    subject = Subject(repository, graph, moment)
    return MappingProxyType({name: kind.read(subject) for name, kind in FACTS.items()})


def _days(subject: Subject, then: datetime | None, why: str) -> Fact:
    if then is None:
        return Fact(None, "History does not tell.")
    days = (subject.moment.date() - then.date()).days
    return Fact(float(max(days, 0)), f"{why} on {then.date().isoformat()}.")


def _readme(subject: Subject) -> Fact:
    path = subject.repository.readme_path
    return Fact(bool(path), "It has a README." if path else "There is no README.", path)


def _licence(subject: Subject) -> Fact:
    repository = subject.repository
    if repository.licence:
        return Fact(repository.licence, f"The licence is {repository.licence}.", repository.licence_path)
    if repository.licence_path:
        return Fact(None, "There is a licence that is not recognised.", repository.licence_path)
    return Fact("", "There is no licence.")


def _has_licence(subject: Subject) -> Fact:
    path = subject.repository.licence_path
    return Fact(bool(path), "There is a licence." if path else "There is no licence.", path)


def _security_policy(subject: Subject) -> Fact:
    path = _security_policy_of(subject.repository)
    if path:
        return Fact(True, "It says how to report a weakness.", path)
    shared = subject.shared
    path = _security_policy_of(shared) if shared is not None else ""
    if path:
        return Fact(True, f"{subject.repository.namespace}/.github has {path}, which holds here too.")
    return Fact(False, "There is no SECURITY.md.")


def _security_policy_of(repository: Repository) -> str:
    return next((file.path for file in repository.files if _SECURITY_POLICY.fullmatch(file.path)), "")


def _codeowners(subject: Subject) -> Fact:
    ownership = subject.ownership
    if ownership is None:
        return Fact(None, _NO_OWNERSHIP)
    if not ownership.path:
        return Fact(False, "There is no CODEOWNERS file.")
    return Fact(True, f"It has {ownership.path}.", ownership.path)


def _owned_share(subject: Subject) -> Fact:
    ownership = subject.ownership
    if ownership is None:
        return Fact(None, _NO_OWNERSHIP)
    if not ownership.files:
        return Fact(None, "It has no files.")
    share = 100 * ownership.owned / ownership.files
    return Fact(share, f"{ownership.owned:,} of {ownership.files:,} files have an owner.", ownership.path)


def _owners_in_state(subject: Subject, state: str, words: str) -> Fact:
    ownership = subject.ownership
    if ownership is None:
        return Fact(None, _NO_OWNERSHIP)
    states = _states(subject, ownership)
    names = [owner.name for owner, its_state in states if its_state == state]
    return Fact(float(len(names)), f"{len(names):,} of {len(states):,} owners {words}{_first(names)}.", ownership.path)


def _first(names: Sequence[str]) -> str:
    return f": {', '.join(names[:3])}{' and others' if len(names) > 3 else ''}" if names else ""  # noqa: PLR2004


def _states(subject: Subject, ownership: Ownership) -> list[tuple[Owner, OwnerState]]:
    graph = subject.graph
    named = [graph.owners[share.owner] for share in ownership.owners if share.owner in graph.owners]
    return [(owner, owner_state(owner, _members(graph, owner), subject.moment)) for owner in named]


def _members(graph: Graph, owner: Owner) -> Sequence[Owner]:
    return [graph.owners[member] for member in graph.others(owner.id, "has_member") if member in graph.owners]


def _owners_active(subject: Subject) -> Fact:
    ownership = subject.ownership
    if ownership is None:
        return Fact(None, _NO_OWNERSHIP)
    states = _states(subject, ownership)
    inactive = [owner.name for owner, state in states if state == "inactive"]
    unknown = [owner.name for owner, state in states if state == "unresolved"]
    of_all = f"of {len(states):,} owners"
    if inactive:
        return Fact(False, f"{len(inactive):,} {of_all} were not seen for a year{_first(inactive)}.", ownership.path)
    if unknown or not states:
        why = (
            f"{len(unknown):,} {of_all} are not known to history{_first(unknown)}." if states else "It names no owner."
        )
        return Fact(None, why, ownership.path)
    return Fact(True, f"{len(states):,} {of_all} were seen within a year.", ownership.path)


def _inactive_owners(subject: Subject) -> Fact:
    return _owners_in_state(subject, "inactive", "were not seen for a year")


def _unknown_owners(subject: Subject) -> Fact:
    return _owners_in_state(subject, "unresolved", "are not known to history")


def _policies(subject: Subject) -> Fact:
    if not subject.graph.has_policies:
        return Fact(None, _NO_POLICIES)
    return Fact(float(len(subject.policies)), f"It holds {len(subject.policies):,} policies.")


def _share_of_policies(subject: Subject, is_so: Callable[[Policy], bool], words: str) -> Fact:
    policies = subject.policies
    if not policies:
        return Fact(None, "It holds no policy.")
    bad = [policy for policy in policies if not is_so(policy)]
    first = bad[0].span if bad else None
    why = f"{len(policies) - len(bad):,} of {len(policies):,} policies {words}."
    return Fact(
        100 * (1 - len(bad) / len(policies)), why, first.path if first else "", first.first_line if first else 0
    )


def _tested_share(subject: Subject) -> Fact:
    rules = subject.graph.rules_by_policy
    return _share_of_policies(
        subject, lambda policy: is_tested(policy, rules.get(policy.id, ())), "have a test that their engine runs"
    )


def _owned_policies(subject: Subject) -> Fact:
    return _share_of_policies(subject, lambda policy: bool(policy.owners), "have an owner")


def _workflows(subject: Subject) -> Fact:
    if not subject.graph.has_policies:
        return Fact(None, _NO_POLICIES)
    return Fact(float(len(subject.workflows)), f"It has {len(subject.workflows):,} workflows and pipelines.")


def _with_code(none: str, *codes: str) -> Callable[[Subject], Fact]:
    def read(subject: Subject) -> Fact:
        with_code = [finding for finding in subject.findings if finding.code in codes]
        if not with_code:
            return Fact(0.0, none)
        more = f" ({len(with_code):,} workflows in all)" if len(with_code) > 1 else ""
        return Fact(float(len(with_code)), f"{with_code[0].message}{more}", with_code[0].path, with_code[0].line)

    return read


def _of_severity(severity: str, words: str) -> Callable[[Subject], Fact]:
    def read(subject: Subject) -> Fact:
        graver = [finding for finding in subject.findings if finding.severity == severity]
        if not graver:
            return Fact(0.0, f"No finding is {words}.")
        more = f" ({len(graver):,} in all)" if len(graver) > 1 else ""
        return Fact(float(len(graver)), f"{graver[0].message}{more}", graver[0].path, graver[0].line)

    return read


def _releases(subject: Subject) -> Fact:
    releases = [tag for tag in subject.repository.tags if tag.is_release]
    if not releases:
        return Fact(0.0, _NO_RELEASE)
    verb = "tag is a version" if len(releases) == 1 else "tags are versions"
    return Fact(float(len(releases)), f"{len(releases):,} {verb}.")


def _release_age(subject: Subject) -> Fact:
    releases = [tag for tag in subject.repository.tags if tag.is_release]
    if not releases:
        return Fact(None, _NO_RELEASE)
    return _days(subject, releases[0].at, f"{releases[0].name} was made")


def _change_age(subject: Subject) -> Fact:
    return _days(subject, subject.repository.head_at, "It changed last")


def _commits_in_year(subject: Subject) -> Fact:
    repository = subject.repository
    if repository.is_shallow:
        return Fact(None, "The clone is shallow.")
    last = subject.moment.year * 12 + subject.moment.month - 1
    first = last - _YEAR_IN_MONTHS + 1
    months = {f"{month // 12:04}-{month % 12 + 1:02}" for month in range(first, last + 1)}
    commits = sum(activity.commits for activity in repository.activity if activity.month in months)
    return Fact(float(commits), f"{commits:,} commits in the last 12 months.")


def _files(subject: Subject) -> Fact:
    files: Sequence[FileEntry] = subject.repository.files
    return Fact(float(len(files)), f"{len(files):,} files.")


def _language(subject: Subject) -> Fact:
    languages = subject.repository.languages
    return Fact(languages[0].name, f"Most files are {languages[0].name}.") if languages else Fact("", "It has none.")


def _name(subject: Subject) -> Fact:
    name = "/".join(filter(None, (subject.repository.namespace, subject.repository.name)))
    return Fact(name, f"It is {name}.")


FACTS: Final[Mapping[str, FactKind]] = MappingProxyType(
    {
        "name": FactKind("text", "the repository's name, as acme/billing", _name),
        "files": FactKind("number", "files of the head commit", _files),
        "language": FactKind("text", 'the language of most files, "" for none', _language),
        "readme": FactKind("yes/no", "whether there is a README", _readme),
        "licence": FactKind("text", 'SPDX identifier of the licence, "" for none', _licence),
        "has_licence": FactKind("yes/no", "whether there is a licence, recognised or not", _has_licence),
        "security_policy": FactKind("yes/no", "whether a SECURITY.md says how to report a weakness", _security_policy),
        "codeowners": FactKind("yes/no", "whether there is a CODEOWNERS file where the forge looks", _codeowners),
        "owned_share": FactKind("number", "per cent of files that have a code owner", _owned_share),
        "owners_active": FactKind("yes/no", "whether every code owner was seen within a year", _owners_active),
        "inactive_owners": FactKind(
            "number", "code owners who are known and were not seen for a year", _inactive_owners
        ),
        "unknown_owners": FactKind("number", "code owners whom history does not know", _unknown_owners),
        "policies": FactKind("number", "policies that it holds", _policies),
        "tested_share": FactKind(
            "number", "per cent of its policies that have a test which their engine runs", _tested_share
        ),
        "owned_policies": FactKind("number", "per cent of its policies that have a code owner", _owned_policies),
        "workflows": FactKind("number", "workflows and pipelines", _workflows),
        "unpinned_workflows": FactKind(
            "number",
            "workflows with actions not pinned to a commit",
            _with_code("No workflow uses an action that is not pinned to a commit.", "workflow-unpinned-action"),
        ),
        "unstated_permissions": FactKind(
            "number",
            "workflows that do not state what their token may do, or let it write everything",
            _with_code(
                "Every workflow states what its token may do.",
                "workflow-permissions-unstated",
                "workflow-permissions-write-all",
            ),
        ),
        "releases": FactKind("number", "tags that are versions", _releases),
        "release_age": FactKind("number", "days since the newest version", _release_age),
        "change_age": FactKind("number", "days since the last change", _change_age),
        "commits_in_year": FactKind("number", "commits in the last 12 months", _commits_in_year),
        "errors": FactKind("number", "findings that are errors", _of_severity("error", "an error")),
        "warnings": FactKind("number", "findings that are warnings", _of_severity("warning", "a warning")),
    }
)
"""Every fact by name, in the order in which they are shown."""
