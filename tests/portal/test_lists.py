"""Lists that many pages share: findings by cause, files of a pull request as folders."""

from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st
from make.portal import html_of, pages_of
from make.snapshot import likely
from msgspec.structs import replace

from mkdocs_gitguard.model import FileChange, Finding, Ownership, OwnershipRule, PathRules
from mkdocs_gitguard.portal.emoji import with_emoji
from mkdocs_gitguard.portal.lists.changed_files import ChangedFolder, FolderOwners, changed_folders, of_many_owners
from mkdocs_gitguard.portal.lists.findings import causes
from mkdocs_gitguard.portal.lists.ownership import PlaceOwners, owners_by_place, owners_of_files


def finding(code: str, severity: str = "info", **fields: object) -> Finding:
    return Finding(code=code, severity=severity, **{"message": "Broken.", "hint": "Mend it.", **fields})


def test_causes_are_ordered_by_gravity_then_number() -> None:
    found_codes = [
        cause.code
        for cause in causes(
            [
                finding("rare"),
                *[finding("often")] * 3,
                finding("grave", "error"),
                finding("mixed"),
                finding("mixed", "warning"),
            ]
        )
    ]
    assert found_codes == ["grave", "mixed", "often", "rare"]


def test_a_message_and_a_remedy_that_all_share_stand_once() -> None:
    (cause,) = causes([finding("x", repository="repository:a/b", path=path) for path in ("b", "a")])
    assert (cause.message, cause.hint, cause.repositories) == ("Broken.", "Mend it.", 1)
    assert [one.path for one in cause.findings] == ["a", "b"]
    (cause,) = causes([finding("x"), finding("x", message="Other."), finding("x", hint="Leave it.")])
    assert (cause.message, cause.hint, cause.repositories) == ("", "Mend it.", 0)


def test_a_code_that_no_path_can_be_made_of_has_no_page() -> None:
    assert [(cause.anchor, cause.path) for cause in causes([finding("../x"), finding("no-file")])] == [
        ("", ""),
        ("no-file", "finding/no-file"),
    ]


def shown(folder: ChangedFolder) -> object:
    return {
        **{f"{inner.name}/": shown(inner) for inner in folder.folders.values()},
        **{name: file.status for name, file in folder.files},
    }


def changed(*paths: str) -> list[FileChange]:
    return [FileChange(path=path, status="modified", additions=2, deletions=1) for path in paths]


def test_changed_files_stand_in_folders() -> None:
    root = changed_folders(
        changed("a/b/c/x.py", "a/b/c/y.py", "a/d.py", "e.py"), FolderOwners("repository:a/b", {}), most=220
    )
    assert shown(root) == {
        "a/": {"b/c/": {"x.py": "modified", "y.py": "modified"}, "d.py": "modified"},
        "e.py": "modified",
    }
    assert (root.folders["a"].number, root.folders["a"].additions, root.folders["a"].deletions) == (3, 6, 3)


def test_a_file_alone_in_its_folder_is_shown_in_the_folder_above() -> None:
    root = changed_folders(
        changed("a/b/x.py", "a/c/d/y.py", "a/z.py", "f/g.py"), FolderOwners("repository:a/b", {}), most=220
    )
    assert shown(root) == {
        "a/": {"b/x.py": "modified", "c/d/y.py": "modified", "z.py": "modified"},
        "f/g.py": "modified",
    }
    assert [name for name, _ in root.folders["a"].files] == ["b/x.py", "c/d/y.py", "z.py"]


def test_a_folder_names_owners_where_they_are_not_those_above() -> None:
    owners = {
        "repository:a/b/": (),
        "repository:a/b/src": ("owner:user/ann",),
        "repository:a/b/docs": (),
        "repository:a/b/docs/api": ("owner:user/bob",),
    }
    root = changed_folders(
        changed("src/x/a", "src/x/b", "src/y/b", "docs/api/c", "docs/d", "e"),
        FolderOwners("repository:a/b", owners),
        most=220,
    )
    src, docs = root.folders["src"], root.folders["docs"]
    assert (root.owners, src.owners, src.folders["x"].owners) == ((), ("owner:user/ann",), ())
    assert (docs.owners, docs.folders["api"].owners) == ((), ("owner:user/bob",))
    everywhere = {"repository:a/b/": ("owner:user/ann",)}
    root = changed_folders(
        changed("src/x/a", "src/x/b", "src/y/b"), FolderOwners("repository:a/b", everywhere), most=220
    )
    assert (root.folders["src"].owners, root.folders["src"].folders["x"].owners) == (("owner:user/ann",), ())


