"""How far a recording is, on the terminal."""

from __future__ import annotations

import sys


def show(done: int, total: int, left: float | None, what: str) -> None:
    """Print one line of progress: rewritten on a terminal.

    Args:
        done: How many runs have ended.
        total: How many there are.
        left: Seconds until the last ends; None if there is nothing to tell it from.
        what: What has just ended.
    """
    time = "" if left is None else f", {left / 60:.0f} min left" if left > 90 else f", {left:.0f} s left"
    bar = "█" * (20 * done // total) + "░" * (20 - 20 * done // total)
    line = f"{bar} {done}/{total}{time}: {what}"
    if sys.stdout.isatty():
        print(f"\r\033[K{line}", end="\n" if done == total else "", flush=True)
    else:
        print(line, flush=True)
