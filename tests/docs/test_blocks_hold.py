"""What README and docs say to write into a file is taken by what reads it: options, people, checks, workflows, units."""

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from docs.blocks import PAGES, Block, blocks_of

from mkdocs_gitguard.assembly.people_file import parse_people
from mkdocs_gitguard.decisions.formats.event import FORMAT
from mkdocs_gitguard.decisions.report import ReportedDecision
from mkdocs_gitguard.scorecards.check import read_check
from mkdocs_gitguard.site_build.options import GitGuardConfig
from mkdocs_gitguard.slo.notices import QUIET_FILE, read_quiet_hours
from mkdocs_gitguard.slo.openslo import read_objectives

BLOCKS = [block for page in PAGES for block in blocks_of(page)]
_HEAD = "name: docs\non: push\npermissions: {}\nconcurrency: docs\n"
_GITLAB_JOB = frozenset({"image", "variables", "cache", "script", "artifacts", "pages", "rules"})
"""https://docs.gitlab.com/ci/yaml/, of what the page uses."""


def _ids(block: Block) -> str:
    return block.place


def _written(language: str) -> list[Block]:
    return [block for block in BLOCKS if block.language == language]


def _is_workflow(document: Any) -> bool:
    return isinstance(document, dict) and bool({"jobs", "steps"} & set(document))


@pytest.mark.parametrize("block", _written("yaml"), ids=_ids)
def test_yaml_is_taken_by_what_reads_it(block: Block, tmp_path: Path) -> None:
    (document,) = yaml.safe_load_all(block.text)
    file = tmp_path / "written.yml"
    file.write_text(block.text)
    match document:
        case {"plugins": list(plugins)}:
            for plugin in plugins:
                if isinstance(plugin, dict) and "gitguard" in plugin:
                    config = GitGuardConfig()
                    config.load_dict(plugin["gitguard"])
                    assert config.validate() == ([], [])
                    assert set(plugin["gitguard"]) <= {name for name, _ in config._schema}
        case {"people": _}:
            assert parse_people(block.text, block.place)
        case {"kind": "SLO"}:
            assert list(read_objectives(file))
        case {"title": _, "check": _}:
            assert read_check(file) is not None
        case [{"hours": _}, *_]:
            (tmp_path / QUIET_FILE).parent.mkdir()
            (tmp_path / QUIET_FILE).write_text(block.text)
            assert read_quiet_hours(tmp_path)
        case {"portal": dict(job)}:
            assert set(job) <= _GITLAB_JOB
            assert all(isinstance(line, str) for line in job["script"])
            assert job["artifacts"]["paths"] == ["public"]
        case _ if _is_workflow(document):
            pass
        case _:
            known = {"catalog", "scrape_configs", "apiVersion", "site_url", "theme", "site_name"}
            assert set(document) & known, "nothing here reads it"


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="actionlint is not installed (extra lint)")
def test_workflows_pass_the_linters(tmp_path: Path) -> None:
    for block in _written("yaml"):
        document = yaml.safe_load(block.text)
        if not _is_workflow(document):
            continue
        text = block.text
        if "steps" in document:
            job = "".join(f"    {line}\n" for line in text.splitlines())
            text = f"jobs:\n  docs:\n    runs-on: ubuntu-24.04\n{job}"
        if "on" not in document and True not in document:
            text = _HEAD + text
        (tmp_path / f"{block.place.replace(':', '-')}.yml").write_text(text)
    workflows = sorted(map(str, tmp_path.glob("*.yml")))
    assert len(workflows) == 3
    for command in (["actionlint", *workflows], ["zizmor", "--offline", "--quiet", "--no-config", *workflows]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("block", _written("json"), ids=_ids)
def test_json_is_what_the_page_says_that_it_is(block: Block) -> None:
    document = json.loads(block.text)
    assert FORMAT.claims(document)
    assert all(isinstance(item, ReportedDecision) for item in FORMAT.read(document))


@pytest.mark.parametrize("block", _written("toml"), ids=_ids)
def test_toml_can_be_read(block: Block) -> None:
    assert tomllib.loads(block.text)


@pytest.mark.parametrize("block", _written("python"), ids=_ids)
def test_python_can_be_compiled(block: Block) -> None:
    compile(block.text, block.place, "exec")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd on this machine")
@pytest.mark.parametrize("block", _written("ini"), ids=_ids)
def test_units_are_taken_by_systemd(block: Block, tmp_path: Path) -> None:
    unit = tmp_path / "gitguard.service"
    # A unit is refused whose program is not there.
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", block.text))
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if unit.name in line]
    assert complaints == []


def test_the_servers_configuration_is_taken(tmp_path: Path) -> None:
    (written,) = (block for block in _written("text") if "max_payload" in block.text)
    with_folder = written.text.replace("/var/lib/nats", str(tmp_path))
    file = tmp_path / "nats.conf"
    file.write_text(with_folder)
    program = shutil.which("nats-server")
    if program is None:
        pytest.skip("nats-server is not installed")
    assert subprocess.run([program, "-t", "-c", file], capture_output=True, check=False).returncode == 0
