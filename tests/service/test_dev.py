"""`gitguard dev up`: broker, receiver, watch and API server, started as a user does, and a webhook sent to them."""

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from make.servers import PATIENCE, free_port
from make.watch import Service


@pytest.mark.slow
def test_a_webhook_becomes_a_page(tmp_path: Path) -> None:
    service = Service(tmp_path)
    gitguard = [sys.executable, "-P", "-m", "mkdocs_gitguard"]
    subprocess.run([*gitguard, "build"], cwd=tmp_path, check=True, capture_output=True)
    nats, hooks, api, health = (free_port() for _ in range(4))
    with (tmp_path / "watch.log").open("w") as log:
        service.process = subprocess.Popen(
            [
                *(*gitguard, "dev", "up", "--nats-port", str(nats), "--hooks-port", str(hooks)),
                *("--api-port", str(api), "--health-port", str(health)),
            ],
            cwd=tmp_path,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=log,
            stderr=log,
            text=True,
        )
    try:
        service.await_text("Health: port")
        number = service.merge("billing")
        body = json.dumps({"ref": "refs/heads/main", "repository": {"full_name": "acme/billing"}}).encode()
        headers = {"Content-Type": "application/json", "X-GitHub-Event": "push", "X-GitHub-Delivery": "one"}

        def is_sent() -> bool:
            with urlopen(Request(f"http://127.0.0.1:{hooks}/hooks", body, headers), timeout=PATIENCE) as answer:
                return bool(answer.status == 202)

        assert is_sent()
        service.await_file(service.page("billing", number))
        whole = tmp_path / ".gitguard" / "served" / "current"
        service.await_file(whole / service.page("billing", number).relative_to(tmp_path / "site"))
        with urlopen(f"http://127.0.0.1:{api}/healthz", timeout=PATIENCE) as answer:
            assert json.load(answer)["status"] == "ok"
        node = f"http://127.0.0.1:{api}/api/v1/nodes/pull-request/acme/billing/{number}.json"

        def is_served() -> bool:
            # A newer release is picked up within a second.
            with suppress(HTTPError), urlopen(node, timeout=PATIENCE) as answer:
                return bool(answer.status == 200)
            return False

        service.await_that(is_served, node)
    finally:
        assert service.stop(signal.SIGINT) == 0
