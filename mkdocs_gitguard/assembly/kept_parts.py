"""What is kept of each repository and person that was put together, and what that was made of.

A repository that has not moved is put together again only where somebody is called differently now: its parts are
functions of its facts, of who its identities are, and of what is answered about the owners that it names. A process
that stays keeps all of them; for the next process, those are kept that take longer to make than to read.
"""

from __future__ import annotations

import operator
from hashlib import sha256
from itertools import compress
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar, cast

import msgspec

from mkdocs_gitguard.assembly.relation_order import KnownOrder, in_order
from mkdocs_gitguard.model.kept_work import kept_or_made
from mkdocs_gitguard.ownership.owner_names import OwnerNames

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from mkdocs_gitguard.model import Relation

_Result = TypeVar("_Result")
_Key = TypeVar("_Key")
_Inputs = TypeVar("_Inputs")
_Answer = str | bool | frozenset[str]
_Place = tuple[str, str]
"""A task and a repository."""


class _Part(NamedTuple):
    inputs: object
    answers: dict[tuple[str, ...], _Answer]
    result: object
    within: tuple[_Place, ...] = ()
    """The parts that were asked for while it was made: kept as long as it is, though nobody asks for them then."""


class _Each(NamedTuple):
    """What a task has given for each of many keys, and what that was made of."""

    inputs: Mapping[str, object]
    results: Mapping[str, object]


class PartStore(Protocol):
    """Where parts are kept from one process to the next. Losing one costs time only."""

    def read(self, name: str, key: bytes) -> bytes | None:
        """Return what is kept under a name; None where there is nothing, or it was kept with another key."""

    def write(self, name: str, key: bytes, data: bytes) -> None:
        """Keep data under a name, in place of what is there."""


class KeptParts:
    """The parts of one assembly, kept for the next.

    Attributes:
        store: where they are kept for the next process; None: it is neither asked nor told.
    """

    store: PartStore | None = None

    def __init__(self) -> None:
        """Begin with none."""
        self._before: dict[_Place, _Part] = {}
        self._now: dict[_Place, _Part] = {}
        self._making: list[list[_Place]] = []
        """Of each part that is being made, the parts that it has asked for."""
        self._records: dict[str, Mapping[Any, Any]] = {}
        self._order: KnownOrder | None = None

    @property
    def has_some(self) -> bool:
        """Whether anything was put together, in this assembly or the last."""
        return bool(self._now or self._before)

    def begin(self) -> None:
        """Begin an assembly: what the last one did not use is let go."""
        self._before, self._now = self._now or self._before, {}

    def the_same(self, kind: str, records: Mapping[_Key, _Result]) -> dict[_Key, _Result]:
        """Return records of one kind, each that is equal to the one of the last assembly as it was: see `as_before`."""
        same = self._records[kind] = as_before(records, self._records.get(kind, {}))
        return same

    def in_order(self, groups: Mapping[str, Collection[Relation]]) -> tuple[Relation, ...]:
        """Return the relations of all groups in order: see `relation_order.in_order`."""
        self._order = KnownOrder(groups, in_order(groups, self._order))
        return self._order.relations

    def last(self, task: str, repository: str, kind: type[_Result]) -> _Result | None:
        """Return what a task gave for a repository the last time, whatever it was made of; None if it gave nothing."""
        known = self._before.get((task, repository))
        return known.result if known is not None and isinstance(known.result, kind) else None

    def once(self, task: str, repository: str, inputs: tuple[object, ...], make: Callable[[], _Result]) -> _Result:
        """Return what a task gives for a repository, made anew unless its inputs are equal to those of the last time.

        Args:
            task: what is made.
            repository: node id; of a task that is done for others, what tells one of them from the rest.
            inputs: all that goes into it; one with an empty digest of its facts is never equal to another.
            make: makes it; None is not kept.
        """
        return self._once(task, repository, inputs, None, make)

    def once_named(
        self,
        task: str,
        repository: str,
        inputs: tuple[object, ...],
        names: OwnerNames,
        make: Callable[[OwnerNames], _Result | None],
        *,
        kind: type[_Result],
    ) -> _Result | None:
        """Return the same for a task that asks who owners are, which counts among its inputs. Others as above.

        Args:
            task: what is made.
            repository: node id.
            inputs: all that goes into it.
            names: what is asked.
            make: makes it, asking the names that it is given.
            kind: what it makes, as which the next process reads it.
        """
        recorded, store = RecordedNames(names), self.store

        def read_or_made() -> _Result | None:
            if store is None or b"" in inputs:
                return make(recorded)
            name, key = _name(task, repository), sha256(_ENCODER.encode(inputs)).digest()
            return _read(store, name, key, recorded, kind) or _kept(store, name, key, recorded, make(recorded))

        return self._once(task, repository, inputs, recorded, read_or_made)

    def once_each(
        self, task: str, inputs: Mapping[str, _Inputs], make: Callable[[_Inputs], _Result]
    ) -> Mapping[str, _Result]:
        """Return what a task gives for each of thousands of keys, made anew for those whose inputs are others now.

        Args:
            task: what is made.
            inputs: by key, all that goes into it.
            make: makes one.
        """
        known = self.last(task, "", _Each) or _Each({}, {})
        results = kept_or_made(inputs, known.inputs, known.results, make)
        self._now[task, ""] = _Part((), {}, _Each(inputs, results))
        return results

    def names(self) -> frozenset[str]:
        """Return the names under which a store may keep what belongs to this assembly."""
        return frozenset(_name(task, repository) for task, repository in self._now)

    def _once(
        self,
        task: str,
        repository: str,
        inputs: tuple[object, ...],
        names: RecordedNames | None,
        make: Callable[[], _Result],
    ) -> _Result:
        key = (task, repository)
        if self._making:
            self._making[-1].append(key)
        known = self._before.get(key)
        if known is not None and b"" not in inputs and known.inputs == inputs:
            if names is None or names.answers_are(known.answers):
                self._keep(key, known)
                return cast("_Result", known.result)
            names.answers.clear()
        self._making.append([])
        try:
            result = make()
        finally:
            within = self._making.pop()
        if result is not None:
            self._now[key] = _Part(inputs, names.answers if names is not None else {}, result, tuple(within))
        return result

    def _keep(self, key: _Place, known: _Part) -> None:
        self._now[key] = known
        for place in known.within:
            if place not in self._now and (part := self._before.get(place)) is not None:
                self._keep(place, part)


