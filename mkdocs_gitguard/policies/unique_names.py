"""Names that are given once each."""


class UniqueNames:
    """Gives names, each once: of several that want one, the later get `~2`, `~3` and so on."""

    def __init__(self) -> None:
        """Have given none."""
        self._given: set[str] = set()
        self._numbers: dict[str, int] = {}
        """The last number that was tried for a name, so that trying ten thousand takes ten thousand steps."""

    def give(self, wanted: str) -> str:
        """Return a name that has not been given before: the wanted one, if it is free."""
        name, number = wanted, self._numbers.get(wanted, 1)
        if number > 1 or name in self._given:
            number += 1
            while (name := f"{wanted}~{number}") in self._given:
                number += 1
        self._numbers[wanted] = number
        self._given.add(name)
        return name
