"""The broker cannot write a stream's file any more, and has to be started again."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from mkdocs_gitguard.chaos.broker import Broker
from mkdocs_gitguard.chaos.made_events import LogPlace, made_event, tally_of, work_through
from mkdocs_gitguard.chaos.syscalls import failing
from mkdocs_gitguard.chaos.trial import Drill, NotRunError, Sandbox, Trial
from mkdocs_gitguard.errors import EventError
from mkdocs_gitguard.model.drill import DrillAbout, Tally

if TYPE_CHECKING:
    import subprocess

_BATCH = 5
_CALLS = "write,pwrite64,writev,fsync,fdatasync"


class _Trial(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._broker = Broker(sandbox.folder / "nats")
        self._tracer: subprocess.Popen[bytes] | None = None
        self._number = 0

    @property
    def _place(self) -> LogPlace:
        return LogPlace(self.sandbox.folder / "events.db", self._broker.url)

    def prepare(self) -> None:
        self._broker.start()
        self._append()

    def _append(self, number: int = _BATCH) -> int:
        """Append some events, and return how many the log has refused."""
        refused = 0
        log = self._place.open()
        try:
            for _ in range(number):
                self._number += 1
                delivery = f"event-{self._number}"
                try:
                    log.append([made_event(delivery)])
                except EventError:
                    refused += 1
                    continue
                with self._place.file("acknowledged").open("a") as file:
                    file.write(f"{delivery}\n")
        finally:
            log.close()
        return refused

    def disturb(self) -> None:
        blocks = sorted(self._broker.folder.glob("data/jetstream/*/streams/drill/msgs/*.blk"))
        if not blocks:
            raise NotRunError("this nats-server keeps its streams in files of another name")
        self._tracer = failing(
            self._broker.pid, blocks[-1], calls=_CALLS, error="EIO", output=self.sandbox.folder / "strace"
        )
        # One: it is waited for as long as a broker is waited for.
        refused = self._append(1)
        self._end_tracer()
        if not refused:
            raise RuntimeError("The fault had no effect: the event was taken.")
        self.sandbox.detected("The event was refused")

    def _end_tracer(self) -> None:
        if self._tracer:
            self._tracer.send_signal(signal.SIGINT)
            self._tracer.wait(20)
            if self._tracer.stderr:
                self._tracer.stderr.close()
        self._tracer = None

    def recover(self) -> None:
        # What whoever runs it does: such a stream takes nothing until the server was started again.
        self._broker.kill()
        self._broker.start()
        if refused := self._append():
            raise RuntimeError(f"{refused} of {_BATCH} events were refused after the broker was started again.")

    def tally(self) -> Tally:
        log = self._place.open()
        try:
            work_through(log, self._place)
            return tally_of(log, self._place)
        finally:
            log.close()

    def put_right(self) -> None:
        self._end_tracer()
        self._broker.stop()


DRILL = Drill(
    DrillAbout(
        name="stream-frozen",
        title="A stream frozen by an I/O error",
        component="event log (JetStream)",
        hypothesis="What the stream cannot keep is refused, and what it has acknowledged is there after a new start.",
        fault="Every write to the stream's newest file fails with an I/O error.",
        blast_radius="A nats-server of its own, to which strace is attached.",
        time_limit=90,
    ),
    _Trial,
)
