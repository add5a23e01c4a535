"""Where the data comes from: a folder of yours, Keras's own files, or the packaged sample.

The environment variable ``BOOK_DATA`` says which:

==================  =====================================================================================
a folder            ``mnist.npz``, ``imdb.npz`` and ``imdb_word_index.json`` there, in the portable layout
``full``            Keras's cache (``~/.keras/datasets`` or ``$KERAS_HOME/datasets``), else its download
``sample``          the packaged sample: :mod:`book.datasets.sample`
``auto``, or unset  as ``full`` where that works, else as ``sample``, which is said in one line
==================  =====================================================================================

A build calls :func:`resolve` once and hands ``Source.setting`` to every kernel as its ``BOOK_DATA``, so that
pages never mix sources.
"""

from __future__ import annotations

import functools
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from book.datasets import keras_files, portable, sample
from book.datasets.portable import IMDB, MNIST, WORD_INDEX, Arrays, DataError

VARIABLE = "BOOK_DATA"

FULL_ROWS = {"mnist": (60_000, 10_000), "imdb": (25_000, 25_000)}


class DataFile(NamedTuple):
    """A file that data is read from: where, how many bytes, and its SHA-256 in hexadecimal."""

    path: Path
    size: int
    sha256: str


@dataclass(frozen=True)
class Source:
    """Where the data comes from.

    Attributes:
        kind: ``folder``, ``keras`` or ``sample``.
        folder: The folder with the three files; None for the sample.
    """

    kind: Literal["folder", "keras", "sample"]
    folder: Path | None = None

    @property
    def setting(self) -> str:
        """The value of ``BOOK_DATA`` that gives this source: an absolute folder, ``full`` or ``sample``."""
        return {"folder": str(self.folder), "keras": "full", "sample": "sample"}[self.kind]

    @property
    def name(self) -> Literal["full", "sample", "part"]:
        """``full``: all rows; ``sample``: the packaged sample; ``part``: a folder with fewer rows."""
        if self.kind == "sample":
            return "sample"
        return "full" if self.rows == FULL_ROWS else "part"

    @property
    def rows(self) -> dict[str, tuple[int, int]]:
        """The numbers of training and test rows of ``mnist`` and of ``imdb``."""
        if self.folder is None:
            return sample.ROWS
        if self.kind == "keras":
            return FULL_ROWS  # the files' checksums are known
        return {
            "mnist": portable.read_rows(self.folder / MNIST),
            "imdb": portable.read_rows(self.folder / IMDB),
        }

    @property
    def what(self) -> str:
        """How much of the data it is, in words."""
        return {"full": "the full data", "sample": "the packaged sample", "part": "a part of the data"}[self.name]

    @property
    def description(self) -> str:
        """One line for people: which data, from where, how many rows."""
        where = {"folder": f" in {self.folder}", "keras": f" in Keras's cache, {self.folder}", "sample": ""}
        (digits, test_digits), (reviews, test_reviews) = self.rows["mnist"], self.rows["imdb"]
        return (
            f"{self.what}{where[self.kind]}: {digits:,} + {test_digits:,} digits, "
            f"{reviews:,} + {test_reviews:,} reviews"
        )

    @property
    def files(self) -> tuple[DataFile, ...]:
        """The files that the data is read from."""
        if self.folder is None:
            paths: tuple[Path, ...] = sample.paths()
        else:
            paths = tuple(self.folder / name for name in portable.FILES)
        return tuple(DataFile(path, path.stat().st_size, _sha256(path)) for path in paths)

    @property
    def fingerprint(self) -> str:
        """A string that changes with the kind of source and with its files' bytes, and with nothing else."""
        parts = [self.kind, *(file.sha256 for file in self.files)]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()

    def mnist(self) -> Arrays:
        """Return the digits in the portable layout, checked."""
        if self.folder is None:
            return sample.mnist()
        return (keras_files if self.kind == "keras" else portable).read_mnist(self.folder / MNIST)

    def imdb(self) -> Arrays:
        """Return the reviews in the portable layout, checked."""
        if self.folder is None:
            return sample.imdb()
        return (keras_files if self.kind == "keras" else portable).read_imdb(self.folder / IMDB)

    def word_index(self) -> dict[str, int]:
        """Return the rank, from 1, of every word, checked."""
        if self.folder is None:
            return sample.word_index()
        return portable.read_word_index(self.folder / WORD_INDEX)


def resolve(setting: str | None = None) -> Source:
    """Return the source that ``BOOK_DATA`` asks for, with all its data checked.

    Prints a line, and progress, where it downloads; prints a line where ``auto`` falls back to the sample.

    Args:
        setting: A value in place of the environment's ``BOOK_DATA``.

    Raises:
        DataError: The data cannot be had or is malformed; the message names the file or the host and what to
            do.
    """
    source = _find(os.environ.get(VARIABLE, "") if setting is None else setting)
    if source.kind == "folder":
        _check(source)
    return source


