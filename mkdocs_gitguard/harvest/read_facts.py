"""From an opened repository to its facts.

A repository that moved is read from its old head to its new one where the old one is on
the new first-parent line, and as a whole otherwise; both give the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from itertools import islice, repeat
from typing import Final

from mkdocs_gitguard.errors import GitCommandError
from mkdocs_gitguard.git.problems import RepositoryError, code_of
from mkdocs_gitguard.git.process import GitProcessError
from mkdocs_gitguard.git.repository import GitRepository
from mkdocs_gitguard.git.tree import CommitTree
from mkdocs_gitguard.harvest.commit_files import codeowners_folders
from mkdocs_gitguard.harvest.contents.languages import count_languages
from mkdocs_gitguard.harvest.contents.policy_files import read_to_keep
from mkdocs_gitguard.harvest.contents.skip_comments import Lacking, Searched, lacking, read_skip_comments
from mkdocs_gitguard.harvest.facts import FACTS_VERSION, FactsOptions, RepositoryAbout, RepositoryFacts
from mkdocs_gitguard.harvest.head_files import files_of_head, texts_of_head
from mkdocs_gitguard.harvest.history.join import join
from mkdocs_gitguard.harvest.history.line_counts import (
    CONTENT_ARGUMENTS,
    COUNT_ARGUMENTS,
    MOST_COUNTED_FILES,
    CommitCounts,
    count_input,
    parse_contents,
    parse_counts,
)
from mkdocs_gitguard.harvest.history.log import log_arguments
from mkdocs_gitguard.harvest.history.messages import PullRequestMention, recognise
from mkdocs_gitguard.harvest.history.own_lines import OwnNames, own_names
from mkdocs_gitguard.harvest.history.pull_refs import (
    TIP_ARGUMENTS,
    PullRef,
    match_refs,
    parse_tips,
    tip_input,
    unnamed_refs,
)
from mkdocs_gitguard.harvest.history.reader import HistoryRead, read_history
from mkdocs_gitguard.harvest.history.records import History, seconds_of, split_paths
from mkdocs_gitguard.harvest.history.site_rules import SiteRules
from mkdocs_gitguard.harvest.history.tags import TAG_REFS, read_tags
from mkdocs_gitguard.harvest.pool import ReaderPool
from mkdocs_gitguard.model import Finding, LanguageShare
from mkdocs_gitguard.model.printable import printable
from mkdocs_gitguard.policies import ScannedFiles
from mkdocs_gitguard.policies.read import reading_versions
from mkdocs_gitguard.state.file_state import content_of

_BAD_REVISION: Final = 128
"""Git's exit code, among others for this."""
_FILE_TYPES: Final[Mapping[bytes, int]] = {b"100644": 0, b"100664": 0, b"100755": 1, b"120000": 2, b"160000": 3}


