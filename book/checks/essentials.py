"""The checkers of the exercises on a first network."""

from __future__ import annotations

from typing import Any

import numpy as np

from book import recorded
from book.checks.answers import a_number, a_whole_number
from book.checks.core import Wrong, checker

PAGE = "chapters/essentials"


@checker("essentials/1")
def read_the_curves(best_epoch: Any, gap: Any) -> str:
    """The epoch of the lowest mean validation loss, from 1, and the gap in accuracy after the last epoch."""
    history = {metric: values.mean(axis=0) for metric, values in recorded.history(PAGE).items()}
    right = int(np.argmin(history["val_loss"])) + 1
    epoch = a_whole_number(best_epoch, "best_epoch")
    if epoch == right - 1:
        raise Wrong("`best_epoch` is one too small: `np.argmin` counts from 0, epochs count from 1.")
    if epoch != right:
        raise Wrong(
            "`best_epoch` is not where the mean of `val_loss` over the runs is lowest. Average with `axis=0` first."
        )
    expected = history["accuracy"][-1] - history["val_accuracy"][-1]
    found = a_number(gap, "gap", -1, 1)
    if np.isclose(found, -expected, atol=1e-5):
        raise Wrong("`gap` has the wrong sign: subtract the validation accuracy from the training accuracy.")
    if not np.isclose(found, expected, atol=1e-4):
        raise Wrong("`gap` is not the difference of the mean accuracies after the last epoch, `[-1]`.")
    return f"The validation loss is lowest after epoch {right}, and training is {expected:.1%} ahead at the end."
