"""Names as arrays, which a saved model consists of."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np


def as_bytes(names: Iterable[object]) -> np.ndarray:
    """Return names as a row of UTF-8 each, all as long as the longest.

    Arrays of text cannot be saved: a fixed number of bytes for each name can.
    """
    text = np.array([str(name).encode() for name in names], dtype="S")
    return text.view(np.uint8).reshape(len(text), -1) if len(text) else np.zeros((0, 1), "u1")


def as_text(rows: np.ndarray) -> list[str]:
    """Return the names that :func:`as_bytes` took."""
    return [bytes(row).rstrip(b"\0").decode() for row in rows]
