"""The snapshot of the last build is taken where all that it is made of is the same, and only there."""

from pathlib import Path
from typing import Any

import pytest
from make.git import import_commits, make_repository
from make.snapshot import likely

from mkdocs_gitguard.assembly import snapshot as assembly
from mkdocs_gitguard.model import Snapshot
from mkdocs_gitguard.rollout.resolve import resolve_settings
from mkdocs_gitguard.site_build import read_repositories
from mkdocs_gitguard.site_build.kept_snapshot import kept_or_made
from mkdocs_gitguard.site_build.key import key_of
from mkdocs_gitguard.site_build.options import read_options
from mkdocs_gitguard.site_build.read import read_site


class Reading:
    """A site that is read again and again."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.options: dict[str, Any] = {
            "repositories": ["billing", "ledger"], "people": "people.yml", "decisions": ["reports/*.json"]
        }  # fmt: skip
        self.environ: dict[str, str] = {}
        for name in ("billing", "ledger"):
            remote = f"https://github.com/acme/{name}.git"
            make_repository(folder / name, {"README.md": f"# {name}\n", "CODEOWNERS": "* @mira\n"}, remote=remote)
        (folder / "people.yml").write_text("people: [{login: mira, name: Mira, emails: [mira@acme.example]}]\n")
        (folder / "reports").mkdir()
        self.assembled = 0
        assemble = assembly.assemble

        def counted(*args: Any, **kwargs: Any) -> Snapshot:
            self.assembled += 1
            return assemble(*args, **kwargs)

        monkeypatch.setattr(read_repositories, "assemble", counted)

    def read(self) -> Snapshot:
        options = read_options(self.options, config_file=self.folder / "mkdocs.yml")
        settings = resolve_settings("", environ=self.environ, root=self.folder)
        return read_site(options, self.folder, settings).snapshot


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reading:
    return Reading(tmp_path, monkeypatch)


def test_nothing_moved_nothing_is_assembled(site: Reading) -> None:
    first, second = site.read(), site.read()
    assert site.assembled == 1
    assert second == first
    assert second.digest() == first.digest()


def _commit(site: Reading) -> None:
    import_commits(site.folder / "billing", [("Round (#7)", {"a.py": "x = 1\n"})])


def _people(site: Reading) -> None:
    (site.folder / "people.yml").write_text("people: [{login: mira, name: Mira H, emails: [mira@acme.example]}]\n")


def _report(site: Reading) -> None:
    (site.folder / "reports" / "a.json").write_text('[{"event": "policy.decision", "id": "1", "outcome": "deny"}]')


def _options(site: Reading) -> None:
    site.options["bots"] = ["Mira Hansen"]


def _fewer(site: Reading) -> None:
    site.options["repositories"] = ["billing"]


def _governs(site: Reading) -> None:
    site.options["governs"] = [{"policies": ["*"], "repositories": ["acme/*"]}]


def _flags(site: Reading) -> None:
    site.environ = {"CODEX_ROLLOUT_PHASE": "production", "CODEX_OWNERS_ENABLED": "false"}


def _veto(site: Reading) -> None:
    site.environ = {"CODEX_REPO_EXCLUDE_LIST": "acme/ledger"}


def _damage(site: Reading) -> None:
    path = site.folder / ".gitguard" / "snapshot.memory"
    data = path.read_bytes()
    assert b"billing" in data
    path.write_bytes(data.replace(b"billing", b"b1lling"))


@pytest.mark.parametrize(
    "change",
    [_commit, _people, _report, _options, _fewer, _governs, _flags, _veto, _damage],
    ids=lambda one: one.__name__,
)
def test_whatever_it_is_made_of_counts(site: Reading, change: Any) -> None:
    site.read()
    change(site)
    site.read()
    assert site.assembled == 2


def test_a_veto_leaves_nothing_of_the_repository_in_the_file(site: Reading) -> None:
    site.read()
    _veto(site)
    assert [repository.name for repository in site.read().repositories] == ["billing"]
    assert b"ledger" not in (site.folder / ".gitguard" / "snapshot.memory").read_bytes()


def test_what_was_not_put_together_as_it_should_be_is_tried_again(tmp_path: Path) -> None:
    made = []

    def make() -> tuple[Snapshot, bool]:
        made.append(1)
        return likely(), False

    key = key_of(("x",))
    for _ in range(2):
        kept_or_made(tmp_path, key, make)
    assert len(made) == 2
    assert not (tmp_path / "snapshot.memory").exists()


def test_what_has_no_digest_is_not_kept(tmp_path: Path) -> None:
    assert key_of((object(),)) == b""
    kept_or_made(tmp_path, b"", lambda: (likely(), True))
    assert not (tmp_path / "snapshot.memory").exists()


def test_a_folder_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    assert kept_or_made(tmp_path / "state", key_of(("x",)), lambda: (likely(), True)) == (likely(), True)
