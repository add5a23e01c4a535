"""What the chapters' own code gave over several seeds, for pages that compare with a chapter without training it again.

The runs are in ``recorded.json``, made by ``book record claims`` on the full data and on the packaged sample. On any
other data, the runs on the full data are given.
"""

from __future__ import annotations

import numpy as np

from book import claims, recordings
from book.datasets import sources


def history(page: str, name: str = "history") -> dict[str, np.ndarray]:
    """The training history of a chapter's network, one row a recorded run.

    Args:
        page: The page, for example ``chapters/cnn``.
        name: The variable that held it there, ``history`` or ``dense_history``; ``name/key`` for one in a dictionary.

    Returns:
        For each metric (``loss``, ``accuracy``, ``val_loss``, ``val_accuracy``) an array of shape (runs, epochs).

    Raises:
        KeyError: No such history has been recorded; the message names those that have.
    """
    runs = _runs(page)
    found = [run["histories"][name] for run in runs if name in run["histories"]]
    if not found:
        known = sorted({each for run in runs for each in run["histories"]})
        raise KeyError(f"{page} has no recorded {name!r}, only {', '.join(known) or 'nothing'}")
    return {metric: np.array([each[metric] for each in found]) for metric in found[0]}


def mean(claim: str) -> float:
    """The mean over the recorded runs of a number that a chapter registered.

    Args:
        claim: The id of the number, for example ``essentials-test-accuracy``.

    Raises:
        KeyError: There is no such number.
    """
    values = [run["values"][claim] for run in _runs(claims.definitions()[claim].page)]
    if not values:
        raise KeyError(f"{claim!r} has not been recorded")
    return float(np.mean(values))


def _runs(page: str) -> list[recordings.Run]:
    source = "sample" if sources.in_use().name == "sample" else "full"
    return [run for run in recordings.runs() if (run["page"], run["source"]) == (page, source)]
