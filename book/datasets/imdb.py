"""IMDB: film reviews as lists of word numbers, labelled positive or negative (Maas et al., 2011)."""

from __future__ import annotations

import numpy as np

from book.datasets import sources

Split = tuple[np.ndarray, np.ndarray]


def load_data(
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
) -> tuple[Split, Split]:
    """Return the reviews as ``keras.datasets.imdb.load_data`` does.

    A word's number is its frequency rank in the training reviews (from 1) plus ``index_from``. With the
    default values, 0 is left for padding, 1 starts every review, 2 stands for a word that was left out, and 3
    is never used.

    Keras's argument ``path`` names a file in Keras's cache; here ``BOOK_DATA`` says where the data comes
    from, for all pages at once, so there is none.

    Args:
        num_words: Numbers from here on become ``oov_char``. None stands for the largest number in the data
            (so that this one number becomes ``oov_char``: Keras's way, kept).
        skip_top: Numbers below this become ``oov_char``, the start character among them.
        maxlen: Keep only reviews shorter than this, the start character counted.
        seed: Seed of the shuffle of the reviews, within each split.
        start_char: Put at the start of every review; None for nothing.
        oov_char: What stands for a left-out word; None to drop such words instead.
        index_from: Added to every rank.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``. Reviews are an object array of shape ``(n,)`` whose elements
        are lists of Python integers of differing lengths; labels are int64 of shape ``(n,)``, 1 = positive, 0
        = negative. The full data has 25,000 and 25,000 reviews, the packaged sample 12,500 and 12,500.

    Raises:
        DataError: The data cannot be had or is malformed; the message names the file or the host and what to
            do.
        ValueError: No review is shorter than ``maxlen``.

    Source: Maas, A. L., Daly, R. E., Pham, P. T., Huang, D., Ng, A. Y. and Potts, C. (2011), Learning word
    vectors for sentiment analysis, Proceedings of ACL 2011, 142-150.
    """
    arrays = sources.in_use().imdb()
    random = np.random.RandomState(seed)  # one stream, for the training reviews first, as in Keras
    train, y_train = _numbered(arrays, "train", random, maxlen, start_char, index_from)
    test, y_test = _numbered(arrays, "test", random, maxlen, start_char, index_from)
    if maxlen and not (train and test):
        raise ValueError(
            f"After filtering for sequences shorter than maxlen={maxlen}, no sequence was kept. Increase maxlen."
        )
    limit = num_words or int(np.concatenate(train + test).max())
    return (
        (_as_lists(train, skip_top, limit, oov_char), y_train),
        (_as_lists(test, skip_top, limit, oov_char), y_test),
    )


def get_word_index() -> dict[str, int]:
    """Return every word's frequency rank, from 1, as ``keras.datasets.imdb.get_word_index`` does.

    Ranks lack the shift by ``index_from`` that :func:`load_data` applies: the word of rank 1 is number 4
    there with the default values.

    Returns:
        Word to rank.

    Raises:
        DataError: The data cannot be had or is malformed; the message names the file or the host and what to
            do.
    """
    return sources.in_use().word_index()


def _numbered(
    arrays: dict[str, np.ndarray],
    split: str,
    random: np.random.RandomState,
    maxlen: int | None,
    start_char: int | None,
    index_from: int,
) -> tuple[list[np.ndarray], np.ndarray]:
    """Return a split's reviews as arrays of word numbers, shuffled and filtered by length, and its labels."""
    numbers = arrays[f"x_{split}"].astype(np.int64) + (index_from or 0)
    ends = np.cumsum(arrays[f"x_{split}_lengths"], dtype=np.int64)
    if start_char is not None:
        starts = ends - arrays[f"x_{split}_lengths"]
        numbers = np.insert(numbers, starts, start_char)
        ends += np.arange(1, len(ends) + 1)
    reviews = np.split(numbers, ends[:-1])
    order = np.arange(len(reviews))
    random.shuffle(order)
    if maxlen:
        order = np.array([i for i in order if len(reviews[i]) < maxlen], dtype=np.int64)
    return [reviews[i] for i in order], arrays[f"y_{split}"][order].astype(np.int64)


def _as_lists(reviews: list[np.ndarray], skip_top: int, limit: int, oov_char: int | None) -> np.ndarray:
    """Return the reviews as lists, with numbers outside ``skip_top <= n < limit`` replaced or dropped."""
    numbers = np.concatenate(reviews)
    lowest = int(numbers.min(initial=0))
    # One Python integer for each number, shared by all reviews: a fifth of the memory of one for each word.
    table = np.arange(lowest, int(numbers.max(initial=0)) + 1).astype(object)
    left_out = (table < skip_top) | (table >= limit)
    table[left_out] = oov_char
    lists = np.empty(len(reviews), dtype=object)  # np.array would make a matrix of reviews of equal length
    for i, review in enumerate(reviews):
        places = review - lowest
        if oov_char is None:
            places = places[~left_out[places]]
        lists[i] = table[places].tolist()
    return lists
