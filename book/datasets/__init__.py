"""MNIST and IMDB as ``keras.datasets`` gives them: Keras's own files, a folder of yours or a packaged sample.

``from book.datasets import imdb, mnist`` stands in for ``from keras.datasets import imdb, mnist``. The
environment variable ``BOOK_DATA`` says where the data comes from; :mod:`book.datasets.sources` describes its
values.
"""

from book.datasets import imdb, mnist
from book.datasets.portable import DataError
from book.datasets.sources import Source, export, resolve

__all__ = ["DataError", "Source", "export", "imdb", "mnist", "resolve"]
