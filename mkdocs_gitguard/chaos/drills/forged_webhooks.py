"""Webhooks are forged, altered, oversized, cut short and no events at all, between genuine ones."""

from mkdocs_gitguard.chaos.made_events import LogPlace, tally_of, work_through
from mkdocs_gitguard.chaos.made_webhooks import Sending, SignedReceiver
from mkdocs_gitguard.chaos.trial import Drill, Sandbox, Trial
from mkdocs_gitguard.events.event import LARGEST_BODY
from mkdocs_gitguard.model.drill import DrillAbout, Tally

_GENUINE = 40
_REFUSED = range(400, 500)


class _Trial(Trial):
    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self._place = LogPlace(sandbox.folder / "events.db")
        self._genuine: list[str] = []
        self._taken: list[str] = []

    def prepare(self) -> None:
        self._send([Sending("first")])

    def disturb(self) -> None:
        forged = [Sending(f"forged-{number}", secret="another") for number in range(10)]  # noqa: S106 - a wrong one
        forged += [Sending(f"unsigned-{number}", secret="") for number in range(10)]
        forged += [Sending(f"altered-{number}", signed_as="first") for number in range(10)]
        too_large = b'{"repository": "' + b"x" * LARGEST_BODY + b'"}'
        forged += [
            Sending("too-large", body=too_large),
            Sending("too-large-chunked", body=too_large, is_chunked=True),
            Sending("cut", is_cut=True),
            Sending("no-json", body=b"\xff\xfe{"),
            Sending("no-object", body=b"[1, 2]"),
            Sending("deep", body=b"[" * 100_000),
        ]
        sendings = [*forged, *(Sending(f"genuine-{number}") for number in range(_GENUINE))]
        self.sandbox.dice.shuffle(sendings)
        self._send(sendings)
        self.sandbox.detected(f"{len(forged)} sendings between {_GENUINE} genuine ones were answered")

    def _send(self, sendings: list[Sending]) -> None:
        log = self._place.open()
        try:
            answers = SignedReceiver(log, self._place).send_all(sendings)
        finally:
            log.close()
        for sending, answer in answers:
            if sending.text.startswith(("first", "genuine-")):
                self._genuine.append(sending.text)
            elif answer not in _REFUSED:
                self._taken.append(f"{sending.text} was answered {answer}.")

    def recover(self) -> None:
        self._send([Sending("genuine-after")])

    def tally(self) -> Tally:
        log = self._place.open()
        try:
            work_through(log, self._place)
            kept = {stored.event.delivery for stored in log.read()}
            missing = [f"{text} is not in the log." for text in self._genuine if text not in kept]
            strangers = [f"{delivery} is in the log." for delivery in sorted(kept - {*self._genuine})]
            return tally_of(log, self._place, extra=[*self._taken, *missing, *strangers])
        finally:
            log.close()


DRILL = Drill(
    DrillAbout(
        name="forged-webhooks",
        title="Forged, oversized and broken webhooks",
        component="webhook receiver",
        hypothesis="What is not signed, not whole or too large is refused and leaves nothing; what is genuine is kept.",
        fault="36 forged, altered, oversized, cut and malformed sendings come between genuine ones.",
        blast_radius="A receiver that is called in this process, and a log in the sandbox.",
        time_limit=60,
        is_short=True,
    ),
    _Trial,
)
