"""The commands of the event log, on a real site."""

import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from make.events import made_event
from make.git import make_repository
from make.nats_server import nats_server
from make.servers import PATIENCE, free_port

from mkdocs_gitguard.cli import cli
from mkdocs_gitguard.events.log import Consumer
from mkdocs_gitguard.events.sqlite.log import SqliteLog

PUSH = {
    "ref": "refs/heads/main",
    "before": "a" * 40,
    "after": "b" * 40,
    "repository": {"full_name": "acme/billing", "html_url": "https://github.com/acme/billing"},
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    make_repository(tmp_path / "billing", {"README.md": "# x\n"}, remote="https://github.com/acme/billing.git")
    folder = tmp_path / "site"
    (folder / "docs").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text("site_name: Portal\nplugins:\n  - gitguard: {repositories: [../billing]}\n")
    return folder


def run(site: Path, *arguments: str, code: int = 0, given: bytes | None = None, **environment: str) -> str:
    before = Path.cwd()
    os.chdir(site)
    names = {"GITHUB_EVENT_PATH": None, "GITHUB_EVENT_NAME": None, "JETSTREAM_URL": None}
    try:
        done = CliRunner().invoke(cli, ["events", *arguments], env=names | environment, input=given)
    finally:
        os.chdir(before)
    assert done.exit_code == code, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.output


def fill(site: Path, number: int = 10) -> SqliteLog:
    log = SqliteLog(site / ".gitguard" / "events.db")
    log.append([made_event(index, repository=f"acme/{index % 2}") for index in range(number)])
    return log


def test_an_event_from_a_file_from_standard_input_and_from_an_action(site, tmp_path) -> None:
    file = tmp_path / "push.json"
    file.write_text(json.dumps(PUSH))
    assert run(site, "add", str(file)) == "github push acme/billing is event 1.\n"
    assert "is event 1 again" in run(site, "add", "-", given=json.dumps(PUSH).encode())
    environment = {"GITHUB_EVENT_PATH": str(file), "GITHUB_EVENT_NAME": "push"}
    answer = json.loads(run(site, "add", "--format", "json", **environment))
    assert answer == {"status": "duplicate", "sequence": 1}
    other = json.dumps(PUSH | {"after": "c" * 40}).encode()
    assert "is event" in run(site, "add", "-", "--forge", "gitea", "--event", "push", "--delivery", "d-1", given=other)
    more = json.dumps(PUSH | {"after": "d" * 40}).encode()
    again = run(site, "add", "-", "--forge", "gitea", "--event", "push", "--delivery", "d-1", given=more)
    assert "again" in again


def test_what_is_not_kept_is_said_so(site) -> None:
    unknown = PUSH | {"repository": {"full_name": "acme/unknown"}}
    assert "not about a repository that the portal shows" in run(site, "add", "-", given=json.dumps(unknown).encode())
    left_out = run(site, "add", "-", given=json.dumps(PUSH).encode(), CODEX_REPO_EXCLUDE_LIST="acme/bil*", code=1)
    assert "leaves out every repository" in left_out
    star = run(site, "add", "-", "--event", "star", "--forge", "github", given=json.dumps(PUSH).encode())
    assert "nothing that the portal shows changes" in star
    assert "Events: none" in run(site, "status")


@pytest.mark.parametrize(
    ("given", "words"),
    [(b"{", "The body is not JSON"), (b"{}", "does not say who sent it"), (b"[1]", "not a JSON object")],
)
def test_bad_input_is_told_in_a_sentence(site, given, words) -> None:
    assert words in run(site, "add", "-", given=given, code=1)


def test_no_event_is_named(site) -> None:
    assert "Name a file, or - for standard input." in run(site, "add", code=1)
    assert "cannot be read" in run(site, "add", "no-such-file", code=1)


def test_the_log_is_shown(site) -> None:
    log = fill(site)
    log.acknowledge(log.consume(Consumer(name="watch"), most=4)[:2])
    log.close()
    words = run(site, "status")
    assert "Events: 10, 1 to 10" in words
    assert "Consumer watch: 6 waiting, 2 in hand, all acknowledged to 2" in words
    assert "Retention: 72h, any number, any size" in words
    status = json.loads(run(site, "status", "--format", "json"))
    assert (status["engine"], status["events"], status["consumers"][0]["name"]) == ("sqlite", 10, "watch")
    assert len(run(site, "list").splitlines()) == 10
    assert run(site, "list", "--most", "1").endswith("github push acme/1  delivery-9\n")
    listed = json.loads(run(site, "list", "--repository", "ACME/0", "--since", "1h", "--format", "json"))
    assert [item["sequence"] for item in listed] == [1, 3, 5, 7, 9]
    assert listed[0]["facts"]["subject"] == "push"
    shown = json.loads(run(site, "show", "3", "--format", "json"))
    assert shown["body"]["number"] == 2
    assert '"number": 2' in run(site, "show", "3")
    assert "The log holds no event 99" in run(site, "show", "99", code=1)


def test_a_replay_is_asked_for_in_the_log(site) -> None:
    fill(site).close()
    assert "5 events, 1 to 10, would be" in run(site, "replay", "--since", "1h", "--repository", "acme/0", "--dry-run")
    assert run(site, "replay", "--from", "3", "--to", "6") == "4 events, 3 to 6, are worked through again.\n"
    log = SqliteLog(site / ".gitguard" / "events.db")
    assert [stored.event.name for stored in log.read(sequence=11)] == ["replay"]
    log.close()
    assert "There is nothing to replay" in run(site, "replay", "--from", "500")
    assert "Give --since 24h" in run(site, "replay", code=1)
    assert "a duration with its unit" in run(site, "replay", "--since", "yesterday", code=1)


def test_dead_letters_are_listed_with_their_reasons(site) -> None:
    assert run(site, "dead") == "There are no dead letters.\n"
    log = fill(site, 1)
    (delivery,) = log.consume(Consumer(name="watch", most_tries=1))
    log.refuse(delivery, reason="the repository is gone\x1b[31m")
    log.close()
    assert r"1 tries by watch: the repository is gone\x1b[31m" in run(site, "dead")
    (letter,) = json.loads(run(site, "dead", "--format", "json"))
    assert (letter["reason"], letter["event"]["name"]) == ("the repository is gone\x1b[31m", "push")


def test_the_retention_of_phase_3b_is_shown_before_it_is_applied(site) -> None:
    log = fill(site)
    log.consume(Consumer(name="watch"), most=10)
    log.close()
    words = run(site, "retention", "--phase", "3b")
    assert "Asked for: 24h, 1,000,000 events, 10GB" in words
    assert "Nothing is cut." in words
    assert "--apply puts it in force" in words
    assert "In force: 24h, 1,000,000 events, 10GB" in run(site, "retention", "--phase", "3b", "--apply")
    assert "The settings say 72h" in run(site, "status")
    tight = {"JETSTREAM_MAX_MSGS": "4"}
    assert "6 events are cut, 1 to 6; not acknowledged are 6 by watch." in run(site, "retention", **tight)
    assert "use --force" in run(site, "retention", "--apply", code=1, **tight)
    cut = json.loads(run(site, "retention", "--apply", "--force", "--format", "json", **tight))
    assert cut["cut"]["events"] == 6
    assert "gitguard gap" in run(site, "list")


def test_a_rehearsal_is_what_the_gate_reads(site) -> None:
    fill(site).close()
    words = run(site, "rehearse")
    assert re.fullmatch(
        r"sqlite: 300 events appended, 30 of them twice; the consumer was killed, \d+ were handed out again; "
        r"300 replayed; the log's own 10 read: 0 lost\.\n",
        words,
    )
    assert not list((site / ".gitguard").glob("rehearsal-*"))
    before = Path.cwd()
    os.chdir(site)
    try:
        checks = CliRunner().invoke(
            cli, ["rollout", "check", "--format", "json"], env={"CODEX_ROLLOUT_PHASE": "canary"}
        )
    finally:
        os.chdir(before)
    states = {check["name"]: check["state"] for check in json.loads(checks.output)["checks"]}
    assert states["canary.replay"] == "pass"


def test_all_of_it_on_a_jetstream_server(site, tmp_path) -> None:
    with nats_server(tmp_path / "nats") as server:
        environment = {"JETSTREAM_URL": server.url}
        assert "is event 1." in run(site, "add", "-", given=json.dumps(PUSH).encode(), **environment)
        assert "is event 1 again" in run(site, "add", "-", given=json.dumps(PUSH).encode(), **environment)
        assert "Log: jetstream 2." in run(site, "status", **environment)
        assert "github push acme/billing" in run(site, "list", **environment)
        assert "300 replayed; the log's own 1 read: 0 lost." in run(site, "rehearse", **environment)
        assert "In force: 24h" in run(site, "retention", "--phase", "3b", "--apply", **environment)
        assert "1 events, 1 to 1, are worked through again" in run(site, "replay", "--since", "1h", **environment)
    refused = run(site, "status", code=1, JETSTREAM_URL=server.url.replace("//", "//me:hush@"))
    assert "cannot be used" in refused
    assert "hush" not in refused
    assert not (site / ".gitguard" / "events.db").exists()


SECRET = "it's a secret"


def _served(site: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mkdocs_gitguard", "events", "serve", *arguments],
        cwd=site,
        env=os.environ | environment,
        stderr=subprocess.PIPE,
        text=True,
    )


def _post(port: int, body: bytes, secret: str) -> int:
    signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "push", "X-GitHub-Delivery": "d-1", "X-Hub-Signature-256": signature}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("POST", "/hooks", body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_webhooks_are_received_until_it_is_told_to_stop(site) -> None:
    port = free_port()
    process = _served(site, "--port", str(port), GITGUARD_WEBHOOK_SECRET=f"an older one\n{SECRET}")
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            assert _post(port, json.dumps(PUSH).encode(), SECRET) == 202
            break
        except OSError:
            assert time.monotonic() < deadline
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.1)
    assert _post(port, json.dumps(PUSH).encode(), SECRET) == 200
    assert _post(port, json.dumps(PUSH).encode(), "guessed") == 401
    assert "github push acme/billing" in run(site, "list")
    process.send_signal(signal.SIGTERM)
    printed = process.communicate(timeout=PATIENCE)[1]
    assert "GitHub push acme/billing: event 1" in printed
    assert SECRET not in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        ([], {}, "GITGUARD_WEBHOOK_SECRET is not set"),
        (["--unsigned", "--host", "0.0.0.0"], {}, "would let anybody write into the log"),
        ([], {"GITGUARD_WEBHOOK_SECRET_GITHUP": "x"}, "GITHUP is not of a forge that is known"),
    ],
)
def test_nobody_is_served_without_a_secret(site, arguments, environment, words) -> None:
    assert words in run(site, "serve", *arguments, code=1, **environment)


def test_an_abandoned_consumer_is_forgotten(site: Path) -> None:
    assert run(site, "consumers") == "Nobody works through the log yet.\n"
    log = SqliteLog(site / ".gitguard" / "events.db")
    log.append([made_event(number) for number in range(3)])
    log.consume(Consumer(name="old-machine"))
    log.consume(Consumer(name="watch"), most=3)
    log.close()
    assert "old-machine: 2 waiting, 1 in hand, all acknowledged to 0" in run(site, "consumers")
    refused = run(site, "consumers", "--forget", "old_machine", code=1)
    assert "old_machine is not a consumer of this log." in refused
    answer = run(site, "consumers", "--forget", "old-machine")
    assert answer == "old-machine is forgotten; it had not acknowledged 3 events.\n"
    (left,) = json.loads(run(site, "consumers", "--format", "json"))["consumers"]
    assert left["name"] == "watch"
