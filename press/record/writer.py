"""Writing the runs of sweeps: each at once and whole, by one recording at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from book.sweeps.configurations import Configuration
from book.sweeps.runs import curves_as_text, lines_in


class Writer:
    """Adds runs to the file, each at once and whole: what is in the file survives a kill at any moment."""

    def __init__(self, path: Path, made: dict[str, Any]) -> None:
        self.path = path
        self.made, self.lines = lines_in(path)
        if made not in self.made:
            self.made.append(made)
        self.number = self.made.index(made)

    def add(self, configuration: Configuration, seed: int, history: Mapping[str, Any], seconds: float) -> None:
        """Add a run, in the place of one with the same configuration and seed."""
        self.lines[configuration, seed] = {
            "seed": seed, "made": self.number, "seconds": round(seconds, 1), "curves": curves_as_text(history),
        }  # fmt: skip
        texts = [json.dumps({"made": number, **made}) for number, made in enumerate(self.made)]
        for (one, _), line in sorted(self.lines.items(), key=lambda item: (repr(item[0][0]), item[0][1])):
            texts.append(json.dumps({"run": _short(one), **line}))
        temporary = self.path.with_suffix(".tmp")
        temporary.write_text("\n".join(texts) + "\n", encoding="utf-8")
        temporary.replace(self.path)


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Keep a second recording from writing to the same file.

    Raises:
        BlockingIOError: A recording that is still running has it.
    """
    lock = FileLock(path.with_suffix(".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise BlockingIOError(f"another process is recording to {path.name}: let it end, or stop it") from None
    try:
        yield
    finally:
        lock.release()


def _short(configuration: Configuration) -> dict[str, Any]:
    """The fields that differ from their defaults."""
    default = asdict(Configuration())
    return {name: value for name, value in asdict(configuration).items() if value != default[name]}
