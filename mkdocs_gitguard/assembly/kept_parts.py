"""What a process that stays keeps of each repository that it has put together, and what that was made of.

A repository that has not moved is put together again only where somebody is called differently now: its parts are
functions of its facts, of who its identities are, and of what is answered about the owners that it names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from mkdocs_gitguard.ownership.owner_names import OwnerNames

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable

_Result = TypeVar("_Result")


class _Part(NamedTuple):
    inputs: object
    answers: dict[tuple[str, ...], object]
    result: object


class KeptParts:
    """The parts of one assembly, kept for the next. Lives as long as its process."""

    def __init__(self) -> None:
        """Begin with none."""
        self._before: dict[Hashable, _Part] = {}
        self._now: dict[Hashable, _Part] = {}

    def begin(self) -> None:
        """Begin an assembly: what the last one did not use is let go."""
        self._before, self._now = self._now or self._before, {}

    def once(
        self, task: str, repository: str, inputs: tuple[object, ...], make: Callable[[], _Result | None]
    ) -> _Result | None:
        """Return what a task gives for a repository, made anew unless its inputs are equal to those of the last time.

        Args:
            task: what is made.
            repository: node id.
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
    ) -> _Result | None:
        """Return the same for a task that asks who owners are, which counts among its inputs."""
        recorded = RecordedNames(names)
        return self._once(task, repository, inputs, recorded, lambda: make(recorded))

    def _once(
        self,
        task: str,
        repository: str,
        inputs: tuple[object, ...],
        names: RecordedNames | None,
        make: Callable[[], _Result | None],
    ) -> _Result | None:
        key = (task, repository)
        known = self._before.get(key)
        if known is not None and b"" not in inputs and known.inputs == inputs:
            if names is None or names.answers_are(known.answers):
                self._now[key] = known
                return cast("_Result", known.result)
            names.answers.clear()
        result = make()
        if result is not None:
            self._now[key] = _Part(inputs, names.answers if names is not None else {}, result)
        return result


class RecordedNames(OwnerNames):
    """Stands in the place of the names for one repository, and keeps what is asked and answered."""

    def __init__(self, names: OwnerNames) -> None:
        """Take the names."""
        self._names = names
        self.answers: dict[tuple[str, ...], object] = {}
        """By question, in the order of asking."""

    def answers_are(self, answers: dict[tuple[str, ...], object]) -> bool:
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
