"""How long each stage of a build took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class StageTimes:
    """Stopwatches by stage. A stage that is entered again is added up; one that fails is not counted."""

    def __init__(self) -> None:
        """Begin with none."""
        self.seconds: dict[str, float] = {}

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        """Measure a block."""
        began = time.perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - began
