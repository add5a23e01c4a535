"""MNIST: 28 × 28 grey images of handwritten digits (LeCun, Bottou, Bengio and Haffner, 1998)."""

from __future__ import annotations

import numpy as np

from book.datasets import sources

Split = tuple[np.ndarray, np.ndarray]


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
    arrays = sources.in_use().mnist()
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])
