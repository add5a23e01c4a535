"""Held-out digits that checkers try a network on."""

from __future__ import annotations

from functools import cache

import numpy as np

from book.datasets import mnist


@cache
def digits(count: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Held-out test digits: images of shape (count, 28, 28), from 0 to 1, and their labels."""
    _, (images, labels) = mnist.load_data()
    return images[:count].astype("float32") / 255, labels[:count]
