"""How many pages this machine executes at a time, and time spans for people."""

from __future__ import annotations

import os

import psutil

#: What the page with the largest data takes, with room to spare.
BYTES_A_PAGE = 4 * 2**30
MOST_PAGES = 4


def side_by_side() -> int:
    """How many pages to execute at a time: one a core, as far as the memory goes."""
    return max(1, min(MOST_PAGES, os.cpu_count() or 1, psutil.virtual_memory().total // BYTES_A_PAGE))


def duration(seconds: float) -> str:
    """A time span for people: ``41 s``, ``3 min 20 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
