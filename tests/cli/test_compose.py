"""compose.yaml: its commands and settings are those that there are, and nothing of it is open to the network."""

import re
import subprocess
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from make.nats_server import NatsServer, nats_server

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.rollout.settings_table import settings_table

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["command"][0] == "gitguard"]


def test_every_part_of_the_service_is_there() -> None:
    assert {*OURS} == {"receiver", "watch", "worker", "api"}
    assert SERVICES["worker"]["deploy"]["replicas"] > 1


@pytest.mark.parametrize("name", OURS)
def test_a_command_is_one_that_there_is(name: str) -> None:
    command: click.Command = cli
    context = click.Context(cli)
    arguments = SERVICES[name]["command"][1:]
    while isinstance(command, click.Group):
        found_name, command, arguments = command.resolve_command(context, arguments)  # type: ignore[assignment]
        context = click.Context(command, parent=context, info_name=found_name)
    # Options and arguments are taken apart and checked; nothing is run.
    assert command.make_context(command.name, [*arguments], parent=context.parent)


@pytest.mark.parametrize("name", OURS)
def test_a_setting_is_one_that_there_is(name: str) -> None:
    table = settings_table()
    for variable in SERVICES[name]["environment"]:
        assert f"`{variable}`" in table or variable == "GITGUARD_WEBHOOK_SECRET"


def test_images_are_called_by_plain_names_and_ports_are_for_this_machine() -> None:
    for service in SERVICES.values():
        assert re.fullmatch(r"[a-z-]+(:[\d.]+)?", service["image"])
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    for line in COMPOSE["x-portal"]["build"]["dockerfile_inline"].splitlines():
        assert "/" not in line.removeprefix("FROM ") or not line.startswith("FROM ")


def test_volumes_and_configs_are_declared() -> None:
    named = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())}
    assert named == {*COMPOSE["volumes"]}
    assert [config["source"] for config in SERVICES["nats"]["configs"]] == [*COMPOSE["configs"]]


def test_the_server_takes_its_configuration(tmp_path: Path) -> None:
    config = COMPOSE["configs"]["nats"]["content"]
    assert "sync_interval: always" in config
    with nats_server(tmp_path) as server:
        server.stop()
        own = config.replace("/data", str(tmp_path / "data")).replace("0.0.0.0:4222", f"127.0.0.1:{server.port}")
        (tmp_path / "nats.conf").write_text(own)
        server.start()
        assert isinstance(server, NatsServer)
    assert subprocess.run(["grep", "-c", "JetStream", str(tmp_path / "log")], check=False).returncode == 0
