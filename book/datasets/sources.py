"""Where the data comes from: a folder of yours, Keras's own files, or packaged data.

The environment variable ``BOOK_DATA`` says which:

==================  =====================================================================================
a folder            the files of every dataset there, in the portable layout
``full``            Keras's cache (``~/.keras/datasets`` or ``$KERAS_HOME/datasets``), else its download
``sample``          the packaged samples
``auto``, or unset  as ``full`` where that works, else as ``sample``, which is said in one line
==================  =====================================================================================

A dataset that Keras does not have is packaged whole: it is the same with every value, except in a folder that has a
file of it.

A build calls :func:`resolve` once and hands ``Source.setting`` to every kernel as its ``BOOK_DATA``, so that
pages never mix sources.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from book.datasets import keras_files, packaged, portable
from book.datasets.dataset import Content, DataError, Dataset, File, chosen, datasets

__all__ = ["VARIABLE", "DataError", "DataFile", "Source", "export", "in_use", "resolve"]

VARIABLE = "BOOK_DATA"


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
        folder: The folder with the files; None for the packaged samples.
    """

    kind: Literal["folder", "keras", "sample"]
    folder: Path | None = None

    @property
    def setting(self) -> str:
        """The value of ``BOOK_DATA`` that gives this source: an absolute folder, ``full`` or ``sample``."""
        return {"folder": str(self.folder), "keras": "full", "sample": "sample"}[self.kind]

    def place(self, dataset: Dataset) -> Path | None:
        """The folder that a dataset's files are in, in the portable layout or Keras's; None for packaged data."""
        if self.folder is None or dataset.has_originals:
            return self.folder
        in_folder = self.kind == "folder" and any((self.folder / file.name).exists() for file in dataset.files)
        return self.folder if in_folder else None

    def read(self, dataset: Dataset, file: File) -> Any:
        """Return what a file of a dataset holds, checked: arrays by name, or the table of a JSON file.

        Raises:
            DataError: The data cannot be had or is malformed; the message names the file and what to do.
        """
        folder = self.place(dataset)
        if folder is None:
            return packaged.read(dataset.packaged)[file.name]
        if self.kind == "keras" and file.original:
            return keras_files.read(folder / file.name, file.original)
        return portable.read(folder / file.name, file)

    @property
    def rows(self) -> dict[str, tuple[int, int]]:
        """The numbers of training and test rows of every dataset, by its name."""
        return {dataset.name: self._rows(dataset) for dataset in datasets()}

    def _rows(self, dataset: Dataset) -> tuple[int, int]:
        folder = self.place(dataset)
        if folder is None:
            return dataset.packaged.rows
        if self.kind == "keras":
            return dataset.full_rows  # the files' checksums are known
        return portable.read_rows(folder / dataset.files[0].name, dataset.files[0])

    @property
    def name(self) -> Literal["full", "sample", "part"]:
        """``full``: all rows; ``sample``: the packaged samples; ``part``: a folder with fewer rows."""
        if self.kind == "sample":
            return "sample"
        return "part" if self._reduced(datasets()) else "full"

    def what(self, names: Iterable[str]) -> str:
        """How much of some datasets' data it is, in words."""
        if not self._reduced(chosen(names)):
            return "the full data"
        return "the packaged sample" if self.kind == "sample" else "a part of the data"

    def fewer(self, names: Iterable[str]) -> str:
        """The training rows of those of some datasets that are not whole, as in "4,000 digits"; empty if all are."""
        return _listed(f"{self._rows(dataset)[0]:,} {dataset.many}" for dataset in self._reduced(chosen(names)))

    def _reduced(self, some: Iterable[Dataset]) -> list[Dataset]:
        """Those of some datasets that have fewer rows here than there are."""
        return [dataset for dataset in some if self._rows(dataset) != dataset.full_rows]

    @property
    def description(self) -> str:
        """One line for people: which data, from where, how many rows."""
        where = {"folder": f" in {self.folder}", "keras": f" in Keras's cache, {self.folder}", "sample": ""}
        rows, all_names = self.rows, [dataset.name for dataset in datasets()]
        counts = [f"{rows[dataset.name][0]:,} + {rows[dataset.name][1]:,} {dataset.many}" for dataset in datasets()]
        return f"{self.what(all_names)}{where[self.kind]}: {', '.join(counts)}"

    @property
    def files(self) -> tuple[DataFile, ...]:
        """The files that all datasets are read from."""
        return self.files_of(dataset.name for dataset in datasets())

    def files_of(self, names: Iterable[str]) -> tuple[DataFile, ...]:
        """The files that some datasets are read from."""
        paths: list[Path] = []
        for dataset in chosen(names):
            folder = self.place(dataset)
            if folder is None:
                paths.append(packaged.locate(dataset.packaged))
            else:
                paths += [folder / file.name for file in dataset.files]
        return tuple(DataFile(path, path.stat().st_size, packaged.sha256(path)) for path in paths)

    def fingerprint(self, names: Iterable[str]) -> str:
        """A string that changes with the data of some datasets, and with nothing else; empty for none.

        The same data gives the same string, wherever it comes from, as far as a dataset says what its packaged file and
        Keras's files hold: these are not read for it. A folder's files are, once.

        Raises:
            DataError: A file of a folder is missing or malformed.
            KeyError: There is no dataset of such a name.
        """
        lines = [f"{dataset.name} {part}" for dataset in chosen(names) for part in self._digests(dataset)]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest() if lines else ""

    def _digests(self, dataset: Dataset) -> Iterable[str]:
        folder = self.place(dataset)
        if folder is None:
            return dataset.packaged.holds or (dataset.packaged.sha256,)
        if self.kind == "keras":
            return [file.original.holds or file.original.sha256 for file in dataset.files if file.original]
        return [portable.digest_of(folder / file.name, file) for file in dataset.files]


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
    for dataset in datasets():
        if source.place(dataset) is None:
            packaged.locate(dataset.packaged)
        elif source.kind == "folder":
            _check(source, dataset)
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
    folder = _in_full(folder, os.fspath(folder))
    source = source or resolve()
    if folder in {source.folder, keras_files.folder().resolve()}:
        raise DataError(f"{folder} holds the originals, which an export would replace: choose another folder.")
    if rows is not None and rows < 10:
        raise DataError(f"Cannot export {rows} rows: choose at least 10, one of every digit.")
    contents: Content = {}
    for dataset in datasets():
        content = _content(source, dataset)
        if rows is not None:
            first = dataset.files[0].name
            content |= {first: portable.fewer(content[first], dataset, rows)}
        contents |= content
    portable.write(folder, contents, {file.name: file for dataset in datasets() for file in dataset.files})
    return Source("folder", folder)


