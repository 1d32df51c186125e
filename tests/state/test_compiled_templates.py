"""Templates compiled once, in memory and in a file for the next process."""

import marshal
import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment
from jinja2 import environment as jinja_environment
from make.portal import pages_of
from make.snapshot import likely
from make.written import last_written

from mkdocs_gitguard.state.compiled_templates import CompiledTemplates


class Compilations:
    """Counts what Jinja compiles."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        generate = jinja_environment.Environment._generate

        def counted(*arguments, **named):
            self.count += 1
            return generate(*arguments, **named)

        monkeypatch.setattr(jinja_environment.Environment, "_generate", counted)


@pytest.fixture(autouse=True)
def may_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the shell of who runs the tests says (PYTHONDONTWRITEBYTECODE)."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


@pytest.fixture
def compilations(monkeypatch: pytest.MonkeyPatch) -> Compilations:
    return Compilations(monkeypatch)


def process(file: Path, version: str = "1") -> CompiledTemplates:
    """Return what a new process has."""
    templates = CompiledTemplates(file)
    templates.begin(version)
    return templates


def rendered(templates: CompiledTemplates, source: str = "{{ 'a' | upper }}", *, save: bool = True, **changed) -> str:
    environment = Environment(loader=DictLoader({"page.html": source}), autoescape=True)
    environment.bytecode_cache = templates.of(environment)
    for name, value in changed.items():
        setattr(environment, name, value)
    text = environment.get_template("page.html").render(x="<b>")
    if save:
        templates.save()
    return text


def test_another_process_compiles_nothing_again(tmp_path: Path, compilations: Compilations) -> None:
    file = tmp_path / "__pycache__" / "kept"
    assert rendered(process(file)) == "A"
    before = last_written(file)
    assert rendered(process(file)) == "A"
    assert compilations.count == 1
    assert last_written(file) == before, "nothing new is nothing to write"


def test_another_source_or_version_is_compiled_anew(tmp_path: Path, compilations: Compilations) -> None:
    file = tmp_path / "kept"
    rendered(process(file))
    assert rendered(process(file), "b") == "b"
    assert rendered(process(file, "2")) == "A"
    assert compilations.count == 3
    # The file is of the last version alone.
    assert rendered(process(file, "1")) == "A"
    assert compilations.count == 4


def test_an_environment_that_compiles_otherwise_has_its_own(tmp_path: Path, compilations: Compilations) -> None:
    file = tmp_path / "kept"
    assert rendered(process(file), "{{ x }}") == "&lt;b&gt;"
    assert rendered(process(file), "{{ x }}", autoescape=False) == "<b>"
    assert rendered(process(file), " {% if x %}\nb{% endif %}") == " \nb"
    assert rendered(process(file), " {% if x %}\nb{% endif %}", trim_blocks=True) == " b"
    assert compilations.count == 4


@pytest.mark.parametrize("name", ["upper", "another"])
def test_a_filter_of_somebody_elses_is_asked_in_every_build(tmp_path: Path, name: str) -> None:
    templates = process(tmp_path / "kept")
    rendered(templates)
    answers = iter(["one", "two", "three"])
    filters = {**Environment().filters, name: lambda _: next(answers)}
    source = f"{{{{ 'a' | {name} }}}}"
    assert rendered(templates, source, filters=filters) == "one"
    assert rendered(templates, source, filters=filters) == "two"
    assert rendered(process(tmp_path / "kept"), source, filters=filters) == "three"


def test_a_filter_that_is_added_later_counts(tmp_path: Path) -> None:
    environment = Environment(loader=DictLoader({"one": "{{ 'a' | upper }}", "two": "{{ 'b' | upper }}"}))
    templates = process(tmp_path / "kept")
    environment.bytecode_cache = templates.of(environment)
    assert environment.get_template("one").render() == "A"
    environment.filters["upper"] = lambda text: f"{text}!"
    assert environment.get_template("two").render() == "b!"
    assert rendered(templates, "{{ 'b' | upper }}") == "B"


@pytest.mark.parametrize("kept", [b"", b"torn", b"\xe3", marshal.dumps(3), marshal.dumps((b"magic", "1", {}))])
def test_a_file_that_is_not_ours_is_written_anew(tmp_path: Path, compilations: Compilations, kept: bytes) -> None:
    file = tmp_path / "kept"
    file.write_bytes(kept)
    assert rendered(process(file)) == "A"
    assert rendered(process(file)) == "A"
    assert compilations.count == 1


def test_two_processes_keep_what_both_compiled(tmp_path: Path, compilations: Compilations) -> None:
    one, other = process(tmp_path / "kept"), process(tmp_path / "kept")
    rendered(one, "one")
    rendered(other, "other")
    assert (rendered(process(tmp_path / "kept"), "one"), rendered(process(tmp_path / "kept"), "other")) == (
        "one",
        "other",
    )
    assert compilations.count == 2


def test_it_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mkdocs_gitguard.state.compiled_templates._MOST", 3)
    for number in range(5):
        rendered(process(tmp_path / "kept"), str(number))
    assert len(marshal.loads((tmp_path / "kept").read_bytes())[2]) <= 3


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert rendered(process(tmp_path / "file" / "kept")) == "A"


def test_python_is_heeded_that_is_told_to_write_no_bytecode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered(process(tmp_path / "kept")) == "A"
    assert not (tmp_path / "kept").exists()


def test_nothing_is_kept_for_code_that_is_not_known(tmp_path: Path) -> None:
    templates = CompiledTemplates(tmp_path / "kept")
    assert rendered(templates) == "A"
    assert not (tmp_path / "kept").exists()


def test_all_of_ours_are_loaded_before_a_process_is_copied(tmp_path: Path, compilations: Compilations) -> None:
    (tmp_path / "gitguard").mkdir()
    (tmp_path / "gitguard" / "policy.html").write_text("{% if %}")
    (tmp_path / "gitguard" / "owner.html").write_bytes(b"\xff")
    portal = pages_of(likely(repositories=1, pull_requests=1), template_folders=[str(tmp_path)]).portal
    portal.load_templates()
    before = compilations.count
    for name in ("pull_request", "repository", "page"):
        portal.templates.get_template(f"gitguard/{name}.html")
    assert compilations.count == before, "those of the user's own that are broken keep no other from being loaded"
