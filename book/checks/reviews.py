"""Held-out reviews that checkers try a network on."""

from __future__ import annotations

from functools import cache

import numpy as np

from book.datasets import imdb


@cache
def review_numbers(count: int = 2000) -> tuple[list[list[int]], np.ndarray]:
    """Held-out test reviews as lists of word numbers below 10,000, and their labels."""
    _, (reviews, labels) = imdb.load_data(num_words=10000)
    return list(reviews[:count]), labels[:count]


@cache
def reviews(count: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """Held-out test reviews as multi-hot rows of shape (count, 10000), and their labels."""
    found, labels = review_numbers(count)
    rows = np.zeros((len(found), 10000), dtype="uint8")
    for row, review in zip(rows, found, strict=True):
        row[review] = 1
    return rows, labels
