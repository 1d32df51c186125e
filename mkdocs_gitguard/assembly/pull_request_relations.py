"""Where each pull request belongs, and who wrote it: by far the most relations of a snapshot."""

from collections.abc import Iterable, Iterator, Sequence

from mkdocs_gitguard.assembly.kept_parts import as_before
from mkdocs_gitguard.model import PullRequest, Relation
from mkdocs_gitguard.model.relation import relation_key


def relations_of(pull_requests: Sequence[PullRequest], before: Iterable[Relation] = ()) -> tuple[Relation, ...]:
    """Return the relations of a repository's pull requests that nobody else tells, in the order of a snapshot.

    Args:
        pull_requests: of one repository.
        before: those of an earlier time; what is the same comes back as that very object.
    """
    made, known = ({relation_key(one): one for one in some} for some in (_made(pull_requests), before))
    return tuple(as_before({key: made[key] for key in sorted(made)}, known).values())


def _made(pull_requests: Sequence[PullRequest]) -> Iterator[Relation]:
    for one in pull_requests:
        yield Relation(type="part_of", source=one.id, target=one.repository)
        for author in filter(None, (one.author, *one.co_authors)):
            yield Relation(type="authored_by", source=one.id, target=author)
