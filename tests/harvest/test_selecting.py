"""A veto means the repository, however it came into the site; and nothing tells of what is left out."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from make.git import git, make_repository

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.harvest.options import HarvestOptions
from mkdocs_gitguard.harvest.selecting import Chosen, choose
from mkdocs_gitguard.harvest.sources import expand


def chosen(folder: Path, *entries: object, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> Chosen:
    named = expand(HarvestOptions(repositories=entries, folder=folder))  # type: ignore[arg-type]
    return choose(named, folder, include=include, exclude=exclude)


def names(selected: Chosen) -> list[str]:
    return [source.label for source in selected.sources]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    make_repository(tmp_path / "good", {"a": "1"}, remote="https://github.com/acme/good.git")
    make_repository(tmp_path / "secret", {"a": "zq"}, remote="https://github.com/acme/secret.git")
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


CLONES: dict[str, Callable[[Path], object]] = {
    "ssh URL of its remote": lambda at: make_repository(at / "b", {"a": "1"}, remote="git@github.com:ACME/secret") and "../b",
    "port and user": lambda at: make_repository(at / "b", {"a": "1"}, remote="ssh://git@ssh.github.com:443/acme/secret/") and "../b",
    "a name of its own": lambda at: make_repository(at / "b", {"a": "1"}, remote="https://github.com/acme/secret")
    and {"path": "../b", "name": "acme/other"},
    "clone by path": lambda at: git(at, "clone", "-q", "secret", "b") or "../b",
    "clone of the clone": lambda at: git(at, "clone", "-q", "secret", "c") or git(at, "clone", "-q", f"file://{at}/c", "b") or "../b",
    "a name that git replaces": lambda at: (make_repository(at / "b", {"a": "1"}, remote="hub:cret")
    and git(at / "b", "config", "url.https://github.com/acme/se.insteadOf", "hub:")) or "../b",
    "a mirror that is pushed to it": lambda at: (make_repository(at / "b", {"a": "1"}, remote="https://mirror.example/m/b")
    and git(at / "b", "remote", "set-url", "--push", "origin", "git@github.com:acme/secret")) or "../b",
    "host and port in brackets": lambda at: make_repository(at / "b", {"a": "1"}, remote="[git@github.com:22]:acme/secret") and "../b",
    "a way back in the path": lambda at: make_repository(at / "b", {"a": "1"}, remote="https://github.com/x/../acme/secret") and "../b",
    "the root's dot": lambda at: make_repository(at / "b", {"a": "1"}, remote="https://github.com./acme/secret") and "../b",
    "another remote's name": lambda at: git(at, "clone", "-q", "-o", "upstream", "secret", "b") or "../b",
    "work tree": lambda at: git(at / "secret", "worktree", "add", "-q", "../b", "-b", "side") or {"path": "../b", "name": "acme/tree"},
    "link": lambda at: (at / "b").symlink_to("secret") or {"path": "../b", "name": "acme/link"},
    "clone URL": lambda at: "https://github.com/acme/secret",
    "clone URL, named": lambda at: {"url": "git@github.com:acme/secret.git", "name": "acme/other"},
    "home page": lambda at: make_repository(at / "b", {"a": "1"}) and {"path": "../b", "web_url": "https://github.com/acme/secret"},
    "shared": lambda at: git(at, "clone", "-q", "--shared", "secret", "b") or {"path": "../b", "name": "acme/shared"},
}  # fmt: skip


@pytest.mark.parametrize("kind", CLONES)
@pytest.mark.parametrize("veto", ["acme/secret", "ACME/Secret.git", "https://github.com/acme/secret", "../secret"])
def test_every_clone_of_it_is_left_out(site: Path, kind: str, veto: str) -> None:
    entry = CLONES[kind](site.parent)
    selected = chosen(site, "../good", "../secret", entry, exclude=(veto,))
    assert names(selected) == ["acme/good"]
    assert "secret" not in repr(selected._replace(left_out=()))


def test_a_veto_on_one_clone_is_one_on_the_repository(site: Path) -> None:
    make_repository(site.parent / "b", {"a": "1"}, remote="git@github.com:acme/secret")
    entries = ("../good", "../secret", {"path": "../b", "name": "acme/other"})
    assert names(chosen(site, *entries)) == ["acme/good", "acme/secret", "acme/other"]
    for veto in ("acme/other", "../b", "acme/secret"):
        assert names(chosen(site, *entries, exclude=(veto,))) == ["acme/good"]
    assert names(chosen(site, *entries, include=("acme/other",))) == ["acme/secret", "acme/other"]
    make_repository(site.parent / "c", {"a": "1"}, remote="git@github.com:acme/secret")
    assert names(chosen(site, "../good", "../secret", "../c", exclude=("acme/secret-2",))) == ["acme/good"]
    assert names(chosen(site, "../good", "../secret", "../c", include=("acme/good", "acme/*-3"))) == ["acme/good"]


def test_two_repositories_of_one_name_stay_two(site: Path) -> None:
    for folder in ("x/docs", "y/docs"):
        make_repository(site.parent / folder, {"a": "1"})
    entries = ("../good", "../x/docs", "../y/docs")
    both = chosen(site, *entries, exclude=("acme/none",))
    assert [finding.code for finding in both.findings] == ["duplicate-repository"]
    first = chosen(site, *entries, exclude=("../x/docs",))
    # An id is the repository's, whatever else is shown; that another has its name is not told.
    assert (names(first), first.findings) == (["acme/good", "local/docs-2"], ())
    assert names(chosen(site, *entries, exclude=("local/docs-2",))) == ["acme/good", "local/docs"]
    assert names(chosen(site, *entries, exclude=("docs",))) == ["acme/good"]


def test_a_share_counts_a_repository_once(site: Path) -> None:
    for number in range(4):
        make_repository(site.parent / f"clone{number}", {"a": "1"}, remote="https://github.com/acme/secret.git")
    entries = ("../good", "../secret", *(f"../clone{number}" for number in range(4)))
    shown = chosen(site, *entries, include=("50%",)).sources
    assert len({source.given_label for source in shown}) == 1


def relink(path: Path, target: str) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.symlink_to(target)


def alternates(git_dir: Path, text: str) -> None:
    (git_dir / "objects/info").mkdir(parents=True, exist_ok=True)
    (git_dir / "objects/info/alternates").write_text(text)


def loose(evil: Path) -> None:
    source = next(path for path in (evil.parent.parent / "secret/.git/objects").glob("??/*") if path.is_file())
    (evil / "objects" / source.parent.name).mkdir(exist_ok=True)
    (evil / "objects" / source.parent.name / "0000").symlink_to(source)


LEADING: dict[str, Callable[[Path], object]] = {
    "objects": lambda evil: relink(evil / "objects", "../../secret/.git/objects"),
    "refs": lambda evil: relink(evil / "refs", "../../secret/.git/refs"),
    "a ref": lambda evil: relink(evil / "refs/heads/main", "../../../../secret/.git/refs/heads/main"),
    "packs": lambda evil: relink(evil / "objects/pack", "../../../secret/.git/objects/pack"),
    "a pack": lambda evil: (evil / "objects/pack/pack-1.pack").symlink_to("../../../../secret/.git/objects/pack/pack-1.pack"),
    "a loose object": loose,
    "packed refs": lambda evil: relink(evil / "packed-refs", "../../secret/.git/packed-refs"),
    "HEAD": lambda evil: relink(evil / "HEAD", "../../secret/.git/HEAD"),
    "alternates": lambda evil: alternates(evil, f"{evil.parent.parent}/secret/.git/objects\n"),
    "relative alternates": lambda evil: alternates(evil, "../../../secret/.git/objects\n"),
    "quoted alternates": lambda evil: alternates(evil, f'# x\n"{evil.parent.parent}/secret/.git/objects"\n'),
    "escaped alternates": lambda evil: alternates(evil, f'"{evil.parent.parent}/\\163ecret/.git/objects"\n'),
    "alternates of alternates": lambda evil: make_repository(evil.parent.parent / "middle")
    and alternates(evil.parent.parent / "middle/.git", "../../../secret/.git/objects\n") is None
    and alternates(evil, "../../../middle/.git/objects\n"),
    "links to links": lambda evil: make_repository(evil.parent.parent / "middle")
    and relink(evil.parent.parent / "middle/.git/objects/pack", "../../../secret/.git/objects/pack") is None
    and relink(evil / "refs", "../../middle/.git/refs"),
    "commondir": lambda evil: (evil / "commondir").write_text("../../secret/.git\n"),
    "git file": lambda evil: (shutil.rmtree(evil), evil.write_text("gitdir: ../secret/.git\n")),
    "git link": lambda evil: relink(evil, "../secret/.git"),
}  # fmt: skip


@pytest.mark.parametrize("is_listed", [True, False])
@pytest.mark.parametrize("kind", LEADING)
def test_a_git_folder_that_leads_away(site: Path, kind: str, *, is_listed: bool) -> None:
    make_repository(site.parent / "evil", {"b": "1"}, remote="https://github.com/acme/evil.git")
    LEADING[kind](site.parent / "evil/.git")
    entries = ("../good", *(["../secret"] if is_listed else []), {"path": "../evil", "name": "acme/evil"})
    assert names(chosen(site, *entries, exclude=("acme/secret",))) == ["acme/good"]
    assert names(chosen(site, *entries, exclude=("../secret",))) == ["acme/good"]
    if is_listed and kind not in ("commondir", "git file", "git link"):
        with pytest.raises(SettingError, match="lead into repositories that are left out"):
            chosen(site, *entries, include=("acme/evil",))
    if kind not in ("commondir", "git file", "git link"):
        # A veto on the one that borrows says nothing of the one that lends.
        assert "acme/evil" not in names(chosen(site, *entries, exclude=("acme/evil",)))
        assert ("acme/secret" in names(chosen(site, *entries, exclude=("acme/evil",)))) is is_listed


def test_special_files_in_a_git_folder_hold_nobody_up(site: Path) -> None:
    make_repository(site.parent / "odd", {"b": "1"})
    (site.parent / "odd/.git/objects/info").mkdir(exist_ok=True)
    os.mkfifo(site.parent / "odd/.git/objects/info/alternates")
    (site.parent / "odd/.git/objects/ring").symlink_to("ring")
    assert names(chosen(site, "../good", "../odd", exclude=("acme/none",))) == ["acme/good", "local/odd"]


@pytest.mark.parametrize(
    "entry",
    [
        "http://github.com/acme/secret", "https://me:pw@github.com/acme/secret.git", "https://github.com/acme/secret?x=1",
        "git://github.com/acme/secret", "../secret/*", {"url": "http://example.org/x", "name": "acme/secret"},
        {"path": "../secret", "web_url": "javascript:secret"}, {"path": "../secret", "forge": "zq"}, "ext::secret", "../secret\0",
    ],
)  # fmt: skip
def test_findings_of_entries_name_nothing_that_is_left_out(site: Path, entry: object) -> None:
    lists: list[dict[str, tuple[str, ...]]] = [
        {"exclude": ("acme/secret",)},
        {"include": ("acme/good",)},
        {"include": ("0%", "good")},
    ]
    for given in lists:
        selected = chosen(site, "../good", "../secret", entry, **given)
        words = "".join(f"{finding.message} {finding.hint} {finding.source}" for finding in selected.findings)
        assert "secret" not in words
        assert names(selected) == ["acme/good"]
    # What is shown is told of as before.
    assert chosen(site, "../good", entry, exclude=("acme/none",)).findings == chosen(site, "../good", entry).findings


def test_the_log_names_nothing_that_is_left_out(site: Path) -> None:
    selected = chosen(site, "../good", "../secret", include=("acme/good", "acme/secre"), exclude=("acme/goood",))
    assert selected.notes == (
        "acme/secre in CODEX_REPO_INCLUDE_LIST matches no repository.",
        "acme/goood in CODEX_REPO_EXCLUDE_LIST matches no repository. Did you mean acme/good?",
    )
    with pytest.raises(SettingError) as raised:
        chosen(site, "../good", "../secret", include=("acme/secre",))
    assert "acme/secret" not in str(raised.value)


def test_a_name_that_the_users_own_configuration_replaces(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_repository(site.parent / "b", {"a": "1"}, remote="work:cret.git")
    config = site.parent / "gitconfig"
    config.write_text('[url "git@github.com:acme/se"]\n\tinsteadOf = work:\n')
    for variable, value in (("GIT_CONFIG_GLOBAL", str(config)), ("HOME", str(site.parent / "home"))):
        (site.parent / "home").mkdir(exist_ok=True)
        monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
        monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
        monkeypatch.setenv(variable, value)
        if variable == "HOME":
            shutil.copy(config, site.parent / "home/.gitconfig")
        assert names(chosen(site, "../good", "../secret", "../b", exclude=("acme/secret",))) == ["acme/good"]


@pytest.mark.parametrize("veto", ["acme/secret", "../secret", "secret", "https://github.com/acme/secret", "acme/sec*"])
@pytest.mark.parametrize(
    "entry", ["../gone/secret.git", "../secret", "file:///gone/secret", {"path": "../x", "name": "acme/secret"}]
)
def test_a_folder_that_is_not_checked_out_is_not_named_where_it_may_be_vetoed(
    site: Path, veto: str, entry: object
) -> None:
    shutil.rmtree(site.parent / "secret")
    selected = chosen(site, "../good", entry, exclude=(veto,))
    assert names(selected) == ["acme/good"]
    assert "secret" not in repr((selected.findings, selected.notes))
    # Any other is told of as before.
    assert names(chosen(site, "../good", "../gone/other", exclude=(veto,))) == ["acme/good", "local/other"]


@pytest.mark.parametrize("clone", ["git@github.com:acme/secret.git", "../../secret", "https://github.com/acme/secret"])
def test_a_veto_on_a_folder_that_the_site_does_not_name_means_its_repository(site: Path, clone: str) -> None:
    make_repository(site.parent / "b", {"a": "1"}, remote=clone.replace("../../", f"{site.parent}/"))
    entries = ("../good", {"path": "../b", "name": "acme/other"}, "https://github.com/acme/secret")
    selected = chosen(site, *entries, exclude=("../secret",))
    assert (names(selected), selected.notes) == (["acme/good"], ())
    assert names(chosen(site, *entries[:2], include=("../secret",))) == ["acme/other"]


def test_a_veto_on_what_an_entry_cannot_give_is_not_told(site: Path) -> None:
    for entry in ("http://github.com/acme/secret", {"path": "../secret", "forge": "zq"}, "../gone/secret"):
        shutil.rmtree(site.parent / "secret", ignore_errors=True)
        selected = chosen(site, "../good", entry, exclude=("acme/secret", "qqq/zzz"))
        assert selected.notes == ("qqq/zzz in CODEX_REPO_EXCLUDE_LIST matches no repository.",)
