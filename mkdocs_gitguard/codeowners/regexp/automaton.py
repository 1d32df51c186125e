"""Runs a tree over a text, all possibilities at once: nothing is tried twice, so nothing can explode.

Thompson's construction, with the sets of states kept once they are known (https://swtch.com/~rsc/regexp/regexp1.html).
What an assertion asks of a place is a bit; the bits that hold at each place of a text are worked out before.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from mkdocs_gitguard.codeowners.regexp.charset import ANY, Charset
from mkdocs_gitguard.codeowners.regexp.tree import At, Either, Look, OneOf, RegexpError, Repeat, Row, Tree

State = frozenset[int]
"""Where in the program all possibilities stand."""

MOST_INSTRUCTIONS: Final = 20_000
_MOST_KNOWN: Final = 2_000


class _Instruction(NamedTuple):
    """`one`: take a character of `charset`; `split`: go on at each of `targets`; `assert`: go on where `bit` holds."""

    code: str
    charset: Charset = ANY
    targets: tuple[int, ...] = ()
    bit: int = 0


class Automaton:
    """A compiled tree.

    Attributes:
        asked: the bits that its assertions ask for.
        size: instructions.
    """

    def __init__(self, tree: Tree, bits: dict[At | Look, int]) -> None:
        """Compile it.

        Args:
            tree: what to match.
            bits: which bit stands for which assertion.

        Raises:
            RegexpError: it is too large.
        """
        self._bits = bits
        self._program: list[_Instruction] = []
        self._emit(tree)
        self._accept = len(self._program)
        self._program.append(_Instruction("match"))
        self.size = len(self._program)
        self.asked = 0
        for instruction in self._program:
            self.asked |= instruction.bit
        self._steps: dict[tuple[State, str, int], State] = {}
        self._starts: dict[int, State] = {}
        self._ends: dict[tuple[State, int], bool] = {}
        self._dead: dict[State, bool] = {}

    def start(self, holding: int) -> State:
        """Return the state at a place where a match may begin."""
        holding &= self.asked
        state = self._starts.get(holding)
        if state is None:
            state = self._starts[holding] = self._closure({0}, holding)
        return state

    def step(self, state: State, character: str, holding: int) -> State:
        """Return the state behind `character`, at a place where the bits `holding` hold. A match may begin anywhere."""
        key = (state, character, holding & self.asked)
        known = self._steps.get(key)
        if known is None:
            if len(self._steps) > _MOST_KNOWN:
                self._steps.clear()
            program = self._program
            following = {
                place + 1 for place in state if program[place].code == "one" and character in program[place].charset
            }
            known = self._closure(following, holding) | self.start(holding)
            self._steps[key] = known
        return known

    def accepts(self, state: State) -> bool:
        """Tell whether a match has ended here already."""
        return self._accept in state

    def accepts_at_end(self, state: State, holding: int) -> bool:
        """Tell whether a match ends here, where the bits `holding` hold too."""
        key = (state, holding)
        known = self._ends.get(key)
        if known is None:
            if len(self._ends) > _MOST_KNOWN:
                self._ends.clear()
            known = self._ends[key] = self._accept in self._closure(set(state), holding)
        return known

    def is_dead(self, state: State) -> bool:
        """Tell whether no further character can lead to a match."""
        known = self._dead.get(state)
        if known is None:
            if len(self._dead) > _MOST_KNOWN:
                self._dead.clear()
            begins = self._accept in self._closure({0}, self.asked & ~1)
            going = state | self._closure({0}, self.asked & ~1)
            known = not begins and self._accept not in state and all(self._program[at].code != "one" for at in going)
            self._dead[state] = known
        return known

    def run(self, text: str, holding: Sequence[int]) -> list[bool]:
        """Return for each place of `text`, its end included, whether a match ends there."""
        state = self.start(holding[0])
        ends = [self.accepts(state)]
        for place, character in enumerate(text, 1):
            state = self.step(state, character, holding[place])
            ends.append(self.accepts(state))
        return ends

    def _closure(self, places: set[int], holding: int) -> State:
        seen: set[int] = set()
        pending = list(places)
        program = self._program
        while pending:
            place = pending.pop()
            if place in seen:
                continue
            seen.add(place)
            instruction = program[place]
            if instruction.code == "split":
                pending.extend(instruction.targets)
            elif instruction.code == "assert" and instruction.bit & holding:
                pending.append(place + 1)
        return frozenset(seen)

    def _emit(self, tree: Tree) -> None:
        if len(self._program) > MOST_INSTRUCTIONS:
            raise RegexpError("the expression is too large once its repetitions are written out", 1, is_supported=False)
        match tree:
            case OneOf(charset):
                self._program.append(_Instruction("one", charset))
            case At() | Look():
                self._program.append(_Instruction("assert", bit=self._bits[tree]))
            case Row(nodes):
                for node in nodes:
                    self._emit(node)
            case Either(nodes):
                self._emit_either(nodes)
            case Repeat(node, least, most):
                self._emit_repeat(node, least, most)

    def _emit_either(self, nodes: tuple[Tree, ...]) -> None:
        split = self._hold()
        starts, jumps = [], []
        for node in nodes:
            starts.append(len(self._program))
            self._emit(node)
            jumps.append(self._hold())
        self._program[split] = _Instruction("split", targets=tuple(starts))
        for jump in jumps:
            self._program[jump] = _Instruction("split", targets=(len(self._program),))

    def _emit_repeat(self, node: Tree, least: int, most: int | None) -> None:
        for _ in range(least):
            size = len(self._program)
            self._emit(node)
            if len(self._program) == size:
                return  # what takes nothing can be repeated for ever
        if most is None:
            split = self._hold()
            self._emit(node)
            self._program.append(_Instruction("split", targets=(split,)))
            self._program[split] = _Instruction("split", targets=(split + 1, len(self._program)))
            return
        splits = []
        for _ in range(most - least):
            splits.append(self._hold())
            self._emit(node)
        for split in splits:
            self._program[split] = _Instruction("split", targets=(split + 1, len(self._program)))

    def _hold(self) -> int:
        """Keep a place for an instruction whose targets are not known yet; return it."""
        if len(self._program) > MOST_INSTRUCTIONS:
            raise RegexpError("the expression is too large once its repetitions are written out", 1, is_supported=False)
        self._program.append(_Instruction("split"))
        return len(self._program) - 1
