"""What one process has put together of a repository, and the next one takes up."""

from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from mkdocs_gitguard.assembly.kept_parts import KeptParts
from mkdocs_gitguard.model import Finding, Owner
from mkdocs_gitguard.ownership.owner_names import OwnerNames
from mkdocs_gitguard.policies.link import PolicyScan
from mkdocs_gitguard.site_build.kept_part_files import KeptPartFiles

BILLING = "repository:acme/billing"
PEOPLE = (
    Owner(id="owner:jo", type="person", name="Jo", logins=("jo",), teams=("owner:team/acme/core",)),
    Owner(id="owner:team/acme/core", type="team", name="acme/core"),
)


class Made:
    """Makes a part, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, names: OwnerNames) -> PolicyScan:
        self.times += 1
        message = f"{names.resolve('@jo', BILLING)} {sorted(names.members('owner:team/acme/core'))}"
        return PolicyScan((), (), (Finding(code="x", severity="warning", message=message, repository=BILLING),), ())


def put_together(
    folder: Path, made: Made, *, epoch: bytes = b"1", digest: bytes = b"facts", people: tuple[Owner, ...] = PEOPLE
) -> PolicyScan | None:
    """Return the part as a process of its own has it."""
    parts = KeptParts()
    parts.begin()
    files = parts.store = KeptPartFiles(folder, epoch)
    part = parts.once_named("policies", BILLING, (digest,), OwnerNames(people), made, kind=PolicyScan)
    files.drop_others(parts.names())
    return part


def test_the_next_process_takes_up_what_was_put_together(tmp_path: Path) -> None:
    made = Made()
    first = put_together(tmp_path / "parts", made)
    assert put_together(tmp_path / "parts", made) == first
    assert made.times == 1


ANOTHER_NAME = (*PEOPLE, Owner(id="owner:ola", type="person", name="Ola", teams=("owner:team/acme/core",)))


@pytest.mark.parametrize("differs", [{"epoch": b"2"}, {"digest": b"other facts"}, {"people": ANOTHER_NAME}])
def test_what_is_made_of_something_else_is_made_again(tmp_path: Path, differs: dict[str, object]) -> None:
    made = Made()
    put_together(tmp_path / "parts", made)
    assert put_together(tmp_path / "parts", made, **differs) == Made()(OwnerNames(differs.get("people", PEOPLE)))  # type: ignore[arg-type]
    assert made.times == 2


def test_facts_without_a_digest_are_never_taken_for_those_before(tmp_path: Path) -> None:
    made = Made()
    for _ in range(2):
        put_together(tmp_path / "parts", made, digest=b"")
    assert made.times == 2
    assert not (tmp_path / "parts").exists()


def test_what_is_torn_or_of_another_shape_is_made_again(tmp_path: Path) -> None:
    made = Made()
    first = put_together(tmp_path / "parts", made)
    (path,) = (tmp_path / "parts").iterdir()
    whole = path.read_bytes()
    for times, torn in enumerate((b"", whole[:40], whole[:-1], whole[:-1] + b"!"), 2):
        path.write_bytes(torn)
        assert put_together(tmp_path / "parts", made) == first
        assert made.times == times
    with_answers_alone = msgspec.msgpack.encode(([], msgspec.Raw(b"\xc0")))
    for times, other in enumerate((b"\xc0", with_answers_alone), made.times + 1):
        key = sha256(msgspec.msgpack.encode((b"facts",))).digest()
        KeptPartFiles(tmp_path / "parts", b"1").write(f"policies {BILLING}", key, other)
        assert put_together(tmp_path / "parts", made) == first
        assert made.times == times


def test_parts_of_repositories_that_are_gone_go(tmp_path: Path) -> None:
    put_together(tmp_path / "parts", Made())
    files = KeptPartFiles(tmp_path / "parts", b"1")
    files.write("policies repository:acme/gone", b"key", b"data")
    assert files.read("policies repository:acme/gone", b"key") == b"data"
    put_together(tmp_path / "parts", Made())
    assert files.read("policies repository:acme/gone", b"key") is None
    assert len([*(tmp_path / "parts").iterdir()]) == 1


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "parts").write_text("a file in its place")
    made = Made()
    assert put_together(tmp_path / "parts", made) == put_together(tmp_path / "parts", made)
    assert made.times == 2
