"""The embedded engine of the log."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from mkdocs_gitguard.clock import system_moment
from mkdocs_gitguard.errors import EventError, GateError
from mkdocs_gitguard.events.event import Event, body_key, delivery_key, envelope_of, event_from
from mkdocs_gitguard.events.log import (
    DUPLICATE_WINDOW,
    Appended,
    Consumer,
    Cut,
    DeadLetter,
    Delivery,
    LogStatus,
    Retention,
    StoredEvent,
    refusal_of,
)
from mkdocs_gitguard.events.own import Gap, gap_event
from mkdocs_gitguard.events.sqlite import retention as retaining
from mkdocs_gitguard.events.sqlite.file import EventsFile
from mkdocs_gitguard.events.sqlite.tables import SCHEMA, consumer_statuses, micros, moment

_ROWS: Final = 500
"""Events that are read at once."""
_INDEX_BYTES: Final = 8192
"""That an event costs in the write-ahead log beside itself: a page of each index, for digests lie everywhere."""
_LOOK_EVERY: Final = 0.02
"""Seconds between two looks for an event of another process."""
_RETAIN_EVERY: Final = 500
"""Events that are appended between two looks at what is too old."""
_MOST_AT_ONCE: Final = 2000
"""Events of one commit."""

_BURY: Final = "INSERT INTO dead_letters (consumer, sequence, tries, reason, at) VALUES (?, ?, ?, ?, ?)"

_Row = tuple[int, bytes | None, bytes, bytes, bytes]
_Batch = tuple[Sequence[_Row], Future[tuple[Appended, ...]]]


class SqliteLog:
    """A log in a file. Whoever writes also writes for all threads that wait meanwhile: one commit for many."""

    def __init__(
        self, path: Path, retention: Retention | None = None, *, now: Callable[[], datetime] = system_moment
    ) -> None:
        """Open the log, made where there is none.

        Args:
            path: of the file.
            retention: of a log that is made now; one that is there keeps its own: see `retain`.
            now: the clock that ages are told by.

        Raises:
            EventError: it cannot be opened.
        """
        self._file = EventsFile(path, schema=SCHEMA)
        self._now = now
        self._waiting: list[_Batch] = []
        self._queue_lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._appended = threading.Condition()
        self._since_retained = 0
        self._retention = retention or Retention()
        try:
            self._keep_retention(self._retention)
        except EventError:
            self._file.close()
            raise

    def _keep_retention(self, retention: Retention) -> None:
        """Put a retention in force where there is none yet."""
        with self._file.reading() as database:
            known = retaining.load(database)
        if known is None:
            with self._file.writing() as database:
                if retaining.load(database) is None:
                    retaining.store(database, retention)

    def append(self, events: Sequence[Event]) -> tuple[Appended, ...]:
        """See `EventLog.append`."""
        batch: _Batch = ([_row(event) for event in events], Future())
        with self._queue_lock:
            self._waiting.append(batch)
        with self._write_lock:
            # Another thread may have written it while this one waited for its turn.
            while not batch[1].done():
                self._write(self._take())
        return batch[1].result()

    def _take(self) -> list[_Batch]:
        with self._queue_lock:
            taken, number = 0, 0
            while taken < len(self._waiting) and (number < _MOST_AT_ONCE or not taken):
                number += len(self._waiting[taken][0])
                taken += 1
            batches, self._waiting = self._waiting[:taken], self._waiting[taken:]
        return batches

    def _write(self, batches: list[_Batch]) -> None:
        """Commit the events of several threads at once, and let each of them know."""
        try:
            size = sum(len(row[3]) + len(row[4]) + _INDEX_BYTES for rows, _ in batches for row in rows)
            with self._file.writing(size) as database:
                results = [self._insert_all(database, rows) for rows, _ in batches]
                self._since_retained += sum(len(rows) for rows, _ in batches)
                if self._since_retained >= _RETAIN_EVERY:
                    self._since_retained = 0
                    self._cut(database, retaining.load(database) or self._retention, "retention")
            for (_, future), result in zip(batches, results, strict=True):
                future.set_result(result)
        except EventError as error:
            for _, future in batches:
                future.set_exception(error)
        finally:
            for _, future in batches:
                if not future.done():
                    future.set_exception(EventError("The event log was interrupted.", hint="Try again."))
        with self._appended:
            self._appended.notify_all()

    def _insert_all(self, database: sqlite3.Connection, rows: Sequence[_Row]) -> tuple[Appended, ...]:
        results = tuple(self._insert(database, row) for row in rows)
        kept = [len(row[3]) + len(row[4]) for row, result in zip(rows, results, strict=True) if not result.is_duplicate]
        if kept:
            retaining.count(database, len(kept), sum(kept), last=max(result.sequence for result in results))
        return results

    def _insert(self, database: sqlite3.Connection, row: _Row) -> Appended:
        at, delivery, body, *_ = row
        inserted = database.execute(retaining.INSERT, row)
        if inserted.rowcount == 1:
            return Appended(sequence=inserted.lastrowid or 0)
        ((sequence, other_at, is_same_delivery),) = database.execute(
            "SELECT sequence, at, delivery IS :delivery FROM events WHERE delivery = :delivery OR body_key = :body"
            " ORDER BY delivery IS :delivery DESC LIMIT 1",
            {"delivery": delivery, "body": body},
        )
        if not is_same_delivery and abs(at - other_at) > DUPLICATE_WINDOW // timedelta(microseconds=1):
            database.execute("UPDATE events SET body_key = NULL WHERE sequence = ?", (sequence,))
            return self._insert(database, row)
        return Appended(sequence=sequence, is_duplicate=True)

    def consume(self, consumer: Consumer, *, most: int = 1, wait: float = 0.0) -> tuple[Delivery, ...]:
        """See `EventLog.consume`."""
        deadline = time.monotonic() + wait
        while True:
            if self._has_work(consumer) and (deliveries := self._hand_out(consumer, most)):
                return deliveries
            left = deadline - time.monotonic()
            if left <= 0:
                return ()
            with self._appended:
                self._appended.wait(min(left, _LOOK_EVERY))

    def _has_work(self, consumer: Consumer) -> bool:
        """Look without the writers' lock whether there is anything to hand out."""
        with self._file.reading() as database:
            row = database.execute("SELECT position FROM consumers WHERE name = ?", (consumer.name,)).fetchone()
            if row is None:
                return True
            now = time.monotonic()
            query = (
                "SELECT EXISTS (SELECT 1 FROM events WHERE sequence > :position) OR EXISTS (SELECT 1 FROM in_hand"
                " WHERE consumer = :consumer AND (due <= :now OR taken > :now))"
            )
            given = {"position": row[0], "consumer": consumer.name, "now": now}
            return bool(database.execute(query, given).fetchone()[0])

    def _hand_out(self, consumer: Consumer, most: int) -> tuple[Delivery, ...]:
        # The time of the machine, not of day: whoever sets the clock would have events handed out a day late, or
        # twice at once. It begins anew when the machine starts, and then what was taken lies in the future.
        now = time.monotonic()
        with self._file.writing() as database:
            database.execute("INSERT OR IGNORE INTO consumers VALUES (?, 0)", (consumer.name,))
            self._bury(database, consumer, now)
            again = database.execute(
                "SELECT sequence FROM in_hand WHERE consumer = :consumer AND (due <= :now OR taken > :now)"
                " ORDER BY sequence LIMIT :most",
                {"consumer": consumer.name, "now": now, "most": most},
            ).fetchall()
            ((position,),) = database.execute("SELECT position FROM consumers WHERE name = ?", (consumer.name,))
            fresh = database.execute(
                "SELECT sequence FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?",
                (position, most - len(again)),
            ).fetchall()
            due = now + consumer.ack_wait
            database.executemany(
                "UPDATE in_hand SET tries = tries + 1, taken = ?, due = ?, reason = ''"
                " WHERE consumer = ? AND sequence = ?",
                [(now, due, consumer.name, sequence) for (sequence,) in again],
            )
            database.executemany(
                "INSERT INTO in_hand (consumer, sequence, tries, taken, due) VALUES (?, ?, 1, ?, ?)",
                [(consumer.name, sequence, now, due) for (sequence,) in fresh],
            )
            if fresh:
                database.execute("UPDATE consumers SET position = ? WHERE name = ?", (fresh[-1][0], consumer.name))
            rows = database.execute(
                f"SELECT sequence, tries, envelope, body FROM in_hand JOIN events USING (sequence)"  # noqa: S608
                f" WHERE consumer = ? AND sequence IN ({','.join('?' * (len(again) + len(fresh)))}) ORDER BY sequence",
                (consumer.name, *(sequence for (sequence,) in (*again, *fresh))),
            ).fetchall()
        return tuple(
            Delivery(consumer=consumer, sequence=sequence, tries=tries, event=event_from(envelope, body))
            for sequence, tries, envelope, body in rows
        )

    def _bury(self, database: sqlite3.Connection, consumer: Consumer, now: float) -> None:
        """Make a dead letter of what was handed out in vain as often as it may be: its consumer did not live to say."""
        condition = "consumer = ? AND (due <= ? OR taken > ?) AND tries >= ?"
        values = (consumer.name, now, now, consumer.most_tries)
        rows = database.execute(f"SELECT sequence, tries FROM in_hand WHERE {condition} ORDER BY sequence", values)  # noqa: S608
        at = micros(self._now())
        letters = [(consumer.name, sequence, tries, refusal_of("", tries), at) for sequence, tries in rows]
        database.executemany(_BURY, letters)
        database.execute(f"DELETE FROM in_hand WHERE {condition}", values)  # noqa: S608

    def notices(self) -> tuple[str, ...]:
        """See `EventLog.notices`. Who changes the file by hand changes what it says, and nobody can tell."""
        return ()

    def acknowledge(self, deliveries: Sequence[Delivery]) -> None:
        """See `EventLog.acknowledge`."""
        with self._file.writing() as database:
            database.executemany(
                "DELETE FROM in_hand WHERE consumer = ? AND sequence = ?",
                [(delivery.consumer.name, delivery.sequence) for delivery in deliveries],
            )

    def refuse(self, delivery: Delivery, *, reason: str, delay: float = 0.0) -> None:
        """See `EventLog.refuse`."""
        now = time.monotonic()
        # After the last try it is a dead letter at once, and not when somebody asks for the next event.
        is_last = delivery.tries >= delivery.consumer.most_tries
        key = (delivery.consumer.name, delivery.sequence, delivery.tries)
        with self._file.writing() as database:
            if not is_last:
                database.execute(
                    "UPDATE in_hand SET taken = ?, due = ?, reason = ?"
                    " WHERE consumer = ? AND sequence = ? AND tries = ?",
                    (now, now + delay, reason, *key),
                )
            elif database.execute(
                "DELETE FROM in_hand WHERE consumer = ? AND sequence = ? AND tries = ?", key
            ).rowcount:
                database.execute(
                    _BURY,
                    (*key, reason, micros(self._now())),
                )

    def find(self, sequence: int) -> StoredEvent | None:
        """See `EventLog.find`."""
        with self._file.reading() as database:
            rows = _events(database, "sequence = ?", (sequence,))
        return next(iter(rows), None)

    def read(self, *, sequence: int = 1, since: datetime | None = None) -> Iterator[StoredEvent]:
        """See `EventLog.read`."""
        at = micros(since) if since else -(1 << 62)
        with self._file.reading() as database:
            ((last,),) = database.execute("SELECT ifnull(max(sequence), 0) FROM events")
        while sequence <= last:
            with self._file.reading() as database:
                rows = _events(
                    database,
                    "sequence BETWEEN ? AND ? AND at >= ? ORDER BY sequence LIMIT ?",
                    (sequence, last, at, _ROWS),
                )
            if not rows:
                return
            yield from rows
            sequence = rows[-1].sequence + 1

    def dead_letters(self) -> tuple[DeadLetter, ...]:
        """See `EventLog.dead_letters`."""
        with self._file.reading() as database:
            rows = database.execute(
                "SELECT consumer, sequence, tries, reason, dead_letters.at, envelope, body FROM dead_letters"
                " LEFT JOIN events USING (sequence) ORDER BY number"
            ).fetchall()
        return tuple(
            DeadLetter(
                consumer=consumer,
                sequence=sequence,
                tries=tries,
                reason=reason,
                at=moment(at),
                event=event_from(envelope, body) if envelope is not None else None,
            )
            for consumer, sequence, tries, reason, at, envelope, body in rows
        )

    def status(self) -> LogStatus:
        """See `EventLog.status`."""
        with self._file.reading() as database:
            ((number, size, last),) = database.execute("SELECT events, bytes, last FROM totals")
            ends = [
                database.execute(f"SELECT sequence, at FROM events ORDER BY sequence {order} LIMIT 1").fetchone()  # noqa: S608
                for order in ("ASC", "DESC")
            ]
            ((dead,),) = database.execute("SELECT count(*) FROM dead_letters")
            return LogStatus(
                engine="sqlite",
                place=str(self._file.path),
                version=sqlite3.sqlite_version,
                events=number,
                bytes=size,
                first=ends[0][0] if ends[0] else last,
                last=last,
                first_at=moment(ends[0][1]) if ends[0] else None,
                last_at=moment(ends[1][1]) if ends[1] else None,
                dead_letters=dead,
                retention=retaining.load(database) or self._retention,
                consumers=consumer_statuses(database),
            )

    def check(self) -> None:
        """See `EventLog.check`."""
        with self._file.writing() as database:
            # SQLite writes no page whose bytes stay what they were.
            database.execute("UPDATE totals SET last = last + 1")
            database.execute("UPDATE totals SET last = last - 1")

    def preview(self, retention: Retention) -> Cut:
        """See `EventLog.preview`."""
        with self._file.reading() as database:
            return retaining.would_cut(database, retention, now=self._now())

    def retain(self, retention: Retention, *, force: bool = False) -> Cut:
        """See `EventLog.retain`."""
        with self._file.writing() as database:
            cut = retaining.would_cut(database, retention, now=self._now())
            if cut.unconsumed and not force:
                raise GateError(cut.in_words(), hint="Let them be worked through first; or use --force.")
            retaining.store(database, retention)
            return self._cut(database, retention, "retention was set")

    def _cut(self, database: sqlite3.Connection, retention: Retention, reason: str) -> Cut:
        cut = retaining.would_cut(database, retention, now=self._now())
        if not cut.events:
            return cut
        retaining.cut_to(database, cut.last)
        if cut.unconsumed:
            names = tuple(name for name, _ in cut.unconsumed)
            gap = Gap(first=cut.first, last=cut.last, consumers=names, reason=reason)
            self._insert_all(database, [_row(gap_event(gap, at=self._now()))])
        return cut

    def take_back(self, name: str) -> int:
        """See `EventLog.take_back`."""
        with self._file.writing() as database:
            return database.execute("UPDATE in_hand SET due = 0 WHERE consumer = ?", (name,)).rowcount

    def forget(self, name: str) -> bool:
        """See `EventLog.forget`."""
        with self._file.writing() as database:
            database.execute("DELETE FROM in_hand WHERE consumer = ?", (name,))
            return database.execute("DELETE FROM consumers WHERE name = ?", (name,)).rowcount > 0

    def damage(self) -> str:
        """Return what is wrong with the file, `""` where nothing is. Reads all of it."""
        return self._file.damage()

    def destroy(self) -> None:
        """See `EventLog.destroy`."""
        self._file.close()
        self._file.delete()

    def close(self) -> None:
        """See `EventLog.close`."""
        self._file.close()


def _row(event: Event) -> _Row:
    return (
        micros(event.accepted_at),
        bytes.fromhex(delivery_key(event)) or None,
        bytes.fromhex(body_key(event)),
        envelope_of(event),
        event.body,
    )


def _events(database: sqlite3.Connection, condition: str, values: Iterable[object]) -> list[StoredEvent]:
    rows = database.execute(f"SELECT sequence, envelope, body FROM events WHERE {condition}", tuple(values))  # noqa: S608
    return [StoredEvent(sequence=sequence, event=event_from(envelope, body)) for sequence, envelope, body in rows]
