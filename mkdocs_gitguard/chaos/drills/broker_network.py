"""The network between the broker and its users is slow, swallows everything, and resets connections."""

import time

from mkdocs_gitguard.chaos.broker import Broker
from mkdocs_gitguard.chaos.made_events import LogPlace, LogUsers, append_well, tally_of, work_through
from mkdocs_gitguard.chaos.proxy import Mode, Proxy
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.model.drill import DrillAbout, Tally

_BEFORE = 20
_ROUNDS: tuple[tuple[Mode, float], ...] = (
    ("slow", 0.8),
    ("reset", 0.3),
    ("swallow", 1.2),
    ("reset", 0.2),
    ("slow", 0.5),
)
"""What the network does, and for how many seconds."""


class _Trial(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._broker = Broker(sandbox.folder / "nats")
        self._path = sandbox.folder / "events.db"
        self._proxy: Proxy | None = None
        self._users: LogUsers | None = None

    @property
    def _straight(self) -> LogPlace:
        return LogPlace(self._path, self._broker.url)

    def prepare(self) -> None:
        self._broker.start()
        self._proxy = Proxy(self._broker.port)
        log = self._straight.open()
        try:
            append_well(log, self._straight, (f"before-{number}" for number in range(_BEFORE)))
            work_through(log, self._straight)
        finally:
            log.close()

    def disturb(self) -> None:
        assert self._proxy is not None  # noqa: S101 - prepared
        self._users = LogUsers(LogPlace(self._path, f"nats://127.0.0.1:{self._proxy.port}"))
        time.sleep(0.3)
        for mode, seconds in _ROUNDS:
            self.sandbox.note(f"The network: {mode}")
            self._proxy.set(mode)
            time.sleep(seconds * self.sandbox.dice.uniform(0.8, 1.2))
            self._proxy.set("pass")
            time.sleep(0.2)
        self._users.end()

    def recover(self) -> None:
        log = self._straight.open()
        try:
            work_through(log, self._straight)
        finally:
            log.close()

    def tally(self) -> Tally:
        log = self._straight.open()
        try:
            return tally_of(log, self._straight)
        finally:
            log.close()

    def put_right(self) -> None:
        if self._users:
            self._users.end()
        if self._proxy:
            self._proxy.stop()
        self._broker.stop()


DRILL = Drill(
    DrillAbout(
        name="broker-network",
        title="Broker slow, black-holed, resetting",
        component="event log (JetStream)",
        hypothesis="Every event that was acknowledged is in the stream, once, and is worked on.",
        fault="What goes between the broker and its users is delayed, swallowed, and reset, by turns.",
        blast_radius="A nats-server and a proxy of its own on the loopback.",
        time_limit=90,
    ),
    _Trial,
)