def read_facts(
    repository: GitRepository, about: RepositoryAbout, options: FactsOptions, previous: RepositoryFacts | None = None
) -> RepositoryFacts:
    """Return the facts of a repository as its default branch stands now.

    Args:
        repository: the opened repository.
        about: what it is called.
        options: what to read.
        previous: facts of an earlier reading; used where they were read with the same options and their head is on
            the first-parent line, else ignored.

    Raises:
        GitCommandError: git failed: objects are missing or broken, or it took too long.
        SettingError: a pattern of `options` is wrong.
    """
    branch, head = repository.directory.head(about.branch)
    if not head:
        return RepositoryFacts(
            about=about,
            options=options,
            default_branch=printable(branch),
            is_shallow=repository.is_shallow,
            is_partial=repository.is_partial,
            findings=(_empty(about, branch),),
        )
    files = files_of_head(repository, head)
    rules = SiteRules(dict(options.pull_request_patterns))
    earlier = previous if previous and own_names(previous.about.forge) == own_names(about.forge) else None
    read = HistoryRead(History(), "")
    searching = previous if previous and previous.policy_formats == reading_versions() else None
    look = partial(lacking, repository, head, files.tree, searching.head if searching else "")
    search = partial(_skip_comments, repository, head, files.tree, searching)
    aside = ReaderPool(1, "policies")
    try:
        # Of a few new commits most of the time goes by waiting for git. What a partial clone holds is not settled yet;
        # what it lacks is asked before it is given anything.
        looked = aside.submit(look) if options.policies else None
        may_search = previous and not repository.is_partial
        searched = aside.submit(lambda: search(looked.result())) if looked and may_search else None
        if not repository.is_shallow:
            recognising = (options, rules, own_names(about.forge))
            read = _history(repository, head, files.tree.raw_paths, recognising, earlier)
        history = read.history
        named = _pull_refs(repository, history)
        head_at = history.line[0].at if history.line else _committed_at(repository, head)
        lacked = looked.result() if looked else None
        texts, tag_refs = texts_of_head(repository, files, earlier), _tag_refs(repository)
        are_tags_known = earlier and earlier.version == FACTS_VERSION and earlier.tag_refs == tag_refs
        tags = earlier.tags if earlier and are_tags_known else read_tags(repository)
        line_counts = _line_counts(repository, history, named, options, previous)
        policies = (
            read_to_keep(repository, files.tree, _known_policies(previous)) if options.policies else ScannedFiles()
        )
        skips = searched.result() if searched else search(lacked) if lacked else Searched()
    finally:
        aside.close()
    types = map(_FILE_TYPES.get, files.tree.modes, repeat(0))
    paths = sorted(zip(files.tree.raw_paths, types, strict=True))
    listed = b"\0".join(path for path, _ in paths), bytes(kind for _, kind in paths)
    return RepositoryFacts(
        about=about,
        options=options,
        default_branch=printable(branch),
        head=head,
        is_shallow=repository.is_shallow,
        is_partial=repository.is_partial,
        history=history,
        head_at=head_at,
        tags=tags,
        tag_refs=b"" if repository.problems else tag_refs,
        file_paths=listed[0],
        file_types=listed[1],
        languages=_languages(files.plain, listed, earlier),
        texts_of=texts.digest,
        manifest_description=texts.manifest_description,
        readme_path=printable(files.readme),
        readme_description=texts.readme_description,
        readme_summary=texts.readme_summary,
        licence=texts.licence,
        licence_path=printable(files.licence),
        codeowners=texts.codeowners,
        codeowners_folders=codeowners_folders(files.tree),
        texts=texts.texts,
        pull_refs=named,
        line_counts=line_counts,
        policy_formats=reading_versions() if options.policies else (),
        policy_files=policies,
        skip_comments=skips.scans,
        unsearched=skips.missing,
        findings=(*_findings(repository, about, read), *_slow_patterns(rules, about)),
    )


def _history(
    repository: GitRepository,
    head: str,
    present: Sequence[bytes],
    recognising: tuple[FactsOptions, SiteRules, OwnNames],
    previous: RepositoryFacts | None,
) -> HistoryRead:
    options, rules, names = recognising

    def mention(message: str, parents: int) -> PullRequestMention:
        return recognise(message, parents, rules, names)

    if previous and previous.head and _is_usable(previous, options):
        if previous.head == head:
            return HistoryRead(previous.history, "")
        try:
            newer = read_history(repository.stream(*log_arguments(head, previous.head)), head, mention, present)
        except GitProcessError as error:
            # Git says so where the old head is gone; to ask for it first takes a process more, each time.
            if error.exit_code != _BAD_REVISION:
                raise
            newer = None
        if newer and newer.boundary == previous.head:
            joined = join(previous.history, newer.history, split_paths(previous.file_paths), present)
            if joined:
                return newer._replace(history=joined)
    return read_history(repository.stream(*log_arguments(head)), head, mention, present)


def _is_usable(previous: RepositoryFacts, options: FactsOptions) -> bool:
    return previous.version == FACTS_VERSION and previous.options == options and bool(previous.history.line)


def _languages(
    plain: list[str], listed: tuple[bytes, bytes], earlier: RepositoryFacts | None
) -> tuple[LanguageShare, ...]:
    """Return the languages of a tree, which its paths tell; those are mostly the same as earlier."""
    if earlier and earlier.version == FACTS_VERSION and (earlier.file_paths, earlier.file_types) == listed:
        return earlier.languages
    return tuple(LanguageShare(name=name, files=files) for name, files in count_languages(plain))


def _committed_at(repository: GitRepository, head: str) -> int:
    output = repository.output(
        "log", "--no-walk", "--no-show-signature", "--format=%ct", "--end-of-options", head, "--"
    )
    return seconds_of(output.strip())


def _pull_refs(repository: GitRepository, history: History) -> tuple[PullRef, ...]:
    refs = unnamed_refs(repository.directory, history.line) if history.line else {}
    if not refs:
        return ()
    wanted = tip_input(history.line, refs)
    output = repository.output(*TIP_ARGUMENTS, stdin=wanted) if wanted else b""
    tips = parse_tips(output, {commit.authored_at for commit in history.line if not commit.claim.number})
    return match_refs(history.line, [identity.email for identity in history.identities], refs, tips)


