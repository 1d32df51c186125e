"""Webhooks come several times, out of order, under their own delivery ids and under new ones."""

from mkdocs_gitguard.chaos.made_events import LogPlace, tally_of, work_through
from mkdocs_gitguard.chaos.made_webhooks import Sending, SignedReceiver
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.model.drill import DrillAbout, Tally

_EVENTS = 200
_TIMES = 3
_ACCEPTED = 202
_KNOWN = 200


class _Trial(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._place = LogPlace(sandbox.folder / "events.db")
        self._refused: list[str] = []
        self._distinct = 0

    def prepare(self) -> None:
        self._send([Sending("first")])

    def disturb(self) -> None:
        wanted = [f"event-{number}" for number in range(_EVENTS)]
        sendings = [Sending(text, delivery=f"{text}-{time}") for text in wanted for time in range(_TIMES)]
        sendings += [Sending(text) for text in wanted]
        self.sandbox.dice.shuffle(sendings)
        self._send(sendings)
        self.sandbox.note(f"{len(sendings)} sendings of {_EVENTS} events")

    def _send(self, sendings: list[Sending]) -> None:
        log = self._place.open()
        try:
            answers = SignedReceiver(log, self._place).send_all(sendings)
        finally:
            log.close()
        self._distinct += len({sending.text for sending in sendings})
        self._refused += [
            f"{sending.text} was answered {answer}." for sending, answer in answers if answer not in (_ACCEPTED, _KNOWN)
        ]
        accepted = [sending.text for sending, answer in answers if answer == _ACCEPTED]
        self._refused += [
            f"{text} was taken on {accepted.count(text)} times."
            for text in sorted({*accepted})
            if accepted.count(text) > 1
        ]

    def recover(self) -> None:
        log = self._place.open()
        try:
            work_through(log, self._place)
        finally:
            log.close()

    def tally(self) -> Tally:
        self.recover()
        log = self._place.open()
        try:
            number = log.status().events
            missing = [f"{self._distinct - number} events are not in the log."] if number < self._distinct else []
            return tally_of(log, self._place, extra=[*self._refused, *missing])
        finally:
            log.close()


DRILL = Drill(
    DrillAbout(
        name="event-flood",
        title="A flood of duplicate and replayed events",
        component="webhook receiver and event log",
        hypothesis="Each event is in the log once, however often and under whatever delivery id it is sent.",
        fault=f"{_EVENTS} webhooks are sent {_TIMES + 1} times each, out of order, most under new delivery ids.",
        blast_radius="A receiver that is called in this process, and a log in the sandbox.",
        time_limit=60,
        is_short=True,
    ),
    _Trial,
)
