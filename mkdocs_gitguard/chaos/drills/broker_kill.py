"""The broker is killed and started again, and with it those that append and consume."""

from mkdocs_gitguard.chaos.broker import Broker
from mkdocs_gitguard.chaos.drills.event_kill import EventKill
from mkdocs_gitguard.chaos.made_events import LogPlace
from mkdocs_gitguard.chaos.trial import Drill, Sandbox
from mkdocs_gitguard.model.drill import DrillAbout

_ROUNDS = 14


class _Trial(EventKill):
    rounds = _ROUNDS

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._broker = Broker(sandbox.folder / "nats")

    @property
    def place(self) -> LogPlace:
        return LogPlace(self.sandbox.folder / "events.db", self._broker.url)

    def prepare(self) -> None:
        self._broker.start()
        super().prepare()

    def beside(self) -> None:
        if self.sandbox.dice.random() < 0.7:  # noqa: PLR2004 - most of the time
            self._broker.kill()
            self.sandbox.note("Killed: the broker")
            self._broker.start()

    def put_right(self) -> None:
        super().put_right()
        self._broker.stop()


DRILL = Drill(
    DrillAbout(
        name="broker-kill",
        title="Broker killed and started again while events are consumed",
        component="event log (JetStream)",
        hypothesis="Every event that was acknowledged is in the stream, once, and is worked on.",
        fault=f"nats-server, appender and consumer are killed at {_ROUNDS} random moments.",
        blast_radius="A nats-server of its own on the loopback, with its data in the sandbox.",
        time_limit=90,
    ),
    _Trial,
)
