"""What other packages may use holds still, costs no more than it needs, and is used as the documentation says."""

import inspect
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest

from mkdocs_gitguard import codeowners, extend
from mkdocs_gitguard.decisions import registry as decision_registry
from mkdocs_gitguard.decisions.options import DecisionSource
from mkdocs_gitguard.decisions.read import read
from mkdocs_gitguard.decisions.redaction import Redaction
from mkdocs_gitguard.model import Flags
from mkdocs_gitguard.policies import policy_formats
from mkdocs_gitguard.publish import TARGETS
from mkdocs_gitguard.publish.release import describe_site, make_manifest
from mkdocs_gitguard.publish.target import open_target

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "extending.md"
FACE = (ROOT / "tests" / "public_face.txt").read_text(encoding="utf-8")


FIELDS = ("__struct_fields__", "_fields", "__dataclass_fields__")


def members(name: str, item: object) -> str:
    """Return one line that changes when a user of `item` would have to."""
    if values := get_args(item):
        return f"{name}: {' | '.join(values)}"
    if not callable(item):
        return name
    if not isinstance(item, type):
        return f"{name}({parameters(item)})"
    if issubclass(item, Exception):
        return f"{name}: error of {item.__base__.__name__}"
    fields = next((getattr(item, key) for key in FIELDS if hasattr(item, key)), None)
    if fields is None:
        fields = [
            f"{key}({parameters(value, skip=1)})" if inspect.isfunction(value) else key
            for key, value in sorted({**getattr(item, "__annotations__", {}), **vars(item)}.items())
            if key == "__call__" or not key.startswith("_")
        ]
    return f"{name}: {' '.join(fields)}"


def parameters(function: Callable[..., object], skip: int = 0) -> str:
    return ", ".join(list(inspect.signature(function).parameters)[skip:])


def test_the_public_face_holds_still() -> None:
    lines = [
        members(f"{module.__name__.removeprefix('mkdocs_gitguard.')}.{name}", getattr(module, name))
        for module in (codeowners, extend)
        for name in module.__all__
    ]
    assert lines == FACE.splitlines(), "what other packages use has changed: say so in CHANGELOG.md"


def loaded_by(code: str) -> list[str]:
    """Return the modules that a fresh interpreter has after `code` and had not before it."""
    script = (
        f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    return subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd="/"
    ).stderr.split()


def test_the_parser_of_codeowners_is_usable_alone() -> None:
    modules = loaded_by("from mkdocs_gitguard.codeowners import parse")
    rooms = {name.split(".")[1] for name in modules if name.startswith("mkdocs_gitguard.")}
    assert rooms == {"codeowners", "model"}
    assert not {"git", "click", "mkdocs", "yaml", "jinja2", "rich", "sqlite3", "subprocess"} & set(modules)
    assert sum(name.startswith("mkdocs_gitguard") for name in modules) <= 50
    # Python's inner modules are others with each of its versions.
    assert sum(not name.startswith("_") for name in modules) <= 113


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_help_and_version_import_no_room(option: str) -> None:
    modules = loaded_by(f"from mkdocs_gitguard.cli import cli\ncli(['{option}'], standalone_mode=False)")
    ours = {name for name in modules if name.startswith("mkdocs_gitguard")}
    assert {name for name in ours if name.count(".") > 1} == {"mkdocs_gitguard.cli.lazy_group"}
    assert not {"git", "mkdocs", "yaml", "jinja2", "rich"} & set(modules)
    assert len(modules) <= 90


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory):
    """Install the package that the examples of the documentation make up."""
    text = PAGE.read_text(encoding="utf-8")
    folder = tmp_path_factory.mktemp("site-packages")
    examples = [code for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "print(" not in code]
    (folder / "acme_gitguard.py").write_text("\n\n".join(examples))
    metadata = folder / "acme_gitguard-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-gitguard\nVersion: 1.0\n")
    groups = tomllib.loads("\n".join(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)))["project"]["entry-points"]
    lines = [
        line
        for group, entries in groups.items()
        for line in (f"[{group}]", *(f"{name} = {value}" for name, value in entries.items()))
    ]
    (metadata / "entry_points.txt").write_text("\n".join(lines))
    sys.path.insert(0, str(folder))
    policy_formats.cache_clear()
    decision_registry.decision_formats.cache_clear()
    yield folder
    sys.path.remove(str(folder))
    sys.modules.pop("acme_gitguard", None)
    policy_formats.cache_clear()
    decision_registry.decision_formats.cache_clear()


def test_the_example_of_a_policy_format_finds_its_rules(acme: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [example] = [code for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL) if "scan(" in code]
    exec(compile(example, "example", "exec"), ModuleType("example").__dict__)
    assert capsys.readouterr().out == "['rule:acme/billing/house/pay#two-pairs-of-eyes']\n"


def test_the_example_of_a_decision_format_is_read(acme: Path) -> None:
    report = b'{"house": [{"rule": "two-pairs-of-eyes", "why": "only one"}, 7]}'
    reading = read([report], DecisionSource(path="x"), "x", Redaction())
    assert [(decision.format, decision.name) for decision in reading.decisions] == [("house", "two-pairs-of-eyes")]
    assert [finding.message for finding in reading.findings] == ["An entry names no rule."]


def test_the_example_of_a_target_publishes(acme: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<p>x</p>")
    target: extend.PublishTarget = open_target("shelf:public", root=tmp_path, targets=TARGETS)
    manifest = make_manifest(
        describe_site(tmp_path / "site"),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        phase="staging",
        flags=Flags(),
    )
    published = target.publish(tmp_path / "site", manifest)
    assert (published.written, target.damage(manifest), target.releases()) == (1, [], (manifest.release,))
    with pytest.raises(extend.PublishError, match="holds one release"):
        target.rollback()


def test_the_example_of_the_parser_runs(capsys: pytest.CaptureFixture[str]) -> None:
    [example] = [code for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL) if "parse(" in code]
    exec(compile(example, "example", "exec"), ModuleType("example").__dict__)
    assert capsys.readouterr().out == "('@mira',) 2\n"


def test_the_page_names_nothing_else_of_ours() -> None:
    imported = re.findall(r"^from (mkdocs_gitguard\S*) import", PAGE.read_text(), re.MULTILINE)
    assert set(imported) == {"mkdocs_gitguard.extend", "mkdocs_gitguard.codeowners"}