def _line_counts(
    repository: GitRepository,
    history: History,
    named: tuple[PullRef, ...],
    options: FactsOptions,
    previous: RepositoryFacts | None,
) -> tuple[CommitCounts, ...]:
    by_ref = {ref.commit for ref in named}
    numbered = (commit.commit for commit in history.line if commit.claim.number or commit.commit in by_ref)
    newest = list(islice(numbered, options.line_counts))
    known = {counts.commit: counts for counts in previous.line_counts} if previous else {}
    countable = {commit.commit for commit in history.line if commit.touched_count <= MOST_COUNTED_FILES}
    unknown = [commit for commit in newest if commit not in known and commit in countable]
    if unknown:
        known |= _counted(repository, history, unknown)
    return tuple(known[commit] for commit in newest if commit in known)


def _counted(repository: GitRepository, history: History, commits: list[str]) -> dict[str, CommitCounts]:
    """Count lines. A content that is gone or broken costs the counts that need it, not the repository."""
    if repository.is_partial:
        commits = _countable(repository, history, commits)
    try:
        return _count(repository, history, commits)
    except GitCommandError as error:
        if (code := code_of(error)) != "missing-objects":
            raise
        repository.problems.append(RepositoryError(code, error.message, hint=error.hint))
    # Looking for each content takes time, and hardly any repository lacks one.
    whole = _countable(repository, history, commits)
    try:
        return _count(repository, history, whole) if whole != commits else {}
    except GitCommandError:
        return {}


def _count(repository: GitRepository, history: History, commits: list[str]) -> dict[str, CommitCounts]:
    return parse_counts(repository.stream(*COUNT_ARGUMENTS, stdin=count_input(history.line, commits)))


def _countable(repository: GitRepository, history: History, commits: list[str]) -> list[str]:
    """Return those commits of which a partial clone holds every content: git fails at the first that is missing."""
    needed = parse_contents(repository.stream(*CONTENT_ARGUMENTS, stdin=count_input(history.line, commits)))
    contents = {blob for blobs in needed.values() for blob in blobs}
    repository.prefetch(contents)
    missing = repository.missing(contents)
    return [commit for commit in commits if needed.get(commit, set()).isdisjoint(missing)]


def _tag_refs(repository: GitRepository) -> bytes:
    """Return the digest of all that `read_tags` lists tags by; git fails at a configuration that is broken."""
    directory = repository.directory
    refs, config = directory.refs(TAG_REFS), directory.common_dir / "config"
    return sha256(repr((sorted(refs.items()), content_of(config))).encode("utf-8", "replace")).digest()


def _skip_comments(
    repository: GitRepository, head: str, tree: CommitTree, previous: RepositoryFacts | None, lacked: Lacking
) -> Searched:
    before = Searched(previous.skip_comments, previous.unsearched) if previous else None
    return read_skip_comments(repository, head, tree, lacked, before)


def _known_policies(previous: RepositoryFacts | None) -> ScannedFiles:
    is_usable = previous and previous.version == FACTS_VERSION and previous.policy_formats == reading_versions()
    return previous.policy_files if previous and is_usable else ScannedFiles()


def _findings(repository: GitRepository, about: RepositoryAbout, read: HistoryRead) -> Iterator[Finding]:
    if read.is_cut:
        yield Finding(
            code="merges-nested",
            severity="warning",
            message=f"{about.namespace}/{about.name} has merges within merges so deep that not all were looked at.",
            hint="Choose another branch to show, where what these merges brought matters.",
            repository=about.id,
            source=about.source,
        )
    if repository.is_shallow:
        yield Finding(
            code="shallow-clone",
            severity="warning",
            message=f"{about.namespace}/{about.name} is a shallow clone: its history is cut off and tells nothing.",
            hint="Run `git fetch --unshallow`, or set `fetch-depth: 0` and `filter: blob:none` for actions/checkout.",
            repository=about.id,
            source=about.source,
        )


def _slow_patterns(rules: SiteRules, about: RepositoryAbout) -> Iterator[Finding]:
    for name in rules.slow:
        yield Finding(
            code="slow-pattern",
            severity="warning",
            message=f"Pattern {name} of `pull_request_patterns` took too long on a message of "
            f"{about.namespace}/{about.name}, and was not tried on the rest.",
            hint="Write it without repetitions that can match the same text in several ways.",
            repository=about.id,
            source=about.source,
        )


def _empty(about: RepositoryAbout, branch: str) -> Finding:
    return Finding(
        code="empty-repository",
        severity="warning",
        message=f"{about.namespace}/{about.name} has no commits" + (f" on {printable(branch)}." if branch else "."),
        hint="Push a commit, or name another branch.",
        repository=about.id,
        source=about.source,
    )
