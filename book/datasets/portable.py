"""The portable layout: MNIST and IMDB as plain arrays in three files, read and written with no pickles.

========================  ===============================================================================
``mnist.npz``             for ``train`` and ``test``: ``x_SPLIT`` uint8 (n, 28, 28), grey values; ``y_SPLIT``
                          uint8 (n,), digits
``imdb.npz``              for ``train`` and ``test``: ``x_SPLIT`` uint32, the frequency ranks of all reviews'
                          words end to end; ``x_SPLIT_lengths`` uint32 (n,), words in each;
                          ``y_SPLIT`` uint8 (n,), 1 = positive
``imdb_word_index.json``  word to frequency rank, from 1
========================  ===============================================================================
"""

from __future__ import annotations

import contextlib
import json
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np

MNIST, IMDB, WORD_INDEX = FILES = ("mnist.npz", "imdb.npz", "imdb_word_index.json")

Arrays = dict[str, np.ndarray]
Dtypes = dict[str, type[np.unsignedinteger]]

_MNIST_DTYPES: Dtypes = {"x_train": np.uint8, "y_train": np.uint8, "x_test": np.uint8, "y_test": np.uint8}
_IMDB_DTYPES: Dtypes = {
    "x_train": np.uint32,
    "x_train_lengths": np.uint32,
    "y_train": np.uint8,
    "x_test": np.uint32,
    "x_test_lengths": np.uint32,
    "y_test": np.uint8,
}


class DataError(RuntimeError):
    """The data cannot be had: one line that names the file or the host, and says what to do."""


def read_mnist(path: Path) -> Arrays:
    """Return the arrays of ``mnist.npz``, checked.

    Raises:
        DataError: The file is missing, damaged or not in the portable layout.
    """
    arrays = _read_npz(path, _MNIST_DTYPES)
    for split in ("train", "test"):
        images, labels = arrays[f"x_{split}"], arrays[f"y_{split}"]
        _check(images.shape[1:] == (28, 28), path, f"x_{split} has shape {images.shape}, not (n, 28, 28)")
        _check(
            labels.shape == images.shape[:1],
            path,
            f"y_{split} has shape {labels.shape}, not ({len(images)},)",
        )
        _check(len(labels) > 0, path, f"y_{split} is empty")
        _check(labels.max() <= 9, path, f"y_{split} holds the label {labels.max()}, and digits are 0 to 9")
    return arrays


def read_imdb(path: Path) -> Arrays:
    """Return the arrays of ``imdb.npz``, checked.

    Raises:
        DataError: The file is missing, damaged or not in the portable layout.
    """
    arrays = _read_npz(path, _IMDB_DTYPES)
    for split in ("train", "test"):
        ranks, lengths, labels = arrays[f"x_{split}"], arrays[f"x_{split}_lengths"], arrays[f"y_{split}"]
        _check(ranks.ndim == 1, path, f"x_{split} has shape {ranks.shape}, not (words,)")
        _check(labels.ndim == 1, path, f"y_{split} has shape {labels.shape}, not (n,)")
        _check(
            lengths.shape == labels.shape,
            path,
            f"x_{split}_lengths has shape {lengths.shape}, not {labels.shape}",
        )
        _check(len(labels) > 0, path, f"y_{split} is empty")
        words = int(lengths.sum(dtype=np.uint64))
        _check(
            words == len(ranks),
            path,
            f"x_{split}_lengths sums to {words:,}, but x_{split} has {len(ranks):,}",
        )
        _check(ranks.min(initial=1) >= 1, path, f"x_{split} holds the rank 0, and ranks start at 1")
        _check(labels.max() <= 1, path, f"y_{split} holds the label {labels.max()}, and labels are 0 or 1")
    return arrays


def read_word_index(path: Path) -> dict[str, int]:
    """Return the ranks of ``imdb_word_index.json``, checked.

    Raises:
        DataError: The file is missing, damaged or not a table of words and ranks.
    """
    try:
        index = json.loads(_bytes(path))
    except (ValueError, RecursionError):
        raise _damaged(path, "is truncated or not JSON") from None
    _check(isinstance(index, dict) and index, path, "is not a table of words and ranks")
    ranks = set(index.values()) if all(type(rank) is int for rank in index.values()) else set()
    distinct = len(ranks) == len(index) and min(ranks) >= 1
    _check(distinct, path, "has ranks that are not distinct integers from 1")
    return index


def read_rows(path: Path) -> tuple[int, int]:
    """Return the numbers of training and test rows of an ``.npz`` file, reading only its labels."""
    labels = _read_npz(path, {"y_train": np.uint8, "y_test": np.uint8})
    return len(labels["y_train"]), len(labels["y_test"])


def write(folder: Path, mnist: Arrays, imdb: Arrays, word_index: dict[str, int]) -> None:
    """Write the three files, each whole or not at all, and the same bytes for the same data.

    Raises:
        DataError: The folder cannot be written.
    """
    with contextlib.ExitStack() as files:  # all three are complete before the first takes its place
        made = {name: files.enter_context(replacing(folder / name)) for name in FILES}
        # np.savez_compressed dates every member 1980-01-01, so that equal data gives equal bytes.
        np.savez_compressed(made[MNIST], **{name: mnist[name] for name in _MNIST_DTYPES})  # type: ignore[arg-type]
        np.savez_compressed(made[IMDB], **{name: imdb[name] for name in _IMDB_DTYPES})  # type: ignore[arg-type]
        made[WORD_INDEX].write(json.dumps(word_index).encode())
        for file in made.values():
            file.flush()  # a full disk is an error here, before any file takes its place


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of ``path`` when the block ends well, and is gone when it fails.

    Raises:
        DataError: The folder cannot be made or written, or is full.
    """
    # Not tempfile: its files are readable by their owner only, and these are shared.
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("xb") as file:
            yield file
        part.replace(path)
    except OSError as error:
        raise DataError(
            f"Cannot write {path.name} in the folder {path.parent} ({error.strerror or error}): "
            "make it writable, free some space, or choose another (for Keras's cache, set KERAS_HOME)."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _read_npz(path: Path, dtypes: Dtypes) -> Arrays:
    """Return the named arrays of an archive, checked for their dtypes; never unpickles."""
    if not path.is_file():
        raise _damaged(path, "is missing")
    try:
        with zipfile.ZipFile(path) as members, np.load(path, allow_pickle=False) as archive:
            present = members.namelist()
            arrays = {name: archive[name] for name in dtypes if f"{name}.npy" in present}
    except Exception as error:  # zipfile, zlib and NumPy raise many kinds on damaged bytes
        if "allow_pickle" in str(error):
            raise _damaged(path, "holds pickled objects (for Keras's own file, set BOOK_DATA=full)") from None
        raise _damaged(path, f"cannot be read, truncated or not an .npz archive ({error})") from None
    for name, dtype in dtypes.items():
        _check(name in arrays, path, f"has no array {name}")
        found = arrays[name].dtype
        _check(found == dtype, path, f"has {name} of dtype {found}, not {dtype.__name__}")
    return arrays


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise _damaged(path, "is missing") from None
    except OSError as error:
        raise _damaged(path, f"cannot be read ({error.strerror})") from None


def _check(holds: object, path: Path, problem: str) -> None:
    if not holds:
        raise _damaged(path, problem)


def _damaged(path: Path, problem: str) -> DataError:
    one_line = " ".join(problem.split())
    return DataError(f"{path} {one_line}: copy it anew, or write the folder with `book data export DIR`.")
