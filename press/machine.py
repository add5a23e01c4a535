"""How many pages this machine executes at a time, with how many threads, and time spans for people."""

from __future__ import annotations

import os

import psutil

#: What the page with the largest data takes, with room to spare.
BYTES_A_PAGE = 4 * 2**30
MOST_PAGES = 4


def side_by_side() -> int:
    """How many pages to execute at a time: one a core, as far as the memory goes."""
    return max(1, min(MOST_PAGES, os.cpu_count() or 1, psutil.virtual_memory().total // BYTES_A_PAGE))


def threads(pages: int) -> int:
    """How many threads a page gets: its share of the cores. Threads that wait for one another take time from all.

    Args:
        pages: How many pages are still to be executed, this one among them.
    """
    return max(1, (os.cpu_count() or 1) // max(1, min(pages, side_by_side())))


def duration(seconds: float) -> str:
    """A time span for people: ``41 s``, ``3 min 20 s``."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