def in_use() -> Source:
    """Return the source of this process's data: found once, so that no page mixes two."""
    return _find_once(os.environ.get(VARIABLE, ""))


def export(folder: str | os.PathLike[str], rows: int | None = None, source: Source | None = None) -> Source:
    """Write data in the portable layout, for a room with no network or for quick tests.

    Files of the same names are replaced, whole or not at all; others in the folder are left alone. Equal data
    gives equal bytes.

    Args:
        folder: Where to write; made if it does not exist.
        rows: How many training rows to write of each data set, as evenly from every class as there are rows,
            in their order; test rows in proportion, at least 10. None for all.
        source: Where from; None for :func:`resolve`'s.

    Returns:
        The folder as a source, with its files, sizes and checksums.

    Raises:
        DataError: The folder cannot be written, or is where this data, or Keras, keeps the originals; or
            ``rows`` is less than 10.
    """
    folder = Path(folder).expanduser().resolve()
    source = source or resolve()
    if folder in {source.folder, keras_files.folder().resolve()}:
        raise DataError(f"{folder} holds the originals, which an export would replace: choose another folder.")
    if rows is not None and rows < 10:
        raise DataError(f"Cannot export {rows} rows: choose at least 10, one of every digit.")
    portable.write(folder, _fewer(source.mnist(), rows), _fewer(source.imdb(), rows), source.word_index())
    return Source("folder", folder)


def _find(setting: str) -> Source:
    """Return the source that a setting asks for; the files of a folder are not checked yet."""
    match setting:
        case "" | "auto":
            return _keras_or_sample()
        case "full":
            return Source("keras", keras_files.fetch())
        case "sample":
            sample.paths()  # an error now, not in the middle of a page
            return Source("sample")
    folder = Path(setting).expanduser().resolve()
    if not folder.is_dir():
        raise DataError(
            f"{VARIABLE}={setting} is neither an existing folder nor one of the words auto, full and sample: "
            "correct it, or unset it."
        )
    return Source("folder", folder)


_find_once = functools.cache(_find)


def _keras_or_sample() -> Source:
    try:
        return Source("keras", keras_files.fetch())
    except DataError as problem:
        sample.paths()
        (digits, _), (reviews, _) = sample.ROWS["mnist"], sample.ROWS["imdb"]
        print(
            f"Using the packaged sample ({digits:,} digits and {reviews:,} reviews to train on), "
            f"since the full data cannot be had: {problem}",
            flush=True,
        )
        return Source("sample")


def _check(source: Source) -> None:
    """Read all of a folder, so that a bad file is an error before the first page runs."""
    source.mnist()
    arrays, index = source.imdb(), source.word_index()
    highest = max(index.values())
    for split in ("train", "test"):
        if (rank := int(arrays[f"x_{split}"].max(initial=0))) > highest:
            raise DataError(
                f"{source.folder}: {IMDB} holds the rank {rank:,}, and {WORD_INDEX} ends at {highest:,}: "
                "these files do not belong together; copy all three anew."
            )


def _fewer(arrays: Arrays, rows: int | None) -> Arrays:
    """Return about ``rows`` training rows and, in proportion, test rows, evenly from every class."""
    total = len(arrays["y_train"])
    if rows is None or rows >= total:
        return arrays
    fewer = {}
    for split, count in (("train", rows), ("test", max(10, rows * len(arrays["y_test"]) // total))):
        kept = _evenly(arrays[f"y_{split}"], count)
        fewer[f"y_{split}"] = arrays[f"y_{split}"][kept]
        lengths = arrays.get(f"x_{split}_lengths")
        if lengths is None:
            fewer[f"x_{split}"] = arrays[f"x_{split}"][kept]
        else:
            fewer[f"x_{split}_lengths"] = lengths[kept]
            words_kept = np.repeat(np.isin(np.arange(len(lengths)), kept), lengths)
            fewer[f"x_{split}"] = arrays[f"x_{split}"][words_kept]
    return fewer


def _evenly(labels: np.ndarray, count: int) -> np.ndarray:
    """Return the sorted indices of ``count`` rows: the first of every class, as evenly as there are rows."""
    turn = np.empty(len(labels), dtype=np.int64)  # a row's place among those of its class
    for label in np.unique(labels):
        of_class = labels == label
        turn[of_class] = np.arange(of_class.sum())
    return np.sort(np.argsort(turn, kind="stable")[:count])


def _sha256(path: Path) -> str:
    status = path.stat()
    return _sha256_of(path, status.st_size, status.st_mtime_ns)


@functools.cache
def _sha256_of(path: Path, size: int, changed: int) -> str:
    """Hash a file; its size and its time of change are there to miss the cache when it changes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
