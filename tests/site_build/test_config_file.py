"""Our reading of a mkdocs.yml is MkDocs' own."""

import os
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mkdocs.utils.yaml import yaml_load

from mkdocs_gitguard.errors import SettingError
from mkdocs_gitguard.site_build.config_file import plugin_options, read_site_file

PARENT = """\
site_name: Tide
theme: {name: material, font: false}
extra: {a: {b: 1, c: 2}, list: [1, 2]}
plugins: {search: {}, gitguard: {repositories: [a], nav: true}}
"""


@pytest.mark.parametrize(
    "child",
    [
        "site_name: Other\n",
        "extra: {a: {c: 3}, list: [3]}\n",
        "plugins: {gitguard: {repositories: [b]}}\n",
        "plugins: [gitguard]\n",
        "theme: mkdocs\n",
        "site_url: !ENV SITE\nextra: {n: !ENV [NONE, NUMBER, 4], t: !ENV [NONE, true], u: !ENV NONE}\n",
        "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\nz: [*x, *x]\n",
        "nav: [{Home: index.md}, about.md]\nd: 2026-01-02\nn: 0x10\nf: 1e3\no: 010\ny: yes\nnothing:\n",
        "\ufeffsite_name: BOM\n",
    ],
)
def test_values_are_those_of_mkdocs(tmp_path: Path, child: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/base.yml").write_text(PARENT)
    path = tmp_path / "mkdocs.yml"
    path.write_text(f"{child}INHERIT: sub/base.yml\n", encoding="utf-8")
    with mock.patch.dict(os.environ, SITE="https://x.org/", NUMBER="7"), path.open("rb") as file:
        assert read_site_file(path).values == yaml_load(file)


def test_python_tags_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "mkdocs.yml"
    path.write_text(f"a: !!python/object/apply:os.system ['touch {tmp_path}/pwned']\nb: !!python/name:os.system\n")
    assert read_site_file(path).tags == {"!!python/object/apply:os.system", "!!python/name:os.system"}
    assert not (tmp_path / "pwned").exists()


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab:#!&*[]{}- \n\u00e9'\"", max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(parent=st.dictionaries(st.sampled_from("abc"), values), child=st.dictionaries(st.sampled_from("abc"), values))
def test_any_two_files_merge_as_in_mkdocs(tmp_path: Path, parent: dict[str, Any], child: dict[str, Any]) -> None:
    (tmp_path / "base.yml").write_text(yaml.safe_dump(parent), encoding="utf-8")
    path = tmp_path / "mkdocs.yml"
    path.write_text(yaml.safe_dump({**child, "INHERIT": "base.yml"}), encoding="utf-8")
    with path.open("rb") as file:
        assert read_site_file(path).values == yaml_load(file)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=60) | st.text("plugins:gitguard -[]{}!ENV&*<\n\t'\"", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "mkdocs.yml"
    path.write_bytes(data)
    try:
        plugin_options(read_site_file(path))
    except SettingError as error:
        assert str(path) in str(error)  # noqa: PT017 - most inputs raise nothing


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mkdocs.yml")
    with pytest.raises(SettingError, match="not a file"):
        read_site_file(tmp_path / "mkdocs.yml")
    (tmp_path / "large.yml").write_bytes(b"#" * (2 << 20))
    with pytest.raises(SettingError, match="larger than"):
        read_site_file(tmp_path / "large.yml")
