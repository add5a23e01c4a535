"""The datasets of the pages: Keras's own files, a folder of yours or packaged data.

``from book.datasets import imdb, mnist`` stands in for ``from keras.datasets import imdb, mnist``. The
environment variable ``BOOK_DATA`` says where the data comes from; :mod:`book.datasets.sources` describes its
values. Each dataset is a module here, which says all that there is to say of it; no list names them
(:mod:`book.datasets.dataset`).
"""

import importlib
from types import ModuleType

from book.datasets.dataset import DataError
from book.datasets.sources import Source, export, resolve

__all__ = ["DataError", "Source", "export", "resolve"]


def __getattr__(name: str) -> ModuleType:
    """Import a dataset when it is asked for: ``datasets.mnist`` works as ``keras.datasets.mnist`` does."""
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{name}":
            raise
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
