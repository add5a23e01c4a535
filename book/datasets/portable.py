"""The portable layout: every dataset as plain arrays in ``.npz`` files and as JSON, read and written with no pickles.

What the files are and what they must hold is said by the datasets (:class:`book.datasets.dataset.File`).
"""

from __future__ import annotations

import contextlib
import functools
import json
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np

from book.datasets.dataset import Arrays, DataError, Dataset, File, digest


def read(path: Path, file: File) -> Any:
    """Return what a file holds, checked: its arrays by name, or the table of a JSON file.

    Raises:
        DataError: The file is missing, damaged or not in the portable layout.
    """
    content = _read_npz(path, file.dtypes) if file.dtypes else _read_json(path)
    for problem in file.problems(content):
        raise _damaged(path, problem)
    return content


def read_rows(path: Path, file: File) -> tuple[int, int]:
    """Return the numbers of training and test rows of a dataset's first file, reading only its labels."""
    labels = _read_npz(path, {name: file.dtypes[name] for name in ("y_train", "y_test")})
    return len(labels["y_train"]), len(labels["y_test"])


def digest_of(path: Path, file: File) -> str:
    """The :func:`~book.datasets.dataset.digest` of what a file holds, computed once as long as it does not change."""
    if not path.is_file():
        raise _damaged(path, "is missing")
    status = path.stat()
    return _digest_of(path, file, status.st_size, status.st_mtime_ns)


@functools.cache
def _digest_of(path: Path, file: File, size: int, changed: int) -> str:
    return digest(read(path, file))


def fewer(content: Arrays, dataset: Dataset, rows: int) -> Arrays:
    """Return about ``rows`` training rows and, in proportion, test rows, evenly from every class, in their order."""
    total = len(content["y_train"])
    if rows >= total:
        return content
    few: Arrays = {}
    for split, count in (("train", rows), ("test", max(10, rows * len(content["y_test"]) // total))):
        few |= dataset.keep(content, split, _evenly(content[f"y_{split}"], count))
    return few


def _evenly(labels: np.ndarray, count: int) -> np.ndarray:
    """Return the sorted indices of ``count`` rows: the first of every class, as evenly as there are rows."""
    turn = np.empty(len(labels), dtype=np.int64)  # a row's place among those of its class
    for label in np.unique(labels):
        of_class = labels == label
        turn[of_class] = np.arange(of_class.sum())
    return np.sort(np.argsort(turn, kind="stable")[:count])


def write(folder: Path, contents: Mapping[str, Any], files: Mapping[str, File]) -> None:
    """Write files, each whole or not at all, and the same bytes for the same data.

    Args:
        folder: Where to; made if it does not exist.
        contents: What each holds, by its name.
        files: What each must be, by its name.

    Raises:
        DataError: The folder cannot be written.
    """
    with contextlib.ExitStack() as opened:  # all are complete before the first takes its place
        made = [(opened.enter_context(replacing(folder / name)), file, contents[name]) for name, file in files.items()]
        for out, file, content in made:
            if file.dtypes:
                # np.savez_compressed dates every member 1980-01-01, so that equal data gives equal bytes.
                np.savez_compressed(out, **{name: content[name] for name in file.dtypes})
            else:
                out.write(json.dumps(content).encode())
        for out, _, _ in made:
            out.flush()  # a full disk is an error here, before any file takes its place


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


def _read_npz(path: Path, dtypes: Mapping[str, type[np.generic]]) -> Arrays:
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
        if name not in arrays:
            raise _damaged(path, f"has no array {name}")
        if (found := arrays[name].dtype) != dtype:
            raise _damaged(path, f"has {name} of dtype {found}, not {dtype.__name__}")
    return arrays


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        raise _damaged(path, "is missing") from None
    except OSError as error:
        raise _damaged(path, f"cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise _damaged(path, "is truncated or not JSON") from None


def _damaged(path: Path, problem: str) -> DataError:
    one_line = " ".join(problem.split())
    return DataError(f"{path} {one_line}: copy it anew, or write the folder with `book data export DIR`.")
