"""Keras's own data files: its cache, and a download into it that cannot hang and leaves nothing half-written.

Addresses are those of ``keras.datasets``, and so are the checksums, which the datasets declare. Keras's own download
has no time-out.
"""

from __future__ import annotations

import hashlib
import os
import queue
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError

from book.datasets.dataset import DataError, Original, datasets
from book.datasets.portable import replacing

#: Where Keras keeps the originals.
HOST = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

#: A download fails when fewer than ``ENOUGH`` bytes arrive within this many seconds, whatever holds it up.
PATIENCE = 10.0
ENOUGH = 2**18

#: No file is larger than this, in bytes: a stop for a host that never stops sending.
LARGEST = 64 * 2**20

_ELSEWHERE = "Try again, or set BOOK_DATA to a folder with the data, or to `sample`."

#: What the host's thread tells: the size announced, chunks, what went wrong; None at the end.
Queue = queue.SimpleQueue[bytes | int | Exception | None]


def folder() -> Path:
    """Return Keras's cache folder, which need not exist: in ``KERAS_HOME``, else in the home folder.

    Raises:
        DataError: ``KERAS_HOME`` names the home folder of nobody.
    """
    if home := os.environ.get("KERAS_HOME"):
        try:
            return Path(home).expanduser().absolute() / "datasets"
        except RuntimeError:
            raise DataError(f"KERAS_HOME={home}: there is no such home folder. Write the whole path.") from None
    temporary = Path("/tmp")  # as Keras does
    try:
        home_folder = Path.home() if os.access(Path.home(), os.W_OK) else temporary
    except RuntimeError:  # a user without one
        home_folder = temporary
    return home_folder / ".keras" / "datasets"


def fetch() -> Path:
    """Return Keras's cache folder with all of its files that datasets have there, checked; downloads what is missing.

    Raises:
        DataError: A cached file is not Keras's, the host cannot be reached or is too slow, what it sends is
            not the file, or the folder cannot be written. The first problem ends it: no second time-out.
    """
    cache = folder()
    for file in (file for dataset in datasets() for file in dataset.files):
        if file.original and (cache / file.name).is_file():
            _verified(cache / file.name, file.original)
        elif file.original:
            _download(cache / file.name, file.original)
    return cache


def read(path: Path, original: Original) -> Any:
    """Return what a cached file holds, as the portable layout has it.

    Keras's files may hold pickles, and unpickling runs whatever a file says: so they are read only after their
    checksum is known to be right, and from the very bytes that were checked.

    Raises:
        DataError: The file cannot be read, or is not Keras's.
    """
    return original.read(_verified(path, original))


def _verified(path: Path, original: Original) -> bytes:
    """Return a cached file's bytes, whose checksum is Keras's."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"Cannot read {path} ({error.strerror}): make it readable, or delete it.") from error
    if hashlib.sha256(content).hexdigest() != original.sha256:
        raise DataError(f"{path} is not Keras's file (its checksum is wrong): delete it, and it is fetched anew.")
    return content


def _download(path: Path, original: Original) -> None:
    """Fetch Keras's file of this name to ``path``, whole and checked, or not at all."""
    url = HOST + path.name
    digest = hashlib.sha256()
    with replacing(path) as file:
        print(f"Fetching {url} into {path.parent}", flush=True)
        for chunk in _chunks(url):
            file.write(chunk)
            digest.update(chunk)
        if digest.hexdigest() != original.sha256:
            raise DataError(f"What {url} sent is not Keras's file (its checksum is wrong). {_ELSEWHERE}")


def _chunks(url: str) -> Iterator[bytes]:
    """Yield what a host sends, printing progress; raise DataError if it fails or is too slow.

    A thread talks to the host: name look-up, connecting and reading can each block beyond any time-out of a
    socket, so the time-out is kept here, outside.
    """
    arrived: Queue = queue.SimpleQueue()
    stop = threading.Event()
    threading.Thread(target=_talk, args=(url, arrived, stop), daemon=True).start()
    size, received, recent, deadline = 0, 0, 0, time.monotonic() + PATIENCE
    try:
        while True:
            try:
                item = arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise DataError(f"{url}: fewer than {ENOUGH} bytes in {PATIENCE:g} s. {_ELSEWHERE}") from None
            match item:
                case None:
                    return
                case int():
                    size = item
                case bytes():
                    yield item
                    _show_progress(received, received + len(item), size)
                    received, recent = received + len(item), recent + len(item)
                    if recent >= ENOUGH:
                        recent, deadline = 0, time.monotonic() + PATIENCE
                    if received > LARGEST:
                        raise DataError(f"{url}: more than {LARGEST:,} bytes. {_ELSEWHERE}")
                case _:
                    # A host that speaks no HTTP is quoted, line ends too.
                    reason = " ".join(str(item.reason if type(item) is URLError else item).split())
                    raise DataError(f"Cannot fetch {url} ({reason}). {_ELSEWHERE}") from item
    finally:
        stop.set()


def _talk(url: str, arrived: Queue, stop: threading.Event) -> None:
    """Queue the size that the host announces (0 if none), then chunks, then None; or what went wrong."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as response:
            arrived.put(int(response.headers.get("Content-Length") or 0))
            while not stop.is_set() and (chunk := response.read1(2**16)):
                arrived.put(chunk)
        arrived.put(None)
    except Exception as error:  # whatever it is, the caller reports it
        arrived.put(error)


def _show_progress(before: int, now: int, size: int) -> None:
    """Print the share that has arrived: rewritten in place on a terminal, else a line for every tenth."""
    if not size:
        return
    if sys.stdout.isatty():
        print(f"\r{now / size:4.0%}", end="\n" if now >= size else "", flush=True)
    elif now * 10 // size > before * 10 // size:
        print(f"{now * 10 // size * 10} %", flush=True)