def as_before(records: Mapping[_Key, _Result], before: Mapping[_Key, _Result]) -> dict[_Key, _Result]:
    """Return records by their keys, each that is equal to an earlier one as that very object.

    So what is made anew each time, and comes out the same, need not be looked into by all who compare.
    """
    others = compress(records, map(operator.is_not, records.values(), map(before.get, records)))
    equal = {key: before[key] for key in others if key in before and before[key] == records[key]}
    return {**records, **equal}


def _name(task: str, repository: str) -> str:
    return f"{task} {repository}"


def _read(store: PartStore, name: str, key: bytes, names: RecordedNames, kind: type[_Result]) -> _Result | None:
    """Return what an earlier process has kept, None unless the same questions are answered in the same way today."""
    packed = store.read(name, key)
    if packed is None:
        return None
    try:
        answers, result = _DECODER.decode(packed)
        known = {question: frozenset(answer) if isinstance(answer, list) else answer for question, answer in answers}
        if names.answers_are(known):
            return msgspec.msgpack.decode(result, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass
    names.answers.clear()
    return None


def _kept(store: PartStore, name: str, key: bytes, names: RecordedNames, result: _Result | None) -> _Result | None:
    if result is not None:
        packed = _ENCODER.encode(result)
        store.write(name, key, _ENCODER.encode((tuple(names.answers.items()), msgspec.Raw(packed))))
    return result


_ENCODER: Final = msgspec.msgpack.Encoder(order="deterministic")
_DECODER: Final = msgspec.msgpack.Decoder(tuple[list[tuple[tuple[str, ...], str | bool | list[str]]], msgspec.Raw])
"""Raw: of an answer that is another now, the part need not be read."""


class RecordedNames(OwnerNames):
    """Stands in the place of the names for one repository, and keeps what is asked and answered."""

    def __init__(self, names: OwnerNames) -> None:
        """Take the names."""
        self._names = names
        self.answers: dict[tuple[str, ...], _Answer] = {}
        """By question, in the order of asking."""

    def answers_are(self, answers: dict[tuple[str, ...], _Answer]) -> bool:
        """Ask the same again, in the same order, and tell whether the answers are the same.

        Whom a repository names first is learned by asking, as it was by making.
        """
        ask: dict[str, Callable[..., object]] = {
            "resolve": self.resolve,
            "members": self.members,
            "is_bot": self.is_bot,
            "is_group": self.is_group,
        }
        return all(ask[method](*arguments) == answer for (method, *arguments), answer in answers.items())

    def resolve(self, written: str, repository: str) -> str:
        """See `OwnerNames.resolve`."""
        answer = self._names.resolve(written, repository)
        self.answers["resolve", written, repository] = answer
        return answer

    def members(self, team: str) -> Collection[str]:
        """See `OwnerNames.members`."""
        answer = frozenset(self._names.members(team))
        self.answers["members", team] = answer
        return answer

    def is_bot(self, owner: str) -> bool:
        """See `OwnerNames.is_bot`."""
        answer = self._names.is_bot(owner)
        self.answers["is_bot", owner] = answer
        return answer

    def is_group(self, owner: str) -> bool:
        """See `OwnerNames.is_group`."""
        answer = self._names.is_group(owner)
        self.answers["is_group", owner] = answer
        return answer
