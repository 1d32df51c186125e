"""What other packages register is loaded in one place, and one that cannot be used is named with its package."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mkdocs_gitguard.decisions.registry import decision_formats
from mkdocs_gitguard.entry_points import in_group
from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.policies import policy_formats
from mkdocs_gitguard.publish import TARGETS
from mkdocs_gitguard.publish.target import open_target

Install = Callable[..., None]

BREAKS = {
    "an import that is missing": ("import no_such_module_at_all", "ModuleNotFoundError: No module named"),
    "a syntax error": ("def", "SyntaxError: "),
    "an error of its own": ("raise RuntimeError('boom')", "RuntimeError: boom"),
    "an error in a number": ("1 / 0", "ZeroDivisionError: "),
    "an exit": ("raise SystemExit(3)", "SystemExit: 3"),
    "nothing of that name": ("", "AttributeError: "),
}
CASES = [
    ("mkdocs_gitguard.policy_formats", "PolicyFormat", lambda root: policy_formats()),
    ("mkdocs_gitguard.decision_formats", "DecisionFormat", lambda root: decision_formats()),
    ("mkdocs_gitguard.publish_targets", "TargetFactory", lambda root: open_target("x:y", root=root, targets=TARGETS)),
]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Lay a package down as pip does: a module, and its metadata beside it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def lay_down(group: str, code: str, name: str = "x", package: str = "acme-gitguard") -> None:
        module = package.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(f"{code}\n")
        metadata = tmp_path / f"{module}-1.2.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
        (metadata / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}:IT\n")
        policy_formats.cache_clear()
        decision_formats.cache_clear()

    yield lay_down
    for module in ("acme_gitguard", "other_gitguard"):
        sys.modules.pop(module, None)
    policy_formats.cache_clear()
    decision_formats.cache_clear()


@pytest.mark.parametrize(("group", "use"), [(group, use) for group, _, use in CASES], ids=[case[1] for case in CASES])
@pytest.mark.parametrize("broken", BREAKS)
def test_one_that_cannot_be_imported_is_named(
    install: Install, tmp_path: Path, group: str, use: Callable[[Path], object], broken: str
) -> None:
    code, words = BREAKS[broken]
    install(group, code)
    with pytest.raises(SettingError) as error:
        use(tmp_path)
    assert str(error.value).startswith(
        f"The entry point {group}:x (acme_gitguard:IT) of acme-gitguard 1.2 cannot be imported: {words}"
    )
    assert str(error.value).endswith("Fix or uninstall the package that registers it.")


@pytest.mark.parametrize(("group", "kind", "use"), CASES, ids=[kind for _, kind, _ in CASES])
def test_one_of_another_kind_is_named(
    install: Install, tmp_path: Path, group: str, kind: str, use: Callable[[Path], object]
) -> None:
    install(group, "IT = 'text'")
    with pytest.raises(SettingError, match=f"of acme-gitguard 1.2 is not a {kind}.*mkdocs_gitguard.extend.{kind}"):
        use(tmp_path)


def test_two_targets_of_one_scheme_are_refused(install: Install, tmp_path: Path) -> None:
    install("mkdocs_gitguard.publish_targets", "IT = print")
    install("mkdocs_gitguard.publish_targets", "IT = print", package="other-gitguard")
    with pytest.raises(SettingError, match=r"of other-gitguard 1\.2 takes a name that is taken"):
        open_target("x:y", root=tmp_path, targets=TARGETS)


def test_a_scheme_that_nobody_registers_is_refused_with_those_that_there_are(install: Install, tmp_path: Path) -> None:
    install("mkdocs_gitguard.publish_targets", "IT = print", name="bucket")
    with pytest.raises(SettingError, match="Use one of directory, gh-pages, pages-artifact, bucket,"):
        open_target("x:y", root=tmp_path, targets=TARGETS)


def test_what_comes_and_goes_while_a_process_lives_is_seen(install: Install, tmp_path: Path) -> None:
    group = "mkdocs_gitguard.policy_formats"
    before = {entry.name for entry in in_group(group)}
    install(group, "", name="first")
    assert {entry.name for entry in in_group(group)} - before == {"first"}
    install("mkdocs_gitguard.decision_formats", "", name="second", package="other-gitguard")
    assert {entry.name for entry in in_group("mkdocs_gitguard.decision_formats")} >= {"second"}
    shutil.rmtree(tmp_path / "acme_gitguard-1.2.dist-info")
    assert {entry.name for entry in in_group(group)} == before
