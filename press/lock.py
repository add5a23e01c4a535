"""One build of a book at a time: each takes the pages that are not its own from what the last one left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other command works in a build folder, and keep others waiting meanwhile.

    The lock goes with the process: one that was ended in any way leaves none behind.

    Args:
        folder: The build folder of the book.

    Raises:
        OSError: The folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        print(f"Another command works in {folder}: waiting until it ends.", flush=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
