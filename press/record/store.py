"""Adding runs to ``recorded.json``, each at once and whole, whoever else adds some.

The old runs of a page go when the new ones are complete.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

from book import recordings
from book.claims import ENOUGH_SEEDS
from book.recordings import Run
from press.record.staleness import Identity, reasons


@dataclass(frozen=True)
class Store:
    """A file of recorded runs. A set of runs are those of one page on one source, ``full`` or ``sample``."""

    path: Path = recordings.FILE

    def runs(self) -> list[Run]:
        """All runs, those that do not count yet included."""
        if not self.path.exists():
            return []
        content = json.loads(self.path.read_text(encoding="utf-8"))
        return [{**run, "claims": content["claims"][run["claims"]]} for run in content["runs"]]

    def set_of(self, page: str, source: str) -> list[Run]:
        """The runs that count of a page on a source."""
        return [run for run in self.runs() if _is_of(run, page, source) and recordings.counts(run)]

    def seeds(self, page: str, source: str, now: Identity) -> set[int]:
        """The seeds that need not be recorded again."""
        runs = [run for run in self.runs() if _is_of(run, page, source)]
        return {run["seed"] for run in arranged(runs, now, seeds=0) if not reasons([run], now)}

    def add(self, run: Run, seeds: int) -> None:
        """Add a run, in the place of one of the same page, source and seed.

        Args:
            run: The run.
            seeds: How many the new set has when it is complete.
        """
        page, source, now = run["page"], run["source"], Identity.of_run(run)
        self.arrange(page, source, now, seeds, new=[run | {"pending": True}])

    def arrange(self, page: str, source: str, now: Identity, seeds: int, new: Sequence[Run] = ()) -> None:
        """Let go of the runs of a page that have had their time, and add the new."""
        with self._changed() as runs:
            its = [run for run in runs if _is_of(run, page, source)]
            runs[:] = [run for run in runs if not _is_of(run, page, source)] + arranged([*its, *new], now, seeds)

    @contextmanager
    def _changed(self) -> Iterator[list[Run]]:
        """All runs, to be changed; meanwhile nobody else changes them. They are written whole, or not at all."""
        with FileLock(self.path.with_suffix(".lock")):
            before = self.runs()
            runs = list(before)
            yield runs
            if runs != before:
                self._write(sorted(runs, key=_place))

    def _write(self, runs: Sequence[Run]) -> None:
        """Write one run a line, so that a version-control diff shows which changed; what all have in common, once."""
        claims: dict[str, str] = {}
        lines = []
        for run in runs:
            text = json.dumps(run["claims"], sort_keys=True)
            name = sha256(text.encode()).hexdigest()[:8]
            claims[name] = text
            lines.append(json.dumps({**run, "claims": name}))
        named = ",\n".join(f'"{name}": {text}' for name, text in sorted(claims.items()))
        temporary = self.path.with_suffix(".tmp")
        temporary.write_text(
            '{"claims": {\n' + named + '\n},\n"runs": [\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8"
        )
        temporary.replace(self.path)


def arranged(runs: Sequence[Run], now: Identity, seeds: int) -> list[Run]:
    """The runs of one page and source that are kept, as they count.

    Args:
        runs: Those there are; of two with the same seed, the last counts.
        now: What the page computes.
        seeds: A new set that has this many, from seed 1 on, and no fewer than the old one or ``ENOUGH_SEEDS``, is
            complete.
    """
    old = {run["seed"]: run for run in runs if recordings.counts(run)}
    # An unfinished set of a page that has changed again is of no use.
    new = {run["seed"]: run for run in runs if not recordings.counts(run) and not reasons([run], now)}
    complete = seeds > 0 and set(range(1, seeds + 1)) <= new.keys() and len(new) >= min(ENOUGH_SEEDS, len(old))
    if not reasons([*old.values()], now):
        kept = {**old, **new}
    elif complete:
        kept = new
    else:
        return [*old.values(), *({"pending": True, **run} for run in new.values())]
    return [{name: value for name, value in run.items() if name != "pending"} for run in kept.values()]


def _is_of(run: Run, page: str, source: str) -> bool:
    return bool((run["page"], run["source"]) == (page, source))


def _place(run: Run) -> tuple[str, str, bool, int]:
    return run["page"], run["source"], not recordings.counts(run), run["seed"]
