"""A compiled expression: its automaton, and those of its lookarounds."""

from collections.abc import Callable, Iterator
from typing import Final, Literal, NamedTuple

from mkdocs_gitguard.codeowners.regexp.automaton import MOST_INSTRUCTIONS, Automaton, State
from mkdocs_gitguard.codeowners.regexp.charset import ASCII_CLASSES, wide_classes
from mkdocs_gitguard.codeowners.regexp.re2 import Re2Reader
from mkdocs_gitguard.codeowners.regexp.regexp2 import Regexp2Reader
from mkdocs_gitguard.codeowners.regexp.tree import (
    At,
    Either,
    Look,
    Place,
    RegexpError,
    Repeat,
    Row,
    Tree,
    mirrored,
    prefix_of,
    suffix_of,
    wildcard_of,
)

Language = Literal["re2", "regexp2"]

__all__ = ["Language", "Regexp", "State"]

_READERS: Final = {"re2": Re2Reader, "regexp2": Regexp2Reader}
_BEGIN: Final = 1
_END: Final = 2
_END_Z: Final = 4
_SIMPLE: Final[dict[At | Look, int]] = {At("begin"): _BEGIN, At("end"): _END, At("end-z"): _END_Z}
_ENDS: Final = _END | _END_Z


class _Question(NamedTuple):
    """An assertion that needs more than the text's two ends: which bit it is, and who answers it."""

    bit: int
    assertion: At | Look
    automaton: Automaton | None


class Regexp:
    """A compiled expression.

    Attributes:
        prefix: what every match begins with; `""` if nothing is known.
        suffix: what every match of a text without line ends ends in; `""` if nothing is known.
        wildcard: what stands before and behind its one `.*`, if it says nothing else; else None.
        size: instructions of its program.
        is_simple: whether it asks of no place but the text's ends, so that `feed` can be used.
    """

    def __init__(self, source: str, language: Language = "re2") -> None:
        """Compile it.

        Raises:
            RegexpError: the language does not have it, or it needs what is not supported.
        """
        if len(source) > MOST_INSTRUCTIONS:
            raise RegexpError(f"the expression has more than {MOST_INSTRUCTIONS:,} characters", 1, is_supported=False)
        tree = _READERS[language](source).parse()
        self.prefix = prefix_of(tree)
        self.suffix = suffix_of(tree)
        self.wildcard = wildcard_of(tree)
        bits = dict(_SIMPLE)
        self._questions: list[_Question] = []
        for assertion in _assertions(tree):
            if assertion in bits:
                continue
            inner = None
            if isinstance(assertion, Look):
                inner = Automaton(mirrored(assertion.node) if assertion.is_ahead else assertion.node, bits)
            bits[assertion] = 1 << len(bits)
            self._questions.append(_Question(bits[assertion], assertion, inner))
        self._automaton = Automaton(tree, bits)
        self.size = self._automaton.size + sum(
            question.automaton.size for question in self._questions if question.automaton
        )
        self.is_simple = not self._questions

    def search(self, text: str) -> bool:
        """Tell whether the expression matches anywhere in `text`."""
        holding = self._holding(text)
        automaton = self._automaton
        state = automaton.start(holding[0])
        for place, character in enumerate(text, 1):
            if automaton.accepts(state):
                return True
            if automaton.is_dead(state):
                return False
            state = automaton.step(state, character, holding[place])
        return automaton.accepts(state)

    def begin(self) -> State:
        """Return the state before a text that is fed piece by piece; only if `is_simple`."""
        return self._automaton.start(_BEGIN)

    def feed(self, state: State, text: str) -> State:
        """Return the state behind `text`, which is not the last piece and holds no line end; or where it matched."""
        for character in text:
            if self._automaton.accepts(state):
                break
            state = self._automaton.step(state, character, 0)
        return state

    def has_matched(self, state: State) -> bool:
        """Tell whether it matches, whatever follows."""
        return self._automaton.accepts(state)

    def is_dead(self, state: State) -> bool:
        """Tell whether it cannot match any more, if anything follows."""
        return self._automaton.is_dead(state)

    def ends(self, state: State, text: str) -> bool:
        """Tell whether it matches a text whose last piece, without a line end, is `text`."""
        automaton = self._automaton
        for character in text:
            if automaton.accepts(state):
                return True
            state = automaton.step(state, character, 0)
        return automaton.accepts_at_end(state, _ENDS)

    def _holding(self, text: str) -> list[int]:
        """Return which bits hold at each place of `text`, its end included."""
        holding = [0] * (len(text) + 1)
        holding[0] |= _BEGIN
        holding[-1] |= _ENDS
        if text.endswith("\n"):
            holding[-2] |= _END_Z
        for question in self._questions:
            for place, is_so in enumerate(_answers(question, text, holding)):
                if is_so:
                    holding[place] |= question.bit
        return holding


def _assertions(tree: Tree) -> Iterator[At | Look]:
    """Yield the assertions, those inside a lookaround before itself."""
    match tree:
        case Row(nodes) | Either(nodes):
            for node in nodes:
                yield from _assertions(node)
        case Repeat(node):
            yield from _assertions(node)
        case Look(node):
            yield from _assertions(node)
            yield tree
        case At():
            yield tree
        case _:
            return


def _answers(question: _Question, text: str, holding: list[int]) -> list[bool]:
    assertion, automaton = question.assertion, question.automaton
    if isinstance(assertion, At):
        return [_PLACES[assertion.place](text, place) for place in range(len(text) + 1)]
    if automaton is None:
        return []
    # What matches ahead of a place is what, read backwards from the end, ends there.
    is_ahead = assertion.is_ahead
    holds_at = automaton.run(text[::-1], holding[::-1])[::-1] if is_ahead else automaton.run(text, holding)
    return [is_there != assertion.is_negated for is_there in holds_at]


def _is_edge(text: str, place: int, *, wide: bool) -> bool:
    word = wide_classes()["w"] if wide else ASCII_CLASSES["w"]
    before = place > 0 and text[place - 1] in word
    return before != (place < len(text) and text[place] in word)


_PLACES: Final[dict[Place, Callable[[str, int], bool]]] = {
    "line-begin": lambda text, place: place == 0 or text[place - 1] == "\n",
    "line-end": lambda text, place: place == len(text) or text[place] == "\n",
    "word-edge": lambda text, place: _is_edge(text, place, wide=False),
    "no-word-edge": lambda text, place: not _is_edge(text, place, wide=False),
    "wide-edge": lambda text, place: _is_edge(text, place, wide=True),
    "no-wide-edge": lambda text, place: not _is_edge(text, place, wide=True),
}
