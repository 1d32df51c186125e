"""Vectors as signed bytes, in which they are kept, compared and published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def in_bytes(vector: NDArray[np.float64]) -> bytes:
    """Return a vector as signed bytes, the largest of its numbers as 127; `b""` of one that says nothing."""
    largest = float(np.abs(vector).max()) if len(vector) else 0.0
    return np.rint(vector * (127 / largest)).astype(np.int8).tobytes() if 0 < largest < float("inf") else b""