PATHS = st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join), max_size=60, unique=True)


@given(PATHS)
def test_every_changed_file_stands_once(paths: list[str]) -> None:
    files = changed(*paths)
    root = changed_folders(files, FolderOwners("repository:a/b", MappingProxyType({})), most=220)
    seen: list[str] = []
    folders = [root]
    while folders:
        folder = folders.pop()
        seen += [file.path for _, file in folder.files]
        folders.extend(folder.folders.values())
    assert sorted(seen) == sorted(paths)
    assert root.number == len(paths)


def test_emoji_codes_become_what_forges_show() -> None:
    assert with_emoji(":seedling: Bump :nothing: a:b:c 12:30:45") == "🌱 Bump :nothing: a:b:c 12:30:45"


def test_code_in_a_title_stands_in_the_code_font_whether_one_backtick_or_two_are_around_it() -> None:
    snapshot = likely(repositories=1, pull_requests=1)
    change = replace(snapshot.pull_requests[0], title="Remove ``<>`` and `x`")
    html = html_of(pages_of(replace(snapshot, pull_requests=(change,))), "pull-request")
    assert "Remove <code>&lt;&gt;</code> and <code>x</code>" in html


@given(PATHS, st.integers(1, 30))
def test_of_many_files_the_first_are_shown_that_leave_room_for_their_folders(paths: list[str], most: int) -> None:
    files = changed(*paths)
    root = changed_folders(files, FolderOwners("repository:a/b", {}), most=most)
    assert root.rows <= most
    assert root.number == len(files)
    assert (
        root.shown == len(files)
        or changed_folders(files[: root.shown + 1], FolderOwners("repository:a/b", {}), most=90).rows > most
    )


def test_a_folder_counts_also_the_files_that_are_not_shown() -> None:
    root = changed_folders(changed("a/b/x", "a/b/y", "a/c", "a/d"), FolderOwners("repository:a/b", {}), most=5)
    folder = root.folders["a"]
    assert (folder.number, folder.additions, folder.shown) == (4, 8, 3)
    assert (root.number, root.shown) == (4, 3)


def test_owners_are_asked_for_file_by_file_where_a_folder_does_not_tell() -> None:
    owners = {
        "repository:a/b/": (),
        "repository:a/b/src": ("owner:user/ann",),
        "repository:a/b/docs": (),
    }
    files = changed("src/x/a", "docs/b", "c")
    assert of_many_owners(files, FolderOwners("repository:a/b", owners)) == ["docs/b", "c"]


RULES = (
    OwnershipRule(line=1, pattern="*", owners=("owner:user/ann",), state="wins"),
    OwnershipRule(line=2, pattern="docs/*.md", owners=("owner:user/bob", "owner:user/cy"), state="wins"),
    OwnershipRule(line=3, pattern="*.lock", state="wins"),
)
ALL = ["docs/a.md", "docs/b.md", "docs/c.lock", "src/d.py", "src/x/e.py"]


def test_a_folder_whose_files_have_different_owners_tells_how_many_each_has() -> None:
    ownership = Ownership(repository="repository:a/b", path="CODEOWNERS", rules=RULES)
    places = owners_by_place(ownership, ALL)
    assert places["docs"] == PlaceOwners((("owner:user/bob", 2), ("owner:user/cy", 2)), unowned=1, is_mixed=True)
    assert places["src"] == PlaceOwners((("owner:user/ann", 2),))
    assert places["docs/c.lock"] == PlaceOwners((), unowned=1)
    assert places[""].owners[0] == ("owner:user/ann", 2)
    assert owners_by_place(Ownership(repository="repository:a/b"), ALL) == {}


def test_owners_of_files_are_nothing_where_nobody_owns_any() -> None:
    rules = PathRules("github", RULES)
    assert owners_of_files(rules, ["docs/a.md", "c.lock"]) == {
        "docs/a.md": ("owner:user/bob", "owner:user/cy"),
        "c.lock": (),
    }
    assert owners_of_files(rules, ["c.lock"]) == {}