def _in_full(folder: str | os.PathLike[str], called: str) -> Path:
    """The whole path of a folder, which may begin with ``~`` or ``~name``; messages call it as it was given."""
    try:
        return Path(folder).expanduser().resolve()
    except RuntimeError:
        raise DataError(f"{called}: there is no such home folder. Write the whole path.") from None


def _find(setting: str) -> Source:
    """Return the source that a setting asks for; the files of a folder are not checked yet."""
    match setting:
        case "" | "auto":
            return _keras_or_sample()
        case "full":
            return Source("keras", keras_files.fetch())
        case "sample":
            return _sample()
    folder = _in_full(setting, f"{VARIABLE}={setting}")
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
        source = _sample()
        rows = source.fewer(dataset.name for dataset in datasets())
        print(
            f"Using the packaged sample ({rows} to train on), since the full data cannot be had: {problem}", flush=True
        )
        return source


def _sample() -> Source:
    """The packaged samples, which are there: an error now, and not in the middle of a page."""
    for dataset in datasets():
        if dataset.has_originals:
            packaged.locate(dataset.packaged)
    return Source("sample")


def _content(source: Source, dataset: Dataset) -> Content:
    return {file.name: source.read(dataset, file) for file in dataset.files}


def _check(source: Source, dataset: Dataset) -> None:
    """Read all of a dataset in a folder, so that a bad file is an error before the first page runs."""
    for problem in dataset.contradictions(_content(source, dataset)):
        raise DataError(f"{source.folder}: {problem}")


def _listed(words: Iterable[str]) -> str:
    """Words with commas and an "and"."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last
