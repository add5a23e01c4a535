"""What is recorded of each page, whether it is stale and why, and what recording it again would take."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from book import recordings
from press.machine import duration, side_by_side
from press.page import Page
from press.record.pages import SEEDS
from press.record.staleness import identity, reasons, source_at_hand
from press.record.store import Store


class Row(NamedTuple):
    """One page on one source.

    Attributes:
        page: The page.
        source: ``full`` or ``sample``.
        seeds: How many runs count.
        state: Whether they are stale, and why.
        missing: How many runs would have to be made; none for a set that is up to date.
        seconds: What one takes; None where that is not known.
    """

    page: str
    source: str
    seeds: int
    state: str
    missing: int
    seconds: float | None


def stale(names: Sequence[str], seeds: int | None = None, path: Path = recordings.FILE) -> str:
    """A table of pages and sources, and a summary.

    Args:
        names: The pages.
        seeds: For how many seeds the cost is given; by default as many as a page has.
        path: The file of runs.
    """
    rows = rows_of(names, seeds, path)
    table = [("page", "source", "seeds", "", "recording it")]
    table += [(row.page, row.source, str(row.seeds), row.state, _cost(row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]
    return "\n".join([*lines, "", *_summary([row for row in rows if row.missing])])


def rows_of(names: Sequence[str], seeds: int | None, path: Path = recordings.FILE) -> list[Row]:
    """A row for each page on the full data, and on the sample where it was recorded on that."""
    store, rows = Store(path), []
    for source in ("full", "sample"):
        data = source_at_hand(source)
        for name in names:
            runs = store.set_of(name, source)
            if not runs and source == "sample":
                continue
            now = identity(Page.read(name, Path()), data)
            why = reasons(runs, now) if runs else []
            wanted = seeds or len(runs) or SEEDS
            missing = len(set(range(1, wanted + 1)) - store.seeds(name, source, now)) if why or not runs else 0
            state = "not recorded" if not runs else f"stale: {' and '.join(why)}" if why else "up to date"
            state += f" ({wanted - missing} of {wanted} new runs are there)" if why and missing < wanted else ""
            state += ", data not compared here" if runs and data is None else ""
            seconds = fmean(run["seconds"] for run in runs) if runs else None
            rows.append(Row(name, source, len(runs), state, missing, seconds))
    return rows


def _cost(row: Row) -> str:
    if not row.missing:
        return ""
    time = "" if row.seconds is None else f", {duration(row.missing * row.seconds)}"
    return f"{row.missing} run{'s' * (row.missing > 1)}{time}"


def _summary(rows: Sequence[Row]) -> list[str]:
    """What recording the stale rows takes, and how to."""
    if not rows:
        return ["Nothing is stale."]
    together = side_by_side()
    seconds = sum(row.missing * (row.seconds or 0) for row in rows)
    # The longest run is the least that it takes.
    least = max(seconds / together, *(row.seconds or 0 for row in rows))
    unknown = ", and what the pages take that were never recorded" if any(row.seconds is None for row in rows) else ""
    return [
        f"{len(rows)} to record: {duration(seconds)} one run after another{unknown}; with {together} side by side, as "
        f"here, {duration(least)} at the least.",
        *(
            f"BOOK_DATA={where} book record claims --page {' '.join(row.page for row in rows if row.source == source)}"
            for source, where in (("full", "folder"), ("sample", "sample"))
            if any(row.source == source for row in rows)
        ),
    ]
