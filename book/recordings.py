"""The recorded runs of the pages, in ``recorded.json``, and which of them count.

A recording of a page that is stale makes a new set of runs beside the old one. Until it is complete its runs are
marked as ``pending``: the old set counts. Then, in one step, the mark goes and the old set with it. So the runs without
the mark are the newest complete set (or, of a page that was never recorded before, what there is so far).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("recorded.json")

Run = dict[str, Any]


def counts(run: Run) -> bool:
    """Whether a run belongs to the set that counts."""
    return not run.get("pending", False)


@cache
def runs(path: Path = FILE) -> tuple[Run, ...]:
    """The runs that count, read once; none where nothing has been recorded."""
    if not path.exists():
        return ()
    return tuple(run for run in json.loads(path.read_text(encoding="utf-8"))["runs"] if counts(run))
